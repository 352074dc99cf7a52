"""Pages, names and searches of a marketplace full of characters, as the picker asks for them.

The characters are made once and kept in the system's folder for temporary files; whoever removes it makes them anew.
"""

import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import event

import storage.guilds
import storage.listings
import storage.seeding
from benchmarks.figures import Figure, quantile, time_shown
from bot import embedded
from bot.caller import Caller
from bot.cards.card import parse_card
from bot.characters.avatars import Avatars
from bot.characters.catalogue import MAX_PAGE, Characters
from bot.characters.finding import query_of
from bot.cli.made_up import MadeUpCharacters
from bot.cli.seed import CHARACTERS_AN_OWNER, add_characters
from bot.cli.stores import own_master_key
from storage import schema
from storage.character_pages import Cursor, Query, Sort
from storage.database import Database
from storage.files import FileStore
from storage.guilds import GuildSettings
from storage.tables import Character, CharacterVersion, Listing, User
from storage.vault import MasterKey, Vault

COUNT = 100_000
RUNS, SAMPLES, WARM = 200, 300, 20
DEEP = 1_000
SORTS: tuple[Sort, ...] = ("featured", "popular", "newest", "name")
OPEN, REVIEWING = 7_001, 7_002
BLOCKED, APPROVED = 200, 500
PAGE_GOAL, SEARCH_GOAL, CARD_GOAL = 0.015, 0.050, 0.030
CARD_BYTES, CARD_RUNS = 1_000_000, 50

Ask = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A published character, and the person who looks for it."""

    viewer: Caller
    name: str
    words: list[str]
    tags: list[str]
    creator: str


async def measure(count: int = COUNT) -> list[Figure]:
    """Every question at that many published characters, and a large card."""
    folder = Path(tempfile.gettempdir()) / f"dramatis-marketplace-{count}"
    folder.mkdir(mode=0o700, exist_ok=True)
    async with embedded.running(folder, postgres=True, valkey=False, model=False) as engines:
        assert engines.database_url
        await schema.upgrade(engines.database_url)
        vault = Vault([MasterKey.from_text(own_master_key(folder))])
        database = Database.connect(engines.database_url, vault, pool_size=4)
        bare = await asyncpg.connect(engines.database_url)
        try:
            characters = await _filled(database, folder, count)
            return [*await _Market(database, bare, characters, count, folder).measure(), _large_card()]
        finally:
            await bare.close()
            await database.close()


async def _filled(database: Database, folder: Path, count: int) -> Characters:
    """The catalogue over that many characters, made now as far as they are not there."""
    avatars = Avatars(database, FileStore(folder / "files"))
    async with database.transaction() as session:
        there = await storage.seeding.count_seeded(session)
    if there < count:
        made = MadeUpCharacters(0, max(1, count // CHARACTERS_AN_OWNER))
        await add_characters(database, avatars, made, count - there, on_progress=lambda _: None)
    async with database.transaction() as session:
        if await storage.guilds.find_settings(session, OPEN) == GuildSettings(model="measured"):
            return Characters(database, avatars)
        drawn = sa.select(Character.id).order_by(Character.play_count.desc()).limit(20 * (BLOCKED + APPROVED))
        ids = random.Random(0).sample(list((await session.execute(drawn)).scalars()), BLOCKED + APPROVED)
        await storage.guilds.save_settings(session, OPEN, GuildSettings(model="measured"))
        await storage.guilds.save_settings(session, REVIEWING, GuildSettings(policy="review"))
        for character_id in ids[:BLOCKED]:
            await storage.listings.mark(session, guild_id=OPEN, character_id=character_id, blocked=True)
        versions = sa.select(CharacterVersion.character_id, CharacterVersion.id)
        rows = await session.execute(versions.where(CharacterVersion.character_id.in_(ids[BLOCKED:])))
        approved = [
            {"guild_id": REVIEWING, "character_id": character_id, "approved_version_id": version_id}
            for character_id, version_id in rows.all()
        ]
        await session.execute(sa.insert(Listing), approved)
    return Characters(database, avatars)


@dataclass(slots=True)
class _Market:
    """The questions, asked by one client, one after the other."""

    database: Database
    bare: asyncpg.Connection
    characters: Characters
    count: int
    folder: Path

    async def measure(self) -> list[Figure]:
        samples, plans = await self._samples(), self.folder / "plans.txt"
        plans.write_text("")
        baseline = await self._baseline()
        figures: list[Figure] = []
        for what, goal, ask in [*await self._pages(samples), *self._names(samples), *self._searches(samples)]:
            for number in range(WARM):
                await ask(-number)
            times: list[float] = []
            for number in range(RUNS):
                begun = time.perf_counter()
                await ask(number)
                times.append(time.perf_counter() - begun)
            half, most = quantile(times, 0.5), quantile(times, 0.99)
            shown = f"{self.count:,} characters: {what}, p99 (p50 {time_shown(half)})"
            figures.append(Figure(shown, most, f"≤ {goal * 1000:.0f} ms", most <= goal, baseline))
            with plans.open("a") as file:
                file.write(f"\n==== {what}\n{await self._plans(ask, times)}")
        print(f"Postgres' plans stand in {plans}")
        return figures

    async def _pages(self, samples: list[Sample]) -> list[tuple[str, float, Ask]]:
        asks: list[tuple[str, float, Ask]] = []
        for sort in SORTS:
            asks.append((f"first page by {sort}", PAGE_GOAL, self._page(samples, sort=sort)))
        for sort in SORTS[1:]:
            place = await self._walk(replace(query_of(samples[0].viewer), sort=sort))
            asks.append((f"page {DEEP:,} by {sort}", PAGE_GOAL, self._page(samples, after=place, sort=sort)))
            asks.append((f"back from page {DEEP:,} by {sort}", PAGE_GOAL, self._page(samples, before=place, sort=sort)))
        for what, guild_id in (
            (f"first page in a server that blocked {BLOCKED}", OPEN),
            (f"first page in a server that reviews and approved {APPROVED}", REVIEWING),
        ):
            asks.append((what, PAGE_GOAL, self._page(samples, guild_id=guild_id)))
        owners = [replace(each.viewer, user_id=-1 - number) for number, each in enumerate(samples[:50])]
        asks.append(("manager of an owner", PAGE_GOAL, lambda n: self.characters.owned_page(samples[n].viewer)))
        asks.append(("manager of the busiest", PAGE_GOAL, lambda n: self.characters.owned_page(owners[n % 50])))
        return asks

    def _names(self, samples: list[Sample]) -> list[tuple[str, float, Ask]]:
        def asked(letters: int) -> Ask:
            return lambda n: self.characters.names(samples[n].viewer, samples[n].name[:letters])

        return [
            *((f"names after {letters} letters", PAGE_GOAL, asked(letters)) for letters in (0, 1, 2, 3, 10)),
            ("names of a word in the middle", PAGE_GOAL, self._completed(samples, lambda one: one.name.split()[-1])),
            ("names that are not there", PAGE_GOAL, self._completed(samples, lambda one: f"qz{one.words[0]}")),
            (
                "tags after 2 letters",
                PAGE_GOAL,
                lambda n: self.characters.tags(samples[n].viewer, samples[n].tags[0][:2]),
            ),
        ]

    def _completed(self, samples: list[Sample], typed: Callable[[Sample], str]) -> Ask:
        return lambda n: self.characters.names(samples[n].viewer, typed(samples[n]))

    def _searches(self, samples: list[Sample]) -> list[tuple[str, float, Ask]]:
        def search(text: Callable[[Sample], str], **more: Any) -> Ask:
            return self._page(samples, lambda query, one: replace(query, search=text(one)), **more)

        def page(change: Callable[[Query, Sample], Query]) -> Ask:
            return self._page(samples, change)

        asks: dict[str, Ask] = {
            "a common word": search(lambda one: one.words[2]),
            "a common word, newest first": search(lambda one: one.words[2], sort="newest"),
            "half a common word": search(lambda one: one.words[2][:3]),
            "a rare word": search(lambda one: one.words[4]),
            "a rare word, by name": search(lambda one: one.words[4], sort="name"),
            "a whole name": search(lambda one: one.name),
            "a typo of a common word": search(lambda one: _mistyped(one.words[2])),
            "a typo of a rare word": search(lambda one: _mistyped(one.words[4])),
            "two words": search(lambda one: f"{one.words[1]} {one.words[2]}"),
            "a common and a rare word": search(lambda one: f"{one.words[2]} {one.words[4]}"),
            "the rarest of common words together": search(lambda _: "lugubrious campanologist arctic"),
            "what nobody wrote": search(lambda one: f"zq{one.words[4]}qz"),
            "a creator": search(lambda one: one.creator),
            "two tags": page(lambda query, one: replace(query, tags=tuple(one.tags[:2]))),
            "a tag left out": page(lambda query, one: replace(query, without=(one.tags[0],))),
            "a word and a tag": page(lambda query, one: replace(query, search=one.words[2], tags=(one.tags[0],))),
            f"a common word in a server that blocked {BLOCKED}": search(lambda one: one.words[2], guild_id=OPEN),
            f"a common word in a server that reviews {APPROVED}": search(lambda one: one.words[2], guild_id=REVIEWING),
        }
        return [(f"search: {what}", SEARCH_GOAL, ask) for what, ask in asks.items()]

    def _page(
        self,
        samples: list[Sample],
        change: Callable[[Query, Sample], Query] = lambda query, _: query,
        *,
        sort: Sort = "featured",
        guild_id: int | None = None,
        after: Cursor | None = None,
        before: Cursor | None = None,
    ) -> Ask:
        async def ask(number: int) -> object:
            one = samples[number]
            query = replace(query_of(replace(one.viewer, guild_id=guild_id)), sort=sort)
            return await self.characters.page(change(query, one), after=after, before=before)

        return ask

    async def _walk(self, query: Query) -> Cursor:
        """The end of the page before the deep one, reached by larger pages."""
        stride = replace(query, limit=MAX_PAGE)
        page = await self.characters.page(stride)
        for _ in range(DEEP * query.limit // MAX_PAGE - 1):
            assert page.after
            page = await self.characters.page(stride, after=page.after)
        assert page.after
        return page.after

    async def _samples(self) -> list[Sample]:
        """Characters drawn evenly, each looked for by the owner of another."""
        async with self.database.transaction() as session:
            await session.execute(sa.text("SELECT setseed(0.5)"))
            columns = (
                Character.owner_user_id,
                Character.name,
                Character.short_description,
                Character.tags,
                User.username,
            )
            rows = (
                await session.execute(
                    sa.select(*columns)
                    .join(User, User.id == Character.owner_user_id)
                    .where(sa.func.cardinality(Character.tags) >= 2, Character.age_rating != "adult")
                    .order_by(sa.func.random())
                    .limit(SAMPLES + 1)
                )
            ).all()
        return [
            # "A kind wizard from Ilbau who …": the words are A, kind, wizard, from, Ilbau.
            Sample(Caller(int(other[0] or 0), other[4], other[4]), one[1], one[2].rstrip(".").split(), one[3], one[4])
            for one, other in pairwise(rows)
        ]

    async def _baseline(self) -> float:
        """The bare query of five characters by their keys, p99."""
        ids = [row[0] for row in await self.bare.fetch("SELECT id FROM characters LIMIT 5")]
        times: list[float] = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            await self.bare.fetch("SELECT * FROM characters WHERE id = ANY($1)", ids)
            times.append(time.perf_counter() - begun)
        return quantile(times, 0.99)

    async def _plans(self, ask: Ask, times: list[float]) -> str:
        """What Postgres did for the slowest of all."""
        seen: list[tuple[str, Any]] = []

        def note(_: object, __: object, statement: str, parameters: Any, ___: object, ____: object) -> None:
            if statement.lstrip().startswith(("SELECT", "WITH")):
                seen.append((statement, parameters))

        slowest = times.index(max(times))
        engine = self.database.engine
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await ask(slowest)
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        told: list[str] = []
        async with engine.connect() as connection:
            for statement, parameters in seen:
                rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters)
                told.append("\n".join([statement, *(row[0] for row in rows)]))
        return f"slowest {time_shown(max(times))}\n" + "\n\n".join(told) + "\n"


def _mistyped(word: str) -> str:
    """A word with two letters in its middle changed about."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


def _large_card() -> Figure:
    """A card of a megabyte, most of it lore, parsed and checked; the baseline reads the JSON alone."""
    entry = {"keys": ["harbour", "tide"], "content": "The tide tables hang by the door. " * 60, "enabled": True}
    book = {"name": "Lore", "extensions": {}, "entries": []}
    data: dict[str, Any] = {"name": "Large", "first_mes": "Hello.", "description": "A long story. " * 10_000}
    data |= {"extensions": {}, "tags": ["large"], "alternate_greetings": ["Hello again."] * 20, "character_book": book}
    each = len(orjson.dumps(entry)) + 20
    rest = CARD_BYTES - len(orjson.dumps(data))
    book["entries"] = [{**entry, "insertion_order": number, "extensions": {}} for number in range(rest // each)]
    document = orjson.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data})
    half = quantile([_timed(lambda: parse_card(document)) for _ in range(CARD_RUNS)], 0.5)
    bare = quantile([_timed(lambda: orjson.loads(document)) for _ in range(CARD_RUNS)], 0.5)
    what = f"a card of {len(document) / 1e6:.2f} MB parsed and checked, p50 (baseline: orjson alone)"
    return Figure(what, half, "≤ 30 ms", half <= CARD_GOAL, bare)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
