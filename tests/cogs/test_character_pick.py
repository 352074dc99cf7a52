"""/character pick: whom the launcher shows, to whom, in which order, and the ways through it."""

from playground import Answer
from tests.cogs.workshop import Workshop, caller, forget_views, form_of, message_of
from tests.theatre import Theatre


def names(answer: Answer) -> list[str]:
    """The characters on the page, in order."""
    return [line.removeprefix("### ") for line in answer.text.splitlines() if line.startswith("### ")]


async def filtered(answer: Answer, value: str) -> Answer:
    """Chooses in one of the two menus, by what it holds."""
    assert answer.message is not None
    menu = next(each for each in message_of(answer).selects if value in [option["value"] for option in each.options])
    return await answer.select(menu.custom_id, [value])


async def test_the_first_page_and_the_ways_on_and_back(theatre: Theatre) -> None:
    first = await theatre.alice.slash("character pick")
    assert first.ephemeral
    assert names(first)[0] == "Cue"
    assert "**Default** · **Published**" in first.text.split("### ")[1]
    assert "Default" not in first.text.split("### ")[2]
    buttons = {button.label: button.disabled for button in message_of(first).buttons}
    assert buttons == {"Chat": False, "Details": False, "◀ Back": True, "More ▶": False}
    pages = [names(first)]
    page = first
    for _ in range(2):
        page = await page.click("More ▶")
        assert page.kind == "update"
        pages.append(names(page))
    assert [len(each) for each in pages] == [5, 5, 2]
    assert len({name for each in pages for name in each}) == 12
    for expected in (pages[1], pages[0]):
        page = await page.click("◀ Back")
        assert names(page) == expected


async def test_search_tags_filters_and_sorts(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    await workshop.published(bob, "Älva of the Marsh", tags="bog, quiet", short_description="Counts fireflies.")
    await workshop.draft(alice, "Aaron Unfinished", tags="bog")
    await workshop.draft(bob, "Aaron Secret", tags="bog")

    # A word, a word with a typo, a creator, a tag, and both together.
    assert names(await alice.slash("character pick", search="firefly fireflies")) == ["Älva of the Marsh"]
    assert "Captain Juniper Wake" in names(await alice.slash("character pick", search="piratte"))
    assert "Älva of the Marsh" in names(await alice.slash("character pick", search="bob"))
    by_tag = await alice.slash("character pick", tag="Bog")
    assert names(by_tag) == ["Älva of the Marsh", "Aaron Unfinished"]
    assert "-# bog" in by_tag.text
    assert "Published" in by_tag.text.split("### ")[1]
    assert "Draft" in by_tag.text.split("### ")[2]
    assert names(await alice.slash("character pick", tag="bog, -quiet")) == ["Aaron Unfinished"]
    assert names(await alice.slash("character pick", tag="bog", search="marsh")) == ["Älva of the Marsh"]
    assert ("bog", "bog") in await alice.autocomplete("character pick", "tag", "bo")
    assert [name for name, _ in await alice.autocomplete("character pick", "tag", "bog, -qui")] == ["bog, -quiet"]

    # Filters: whoever looks sees their own drafts alone.
    everything = await alice.slash("character pick", tag="bog")
    assert names(await filtered(everything, "marketplace")) == ["Älva of the Marsh"]
    assert names(await filtered(everything, "mine")) == ["Aaron Unfinished"]
    assert "Nobody fits" in (await filtered(everything, "server")).text
    assert names(await filtered(everything, "everything")) == ["Älva of the Marsh", "Aaron Unfinished"]

    # Sorts, within the groups of the default assistant, the marketplace, one's own drafts.
    whole = await alice.slash("character pick")
    by_name = names(await filtered(whole, "name"))
    assert by_name[0] == "Cue"
    assert by_name[1:] == sorted(by_name[1:])
    assert names(await filtered(whole, "newest"))[:2] == ["Cue", "Älva of the Marsh"]
    seen = names(whole)
    while "More ▶" in [button.label for button in message_of(whole).buttons if not button.disabled]:
        whole = await whole.click("More ▶")
        seen += names(whole)
    assert seen[-1] == "Aaron Unfinished"
    assert "Aaron Secret" not in seen


async def test_nobody_fits_and_an_old_page(theatre: Theatre) -> None:
    empty = await theatre.alice.slash("character pick", search="zzzzzz")
    assert "Nobody fits" in empty.text
    form = await empty.click("Create character")
    assert form_of(form).title == "Create a character"

    old = await theatre.alice.slash("character pick")
    await forget_views(theatre)
    for answer in (await old.click("More ▶"), await filtered(old, "mine"), await filtered(old, "name")):
        assert message_of(answer).ephemeral
        assert "`/character pick`" in answer.text
        assert "more than a day old" in answer.text


async def test_a_page_whose_characters_are_gone_leads_to_the_first(theatre: Theatre, workshop: Workshop) -> None:
    made = [await workshop.draft(theatre.alice, f"Extra {number}") for number in range(6)]
    page = await filtered(await theatre.alice.slash("character pick", search="extra"), "mine")
    for each in made[:3]:
        await workshop.characters.delete(caller(theatre.alice), str(each.id))
    page = await page.click("More ▶")
    assert names(page)
