"""/character create and edit: the forms, what they refuse, and who reads what was saved."""

from typing import Any

import orjson

from playground import Answer
from tests.cogs.workshop import PICTURE, Workshop, form_of, message_of, picture, read
from tests.theatre import Theatre

SECTIONS: dict[str, dict[str, str]] = {
    "Names": {
        "Name": "Nova Prime",
        "Nickname": "Nova",
        "Short description": "A star that fell.",
        "Tags": "space, star",
    },
    "Frame": {
        "Age rating": "teen",
        "Category": "Science fiction",
        "Licence": "CC0",
        "Who may read the definition": "author",
    },
    "Character": {"Description": "A fallen star.", "Personality": "Warm.", "Scenario": "A field at night."},
    "Dialogue": {
        "Greeting": "You found me.",
        "Other greetings": "It is cold here.\n---\nLook up.",
        "Example dialogue": "<START>\n{{user}}: Hi\n{{char}}: Shine on.",
    },
    "Instructions": {
        "System prompt": "Speak like starlight.",
        "After the history": "Stay brief.",
        "Depth prompt": "It is winter.",
        "Notes for players": "Bring a coat.",
    },
}


async def create(theatre: Theatre, **given: Any) -> Answer:
    """Fills in the first form."""
    form = await theatre.alice.slash("character create")
    assert form.modal is not None
    return await form.fill({"Name": "Nova", **{key.replace("_", " "): value for key, value in given.items()}})


def held(form: Answer) -> dict[str, Any]:
    """What the open form holds."""
    assert form.modal is not None
    values = {field.label: field.value for field in form_of(form).fields if field.label != "Avatar"}
    return {label: value[0] if isinstance(value, list) and value else value for label, value in values.items()}


async def test_every_section_is_edited_and_holds_what_is_there(theatre: Theatre) -> None:
    panel = await create(theatre, Short_description="A star", Tags="Space, Star,  star", Avatar=[("a.png", PICTURE)])
    assert panel.ephemeral
    assert "-# space · star" in panel.text
    assert "-# Version 1." in panel.text
    assert "- a greeting or a description" in panel.text
    assert "- an age rating" in panel.text
    assert "avatar" not in panel.text
    for version, (section, values) in enumerate(SECTIONS.items(), 2):
        form = await panel.click(section)
        panel = await read(await form.fill(values), f"-# Version {version}.")
        assert panel.kind == "update"
    for section, values in SECTIONS.items():
        assert held(await panel.click(section)) == values
    assert "Ready to publish." in panel.text
    texts = await panel.click("Texts as files")
    assert {file.filename for file in message_of(texts).attachments} == {
        f"{name}.txt"
        for name in (
            "description", "personality", "scenario", "first_mes", "alternate_greetings", "mes_example",
            "system_prompt", "post_history_instructions", "depth_prompt", "creator_notes",
        )
    }  # fmt: skip
    published = await panel.click("Publish")
    assert published.text == "Nova Prime is published: everybody finds it with `/character pick`."
    again = await theatre.alice.slash("character edit", character="nova prime")
    assert "Unpublish" in [button.label for button in message_of(again).buttons]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"Name": "   "}, "A character needs a name."),
    ({"Tags": f"space, {'x' * 31}"}, "is longer than 30 letters"),
    ({"Tags": ", ".join(map(str, range(13)))}, "These are 13 tags; a character has at most 12."),
    ({"Avatar": [("face.png", b"I am no picture at all.")]}, "picture"),
    ({"Avatar": [("face.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)]}, "picture"),
    ({"Avatar": [("face.png", b"\0" * (8 * 2**20 + 1))]}, "8,192 KiB is the limit"),
]


async def test_what_cannot_be_is_refused_in_words(theatre: Theatre) -> None:
    for given, words in REFUSED:
        refused = await create(theatre, **given)
        assert refused.ephemeral
        assert words in refused.text
        assert "incident" not in refused.text
    assert "You have no characters yet" in (await theatre.alice.slash("character manage")).text


async def test_every_usual_picture_becomes_a_face(theatre: Theatre) -> None:
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        panel = await create(theatre, Avatar=[("face", picture(16, kind))])
        assert "an avatar" not in panel.text


async def test_long_texts_go_by_file(theatre: Theatre) -> None:
    alice = theatre.alice
    long = "A line about a star. " * 300
    preview = await alice.slash(
        "character import",
        file=("long.json", orjson.dumps({"name": "Longwind", "description": long, "first_mes": "Hi"})),
    )
    panel = await read(await preview.click("Save as draft"), "-# Version 1.")
    form = await panel.click("Character")
    about = form_of(form).field("Description").description
    assert about == f"Now {len(long):,} letters, too long to edit here: upload a .txt file to replace it."
    await read(await form.fill({"Description": [("new.txt", b"\xff\xfe\x00")]}), "not plain text in UTF-8")
    longer = [("new.txt", (long + "The end.").encode())]
    await read(await (await panel.click("Character")).fill({"Description": longer}), "-# Version 2.")
    texts = await panel.click("Texts as files")
    file = next(one for one in message_of(texts).attachments if one.filename == "description.txt")
    assert file.size == len(long + "The end.")
    shorter = [("new.txt", b"Short again.")]
    await read(await (await panel.click("Character")).fill({"Description": shorter}), "-# Version 3.")
    assert held(await panel.click("Character"))["Description"] == "Short again."


async def test_an_edit_reaches_the_next_reply_of_somebody_elses_chat(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(theatre.alice, "Nova", description="Likes rain.")
    await theatre.chat_with("Nova", theatre.bob)
    theatre.model.says("Drip.")
    await theatre.bob.say("What do you like?")
    await theatre.reply("Drip.", theatre.bob)
    assert "Likes rain." in theatre.model.prompt
    panel = await theatre.alice.slash("character edit", character="Nova")
    await read(await (await panel.click("Character")).fill({"Description": "Likes snow."}), "-# Version 2.")
    theatre.model.says("Flake.")
    await theatre.bob.say("And now?")
    await theatre.reply("Flake.", theatre.bob)
    assert "Likes snow." in theatre.model.prompt
    assert "Likes rain." not in theatre.model.prompt


async def test_a_published_character_keeps_what_publishing_needs(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(theatre.alice, "Nova")
    panel = await theatre.alice.slash("character edit", character="Nova")
    bare = await (await panel.click("Dialogue")).fill({"Greeting": ""})
    await read(bare, "cannot go without a greeting or a description")
    adult = await (await panel.click("Frame")).fill({"Age rating": "adult"})
    await read(adult, "18+ characters cannot be published here")
    assert "-# Version 1." in (await theatre.alice.slash("character edit", character="Nova")).text
