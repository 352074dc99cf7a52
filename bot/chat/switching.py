"""Switching: who somebody is in a chat from now on, for themselves and in this chat alone."""

from dataclasses import dataclass, replace
from uuid import UUID

import storage.chats
import storage.personas
import storage.users
from bot.bans import require_player
from bot.caller import Caller
from bot.characters.finding import find_visible
from bot.characters.playing import WORDS_GONE, load_played
from bot.characters.visibility import require_startable
from bot.chat.choices import ModelChoice, choices_of
from bot.chat.identities import Identity, load_identity, name_of
from bot.chat.stage import Place
from bot.chat.standing import may_govern
from bot.errors import Invalid, NotFound, NotYours
from bot.personas import find_own
from storage.chats import Chat
from storage.database import Database, Session

NOBODY_PLAYS = (
    "No chat is played here. Start one with `/character pick`, then choose in its thread who you are: "
    "`/persona use` or `/persona play-as`."
)
FIXED = (
    "Whoever opened this chat has fixed who everybody is in it: only they, and who manages threads here, can switch. "
    "Ask one of them."
)
YOURSELF = "You are yourself here. Choose who you are first: `/persona use` or `/persona play-as`."
NO_LOOKS_IN_DMS = "In direct messages nobody can speak under another name. In a server's thread this works."
NO_LOOKS = (
    "The operator of this bot runs it without reading messages, so I cannot show yours under another name. "
    "Who you are counts all the same: the characters know you by it."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who the caller is: `identity` in the chat of a place (None: no chat is played there), and in new chats.

    `may_switch` is whether they may be somebody else there.
    """

    identity: Identity | None
    name: str
    default_name: str | None
    may_switch: bool = True


class Switching:
    """What people do about who they are in a chat."""

    def __init__(self, database: Database, model: ModelChoice, *, looks: bool) -> None:
        """`looks`: whether messages can be read, and so be shown under another name."""
        self._database = database
        self._model = model
        self._looks = looks

    async def use(self, caller: Caller, place: Place, wanted: str) -> Identity:
        """Makes the caller one of their personas in the chat of a place."""
        async with self._database.transaction() as session:
            persona = await find_own(session, caller, wanted)
            chat = await self._switchable(session, caller, place)
            await storage.personas.use_persona(session, chat_id=chat.id, user_id=caller.user_id, persona_id=persona.id)
        return Identity(persona.name, persona, look=persona.look)

    async def play_as(self, caller: Caller, place: Place, wanted: str) -> Identity:
        """Makes the caller a character that they may see here, in the chat of a place."""
        async with self._database.transaction() as session:
            character = await find_visible(session, caller, wanted)
            require_startable(caller, character)
            chat = await self._switchable(session, caller, place)
            played = await load_played(session, character.id, guild_id=chat.guild_id)
            if played is None:
                raise NotFound(WORDS_GONE)
            await storage.personas.play_as(session, chat_id=chat.id, user_id=caller.user_id, character_id=character.id)
        return Identity(played.called, played=played)

    async def clear(self, caller: Caller, place: Place) -> None:
        """Makes the caller themselves again in the chat of a place."""
        async with self._database.transaction() as session:
            chat = await self._switchable(session, caller, place)
            await storage.personas.use_persona(session, chat_id=chat.id, user_id=caller.user_id, persona_id=None)

    async def who(self, caller: Caller, place: Place) -> Standing:
        """Who the caller is in the chat of a place, and in new chats."""
        async with self._database.transaction() as session:
            default_name = await _default_name(session, caller)
            chat = await storage.chats.find_open_chat(session, place.id)
            if chat is None:
                return Standing(None, caller.display_name, default_name)
            identity = await load_identity(session, chat, caller, adults=caller.sees_adults)
        identity = identity or Identity(caller.username)
        return Standing(identity, name_of(caller, identity), default_name, self._may_switch(caller, chat))

    async def look(self, caller: Caller, place: Place, *, on: bool) -> Identity:
        """Whether what the caller says is shown under the name and face of whom they are in the chat of a place.

        For a persona it then holds wherever they are it, for a character in this chat.
        """
        if place.guild_id is None:
            raise Invalid(NO_LOOKS_IN_DMS)
        if on and not self._looks:
            raise Invalid(NO_LOOKS)
        async with self._database.transaction() as session:
            chat = await _played_here(session, caller, place)
            identity = await load_identity(session, chat, caller, adults=caller.sees_adults)
            if identity is None or identity.is_oneself:
                raise Invalid(YOURSELF)
            if identity.persona is not None:
                persona = await find_own(session, caller, str(identity.persona.id), lock=True)
                persona = replace(persona, look=on)
                await storage.personas.save_persona(session, owner_id=caller.user_id, persona=persona)
                return replace(identity, persona=persona, look=on)
            await storage.personas.set_look(session, chat_id=chat.id, user_id=caller.user_id, look=on)
        return replace(identity, look=on)

    async def _switchable(self, session: Session, caller: Caller, place: Place) -> Chat:
        """The chat of a place, in which the caller may be somebody else."""
        chat = await _played_here(session, caller, place)
        if not self._may_switch(caller, chat):
            raise NotYours(FIXED)
        await storage.users.touch_user(session, caller.user_id, caller.username)
        return chat

    def _may_switch(self, caller: Caller, chat: Chat) -> bool:
        return choices_of(chat, self._model).personas == "everyone" or may_govern(caller, chat)


async def _played_here(session: Session, caller: Caller, place: Place) -> Chat:
    chat = await storage.chats.find_open_chat(session, place.id, lock=True)
    if chat is None:
        raise NotFound(NOBODY_PLAYS)
    await require_player(session, caller)
    return chat


async def _default_name(session: Session, caller: Caller) -> str | None:
    default_id: UUID | None = await storage.personas.find_default(session, caller.user_id)
    default = default_id and await storage.personas.find_persona(session, default_id, owner_id=caller.user_id)
    return default.name if default else None
