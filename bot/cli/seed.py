"""`seed`: a marketplace full of made-up characters, to measure and to look at."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import BytesIO
from time import perf_counter

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import storage.seeding
from bot.cards.card import write_card
from bot.cards.untrusted_json import Json
from bot.characters.avatars import Avatars
from bot.cli.made_up import MadeUp, MadeUpCharacters
from bot.cli.stores import with_engines
from bot.errors import Invalid, SettingsError
from bot.services import open_stores
from bot.settings import Settings
from storage.characters import Frame
from storage.database import Database
from storage.files import FileStore
from storage.seeding import Seeded

BATCH, WRITERS = 2_000, 2
CHARACTERS_AN_OWNER = 20
FACES, FACE_SIDE = 12, 256
NOT_EMPTY = (
    "This database has characters that people made, and made-up ones would stand among them. Name another one in "
    "DATABASE_URL, or another DATA_DIR; if you mean this very database, add --yes."
)
TOO_FEW = "COUNT and --owners are whole numbers from 1 on, for example: python -m bot seed 10000"


async def fill(settings: Settings, count: int, *, owners: int | None, seed: int, yes: bool) -> None:
    """Adds that many published characters to the database of the settings; SettingsError when it is in real use.

    Each batch is one transaction: whoever interrupts keeps whole ones, and the next run goes on behind them.
    """
    if count < 1 or (owners is not None and owners < 1):
        raise Invalid(TOO_FEW)
    console = Console(stderr=True)
    async with with_engines(settings) as filled, AsyncExitStack() as stack:
        database, _ = await open_stores(filled, stack)
        async with database.transaction() as session:
            if not yes and await storage.seeding.has_others(session):
                raise SettingsError(NOT_EMPTY)
        avatars = Avatars(database, FileStore(filled.data_dir / "files"))
        begun = perf_counter()
        with _progress(console) as progress:
            task = progress.add_task("Making up characters", total=count)
            made = MadeUpCharacters(seed, owners or max(1, count // CHARACTERS_AN_OWNER))

            def show(done: int) -> None:
                last = "Making indexes and statistics" if done == count else None
                progress.update(task, completed=done, description=last)

            there = await add_characters(database, avatars, made, count, on_progress=show)
        seconds = perf_counter() - begun
    console.print(
        f"{count:,} characters added in {seconds:.0f} s, {count / seconds:,.0f} a second; "
        f"{there:,} made-up ones are there now. `/character pick` shows them.",
        highlight=False,
    )


async def add_characters(
    database: Database,
    avatars: Avatars,
    made: MadeUpCharacters,
    count: int,
    *,
    on_progress: Callable[[int], object],
) -> int:
    """Adds made-up characters behind those that are there; returns how many there are then."""
    faces = [await avatars.keep(_face(number), ours=True) for number in range(FACES)]
    usernames = [made.username(number) for number in range(made.owners)]
    now = datetime.now(UTC)
    async with database.transaction() as session:
        await storage.seeding.add_owners(session, usernames)
        there = await storage.seeding.count_seeded(session)
    room, done = asyncio.Semaphore(WRITERS), 0

    async def write(rows: list[Seeded]) -> None:
        nonlocal done
        async with database.transaction() as session:
            await storage.seeding.add_published(session, rows)
        room.release()
        done += len(rows)
        on_progress(done)

    def make(first: int) -> list[Seeded]:
        drawn = made.draw(there + first, min(BATCH, count - first), now=now)
        return [_seeded(each, usernames[each.owner], faces[number % FACES]) for number, each in enumerate(drawn)]

    # In a thread, so that what is made up next overlaps with what Postgres takes in.
    async with storage.seeding.bulk(database, count), asyncio.TaskGroup() as writing:
        for first in range(0, count, BATCH):
            await room.acquire()
            writing.create_task(write(await asyncio.to_thread(make, first)))
    return there + count


def _seeded(made: MadeUp, owner_name: str, avatar: str) -> Seeded:
    whole = write_card(made.card, "chara_card_v3")
    data = whole["data"]
    extensions: Json = data.pop("extensions", {}) if isinstance(data, dict) else {}
    return Seeded(
        owner=made.owner,
        owner_name=owner_name,
        frame=Frame(
            name=made.card.name,
            short_description=made.short_description,
            tags=made.card.tags,
            category=made.category,
            licence=made.licence,
            age_rating=made.age_rating,
            avatar=avatar,
        ),
        play_count=made.play_count,
        published_at=made.published_at,
        spec="chara_card_v3",
        spec_version="3.0",
        card=orjson.dumps(whole),
        extensions=orjson.dumps(extensions),
    )


def _face(number: int) -> bytes:
    """A plain face as PNG, each in a colour of its own."""
    from PIL import Image, ImageColor, ImageDraw  # noqa: PLC0415 - only what draws needs it

    hue = 360 * number // FACES
    face = Image.new("RGB", (FACE_SIDE, FACE_SIDE), ImageColor.getrgb(f"hsl({hue}, 40%, 35%)"))
    draw = ImageDraw.Draw(face)
    light = ImageColor.getrgb(f"hsl({hue}, 60%, 80%)")
    for x, y, radius in ((0.5, 0.42, 0.2), (0.5, 1.05, 0.4)):
        centre_x, centre_y, size = x * FACE_SIDE, y * FACE_SIDE, radius * FACE_SIDE
        draw.ellipse((centre_x - size, centre_y - size, centre_x + size, centre_y + size), fill=light)
    written = BytesIO()
    face.save(written, "PNG")
    return written.getvalue()


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)
