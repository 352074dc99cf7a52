"""Looks: who said what is shown under another name, and taking it away again."""

from dataclasses import dataclass

import storage.chats
import storage.messages
import storage.shown
import storage.users
from bot.caller import Caller
from bot.chat.scene import place_of
from bot.chat.stage import Place, Stage, link_to
from storage.database import Database
from storage.messages import Message
from storage.shown import Shown


@dataclass(frozen=True, slots=True)
class Worn:
    """A post that shows a person's words under another name: who they are, and as whom they spoke."""

    place: Place
    shown: Shown
    author_id: int
    username: str
    name: str

    @property
    def link(self) -> str:
        """The post's address."""
        return link_to(self.place, self.shown.discord_message_id)


class Looks:
    """What can be asked about messages that are shown under another name."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self._database = database
        self._stage = stage

    async def find(self, post_id: int) -> Worn | None:
        """Who said what a post shows; None where it shows nobody's words under another name."""
        async with self._database.transaction() as session:
            found = await storage.shown.find_shown(session, post_id)
            chat = await storage.chats.find_chat(session, found[0]) if found else None
            message = await storage.messages.find_message(session, found[1].message_id) if found else None
            if found is None or chat is None or message is None or not _is_worn(message, found[1]):
                return None
            author_id = message.author_user_id or 0
            username = await storage.users.find_username(session, author_id)
        return Worn(place_of(chat), found[1], author_id, username or "somebody", message.speaker.name)

    async def take_off(self, caller: Caller, worn: Worn) -> bool:
        """Deletes such a post: its author's right, and that of whoever moderates there; False for everybody else.

        The story follows as when somebody deletes a message of their own.
        """
        if caller.user_id != worn.author_id and not caller.may_moderate:
            return False
        await self._stage.delete(worn.place, [worn.shown])
        return True


def _is_worn(message: Message, shown: Shown) -> bool:
    return message.role == "person" and shown.webhook_id is not None and message.status != "removed"
