"""A server's own key: set and checked, used, refused, removed; and shown to nobody."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

import storage.guilds
import storage.server_keys
import storage.users
from playground import Answer
from tests.cogs.acts import words_of
from tests.cogs.workshop import open_workshop, read
from tests.theatre import Theatre, open_theatre

KEY = "sk-the-servers-own-9876"
OWN = "x"  # the operator's, in the theatre


@pytest.fixture
async def governed(theatre: Theatre) -> Theatre:
    """A theatre in which Bob manages the server."""
    theatre.guild.give_role(theatre.bob, theatre.playground.admin_role(theatre.guild))
    return theatre


async def set_key(theatre: Theatre, key: str, words: str) -> Answer:
    panel = await theatre.bob.slash("server key")
    opened = await panel.click("Set a key" if "No key is set" in panel.text else "Set another key")
    return await read(await opened.fill({"Key": key}), words)


async def rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_characters_speak_with_the_servers_key_until_it_is_taken_out(
    governed: Theatre, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    theatre, alice, model = governed, governed.alice, governed.model
    with capture_logs() as logged:
        saved = await set_key(theatre, f" {KEY} ", "A key is set by **bob**")
        assert KEY not in saved.text
        assert model.keys == [KEY]
        await theatre.chat_with("Cue")
        model.says("With the key.")
        await alice.say("Hello.")
        await theatre.reply("With the key.")
        assert model.keys == [KEY, KEY]
        await alice.slash("chat suggest")
        assert model.keys[2:] == [KEY]
        ((sealed,),) = await rows(database_url, "SELECT api_key FROM guilds WHERE api_key IS NOT NULL")
        assert isinstance(sealed, bytes)
        assert KEY.encode() not in sealed
        panel = await theatre.bob.slash("server key", in_=theatre.tavern)
        await read(await panel.click("Remove it"), "The key is gone")
        model.says("With the operator's.")
        await alice.say("And now?")
        await theatre.reply("With the operator's.")
        assert model.keys[3:] == [OWN]
        audit = await theatre.bob.slash("server audit", in_=theatre.tavern)
        assert audit.text.count("decided about the server's own key") == 2
    assert any(each["event"] == "generation.started" for each in logged)
    assert "9876" not in f"{audit.text} {logged} {caplog.text}"


async def test_a_key_that_the_provider_refuses_is_not_saved(governed: Theatre, database_url: str) -> None:
    governed.model.refused_keys.add(KEY)
    await set_key(governed, KEY, "refuses this key")
    await set_key(governed, "two words", "This cannot be a key")
    assert await rows(database_url, "SELECT 1 FROM guilds WHERE api_key IS NOT NULL") == []
    assert governed.model.keys == [KEY]


async def test_a_key_that_is_refused_later_is_told_and_the_operators_is_not_used(governed: Theatre) -> None:
    theatre, model = governed, governed.model
    await set_key(theatre, KEY, "A key is set")
    await theatre.chat_with("Cue")
    model.refused_keys.add(KEY)
    await theatre.alice.say("Hello.")
    told = await theatre.alice.sees("refuses this server's own key")
    assert "/server key" in told.text
    assert set(model.keys) == {KEY}
    news = await theatre.bob.slash("character manage", in_=theatre.tavern)
    assert "refuses the key that you set" in await words_of(news, "refuses the key that you set")
    panel = await theatre.bob.slash("server key", in_=theatre.tavern)
    assert "The provider refuses it" in panel.text


@pytest.fixture
async def without_keys(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre whose operator lets servers have no keys."""
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, server_keys=False) as theatre:
        theatre.guild.give_role(theatre.bob, theatre.playground.admin_role(theatre.guild))
        yield theatre


async def test_the_operator_can_turn_it_off(without_keys: Theatre) -> None:
    theatre = without_keys
    assert "does not let servers use keys" in (await theatre.bob.slash("server key")).text
    async with open_workshop(theatre) as workshop, workshop.database.transaction() as session:  # it was on before
        await storage.users.touch_user(session, theatre.bob.id, "bob")
        await storage.guilds.touch_guild(session, theatre.guild.id)
        await storage.server_keys.save_key(session, theatre.guild.id, SecretStr(KEY), set_by=theatre.bob.id)
    await theatre.chat_with("Cue")
    theatre.model.says("With the operator's.")
    await theatre.alice.say("Hello.")
    await theatre.reply("With the operator's.")
    assert theatre.model.keys == [OWN]
