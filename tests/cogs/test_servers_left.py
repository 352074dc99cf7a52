"""The bot notes which servers it is in: while it runs, and what happened while it did not."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from playground import Guild
from tests.theatre import Theatre


@pytest.fixture
async def connection(theatre: Theatre) -> AsyncIterator[asyncpg.Connection]:
    """The bot's database, beside it."""
    assert theatre.settings.database_url
    connection = await asyncpg.connect(theatre.settings.database_url.get_secret_value())
    yield connection
    await connection.close()


async def is_left(connection: asyncpg.Connection, guild: Guild) -> bool | None:
    return await connection.fetchval("SELECT left_at IS NOT NULL FROM guilds WHERE id = $1", guild.id)


async def until_left(connection: asyncpg.Connection, guild: Guild, expected: bool | None) -> None:
    async with asyncio.timeout(10):
        while await is_left(connection, guild) is not expected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_servers_that_send_the_bot_away_and_take_it_back(
    theatre: Theatre, connection: asyncpg.Connection
) -> None:
    guild, other = theatre.guild, theatre.playground.add_guild("Island")
    shore = other.add_text_channel("shore")
    theatre.alice.join(other)
    await theatre.chat_with("Cue")
    await theatre.alice.slash("character start", character="Cue", in_=shore)
    assert await is_left(connection, guild) is False

    # An outage of Discord's is no farewell: what is noted comes in order, so it would have been noted by then.
    gone = {"id": str(guild.id), "unavailable": True}
    theatre.playground.world.emit("GUILD_DELETE", gone, guild_id=guild.id)
    other.remove_bot()
    await until_left(connection, other, expected=True)
    assert await is_left(connection, guild) is False
    other.add_bot()
    await until_left(connection, other, expected=False)

    await theatre.stop()
    theatre.settings = theatre.settings.model_copy(update={"jobs_at_once": 1})
    other.remove_bot()
    await theatre.start()
    await until_left(connection, other, expected=True)
    assert await is_left(connection, guild) is False
    await theatre.stop()
    other.add_bot()
    await theatre.start()
    await until_left(connection, other, expected=False)

    # A month later nothing is left of a server that did not come back.
    other.remove_bot()
    await until_left(connection, other, expected=True)
    await theatre.stop()
    await connection.execute("UPDATE guilds SET left_at = left_at - interval '31 days' WHERE left_at IS NOT NULL")
    await connection.execute("UPDATE pgqueuer_schedules SET next_run = now() - interval '1 second'")
    await theatre.start()
    await until_left(connection, other, expected=None)
    assert await connection.fetchval("SELECT array_agg(DISTINCT guild_id) FROM chats") == [guild.id]
