"""A chat as files of an export: to read, for other programs, and with every branch."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import asdict
from uuid import UUID

import storage.belongings
import storage.branches
import storage.chats
import storage.notes
from bot.account.packing import PIECE_BYTES, Entry, as_json
from bot.chat.transcripts import SUFFIXES, Format, TranscriptLine, export, file_stem, transcribed
from storage.belongings import STRETCH, Heard
from storage.chats import Chat
from storage.database import Database
from storage.messages import Message


class Lines:
    """JSON lines in files of about PIECE_BYTES: `path` has a place for the number of a file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._number = 0

    def add(self, values: Iterable[dict[str, object]]) -> list[Entry]:
        """Takes lines, and gives the files that are full."""
        full: list[Entry] = []
        for value in values:
            line = as_json(value, indent=False) + b"\n"
            if self._bytes and self._bytes + len(line) > PIECE_BYTES:
                full += self.end()
            self._waiting.append(line)
            self._bytes += len(line)
        return full

    def end(self) -> list[Entry]:
        """The last file; none where there is nothing left."""
        if not self._waiting:
            return []
        self._number += 1
        entry = Entry(self._path.format("" if self._number == 1 else f"-{self._number}"), b"".join(self._waiting))
        self._waiting, self._bytes = [], 0
        return [entry]


async def chat_entries(database: Database, chat_id: UUID, user_id: int) -> AsyncGenerator[Entry]:
    """The files of one chat, in a folder; nothing where it was deleted meanwhile."""
    async with database.transaction() as session:
        chat = await storage.chats.find_chat(session, chat_id)
        if chat is None:
            return
        note = await storage.notes.find_note(session, chat)
        memories = await storage.belongings.list_memories(session, chat.tree_id)
        ids = (
            await storage.belongings.list_path_ids(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id)
            if chat.leaf_id
            else []
        )
    folder = f"chats/{file_stem(chat.title)}-{chat.id.hex[-6:]}"
    about = _about(chat) | {"authors_note": asdict(note) if note else None, "remembered": memories}
    yield Entry(f"{folder}/chat.json", as_json(about))
    async for entry in _transcripts(database, chat, ids, folder):
        yield entry
    lines = Lines(f"{folder}/tree{{}}.jsonl")
    async for messages in storage.belongings.stretches_of_tree(database, chat.tree_id):
        for entry in lines.add(_branching(message, user_id) for message in messages):
            yield entry
    for entry in lines.end():
        yield entry


async def heard_entries(database: Database, user_id: int) -> AsyncGenerator[Entry]:
    """What a person said in the chats of others: their own words alone."""
    lines = Lines("said-elsewhere{}.jsonl")
    async for heard in storage.belongings.stretches_heard(database, user_id):
        for entry in lines.add(map(_elsewhere, heard)):
            yield entry
    for entry in lines.end():
        yield entry


async def _transcripts(database: Database, chat: Chat, ids: Sequence[UUID], folder: str) -> AsyncGenerator[Entry]:
    """The path of a chat as Markdown and as SillyTavern's JSONL, some messages a file where there are many."""
    told: list[TranscriptLine] = []
    number, size = 1, 0
    for at in range(0, len(ids), STRETCH):
        async with database.transaction() as session:
            path = await storage.branches.list_messages(session, chat, ids[at : at + STRETCH])
            beside = await storage.branches.list_siblings_along(session, chat, path)
        path.sort(key=lambda message: message.depth)
        for message in path:
            line = transcribed(message, beside[message.id])
            told.append(line)
            size += len((line.text or "").encode()) + sum(len(each.encode()) for each in line.swipes)
            if size > PIECE_BYTES:
                for entry in await asyncio.to_thread(_written, chat.title, told, folder, number):
                    yield entry
                told, number, size = [], number + 1, 0
    if told:
        for entry in await asyncio.to_thread(_written, chat.title, told, folder, number):
            yield entry


def _written(title: str, lines: list[TranscriptLine], folder: str, number: int) -> list[Entry]:
    formats: tuple[Format, ...] = ("markdown", "jsonl")
    part = "" if number == 1 else f"-{number}"
    return [
        Entry(f"{folder}/chat{part}{'' if at == 0 else chr(97 + at)}.{SUFFIXES[kind]}", file.content)
        for kind in formats
        for at, file in enumerate(export(title, lines, kind))
    ]


def _about(chat: Chat) -> dict[str, object]:
    return {
        "title": chat.title,
        "status": chat.status,
        "server": None if chat.guild_id is None else str(chat.guild_id),
        "settings": chat.own.chosen,
        "stands_at": chat.leaf_id,
        "played_last": chat.updated_at,
    }


def _branching(message: Message, user_id: int) -> dict[str, object]:
    return {
        "id": message.id,
        "parent": message.parent_id,
        "role": message.role,
        "mine": message.author_user_id == user_id,
        "name": message.speaker.name,
        "text": None if message.status == "removed" else message.text,
        "status": message.status,
        "model": message.model,
        "at": message.created_at,
    }


def _elsewhere(heard: Heard) -> dict[str, object]:
    message = heard.message
    return {
        "chat": heard.chat_id,
        "title": heard.title,
        "as": message.speaker.name,
        "text": None if message.status == "removed" else message.text,
        "at": message.created_at,
    }
