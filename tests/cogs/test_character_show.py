"""/character show and start: one card in whole, its greetings, and the way into a chat."""

import pytest

from bot.characters.changes import Change
from tests.cogs.workshop import Workshop, caller, picture
from tests.theatre import Theatre

GREETINGS = ("The first greeting.", "The second.\n---\nThe third.")


async def test_greetings_are_leafed_both_ways(theatre: Theatre, workshop: Workshop) -> None:
    first, others = GREETINGS
    await workshop.published(
        theatre.alice, "Nova", first_mes=first, alternate_greetings=others, creator_notes="Be kind."
    )
    card = await theatre.bob.slash("character show", character="nova")
    assert card.ephemeral
    for expected in ("Greeting 1 of 3", "The first greeting.", "Be kind.", "By alice", "Version 1", "0 chats so far"):
        assert expected in card.text
    for button, expected in (("▶", "The second."), ("▶", "The third."), ("▶", "The first"), ("◀", "The third.")):
        card = await card.click(button)
        assert card.kind == "update"
        assert expected in card.text
    await workshop.characters.edit(caller(theatre.alice), "Nova", Change(), avatar=picture(9))
    card = await card.click("▶")
    assert "The first" in card.text
    opened = await card.click("Chat")
    assert "Nova is waiting for you" in opened.text


async def test_what_the_author_keeps_is_not_shown(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(
        theatre.alice, "Nova", description="A secret past.", creator_notes="A note.", definition_visibility="author"
    )
    shown = await theatre.bob.slash("character show", character="Nova")
    assert "The author keeps the definition to themselves: description" in shown.text
    assert "A note." not in shown.text
    assert "A secret past." not in shown.text
    assert "A note." in (await theatre.alice.slash("character show", character="Nova")).text


async def test_words_of_strangers_become_neither_links_nor_mentions(theatre: Theatre, workshop: Workshop) -> None:
    bait = "[free](https://evil.example) <@1> @everyone https://evil.example \\[x](https://evil.example) *soft*"
    await workshop.published(
        theatre.alice,
        "[Nova](https://evil.example)",
        short_description=bait,
        first_mes=bait,
        creator_notes=bait,
        tags=bait[:30],
    )
    shown = [
        await theatre.bob.slash("character pick", search="nova"),
        await theatre.bob.slash("character show", character="[Nova](https://evil.example)"),
        await theatre.alice.slash("character manage"),
        await theatre.alice.slash("character edit", character="[Nova](https://evil.example)"),
        await (await theatre.alice.slash("character manage")).click("⋯"),
        await theatre.alice.slash("character delete", character="[Nova](https://evil.example)"),
        await theatre.alice.slash("character unpublish", character="[Nova](https://evil.example)"),
    ]
    for answer in shown:
        assert "evil" in answer.text or "Nova" in answer.text
        for live in ("[free](", "https://", " <@1>", " @everyone", "[Nova](", "\\\\["):
            unescaped = answer.text.replace(f"\\{live.strip()}", "")
            assert live not in unescaped, (live, answer.text)
    assert " *soft*" in shown[1].text  # a greeting keeps its emphasis


@pytest.mark.parametrize("typed", ["CAPTAIN juniper wake", "  Captain   Juniper Wake "])
async def test_a_typed_name_starts_a_chat(theatre: Theatre, typed: str) -> None:
    opened = await theatre.alice.slash("character start", character=typed)
    assert "Captain Juniper Wake is waiting for you in <#" in opened.text


async def test_starting_by_choice_and_by_names_that_mean_several(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    await workshop.crowd(bob, (f"Annabel {number}" for number in range(26)))
    await workshop.published(bob, "Ännchen", first_mes="Bob's one.")
    await workshop.draft(alice, "Ännchen", first_mes="Alice's one.")
    await workshop.crowd(alice, ("Twin", "Twin"), status="draft")

    choices = await alice.autocomplete("character start", "character", "capt")
    assert [name for name, _ in choices] == ["Captain Juniper Wake · by dramatis"]
    opened = await alice.slash("character start", character=choices[0][1])
    assert "is waiting for you" in opened.text
    assert [name for name, _ in await alice.autocomplete("character show", "character", "twin")] == [
        "Twin · by alice",
        "Twin · by alice (2)",
    ]
    assert len(await alice.autocomplete("character start", "character", "")) == 25
    owned = await alice.autocomplete("character edit", "character", "")
    assert sorted(name for name, _ in owned) == ["Twin · by alice", "Twin · by alice (2)", "Ännchen · by alice"]

    # One's own comes before another's of the same name, whoever asks, in capitals or not.
    assert "Alice's one." in (await alice.slash("character show", character="ÄNNCHEN")).text
    assert "Bob's one." in (await bob.slash("character show", character="ännchen")).text
    await workshop.published(bob, "Twin")
    assert "By alice" in (await alice.slash("character edit", character="Twin")).text

    nobody = await alice.slash("character start", character="Nobody Special")
    assert "There is no such character" in nobody.text
    assert "`/character pick`" in nobody.text


async def test_the_exact_name_is_found_among_many_that_contain_it(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.crowd(theatre.bob, (f"Anna {number}" for number in range(26)))
    await workshop.published(theatre.bob, "Anna", short_description="The one.")
    assert "The one." in (await theatre.alice.slash("character show", character="anna")).text
