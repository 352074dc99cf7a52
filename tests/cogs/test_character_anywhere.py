"""Every /character command where it is hard: strangers, missing rights, nothing there, odd places, old buttons."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from playground import Answer
from storage.tables import Chat, Tree
from tests.cogs.workshop import PICTURE, Workshop, message_of, open_workshop, press_anything
from tests.theatre import Theatre, open_theatre

OF_ONE = ("edit", "publish", "unpublish", "delete")


@pytest.fixture
async def empty(
    bare_database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre without a single character."""
    async with open_theatre(
        bare_database_url, redis_url, cache_prefix, master_key, tmp_path, stock_characters=False
    ) as theatre:
        yield theatre
    assert theatre.playground.violations == []


async def test_a_stranger_changes_nothing(theatre: Theatre, workshop: Workshop) -> None:
    bob = theatre.bob
    draft = await workshop.draft(theatre.alice, "Secret")
    shown = await workshop.published(theatre.alice, "Shown")
    for command in OF_ONE:
        assert await bob.autocomplete(f"character {command}", "character", "s") == []
        for wanted in (str(shown.id), shown.id.hex, "Shown"):
            answer = await bob.slash(f"character {command}", character=wanted)
            assert answer.text == "Only its author can do that. You can still play it: `/character start`.", command
    for command in (*OF_ONE, "show", "start"):
        for wanted in (str(draft.id), "Secret", str(uuid4()), "../../etc", "%", "\x00", "'; --"):
            answer = await bob.slash(f"character {command}", character=wanted)
            assert answer.text.startswith("There is no such character, or it is not yours to see."), (command, wanted)
            assert answer.ephemeral
    assert theatre.guild.threads == []


@pytest.mark.parametrize("lost", ["create_public_threads", "send_messages_in_threads", "attach_files"])
async def test_a_missing_right_is_named_and_nothing_is_left_half(
    theatre: Theatre, workshop: Workshop, lost: str
) -> None:
    theatre.guild.revoke_from_bot(lost, "manage_threads")
    picked = await theatre.alice.slash("character pick", search="pirate")
    for answer in (await picked.click("Chat"), await theatre.alice.slash("character start", character="Cue")):
        assert f"**{lost.replace('_', ' ').title()}**, to " in answer.text
        assert "An admin" in answer.text
    assert theatre.guild.threads == []
    assert theatre.playground.messages(theatre.tavern) == []
    assert await stored(workshop) == (0, 0)
    assert "0 chats so far" in (await theatre.alice.slash("character show", character="Cue")).text
    helped = await theatre.alice.slash("help")
    assert f"- **{lost.replace('_', ' ').title()}**, to " in helped.text


@pytest.mark.parametrize("lost", ["manage_webhooks", "embed_links"])
async def test_what_is_only_prettier_does_not_stop_a_chat(theatre: Theatre, lost: str) -> None:
    theatre.guild.revoke_from_bot(lost)
    answer = await theatre.alice.slash("character start", character="Cue")
    assert "Cue is waiting for you" in answer.text
    assert f"I lack **{lost.replace('_', ' ').title()}** here" in answer.text
    theatre.alice.here = theatre.guild.threads[-1]
    theatre.model.says("All the same.")
    await theatre.alice.say("Hello?")
    assert "All the same." in (await theatre.reply("All the same.")).text


async def test_private_chats_need_their_own_right_and_forums_have_none(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    theatre.guild.revoke_from_bot("create_private_threads")
    answer = await alice.slash("character start", character="Cue", private=True)
    assert "**Create Private Threads**, to open private chats" in answer.text
    theatre.guild.grant_to_bot("create_private_threads")
    await alice.slash("character start", character="Cue", private=True)
    assert [thread.type for thread in theatre.guild.threads] == [12]

    forum = theatre.guild.add_forum("stories")
    post = await alice.at(forum).start_post("Looking for company", "Anybody?")
    answer = await alice.slash("character start", character="Cue", private=True, in_=post)
    assert "Posts of a forum are for everybody" in answer.text
    answer = await alice.slash("character start", character="Cue", in_=post)
    assert "is waiting for you" in answer.text
    assert theatre.guild.threads[-1].parent_id == forum.id
    theatre.guild.revoke_from_bot("send_messages", channel=forum)
    answer = await alice.slash("character start", character="Cue", in_=post)
    assert "**Send Messages**, to " in answer.text
    assert await stored(workshop) == (2, 2)


async def test_in_threads_and_direct_messages_everything_answers(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    thread = await theatre.chat_with("Cue")
    for place in (thread, await alice.open_dm()):
        alice.here = place
        await workshop.draft(alice, "Nova")
        answers: list[Answer] = [
            await alice.slash("character pick"),
            await alice.slash("character show", character="Nova"),
            await alice.slash("character manage"),
            await alice.slash("character edit", character="Nova"),
            await alice.slash("character import", file=("x.json", b'{"name": "X", "first_mes": "Hi"}')),
            await alice.slash("character publish", character="Nova"),
            await alice.slash("character unpublish", character="Nova"),
        ]
        expected = ("Cue", "Nova", "Nova", "Nova", "### X", "is published", "no longer offered")
        for answer, words in zip(answers, expected, strict=True):
            assert words in answer.text
            assert answer.ephemeral
        made = await (await alice.slash("character create")).fill({"Name": "Here", "Avatar": [("a.png", PICTURE)]})
        assert "### Here" in made.text
        started = await alice.slash("character start", character="Nova")
        assert started.text.startswith("Nova is waiting for you")
        assert (
            "Nova greets you."
            in (await alice.sees("Nova greets you.", in_=theatre.guild.threads[-1] if place is thread else place)).text
        )
        gone = await (await alice.slash("character delete", character="Nova")).click("Delete for good")
        assert gone.text == "Nova is deleted."
        assert "Write what you say" in (await alice.slash("help")).text
    in_dm = message_of(await alice.slash("character pick")).selects[0].options
    assert [option["label"] for option in in_dm] == ["Everything", "Marketplace", "Mine"]


async def test_an_empty_database_has_an_answer_to_everything(empty: Theatre) -> None:
    picked = await empty.alice.slash("character pick")
    assert "Nobody is here yet" in picked.text
    assert [button.label for button in message_of(picked).buttons if not button.disabled] == ["Create character"]
    assert "You have no characters yet" in (await empty.alice.slash("character manage")).text
    for command in (*OF_ONE, "show", "start"):
        assert await empty.alice.autocomplete(f"character {command}", "character", "") == []
        assert "no such character" in (await empty.alice.slash(f"character {command}", character="Cue")).text
    assert await empty.alice.autocomplete("character pick", "tag", "") == []
    panel = await (await empty.alice.slash("character create")).fill({"Name": "First"})
    assert "### First" in panel.text
    async with open_workshop(empty) as workshop:
        await workshop.published(empty.bob, "Second")
    assert "### Second" in (await empty.alice.slash("character pick")).text


async def test_old_and_made_up_buttons_answer_with_a_sentence(theatre: Theatre, workshop: Workshop) -> None:
    gone, view, turn = uuid4().hex, "x" * 12, "manage.turn:after"
    shown = await workshop.published(theatre.alice, "Shown")
    of_gone = [
        f"{name}:{gone}"
        for name in ("character.chat", "character.details", "character.edit", "character.more", "character.delete")
    ]
    of_gone += [f"character.gone:{gone}", f"character.publish:{gone}", f"character.unpublish:{gone}"]
    of_gone += [f"edit.section:{gone}:names", f"edit.texts:{gone}", f"character.greeting:{gone}:7:<"]
    for custom_id in of_gone:
        assert (await pressed(theatre, custom_id)).startswith("There is no such character"), custom_id
    of_others = [f"{name}:{shown.id.hex}" for name in ("character.edit", "character.more", "character.delete")]
    of_others += [f"character.gone:{shown.id.hex}", f"character.publish:{shown.id.hex}", f"edit.texts:{shown.id.hex}"]
    of_others += [f"character.unpublish:{shown.id.hex}", f"edit.section:{shown.id.hex}:dialogue"]
    for custom_id in of_others:
        assert (await pressed(theatre, custom_id)).startswith("Only its author can do that."), custom_id
    for custom_id in (f"pick.turn:{view}:after", f"pick.turn:{view}:before"):
        assert "Open a fresh one: `/character pick`" in await pressed(theatre, custom_id)
    assert "Import the file once more" in await pressed(theatre, f"import.save:{view}")
    for custom_id in (f"{turn}:2:1795000000250000:{gone}", f"manage.turn:before:0:99999999999999999:{gone}"):
        assert "You have no characters yet" in await pressed(theatre, custom_id)
    assert "Greeting 1 of 1" in await pressed(theatre, f"character.greeting:{shown.id.hex}:999:>")


async def pressed(theatre: Theatre, custom_id: str) -> str:
    """What Bob reads when he presses a button with this custom id."""
    answer = await press_anything(
        theatre.bob, (await theatre.bob.slash("character pick", search="cue")).message, custom_id
    )
    assert answer.ephemeral
    assert "incident" not in answer.text
    return answer.text


async def stored(workshop: Workshop) -> tuple[int, int]:
    """How many chats and trees there are."""
    async with workshop.database.transaction() as session:
        chats = await session.execute(sa.select(sa.func.count()).select_from(Chat))
        trees = await session.execute(sa.select(sa.func.count()).select_from(Tree))
        return int(chats.scalar_one()), int(trees.scalar_one())
