"""Looking at a chat: page by page, as a tree, as a file."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import storage.branches
import storage.chats
import storage.messages
from bot.caller import Caller
from bot.chat.stage import Place
from bot.chat.standing import NO_CHAT_HERE
from bot.chat.transcripts import ExportFile, Format, export, transcribed
from bot.chat.tree_layout import TreeNode, fold, prune
from bot.errors import Invalid, NotFound
from storage.branches import Outlined
from storage.chats import Chat
from storage.database import Database, Session
from storage.messages import Message

PAGE = 50
LEAVES = 25
MOST_ENDS = 64
"""As many as the picture of a tree has room for."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A stretch of a chat's path, newest first; `older` is the cursor of the next page."""

    title: str
    messages: tuple[Message, ...]
    older: UUID | None


@dataclass(frozen=True, slots=True)
class TreeView:
    """A chat's tree: its outline, the path it stands on, and a page of its leaves, newest first.

    `shown` are the messages of the outline that stand by themselves in a picture; of the others it says how many.
    The leaves are numbered from 1; `first_number` is that of the page's first. `branches` counts all of them, `older`
    is the leaf from which the next page goes on.
    """

    title: str
    outline: tuple[Outlined, ...]
    shown: tuple[Message, ...]
    path: frozenset[UUID]
    leaf_id: UUID | None
    leaves: tuple[Message, ...]
    first_number: int
    branches: int
    older: UUID | None


class Records:
    """What was said, to read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def history(self, caller: Caller, place: Place, *, cursor: UUID | None = None) -> HistoryPage:
        """What was said in the chat of a place, up to 50 messages from the leaf or from a cursor backwards."""
        async with self._database.transaction() as session:
            chat = await _chat_of(session, place)
            if cursor is not None:
                await _require_in_tree(session, chat, cursor)
            start = cursor or chat.leaf_id
            path = (
                await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=start, limit=PAGE + 1)
                if start
                else []
            )
        more = len(path) > PAGE
        return HistoryPage(chat.title, tuple(path[:PAGE]), path[PAGE].id if more else None)

    async def tree(self, caller: Caller, place: Place, *, before: UUID | None = None) -> TreeView:
        """The tree of the chat of a place, with up to 25 leaves from the newest, or from `before`, backwards."""
        async with self._database.transaction() as session:
            chat = await _chat_of(session, place)
            outline = await storage.branches.list_outline(session, chat)
            if not outline:
                raise Invalid("Nothing was said here yet, so there is no tree to look at. Write the first line.")
            ends = storage.branches.leaves_of(outline)
            start = ends.index(before) if before is not None and before in ends else 0
            page = ends[start : start + LEAVES]
            path = _path_in(outline, chat.leaf_id)
            wanted = {*page, *_standing_alone(outline, path, page)}
            messages = {each.id: each for each in await storage.branches.list_messages(session, chat, wanted)}
        more = ends[start + LEAVES] if len(ends) > start + LEAVES else None
        return TreeView(
            title=chat.title,
            outline=tuple(outline),
            shown=tuple(messages.values()),
            path=path,
            leaf_id=chat.leaf_id,
            leaves=tuple(messages[each] for each in page if each in messages),
            first_number=start + 1,
            branches=len(ends),
            older=more,
        )

    async def export(self, caller: Caller, place: Place, wanted: Format) -> tuple[str, list[ExportFile]]:
        """The chat of a place from its root to its leaf as files, and its title."""
        async with self._database.transaction() as session:
            chat = await _chat_of(session, place)
            depth = (chat.leaf_depth or 0) + 1
            path = (
                await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id, limit=depth)
                if chat.leaf_id
                else []
            )
            siblings = await storage.branches.list_siblings_along(session, chat, path)
        if not path:
            raise Invalid("Nothing was said here yet, so there is nothing to export. Write the first line.")
        lines = [transcribed(message, siblings[message.id]) for message in reversed(path)]
        return chat.title, await asyncio.to_thread(export, chat.title, lines, wanted)


def _path_in(outline: Sequence[Outlined], leaf_id: UUID | None) -> frozenset[UUID]:
    """The ids from the root to a leaf, as far as the outline goes."""
    parents = {each.id: each.parent_id for each in outline}
    path, at = set[UUID](), leaf_id
    while at is not None:
        path.add(at)
        at = parents.get(at)
    return frozenset(path)


def _standing_alone(outline: Sequence[Outlined], path: Collection[UUID], page: Sequence[UUID]) -> list[UUID]:
    """What a picture shows by itself, neither folded into a run nor left off."""
    numbers = {message_id: number for number, message_id in enumerate(page, 1)}
    nodes = [
        TreeNode(each.id, each.parent_id, each.depth, each.role, "", "", each.status, numbers.get(each.id))
        for each in outline
    ]
    kept, _ = prune(nodes, path, MOST_ENDS)
    return [knot.id for knot in fold(kept, path) if knot.count == 1]


async def _chat_of(session: Session, place: Place) -> Chat:
    chat = await storage.chats.find_latest_chat(session, place.id)
    if chat is None:
        raise NotFound(NO_CHAT_HERE)
    return chat


async def _require_in_tree(session: Session, chat: Chat, message_id: UUID) -> None:
    message = await storage.messages.find_message(session, message_id)
    if message is None or message.tree_id != chat.tree_id:
        raise NotFound("This page belongs to another chat. `/chat history` shows the one of this place.")
