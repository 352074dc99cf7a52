"""The settings of a chat: what is in force, whose choice it is, and choosing otherwise."""

from dataclasses import dataclass, replace

import storage.users
import storage.wishes
from bot.caller import Caller
from bot.chat.choices import Chosen, ModelChoice, chosen_of, require_sensible
from bot.chat.stage import Place
from bot.chat.standing import may_govern, require_governing, require_open
from storage.chats import Chat
from storage.database import Database
from storage.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Tuned:
    """A chat's settings by name, whether the caller may change them, and whether they are their own for new chats."""

    chat: Chat
    chosen: dict[str, Chosen]
    may_change: bool
    are_reused: bool


class Tuning:
    """How replies in chats are written, and who decides it."""

    def __init__(self, database: Database, offered: ModelChoice) -> None:
        self._database = database
        self.offered = offered

    async def look(self, caller: Caller, place: Place) -> Tuned:
        """What holds in the chat of a place."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
        return self._tuned(caller, chat)

    async def change(self, caller: Caller, place: Place, **wishes: str | float | int | bool | None) -> Tuned:
        """Chooses for the chat of a place; None gives the choice back to its owner, the server or the operator."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, "change its settings")
            own = replace(chat.own, **wishes)  # pyright: ignore[reportArgumentType]
            require_sensible(own, self.offered)
            await storage.wishes.save_of_chat(session, chat.id, own)
        return self._tuned(caller, replace(chat, own=own))

    async def reset(self, caller: Caller, place: Place) -> Tuned:
        """Takes back all that was chosen for the chat of a place."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, "change its settings")
            await storage.wishes.save_of_chat(session, chat.id, Wishes())
        return self._tuned(caller, replace(chat, own=Wishes()))

    async def reuse(self, caller: Caller, place: Place) -> Tuned:
        """Makes what was chosen for the chat of a place the caller's choice for new chats."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            await storage.users.touch_user(session, caller.user_id, caller.username)
            wishes = replace(chat.owners if chat.owner_id == caller.user_id else Wishes(), **chat.own.chosen)
            await storage.wishes.save_of_person(session, caller.user_id, wishes)
        is_owner = chat.owner_id == caller.user_id
        return self._tuned(caller, replace(chat, owners=wishes) if is_owner else chat)

    def _tuned(self, caller: Caller, chat: Chat) -> Tuned:
        chosen = chosen_of(chat, self.offered)
        reused = replace(chat.owners, **chat.own.chosen) == chat.owners and chat.owner_id == caller.user_id
        return Tuned(chat, chosen, may_govern(caller, chat), reused)
