"""A stage in memory, which several processes share as they share Discord; and those processes, as their services."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.caller import Caller
from bot.characters.changes import Change
from bot.chat.chats import Saying
from bot.chat.stage import Controls, Divider, Face, Ledger, Look, Looked, Opening, Place, Post, Showing, Writing
from bot.services import Services, open_services
from bot.settings import read_settings
from storage.shown import Shown
from tests.scripted_model import ScriptedModel

GUILD, CHANNEL, THREAD = 70, 80, 90
ALICE = Caller(11, "alice", "Alice", guild_id=GUILD, may_moderate=True, channel_id=CHANNEL)
PLACE = Place(GUILD, CHANNEL, THREAD)


@dataclass(slots=True)
class BoardPost:
    """A post as everybody sees it."""

    id: int
    text: str
    note: str
    controls: Controls
    message_id: UUID | None
    edits: int = 0

    @property
    def is_over(self) -> bool:
        """Whether its reply has ended."""
        return not isinstance(self.controls, Writing)


class Board:
    """Fulfils bot.chat.stage.Stage. While `open_for_posts` is not set, every request to it hangs."""

    def __init__(self) -> None:
        self.posts: list[BoardPost] = []
        self.said: list[str] = []
        self.open_for_posts = asyncio.Event()
        self.open_for_posts.set()
        self._ids = count(1_000)

    @property
    def replies(self) -> list[BoardPost]:
        """The posts of replies, without the greeting."""
        return [post for post in self.posts if post.message_id is not None][1:]

    def post(self, text: str, controls: Controls, message_id: UUID | None) -> BoardPost:
        """A new post."""
        self.posts.append(BoardPost(next(self._ids), text, "", controls, message_id))
        return self.posts[-1]

    async def open(self, opening: Opening) -> Place:
        self.post("card", None, None)
        return Place(opening.place.guild_id, opening.place.channel_id, THREAD)

    def display(self, showing: Showing, ledger: Ledger) -> "BoardDisplay":
        return BoardDisplay(self, showing, ledger)

    async def say(self, place: Place, text: str) -> None:
        self.said.append(text)

    async def show_look(self, look: Look, ledger: Ledger) -> Looked:
        return "not possible"

    async def reword(self, place: Place, shown: Sequence[Shown], text: str) -> bool:
        return False

    async def divide(self, place: Place, divider: Divider) -> int | None:
        return self.post(divider.what, divider.controls, None).id

    async def delete(self, place: Place, shown: Sequence[Shown]) -> None:
        ids = {each.discord_message_id for each in shown}
        self.posts = [post for post in self.posts if post.id not in ids]

    async def rename(self, place: Place, title: str) -> None: ...

    def is_age_restricted(self, place: Place) -> bool:
        return False

    async def look_at(self, place: Place) -> None: ...

    async def list_own_posts(self, place: Place, *, after: int | None, since: datetime | None = None) -> list[Post]:
        await self.open_for_posts.wait()
        return [Post(each.id, 5, each.text) for each in self.posts if each.id > (after or 0) and each.message_id]

    async def close(self, place: Place) -> None: ...

    async def write_to(self, user_id: int, text: str) -> bool:
        return True


class BoardDisplay:
    """One post a reply; like the real one it shows what is newest, one request at a time."""

    def __init__(self, board: Board, showing: Showing, ledger: Ledger) -> None:
        self._board, self._showing, self._ledger = board, showing, ledger
        self._post = next(
            (each for each in board.posts if [each.id] == [it.discord_message_id for it in showing.shown]), None
        )
        self._text, self._end = "", None
        self._changed = asyncio.Event()
        if isinstance(showing.controls, Writing):
            self._changed.set()
        self._task = asyncio.create_task(self._run())

    def show(self, text: str) -> None:
        self._text = text
        self._changed.set()

    async def finish(self, text: str, note: str, controls: Controls) -> bool:
        self._end = (text, note, controls)
        self._changed.set()
        await asyncio.wait((self._task,))
        return not self._task.cancelled()

    def abandon(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._board.open_for_posts.wait()
            if not self._showing.is_ours():
                asyncio.get_running_loop().call_later(0.01, self._changed.set)
                continue
            text, note, controls = self._end or (self._text, "", self._showing.controls)
            await asyncio.shield(self._put(text, note, controls))
            if self._end == (text, note, controls):
                return

    async def _put(self, text: str, note: str, controls: Controls) -> None:
        shown = self._showing
        if self._post is None:
            self._post = self._board.post(text, controls, shown.message_id)
            await self._ledger.record(shown.chat_id, Shown(self._post.id, shown.message_id, 0, shown.place.id, 5))
        self._post.text, self._post.note, self._post.controls = text, note, controls
        self._post.message_id = shown.message_id
        self._post.edits += 1


@dataclass(slots=True)
class World:
    """A board, a model, and where processes find the rest."""

    model: ScriptedModel
    told: dict[str, Any]
    board: Board = field(default_factory=Board)
    events: "count[int]" = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def process(self, **changes: Any) -> AsyncGenerator[Services]:
        """One more process of the program, with everything but Discord."""
        settings = read_settings(**(self.told | changes))
        async with open_services(settings, stage=self.board, messenger=self.board) as services:
            services.caretaker.open()
            yield services

    async def open_chat(self, services: Services) -> None:
        """A chat of Alice's with a new character."""
        made = await services.characters.create(ALICE, Change(name="Wake", first_mes="Hello.", age_rating="teen"))
        place = Place(GUILD, CHANNEL)
        await services.openings.open(ALICE, str(made.id), place, interaction_id=next(self.events))

    async def say(self, services: Services, text: str) -> None:
        """Alice says something, and a process hears it."""
        await services.chats.say(ALICE, Saying(PLACE, next(self.events), None, text))


def told(
    database_url: str, redis_url: str, prefix: str, master_key: str, model: ScriptedModel, folder: Path
) -> dict[str, Any]:
    """The settings of such a process."""
    return {
        "_env_file": None,
        "database_url": database_url,
        "redis_url": redis_url,
        "cache_prefix": prefix,
        "master_keys": master_key,
        "data_dir": folder,
        "openai_base_url": model.url,
        "openai_api_key": "x",
        "chat_model": "scripted",
        "close_seconds": 0,
        "metrics_port": 1,
    }


__all__ = ["ALICE", "PLACE", "Board", "BoardPost", "Face", "World", "told"]
