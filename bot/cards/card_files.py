"""Card files and lorebooks of strangers, read here or by a process of its own that a hostile one may exhaust."""

import asyncio
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel

from bot.cards.assets import Asset
from bot.cards.card import Spec, parse_card
from bot.cards.card_containers import CardFile, LoreFile, as_card, read_file, shown_name
from bot.cards.card_fields import Warnings
from bot.cards.export_files import export_card, write_png
from bot.cards.lorebook import read_lorebook
from bot.cards.untrusted_json import read_json
from bot.cards.worker import run_in_worker

__all__ = [
    "CardFile",
    "LoreFile",
    "export_card",
    "read_card_file",
    "read_card_file_in_worker",
    "read_file",
    "read_file_in_worker",
    "write_png",
]


class _AssetNote(BaseModel):
    uri: str
    name: str
    kind: str


class _Notes(BaseModel):
    """What a worker's process says first; the pictures follow, then the document."""

    kind: Literal["card", "lorebook"]
    warnings: tuple[str, ...]
    spec: Spec = "chara_card_v3"
    spec_version: str = "3.0"
    picture: Literal["none", "file", "part"] = "none"
    assets: tuple[_AssetNote, ...] = ()


def read_card_file(data: bytes, filename: str) -> CardFile:
    """Return the same as read_file for a card; raises Invalid for a lorebook too."""
    return as_card(read_file(data, filename))


async def read_card_file_in_worker(data: bytes, filename: str) -> CardFile:
    """Return the same as read_card_file, with the limits of read_file_in_worker."""
    return as_card(await read_file_in_worker(data, filename))


async def read_file_in_worker(data: bytes, filename: str) -> CardFile | LoreFile:
    """Return the same as read_file, read by a process of its own that a hostile file may exhaust alone.

    Raises Invalid too when that takes more than two seconds of processor time, or more than 64 MiB.
    """
    name = shown_name(filename)
    too_much = f"{name} takes too long or too much memory to read, so it is probably not a usual card."
    header, *parts = await run_in_worker("file", name, data, too_much=too_much)
    notes = _Notes.model_validate_json(header)
    picture = parts.pop(0) if notes.picture == "part" else data if notes.picture == "file" else None
    assets = tuple(Asset(note.uri, note.name, note.kind, parts.pop(0)) for note in notes.assets)
    # In a thread, since a card of the greatest size keeps a processor busy for a tenth of a second.
    if notes.kind == "lorebook":
        return await asyncio.to_thread(_lorebook, b"".join(parts), notes)
    read = await asyncio.to_thread(parse_card, b"".join(parts))
    card = replace(read.card, spec=notes.spec, spec_version=notes.spec_version)
    return CardFile(card=card, warnings=notes.warnings, picture=picture, assets=assets)


def _lorebook(document: bytes, notes: _Notes) -> LoreFile:
    warnings = Warnings()
    found = read_json(document, warnings.add)
    return LoreFile(read_lorebook(found if isinstance(found, dict) else {}, warnings), notes.warnings)
