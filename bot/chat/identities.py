"""Who people are in a chat: themselves, a persona of theirs, or a character that they play as."""

from dataclasses import dataclass

import storage.personas
from bot.caller import Caller
from bot.characters.playing import Played, load_played
from bot.characters.visibility import may_see, require_playable
from bot.errors import UserError
from bot.prompt import Persona as Described
from bot.prompt import persona_of
from storage.characters import Character
from storage.chats import Chat
from storage.database import Session
from storage.messages import Speaker
from storage.personas import Active, Persona

AS_IT_IS = "\\"
"""What a message begins with that is not to be shown under another name."""
TITLES = {
    "personality": "Personality",
    "scenario": "Scenario",
    "first_mes": "Greeting",
    "alternate_greetings": "Other greetings",
    "mes_example": "Example dialogue",
    "system_prompt": "Instructions",
    "post_history_instructions": "Further instructions",
}
"""The fields of a persona that a model reads beside its description; like a card's, its notes and tags are not."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is in a chat; a `name` of themselves is their username.

    `is_lost`: they play as a character that they may not play here any more, and so are themselves.
    """

    name: str
    persona: Persona | None = None
    played: Played | None = None
    look: bool = False
    is_lost: bool = False

    @property
    def is_oneself(self) -> bool:
        """Whether they are nobody else."""
        return self.persona is None and self.played is None

    @property
    def avatar(self) -> str | None:
        """The face (a file's sha256) of whom they are; None where there is none."""
        if self.persona is not None:
            return self.persona.avatar
        return self.played.character.avatar if self.played is not None else None

    def speaker(self, caller: Caller) -> Speaker:
        """How what they say now is kept."""
        if self.is_oneself:
            return Speaker(caller.display_name)
        character_id = self.played.character.id if self.played else None
        return Speaker(self.name, self.avatar, self.persona.id if self.persona else None, character_id)

    def described(self, *, facing: str) -> Described:
        """What a model reads of them who talks to `facing`."""
        if self.played is not None:
            return persona_of(self.played.card, facing=facing)
        if self.persona is None:
            return Described(self.name)
        texts = {title: _text(getattr(self.persona, name)) for name, title in TITLES.items()}
        return Described(self.name, self.persona.description, {title: text for title, text in texts.items() if text})


def name_of(caller: Caller, identity: Identity | None) -> str:
    """What `{{user}}` means for somebody: whom they are, else how they are shown on Discord."""
    return caller.display_name if identity is None or identity.is_oneself else identity.name


async def load_identities(
    session: Session, chat: Chat, *, adults: bool, caller: Caller | None = None
) -> dict[int, Identity]:
    """Who everybody is that belongs to a chat, and the caller, who may be new to it; one question where nobody plays
    as a character. `adults`: whether 18+ characters may be played there.
    """
    active = await storage.personas.list_active(session, chat.id, newcomer=caller.user_id if caller else None)
    return {each.user_id: await _identity(session, chat, each, caller, adults=adults) for each in active}


async def load_identity(session: Session, chat: Chat, caller: Caller, *, adults: bool) -> Identity | None:
    """Who the caller is in a chat; None where nothing of theirs is stored yet."""
    return (await load_identities(session, chat, adults=adults, caller=caller)).get(caller.user_id)


async def _identity(session: Session, chat: Chat, active: Active, caller: Caller | None, *, adults: bool) -> Identity:
    if active.persona is not None:
        return Identity(active.persona.name, active.persona, look=active.look)
    if active.character_id is None:
        return Identity(active.username)
    played = await load_played(session, active.character_id, guild_id=chat.guild_id)
    # Of somebody who does not speak just now it is not known whether they still manage the server.
    manages = caller.may_manage if caller is not None and caller.user_id == active.user_id else True
    player = Caller(active.user_id, active.username, "", guild_id=chat.guild_id, may_manage=manages, sees_adults=adults)
    if played is None or not _may_be(player, played.character):
        return Identity(active.username, is_lost=True)
    return Identity(played.called, played=played, look=active.look)


def _may_be(player: Caller, character: Character) -> bool:
    """Whether somebody may still play as a character: as when they began to."""
    try:
        require_playable(character, adults=player.sees_adults)
    except UserError:
        return False
    return may_see(player, character)


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n---\n".join(value)
