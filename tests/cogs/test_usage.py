"""/server usage, /me usage, the budget of a day, and the limits, met by people in a scene."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import discord
import pytest

from bot.charts import HEIGHT, WIDTH
from bot.errors import Invalid
from bot.usage import Line, Report, Sums
from cogs.ui.server_settings import tokens_of
from cogs.ui.text import units
from cogs.ui.usage import UsageView, dollars
from playground import Answer, Person, checks
from playground.messages import walk
from tests.cogs.acts import words_of
from tests.cogs.workshop import message_of, open_workshop, read
from tests.theatre import Theatre, open_theatre

PRICES = "scripted=1000/2000"


@pytest.fixture
async def priced(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre in which a token read costs a tenth of a cent and one written twice that; Alice manages the harbour."""
    async with open_theatre(
        database_url, redis_url, cache_prefix, master_key, tmp_path, model_prices=PRICES
    ) as theatre:
        theatre.guild.give_role(theatre.alice, theatre.playground.admin_role(theatre.guild))
        yield theatre
    assert theatre.playground.violations == []


async def play(theatre: Theatre, person: Person, *replies: str) -> None:
    """Lets somebody say something as often as there are replies, which the model says."""
    for number, words in enumerate(replies):
        theatre.model.says(words)
        await person.say(f"Line {number}.")
        await theatre.reply(words, person)


async def test_what_was_played_is_told_to_admins_and_to_whoever_played(priced: Theatre) -> None:
    alice, bob = priced.alice, priced.bob
    nothing = await alice.slash("server usage")
    assert nothing.ephemeral
    assert "Nothing was asked of a model" in nothing.text
    assert message_of(nothing).attachments == []

    thread = await priced.chat_with("Cue", bob)
    await play(priced, bob, "The first answer.", "And the second one.")
    alice.here = thread
    await play(priced, alice, "A third.")
    alice.here = bob.here = priced.tavern
    # Seven tokens read for each, and as many written as there are words.
    told = await alice.slash("server usage")
    assert told.ephemeral
    assert "Usage of this server" in told.text
    assert "1. Cue · 3 replies · 30 tokens · $0.04" in told.text
    assert f"1. <@{bob.id}> · 2 replies · 21 tokens · $0.03" in told.text
    assert f"2. <@{alice.id}> · 1 reply · 9 tokens · $0.01" in told.text
    assert "1. scripted · 3 replies" in told.text
    (picture,) = message_of(told).attachments
    assert (picture.content_type, picture.width, picture.height) == ("image/png", WIDTH, HEIGHT)
    gallery = next(part for part in walk(message_of(told).components) if "items" in part)
    assert gallery["items"][0]["description"].startswith("3 replies · 30 tokens · $0.04 in 30 days; most on ")

    told = await told.click("90 days")
    await read(told, "The last 90 days")
    assert len(message_of(told).attachments) == 1
    mine = await bob.slash("me usage", days=7)
    assert "The last 7 days" in mine.text
    assert "1. Cue · 2 replies · 21 tokens · $0.03" in mine.text
    assert "### Servers\n1. Harbour · 2 replies" in mine.text
    assert "<@" not in mine.text


async def test_in_direct_messages_one_s_own_usage_counts_too(priced: Theatre) -> None:
    bob = priced.bob
    bob.here = bob.dm
    assert "is waiting for you" in (await bob.slash("character start", character="Cue")).text
    await play(priced, bob, "Between us.")
    mine = await bob.slash("me usage")
    assert "1. Direct messages · 1 reply · 9 tokens" in mine.text


async def test_a_server_spends_no_more_than_its_budget(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    theatre.guild.give_role(alice, theatre.playground.admin_role(theatre.guild))
    await theatre.chat_with("Cue", bob)
    await play(theatre, bob, "While it lasts.")
    panel = await alice.slash("server settings")
    assert "**Budget of a day:** none, so there is no limit" in panel.text
    assert "10 tokens used today" in panel.text
    form = await panel.click("Change the budget")
    panel = await form.fill({"Tokens a day": "a lot"})
    assert "That is no number of tokens" in panel.text

    panel = await alice.slash("server settings")
    form = await panel.click("Change the budget")
    panel = await form.fill({"Tokens a day": "20"})
    await read(panel, "**Budget of a day:** 20 tokens")
    asked = len(theatre.model.requests)
    await bob.say("And now?")
    refusal = await bob.sees("This server has used up the 20 tokens that its admins allow a day.")
    assert "<t:" in refusal.text
    assert len(theatre.model.requests) == asked

    panel = await alice.slash("server settings")
    form = await panel.click("Change the budget")
    panel = await form.fill({"Tokens a day": ""})
    await read(panel, "none, so there is no limit")
    await play(theatre, bob, "Here I am again.")
    audit = await alice.slash("server audit")
    assert audit.text.count("changed the settings: budget") == 2


async def test_the_limits_of_the_settings_are_met_in_the_scene(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    async with open_theatre(
        database_url, redis_url, cache_prefix, master_key, tmp_path, limit_person="2/hour", limit_chat="3/hour"
    ) as theatre:
        alice, bob = theatre.alice, theatre.bob
        thread = await theatre.chat_with("Cue")
        bob.here = thread
        await play(theatre, alice, "One.", "Two.")
        await alice.say("More.")
        told = await alice.sees("You have had 2 replies within an hour, the most for one person.")
        assert "<t:" in told.text
        await play(theatre, bob, "Three.")
        await bob.say("And I?")
        await bob.sees("This scene has had 3 replies within an hour, the most for one scene.")
        assert len(theatre.model.requests) == 3
    assert theatre.playground.violations == []


async def test_a_text_that_the_model_rewrites_is_one_of_the_requests(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    async with (
        open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, limit_person="3/hour") as theatre,
        open_workshop(theatre) as workshop,
    ):
        alice, bob = theatre.alice, theatre.bob
        theatre.guild.give_role(bob, theatre.playground.admin_role(theatre.guild))
        await workshop.draft(alice, "Nova", description="A star that fell.")

        async def enhanced(answers: str) -> None:
            panel = await alice.slash("workbench", character="Nova")
            form = await panel.click("Description")
            await until_told(await form.fill({"Your wish": ""}), answers)

        theatre.model.says("A star that fell from the sky.")
        await enhanced("from the sky")
        assert "1. Nova · 1 reply · 14 tokens" in (await alice.slash("me usage")).text
        panel = await bob.slash("server settings")
        form = await panel.click("Change the budget")
        await read(await form.fill({"Tokens a day": "20"}), "**Budget of a day:** 20 tokens")
        await enhanced("This server has used up the 20 tokens that its admins allow a day.")
        panel = await bob.slash("server settings")
        form = await panel.click("Change the budget")
        await read(await form.fill({"Tokens a day": ""}), "none, so there is no limit")
        theatre.model.says("A star that fell in love.")
        await enhanced("in love")
        await enhanced("You have had 3 replies within an hour, the most for one person.")
        assert len(theatre.model.requests) == 2
    assert theatre.playground.violations == []


async def until_told(answer: Answer, words: str) -> None:
    """Waits until an answer, or what follows it, says this."""
    assert words in await words_of(answer, words)


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [("", 0), ("  ", 0), ("200000", 200_000), ("200,000", 200_000), ("1.000.000", 10**6), ("50 000", 50_000),
     ("1'234", 1234), (" 7 ", 7), ("1,000,000,000,000", 10**12)],
)  # fmt: skip
def test_numbers_as_people_type_them(typed: str, tokens: int) -> None:
    assert tokens_of(typed) == tokens


@pytest.mark.parametrize("typed", ["0", "-5", "1.5", "ten", "20k", "1,00", "٣٣", "9" * 14, "1,000,000,000,001", "1e6"])
def test_what_is_no_number_is_said(typed: str) -> None:
    with pytest.raises(Invalid, match="Write one like 200,000"):
        tokens_of(typed)


@pytest.mark.parametrize(
    ("cost", "words"),
    [(0, "$0.00"), (1, "< $0.01"), (9_999_999, "< $0.01"), (10_000_000, "$0.01"), (1_234_567_890_000, "$1,234.57")],
)
def test_costs_as_people_read_them(cost: int, words: str) -> None:
    assert dollars(cost) == words


@pytest.mark.parametrize("words", ["\U0001f409" * 80, "*_[`~" * 40], ids=["emoji", "markup"])
@pytest.mark.parametrize("about", ["server", "me"])
def test_the_card_fits_at_its_worst(words: str, about: str) -> None:
    sums = Sums(10**12, 10**15, 10**15, 10**18)
    days = tuple((date(2026, 9, 1) + timedelta(days=n), sums) for n in range(90))
    lines = tuple(Line(2**63 - 1 - n, words, sums) for n in range(5))
    named = tuple(Line(words, None, sums) for _ in range(5))
    report = Report(days, lines, named, lines, lines, 10**12)
    view = UsageView(report, about, lambda key: f"<@{key}>")
    checks.message({"components": view.to_components(), "flags": 1 << 15})
    assert sum(units(part.content) for part in view.walk_children() if isinstance(part, discord.ui.TextDisplay)) <= 4000
