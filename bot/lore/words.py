"""Every phrase of a report of lore, for the author of the entries: why one fired, or why not."""

from collections.abc import Sequence
from itertools import islice

from bot.cards.lorebook import Logic, LoreEntry
from bot.lore.keys import Hit, Key, Keys

_LONGEST_KEY = 60
_MOST_KEYS = 4

OFF = "it is switched off"
NO_TEXT = "it has no text"
NO_KEYS = "it has no keys, and is not constant"
CONSTANT = "constant: it is always there"
ACTIVATED = "@@activate: it is always there"
NEVER = "@@dont_activate keeps it out"
KEPT = "it matched before, and @@keep_activate_after_match keeps it"
DONE = "it matched before, and @@dont_activate_after_match keeps it out"
NO_RECURSION = "it waits for recursive scanning, which this book does not use"
NOT_REACHED = "it waits for recursive scanning, which did not come as far"
LOOKS_NOWHERE = "its scan depth is 0: it looks in no message"
TOO_MUCH = "it was not looked for to the end: the lorebooks of this scene are too large to look through"


def title(entry: LoreEntry, number: int) -> str:
    """Return what an entry is called in a report."""
    named = entry.name or entry.comment or (entry.keys[0] if entry.keys else "")
    return _cut(" ".join(named.split())) or f"entry {number + 1}"


def heard(hit: Hit) -> str:
    """Say which key was found, and where."""
    return f"key {_quoted(hit.key.shown)} {place(hit.label)}"


def place(label: int | str) -> str:
    """Say where a key stands: a message by its number from the newest, or an entry by its title."""
    if isinstance(label, str):
        return f'in the lore "{label}"' if label else "in a hidden key"
    if label == 0:
        return "in the newest message"
    return "in the message before the newest" if label == 1 else f"{label} messages before the newest"


def not_heard(keys: Keys) -> str:
    """Say that no key was found; an expression that cannot be read is named first."""
    if keys.broken is not None:
        return f"regular expression {_quoted(keys.broken.shown)} cannot be read: {keys.broken.problem}"
    if len(keys.keys) == 1:
        return f"its key {_quoted(keys.keys[0].shown)} was not said"
    return f"none of its {len(keys.keys):,} keys was said" if keys.keys else NO_KEYS


def secondary_held(logic: Logic, found: Sequence[Hit]) -> str:
    """Say, after a key, that the secondary keys agree."""
    if logic == "and_any":
        return f", with {_quoted(found[0].key.shown)}"
    return {"and_all": ", with all secondary keys", "not_any": ", and no secondary key"}.get(
        logic, ", and not all secondary keys"
    )


def secondary_failed(hit: Hit, logic: Logic, keys: Keys, found: Sequence[Hit]) -> str:
    """Say that a key was found, but the secondary keys do not agree."""
    missing = _listed([key for key in keys.keys if key not in [each.key for each in found]])
    there = _listed([each.key for each in found])
    told = {
        "and_any": f"one of its secondary keys must be there too: {missing}",
        "and_all": f"all of its secondary keys must be there too; missing: {missing}",
        "not_any": f"none of its secondary keys may be there; found: {there}",
        "not_all": f"not all of its secondary keys may be there; found: {there}",
    }
    return f"{heard(hit)}, but {told[logic]}"


def additional_missing(keys: Keys) -> str:
    """Say that none of the keys of @@additional_keys was found."""
    return f"@@additional_keys asks for one of {_listed(keys.keys)} too"


def excluded(hit: Hit) -> str:
    """Say that a key of @@exclude_keys was found."""
    return f"@@exclude_keys: {_quoted(hit.key.shown)} {place(hit.label)} keeps it out"


def stays(left: int) -> str:
    """Say that an entry is sticky."""
    return f"it stays for {_messages(left)} more"


def rests(left: int) -> str:
    """Say that an entry cools down."""
    return f"it rests for {_messages(left)} more"


def too_early(delay: int) -> str:
    """Say that the path is shorter than the entry's delay."""
    return f"it waits until the scene has {_messages(delay)}"


def only_after(replies: int) -> str:
    """Say that @@activate_only_after is not reached."""
    return f"@@activate_only_after: it waits for {replies:,} messages of the character"


def only_every(replies: int) -> str:
    """Say that it is not the turn of @@activate_only_every."""
    return f"@@activate_only_every: it comes with every {replies:,} messages of the character, not now"


def other_greeting(greeting: int) -> str:
    """Say that the scene began with another greeting."""
    return f"@@is_greeting: the scene did not begin with greeting {greeting}"


def improbable(probability: float) -> str:
    """Say that chance was against it."""
    return f"probability {probability:g} % said no"


def lost_in_group(group: str, winner: str) -> str:
    """Say that another entry of its group was drawn."""
    return f'"{winner}" was taken in its group "{_cut(group)}"'


def over_budget(budget: int) -> str:
    """Say that an entry did not fit."""
    return f"over the book's {budget:,} tokens"


def _messages(number: int) -> str:
    return f"{number:,} message{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    return f'"{_cut(text)}"'


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_KEY else text[: _LONGEST_KEY - 1] + "…"


def _listed(keys: Sequence[Key]) -> str:
    named = ", ".join(_quoted(key.shown) for key in islice(keys, _MOST_KEYS))
    return f"{named} and {len(keys) - _MOST_KEYS:,} more" if len(keys) > _MOST_KEYS else named
