"""What can go wrong, in words for the person.

UserError            str(error) is exactly what the person reads: what is wrong, and what to do next
├ NotFound           there is no such thing, or it is not theirs to see
├ NotYours           it exists, and somebody else decides about it
├ Invalid            what they gave cannot be used
├ Busy               something is already under way
├ LimitReached       too much, too soon
├ MissingPermission  Discord does not let the bot, or the bot does not let the person
└ Unavailable        a provider is down; also logged

Everything else that is raised is a bug.
"""


class UserError(Exception):
    """An outcome that the person should read, word for word."""


class NotFound(UserError):
    """There is no such thing, or it is not theirs to see."""


class NotYours(UserError):
    """It exists, and somebody else decides about it."""


class Invalid(UserError):
    """What was given cannot be used."""


class Busy(UserError):
    """Something is already under way."""


class LimitReached(UserError):
    """Too much, too soon."""


class MissingPermission(UserError):
    """A right is missing: the bot's on Discord, or the person's here."""


class Unavailable(UserError):
    """A provider (model, database, cache, Discord) does not answer; also logged."""


class SettingsError(UserError):
    """The program cannot start as it is set up; the sentence names the variable and a good example."""
