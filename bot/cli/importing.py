"""`import`: card files in bulk, with a line for each that was refused and why."""

import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import track

from bot.caller import Caller
from bot.cards.card_files import CardFile, read_card_file_in_worker
from bot.characters.avatars import Avatars, name_of
from bot.characters.catalogue import Characters
from bot.cli.stores import with_engines
from bot.errors import Invalid, SettingsError, UserError
from bot.services import open_stores
from bot.settings import Settings
from storage.files import FileStore

NO_OWNER = (
    "Whose characters shall these be? Name the owner's Discord id with --owner, or set OPERATOR_IDS: "
    "the first operator is then the owner."
)
KINDS = frozenset({".png", ".json", ".charx", ".yaml", ".yml", ".txt", ".jpg", ".jpeg", ".webp"})


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file."""

    file: str
    ok: bool
    name: str | None = None
    spec: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None


async def bring_in(
    settings: Settings, path: Path, *, check: bool, as_json: bool, owner: int | None, publish: bool
) -> int:
    """Reads every card under a path, saves it unless `check`; returns 1 when any was refused."""
    files = list(_files(path))
    if check:
        return await _go_through(files, path, None, as_json=as_json, publish=False)
    owner = owner or next(iter(settings.operator_ids), None)
    if owner is None:
        raise SettingsError(NO_OWNER)
    async with with_engines(settings) as filled, AsyncExitStack() as stack:
        database, _ = await open_stores(filled, stack)
        characters = Characters(database, Avatars(database, FileStore(filled.data_dir / "files")))
        saver = _Saver(characters, await characters.known_caller(owner))
        return await _go_through(files, path, saver, as_json=as_json, publish=publish)


@dataclass(slots=True)
class _Saver:
    characters: Characters
    caller: Caller

    async def save(self, content: bytes, file: CardFile, *, publish: bool) -> str | None:
        """Saves a draft, published if asked; what kept it from being so, or that it was there, in words."""
        known = await self.characters.find_imported(self.caller, content)
        if known is not None:
            return f"was imported before, as {known.name}"
        made = await self.characters.save_import(self.caller, file, source_sha256=name_of(content))
        if publish:
            try:
                await self.characters.publish(self.caller, str(made.id))
            except Invalid as error:
                return f"saved as a draft: {error}"
        return None


async def _go_through(files: list[Path], root: Path, saver: _Saver | None, *, as_json: bool, publish: bool) -> int:
    console = Console(stderr=True)
    reports: list[Report] = []
    steps = files if as_json else track(files, "Reading cards", console=console, transient=True)
    for path in steps:
        report = await _one(path, root, saver, publish=publish)
        reports.append(report)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
            sys.stdout.flush()
        elif report.error:
            console.print(f"[red]refused[/red] {report.file}: {report.error}", highlight=False, soft_wrap=True)
        else:
            for warning in report.warnings:
                console.print(f"[dim]{report.file}: {warning}[/dim]", highlight=False, soft_wrap=True)
    good = sum(report.ok for report in reports)
    if not as_json:
        verb = "can be imported" if saver is None else "imported"
        console.print(f"{good} of {len(reports)} {verb}, {len(reports) - good} refused.", highlight=False)
    return 0 if good == len(reports) else 1


async def _one(path: Path, root: Path, saver: _Saver | None, *, publish: bool) -> Report:
    name = str(path.relative_to(root)) if root.is_dir() else path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        return Report(name, ok=False, error=f"This file cannot be read: {error.strerror}.")
    try:
        file = await read_card_file_in_worker(content, path.name)
        remark = await saver.save(content, file, publish=publish) if saver else None
    except UserError as error:
        return Report(name, ok=False, error=str(error))
    warnings = (*file.warnings, *((remark,) if remark else ()))
    return Report(name, ok=True, name=file.card.name, spec=file.card.spec, warnings=warnings)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.is_file() and each.suffix.lower() in KINDS)
        if not found:
            raise SettingsError(f"There are no card files in {path}. Cards are PNG or JSON files.")
        yield from found
    elif path.exists():
        yield path
    else:
        raise SettingsError(f"There is no file or folder {path}.")
