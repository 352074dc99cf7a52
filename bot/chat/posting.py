"""Showing in a thread what was not written just now: a sibling, an edit, the place where the scene goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.ledger import Posts
from bot.chat.notes import note_for
from bot.chat.scene import place_of
from bot.chat.stage import Controls, Display, Divider, Face, Look, Showing, Stage
from storage.chats import Chat
from storage.messages import Message
from storage.shown import Shown

NO_LOOK = (
    "-# To show what people say under the name of whom they are I need **Manage Messages** and **Manage Webhooks** "
    "here. Until an admin gives me that, messages stay as they are written."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chat stands now: a message, its buttons, and the posts in which it replaces another (none: anew)."""

    message: Message
    row: Controls
    shown: tuple[Shown, ...] = ()


class Poster:
    """Shows messages; of several on their way to the same thread the last one wins."""

    def __init__(self, stage: Stage, posts: Posts) -> None:
        self._stage = stage
        self._posts = posts
        self._displays: dict[int, Display] = {}
        self._told: set[int] = set()

    async def show(self, chat: Chat, standing: Standing) -> None:
        """Shows a message of a character."""
        place, message = place_of(chat), standing.message
        self.hush(place.id)
        face = Face(message.speaker.name, message.speaker.avatar)
        showing = Showing(place, chat.id, message.id, face, standing.shown, None)
        display = self._displays[place.id] = self._stage.display(showing, self._posts)
        try:
            await display.finish(message.text or "", note_for(message.status), standing.row)
        finally:
            if self._displays.get(place.id) is display:
                del self._displays[place.id]

    async def look(self, look: Look) -> None:
        """Shows a person's words under whom they are; where I may not, those in the place learn so once."""
        place = look.place
        if await self._stage.show_look(look, self._posts) == "not allowed" and place.id not in self._told:
            self._told.add(place.id)
            await self._stage.say(place, NO_LOOK)

    async def reword(self, chat: Chat, shown: Sequence[Shown], text: str) -> bool:
        """Puts other words into the posts that show a person's under another name; False where that cannot be."""
        return await self._stage.reword(place_of(chat), shown, text)

    def hush(self, place_id: int) -> None:
        """Shows no more of what is on its way: something newer comes."""
        before = self._displays.pop(place_id, None)
        if before is not None:
            before.abandon()

    async def arrive(self, chat: Chat, divider: Divider, standing: Standing | None) -> int | None:
        """Draws a line and shows where the scene goes on: a reply once more, a person's words as a quotation.

        The id of the line's post.
        """
        drawn, reply = _recalling(divider, standing), standing and standing.message.role == "character"
        post_id = await self._stage.divide(place_of(chat), drawn)
        if standing is not None and reply:
            await self.show(chat, standing)
        return post_id

    async def hint(self, chat: Chat, text: str) -> None:
        """Tells those in a chat's thread something."""
        await self._stage.say(place_of(chat), text)

    async def take_away(self, chats: Sequence[tuple[Chat, list[Shown]]]) -> None:
        """Deletes posts in the threads of these chats, and forgets them."""
        for chat, shown in chats:
            await self._stage.delete(place_of(chat), shown)
            await self._posts.forget([each.discord_message_id for each in shown])


def _recalling(divider: Divider, standing: Standing | None) -> Divider:
    if standing is None or standing.message.role == "character":
        return divider
    message = standing.message
    return Divider(divider.what, divider.at, message.speaker.name, message.text or "", standing.row)
