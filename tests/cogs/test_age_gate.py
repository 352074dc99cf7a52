"""18+ characters: only where the operator allows them, and then in age-restricted channels alone, at every reply."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chat.stage import Place
from bot.cli.running import login, make_client
from playground import Channel
from tests.cogs.workshop import Workshop, caller, open_workshop
from tests.theatre import Theatre, open_theatre, until


@pytest.fixture
async def grown_up(
    bare_database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[tuple[Theatre, Workshop, Channel]]:
    """A bot that may have 18+ characters, Vesper who is one, and an age-restricted channel."""
    async with (
        open_theatre(
            bare_database_url,
            redis_url,
            cache_prefix,
            master_key,
            tmp_path,
            adult_characters=True,
            stock_characters=False,
        ) as theatre,
        open_workshop(theatre) as workshop,
    ):
        cellar = theatre.guild.add_text_channel("cellar", nsfw=True)
        await workshop.published(theatre.alice, "Vesper", age_rating="adult", tags="night")
        yield theatre, workshop, cellar
    assert theatre.playground.violations == []


async def test_they_show_and_start_in_age_restricted_channels_alone(
    grown_up: tuple[Theatre, Workshop, Channel],
) -> None:
    theatre, _, cellar = grown_up
    bob = theatre.bob
    dm = await bob.open_dm()
    for place, visible in ((theatre.tavern, False), (cellar, True), (dm, False)):
        bob.at(place)
        picked = await bob.slash("character pick")
        assert ("### Vesper" in picked.text) == visible, place
        assert ("**18+**" in picked.text) == visible, place
        assert [name for name, _ in await bob.autocomplete("character start", "character", "ves")] == (
            ["Vesper · by alice"] if visible else []
        )
        assert [name for name, _ in await bob.autocomplete("character pick", "tag", "ni")] == (
            ["night"] if visible else []
        )
        shown = await bob.slash("character show", character="Vesper")
        assert ("Vesper in a line." in shown.text) == visible, place
        started = await bob.slash("character start", character="Vesper")
        assert ("is waiting for you" in started.text) == visible, started.text
    # Its own author sees the card anywhere, and starts it where everybody may.
    alice = theatre.alice.at(theatre.tavern)
    assert "Vesper in a line." in (await alice.slash("character show", character="Vesper")).text
    refused = await alice.slash("character start", character="Vesper")
    assert "age-restricted channels alone" in refused.text


async def test_the_channel_is_asked_at_every_reply(grown_up: tuple[Theatre, Workshop, Channel]) -> None:
    theatre, _, cellar = grown_up
    bob = theatre.bob.at(cellar)
    assert "is waiting for you" in (await bob.slash("character start", character="Vesper")).text
    thread = bob.here = theatre.guild.threads[-1]
    theatre.model.says("Closer.")
    await bob.say("Here I am.")
    reply = await theatre.reply("Closer.", bob)
    cellar.set_nsfw(False)
    await bob.say("Still here?")
    await bob.sees("age-restricted channels alone", in_=thread)
    told = len(theatre.model.requests)
    await bob.click("Regenerate", on=reply)
    await until(lambda: sum("age-restricted channels alone" in each.content for each in bob.messages(thread)) == 2)
    assert len(theatre.model.requests) == told
    asked = len(theatre.model.requests)
    cellar.set_nsfw()
    await bob.say("And now?")
    await theatre.reply("Indeed.", bob)
    assert len(theatre.model.requests) == asked + 1


async def test_a_reply_that_waits_is_not_begun_where_it_may_not_be(
    grown_up: tuple[Theatre, Workshop, Channel],
) -> None:
    theatre, _, cellar = grown_up
    bob = theatre.bob.at(cellar)
    await bob.slash("character start", character="Vesper")
    thread = bob.here = theatre.guild.threads[-1]
    held = theatre.model.says("Slowly now.", hold_after=1)
    await bob.say("First.")
    await theatre.model.asked.wait()
    await bob.say("Second.")
    cellar.set_nsfw(False)
    held.release()
    await bob.sees("age-restricted channels alone", in_=thread)
    assert len(theatre.model.requests) == 1


async def test_without_the_operators_leave_they_are_not_published(theatre: Theatre, workshop: Workshop) -> None:
    vesper = await workshop.draft(theatre.alice, "Vesper", age_rating="adult")
    cellar = theatre.guild.add_text_channel("cellar", nsfw=True)
    alice = theatre.alice.at(cellar)
    refused = await alice.slash("character publish", character=str(vesper.id))
    assert "the operator of this bot does not allow them" in refused.text
    refused = await alice.slash("character start", character=str(vesper.id))
    assert "age-restricted channels alone" in refused.text
    assert (await workshop.characters.definition(caller(alice), str(vesper.id))).character.status == "draft"


async def test_a_process_that_does_not_hear_of_a_channel_asks_discord(
    grown_up: tuple[Theatre, Workshop, Channel],
) -> None:
    theatre, _, cellar = grown_up
    client, stage = make_client(theatre.settings)
    async with client:
        await login(client, theatre.settings)
        for channel, restricted in ((cellar, True), (theatre.tavern, False)):
            place = Place(theatre.guild.id, channel.id, 1)
            assert not stage.is_age_restricted(place)
            await stage.look_at(place)
            assert stage.is_age_restricted(place) == restricted
        nowhere = Place(theatre.guild.id, 1, 2)
        await stage.look_at(nowhere)
        assert not stage.is_age_restricted(nowhere)
