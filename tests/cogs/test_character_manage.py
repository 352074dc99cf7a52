"""/character manage, publish, unpublish and delete: what an author does with what they made."""

import sqlalchemy as sa

from bot.characters.changes import Change
from storage.tables import Character as Row
from storage.tables import CharacterVersion, Key
from tests.cogs.test_character_pick import names
from tests.cogs.workshop import Workshop, caller, form_of, message_of
from tests.theatre import Theatre


async def test_the_manager_shows_ones_own_and_pages_both_ways(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    empty = await alice.slash("character manage")
    assert "You have no characters yet" in empty.text
    assert form_of(await empty.click("Create character")).title == "Create a character"

    await workshop.crowd(alice, (f"Mine {number:02}" for number in range(9)), status="draft")
    await workshop.crowd(alice, (f"Shown {number:02}" for number in range(3)))
    await workshop.crowd(theatre.bob, ["Not mine"])
    page = await alice.slash("character manage")
    pages = [names(page)]
    for _ in range(2):
        page = await page.click("More ▶")
        assert page.kind == "update"
        pages.append(names(page))
    assert [len(each) for each in pages] == [5, 5, 2]
    whole = [name for each in pages for name in each]
    assert whole == [f"Shown {n:02}" for n in (2, 1, 0)] + [f"Mine {n:02}" for n in range(8, -1, -1)]
    assert "More ▶" not in [button.label for button in message_of(page).buttons]
    for expected in (pages[1], pages[0]):
        page = await page.click("◀ Back")
        assert names(page) == expected
    assert "◀ Back" not in [button.label for button in message_of(page).buttons]
    assert (await page.click("Edit")).text.startswith("### Shown 02")

    await alice.slash("character start", character="Shown 02")
    more = await page.click("⋯")
    assert more.text == "**Shown 02** · 1 chat started, 1 running · 0 reports."
    assert [button.label for button in message_of(more).buttons] == ["Chat", "Unpublish", "Export", "Delete…"]


async def test_publishing_says_what_is_missing_then_everybody_finds_it(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    await workshop.characters.create(caller(alice), Change(name="Bare"))
    lacking = await alice.slash("character publish", character="Bare")
    assert lacking.text == (
        "Not yet: it still needs a short description (Edit › Names), a greeting or a description (Edit › Dialogue or "
        "Character), an avatar (Edit › Names) and an age rating (Edit › Frame). Then publish again."
    )
    await workshop.draft(alice, "Steamy", age_rating="adult")
    refused = await alice.slash("character publish", character="Steamy")
    assert "18+ characters cannot be published here" in refused.text

    await workshop.draft(alice, "Nova")
    assert await bob.autocomplete("character start", "character", "nova") == []
    assert "There is no such character" in (await bob.slash("character start", character="Nova")).text
    assert "is published" in (await alice.slash("character publish", character="Nova")).text
    assert names(await bob.slash("character pick", search="nova")) == ["Nova"]


async def test_after_unpublishing_chats_go_on_and_none_start(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova")
    found = await bob.slash("character pick", search="nova")
    thread = await theatre.chat_with("Nova", bob)
    assert "no longer offered" in (await alice.slash("character unpublish", character="Nova")).text
    assert "not published" in (await alice.slash("character unpublish", character="Nova")).text

    theatre.model.says("Still here.")
    await bob.say("Are you there?")
    await theatre.reply("Still here.", bob)
    bob.here = theatre.tavern
    for answer in (
        await bob.click("Chat", found),
        await bob.click("Details", found),
        await bob.slash("character start", character=str(nova.id)),
    ):
        assert answer.text == "Its author has taken this character back. `/character pick` shows who else is there."
    assert "Nobody fits" in (await bob.slash("character pick", search="nova")).text
    assert theatre.guild.threads == [thread]
    assert "is waiting for you" in (await alice.slash("character start", character="Nova")).text


async def test_deleting_asks_lets_chats_end_and_leaves_nothing(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova", description="Made of light.")
    assert "No chat plays it now." in (await alice.slash("character delete", character="Nova")).text
    await theatre.chat_with("Nova", bob)
    asked = await alice.slash("character delete", character="Nova")
    assert asked.text.startswith("**Delete Nova?** One chat plays it now")
    gone = await asked.click("Delete for good")
    assert gone.text == "Nova is deleted."
    assert message_of(gone).buttons == []
    assert "no such character" in (await alice.slash("character edit", character=str(nova.id))).text
    assert "no such character" in (await bob.slash("character show", character=str(nova.id), in_=theatre.tavern)).text
    assert await remains(workshop, nova.id) == (1, 1, 1)

    theatre.model.says("Light bends.")
    await bob.say("Go on.")
    await theatre.reply("Light bends.", bob)
    assert "Made of light." in theatre.model.prompt
    await bob.slash("chat end")
    assert await remains(workshop, nova.id) == (0, 0, 0)


async def remains(workshop: Workshop, character_id: object) -> tuple[int, int, int]:
    """How many rows, versions and keys a character has."""
    async with workshop.database.transaction() as session:
        counted = [
            await session.execute(sa.select(sa.func.count()).where(condition))
            for condition in (
                Row.id == character_id,
                CharacterVersion.character_id == character_id,
                sa.and_(Key.scope == "character", Key.subject == str(character_id)),
            )
        ]
        rows, versions, keys = (int(each.scalar_one()) for each in counted)
        return rows, versions, keys
