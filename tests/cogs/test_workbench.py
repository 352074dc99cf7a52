"""/workbench: better texts by the model, as a difference to accept or not, and publishing."""

from playground import Answer
from tests.cogs.workshop import Workshop, caller, forget_views, message_of, press_anything, read
from tests.theatre import Theatre, until

WORDS = "Nova is a fallen star. She speaks softly to {{user}} and keeps her past to herself."
BETTER = "Nova is a fallen star. She speaks in whispers to {{user}} and keeps her past to herself."


async def propose(panel: Answer, button: str, wish: str = "") -> Answer:
    """Presses a text's button and fills in the wish."""
    form = await panel.click(button)
    return await form.fill({"Your wish": wish})


async def told(answer: Answer) -> str:
    """What came as words beside the panel, for one's own eyes."""
    await until(lambda: answer.followups)
    assert answer.followups[0].ephemeral
    return answer.followups[0].text


def labels(answer: Answer) -> list[str]:
    """The buttons that stand in an answer."""
    return [button.label for button in message_of(answer).buttons]


async def test_a_text_is_rewritten_shown_and_accepted(theatre: Theatre, workshop: Workshop) -> None:
    made = await workshop.draft(theatre.alice, "Nova", description=WORDS, personality="Warm.")
    panel = await theatre.alice.slash("workbench", character="Nova")
    assert panel.ephemeral
    assert labels(panel)[:3] == ["Enhance", "Publish", "Description"]
    assert "Not written yet: scenario, example dialogue." in panel.text
    assert "sent to the model **scripted**" in panel.text
    reply = theatre.model.says(f'"{BETTER}"', hold_after=3)
    shown = await propose(panel, "Description", "more mysterious")
    await read(shown, "Writing…")
    assert labels(shown) == []
    reply.release()
    await read(shown, "She speaks ~~softly~~ **in whispers** to {{user}}")
    assert "from version 1 · Your wish: more mysterious" in shown.text
    assert labels(shown) == ["Accept", "Again", "Discard"]
    prompt = theatre.model.prompt
    assert WORDS in prompt
    assert "personality: Warm." in prompt
    assert "The wish: more mysterious" in prompt
    assert theatre.model.requests[-1]["temperature"] == theatre.settings.temperature
    saved = await read(await shown.click("Accept"), "**Saved** as version 2: the description.")
    assert labels(saved)[0] == "Enhance"
    kept = await workshop.characters.definition(caller(theatre.alice), str(made.id))
    assert (kept.card.description, kept.version) == (BETTER, 2)


async def test_again_asks_anew_and_discard_changes_nothing(theatre: Theatre, workshop: Workshop) -> None:
    made = await workshop.draft(theatre.alice, "Nova", description=WORDS)
    panel = await theatre.alice.slash("workbench", character=str(made.id))
    theatre.model.says(BETTER)
    shown = await read(await propose(panel, "Description", "darker"), "**in whispers**")
    theatre.model.says(BETTER.replace("whispers", "riddles"))
    other = await read(await shown.click("Again"), "**in riddles**")
    assert "The wish: darker" in theatre.model.prompt
    panel = await read(await other.click("Discard"), "Nothing was changed.")
    assert labels(panel)[0] == "Enhance"
    theatre.model.says(WORDS.replace("{{user}}", "you"))
    shown = await read(await propose(panel, "Description"), "⚠️")
    assert "{{user}} stood in the text before and is gone." in shown.text
    assert (await workshop.characters.definition(caller(theatre.alice), str(made.id))).version == 1


async def test_a_scenario_comes_from_the_rest_of_the_card_in_direct_messages_too(
    theatre: Theatre, workshop: Workshop
) -> None:
    await theatre.alice.open_dm()
    made = await workshop.draft(theatre.alice, "Nova", description=WORDS, scenario="A dull office.")
    panel = await theatre.alice.slash("workbench", character="Nova")
    theatre.model.says("{{user}} finds {{char}} in a field at night.")
    shown = await read(await propose(panel, "Propose a scenario"), "in a field at night")
    assert f"description: {WORDS}" in theatre.model.prompt
    assert "write another one from what is known" in theatre.model.prompt
    await read(await shown.click("Accept"), "**Saved** as version 2")
    kept = await workshop.characters.definition(caller(theatre.alice), str(made.id))
    assert kept.card.scenario == "{{user}} finds {{char}} in a field at night."


async def test_a_text_that_does_not_fit_comes_as_a_file_too(theatre: Theatre, workshop: Workshop) -> None:
    old = " ".join(f"Old sentence number {number} stands here." for number in range(160))
    new = " ".join(f"Fresh words come along, {number} times!" for number in range(160))
    await workshop.draft(theatre.alice, "Nova", description=old)
    panel = await theatre.alice.slash("workbench", character="Nova")
    theatre.model.says(new, pause=0)
    shown = await read(await propose(panel, "Description"), "this is the whole new text")
    file = message_of(shown).attachments[0]
    assert (file.filename, file.size) == ("description.txt", len(new))
    panel = await read(await shown.click("Discard"), "Nothing was changed.")
    assert [one.filename for one in message_of(panel).attachments] != ["description.txt"]


async def test_what_was_changed_in_between_is_not_overwritten(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.draft(theatre.alice, "Nova", description=WORDS)
    panel = await theatre.alice.slash("workbench", character="Nova")
    theatre.model.says(BETTER)
    shown = await read(await propose(panel, "Description"), "**in whispers**")
    editor = await theatre.alice.slash("character edit", character="Nova")
    await read(await (await editor.click("Character")).fill({"Description": "A new start."}), "-# Version 2.")
    assert "The description was changed since this was proposed" in await told(await shown.click("Accept"))


ANSWERS = [
    ("", "The model wrote nothing"),
    (WORDS, "The model left the text as it is"),
    ("word " * 2_000, "did not come to an end"),
]


async def test_an_answer_of_no_use_is_told_and_what_stood_there_comes_back(
    theatre: Theatre, workshop: Workshop
) -> None:
    await workshop.draft(theatre.alice, "Nova", description=WORDS)
    panel = await theatre.alice.slash("workbench", character="Nova")
    for answer, words in ANSWERS:
        theatre.model.says(answer, pause=0)
        assert words in await told(await propose(panel, "Description"))
        assert labels(await read(panel, "A better text"))[0] == "Enhance"
    theatre.model.says(BETTER)
    shown = await read(await propose(panel, "Description"), "**in whispers**")
    theatre.model.says("no", status=401)
    assert "refuses the bot's key" in await told(await shown.click("Again"))
    await read(shown, "**in whispers**")


async def test_without_a_character_one_chooses_among_ones_own(theatre: Theatre, workshop: Workshop) -> None:
    none = await theatre.bob.slash("workbench")
    assert none.ephemeral
    assert "/character create" in none.text
    await workshop.crowd(theatre.alice, [f"Extra {number}" for number in range(30)], status="draft")
    await workshop.draft(theatre.alice, "Nova", description=WORDS)
    asked = await theatre.alice.slash("workbench")
    assert "the newest 25" in asked.text
    options = [option["label"] for option in message_of(asked).selects[0].options]
    assert (options[0], options[1], len(options)) == ("Nova", "Extra 29", 25)
    panel = await read(await asked.select("Choose a character", [options[0]]), "A better text")
    assert "### Nova" in panel.text


async def test_the_publish_tab_tells_what_is_missing_and_publishes(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.draft(theatre.alice, "Nova", short_description="", definition_visibility="author")
    panel = await theatre.alice.slash("workbench", character="Nova")
    tab = await read(await panel.click("Publish"), "### Publishing")
    for line in (
        "**State:** a draft that you alone see · version 1",
        "**Age rating:** Teen (13+)",
        "**Who may read the definition:** you alone",
        "**Chats:** 0 running, 0 started in all",
        "- a short description (Edit › Names)",
    ):
        assert line in tab.text
    await workshop.published(theatre.alice, "Vega")
    await theatre.chat_with("Vega", theatre.bob)
    panel = await theatre.alice.slash("workbench", character="Vega")
    tab = await read(await panel.click("Publish"), "### Publishing")
    assert "published for everybody" in tab.text
    assert "**Chats:** 1 running, 1 started in all" in tab.text
    assert labels(tab)[-2:] == ["Unpublish", "Edit"]
    assert "no longer offered" in (await tab.click("Unpublish")).text
    tab = await read(await tab.click("Publish"), "taken back")
    assert "Nothing is missing: it can be published." in tab.text


async def test_nobody_works_on_what_is_not_theirs(theatre: Theatre, workshop: Workshop) -> None:
    made = await workshop.published(theatre.alice, "Nova", description=WORDS)
    draft = await workshop.draft(theatre.alice, "Secret", description=WORDS)
    assert "Only its author can do that" in (await theatre.bob.slash("workbench", character=str(made.id))).text
    assert "Only its author can do that" in (await theatre.bob.slash("workbench", character="Nova")).text
    panel = await theatre.alice.slash("workbench", character="Nova")
    theatre.model.says(BETTER)
    shown = await read(await propose(panel, "Description"), "**in whispers**")
    accept = next(button.custom_id for button in message_of(shown).buttons if button.label == "Accept")
    assert accept is not None
    mine = await workshop.draft(theatre.bob, "Bobs own", description=WORDS)
    own = await theatre.bob.slash("workbench", character=str(mine.id))
    asked = len(theatre.model.requests)
    for custom_id, words in (
        (f"enhance.text:description:0:{made.id.hex}", "Only its author"),
        (f"enhance.text:description:0:{draft.id.hex}", "no such character"),
        (f"enhance.text:avatar:0:{mine.id.hex}", "Open `/workbench` anew"),
        (f"workbench.tab:publish:{made.id.hex}", "Only its author"),
        (f"workbench.tab:chats:{mine.id.hex}", "Open `/workbench` anew"),
        (accept, "Ask for a new one"),
        (accept.replace("accept", "again"), "Ask for a new one"),
        (accept.replace("accept", "discard"), "Ask for a new one"),
    ):
        refused = await press_anything(theatre.bob, own.message, custom_id)
        await until(lambda refused=refused, words=words: words.lower() in _all(refused).lower())
        own = await theatre.bob.slash("workbench", character=str(mine.id))
    assert len(theatre.model.requests) == asked
    await forget_views(theatre)
    assert "more than a day old" in await told(await shown.click("Accept"))


def _all(answer: Answer) -> str:
    return "\n".join([answer.text, *(message.text for message in answer.followups)])


async def test_one_proposal_at_a_time(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.draft(theatre.alice, "Nova", description=WORDS)
    first = await theatre.alice.slash("workbench", character="Nova")
    second = await theatre.alice.slash("workbench", character="Nova")
    reply = theatre.model.says(BETTER, hold_after=2)
    shown = await propose(first, "Description")
    await theatre.model.asked.wait()
    assert "writing something for you already" in await told(await propose(second, "Greeting"))
    reply.release()
    await read(shown, "**in whispers**")
