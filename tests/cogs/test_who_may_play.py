"""Who may do what in a scene: every command, menu, button and form, for seven people each."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any

import pytest

import cogs
from cogs.ui.buttons import Form, PersistentButton, PersistentSelect
from playground.channels import PRIVATE_THREAD
from playground.permissions import may
from tests.cogs import lore_rows, memory_rows, persona_rows, scene_rows
from tests.cogs.acts import Menu, Press, Slash, Submit, find_post, words_of
from tests.cogs.matrix_rows import FORMS_OF_SCENES, OF_SCENES
from tests.cogs.scene_rows import BANNED, ELSEWHERE, NO_CHAT, NO_THREADS, Row, leaf, of
from tests.cogs.scene_stage import Scene, SceneStage, open_scene_stage
from tests.cogs.test_who_may_what import leaves, subclasses
from tests.databases import Clones

TABLE = (*scene_rows.TABLE, *lore_rows.SCENES, *memory_rows.SCENES, *persona_rows.SCENES)


@pytest.fixture(scope="module")
async def stage(
    clones: Clones, template: str, redis_url: str, master_key: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SceneStage]:
    """One theatre for the whole table."""
    async with (
        clones.one_of(template) as url,
        open_scene_stage(url, redis_url, master_key, tmp_path_factory.mktemp("scenes")) as stage,
    ):
        yield stage


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_each_may_what_they_may_and_a_refusal_changes_nothing(stage: SceneStage, row: Row) -> None:
    refused = {"banned": BANNED} | {role: of(row.refused, role) for role in row.asked if role not in row.may}
    scenes = {
        role: await stage.scene(row.made, "owner" if role == "foreign" else role) for role in (*row.asked, "banned")
    }
    await stage.place_of("foreign", scenes["banned"])
    before = await stage.quiet()
    await _all(_refused(stage, row, role, scenes[role], words) for role, words in refused.items())
    assert await stage.snapshot() == before, f"refused to {', '.join(refused)}, and something changed"
    allowed = [role for role in row.asked if role in row.may]
    await _all(_done(stage, row, role, scenes[role]) for role in allowed)
    if not row.effect:
        now = await stage.quiet()
        now, before = (
            (now[:-1], before[:-1]) if row.reads else (now, before)
        )  # the last counts what the model was asked
        assert now == before, f"{', '.join(allowed)} only looked, and something changed"
    for role in allowed if row.effect else ():
        stage.spoilt(row.made, role)


async def _all(each: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Lets all of them end before the first failure is told, so that nothing of a row reaches into the next."""
    ended = await asyncio.gather(*each, return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure


async def _refused(stage: SceneStage, row: Row, role: str, scene: Scene, words: str) -> None:
    assert words, f"no words of refusal for {role}"
    stood = scene.posts
    said = await stage.said(row.act, role, scene, words)
    assert words in said, role
    assert scene.posts == stood, f"refused to {role}, and everybody saw something"
    assert role != "foreign" or scene.props["number"] not in said, "something of the scene is told abroad"


async def _done(stage: SceneStage, row: Row, role: str, scene: Scene) -> None:
    person, effect = stage.people[role], of(row.effect, role)
    words = of(row.done, role).format(**scene.props)
    assert not effect or not await stage.holds(effect, person, scene), f"true before {role} did anything"
    asked = len(stage.theatre.model.requests)
    said = await stage.said(row.act, role, scene, words)
    assert words in said, role
    assert "incident" not in said, role
    assert role != "foreign" or scene.props["number"] not in said, "something of the scene is told abroad"
    if effect:
        assert await stage.comes_to_hold(effect, person, scene), f"done by {role}, without effect: {said}"
    if row.reads:
        assert await stage.settles(scene)
        assert _read(stage, scene, asked) == row.reads, role
    if row.sees:
        await stage.people["owner"].sees(row.sees.format(**scene.props), scene.thread)


def _read(stage: SceneStage, scene: Scene, since: int) -> tuple[str, ...]:
    """The messages of a scene that the model was told, by their names."""
    words = {name.removeprefix("words_"): text for name, text in scene.props.items() if name.startswith("words_")}
    prompts = [str(each["messages"]) for each in stage.theatre.model.requests[since:]]
    (prompt,) = [each for each in prompts if words["greeting"] in each]
    return tuple(name for name, text in words.items() if text in prompt)


TYPED = {"owner": "told", "moderator": "told", "guest": "reply", "admin": "reply"}


@pytest.mark.parametrize("role", TYPED)
async def test_a_reply_to_an_older_message_branches_for_those_who_govern(stage: SceneStage, role: str) -> None:
    scene, person = await stage.make("played"), stage.people[role]
    person.here = scene.thread
    await person.say("And if not?", reply_to=find_post(person, int(scene.props["post_told"])))
    said = leaf(f"up.author_user_id = :me AND up.parent_id = :{TYPED[role]}")
    assert await stage.comes_to_hold(said, person, scene)
    assert await stage.settles(scene)


async def test_whoever_is_banned_is_not_heard(stage: SceneStage) -> None:
    scene, mallory = await stage.make("played"), stage.people["banned"]
    mallory.here = scene.thread
    before = await stage.quiet()
    await mallory.edit(await mallory.say("Let me in."), "Let me in!")
    await mallory.say(f"<@{mallory.play.bot_user_id}> Let me in!")
    await mallory.sees(BANNED)  # told where they certainly meant the bot, after all that they wrote before
    assert await stage.quiet() == before


GUESSED = tuple(row for row in TABLE if "foreign" in row.asked and row.effect and isinstance(row.act, Press))


@pytest.mark.parametrize("where", ["channel", "direct messages"])
async def test_a_guessed_id_does_nothing_where_no_chat_is_played(stage: SceneStage, where: str) -> None:
    here = stage.island.channel("beach") if where == "channel" else stage.people["foreign"].dm
    scenes = {row.made: await stage.scene(row.made, "owner") for row in GUESSED}
    before = await stage.quiet()
    for row in GUESSED:
        words = of(row.refused, "foreign").replace(ELSEWHERE, NO_CHAT)
        if where == "direct messages" and row.name.startswith("message.fork"):
            words = NO_THREADS
        assert words in await stage.said(row.act, "foreign", scenes[row.made], words, here=here), row.name
    assert await stage.quiet() == before


async def test_a_branch_of_a_private_thread_is_seen_by_no_more_people(stage: SceneStage) -> None:
    owner = stage.people["owner"].at(stage.theatre.tavern)
    answer = await owner.slash("character start", character="Nova", private=True)
    assert "is waiting for you" in answer.text
    owner.here = stage.theatre.guild.threads[-1]
    asked = await owner.menu(await owner.sees("Nova greets you."), "Branch from here")
    words = "The branch goes on in"
    assert words in await words_of(await owner.click("In a new thread", on=asked), words)
    fork = stage.theatre.guild.threads[-1]
    assert fork is not owner.here
    assert (owner.here.type, fork.type) == (PRIVATE_THREAD, PRIVATE_THREAD)
    assert may(fork, owner.id, "view_channel")
    assert not may(fork, stage.people["guest"].id, "view_channel")


async def test_a_character_that_may_not_speak_gets_no_new_thread(stage: SceneStage) -> None:
    scene, taken = await stage.scene("played", "owner"), "The operator of this bot has taken this character down"
    before, threads = await stage.quiet(), len(stage.theatre.guild.threads)
    async with stage.taken_down():
        assert taken in await stage.said(Press("message.fork:{told}"), "owner", scene, taken)
    assert await stage.quiet() == before
    assert len(stage.theatre.guild.threads) == threads


def test_everything_that_can_be_used_in_a_scene_has_a_row(stage: SceneStage) -> None:
    commands: list[dict[str, Any]] = stage.theatre.playground.world.commands
    paths = {path for each in commands if each["name"] in ("chat", "say") for path, _ in leaves(each)}
    asked = {row.act.path for row in TABLE if isinstance(row.act, Slash)}
    assert paths == {each for each in asked if not each.startswith("persona ")}  # the marketplace's has all of those
    menus = {each["name"] for each in commands if each["type"] != 1}
    assert menus == {row.act.name for row in TABLE if isinstance(row.act, Menu)}
    for module in pkgutil.walk_packages(cogs.__path__, "cogs."):
        importlib.import_module(module.name)
    items = {each.prefix for each in (*PersistentButton.__subclasses__(), *PersistentSelect.__subclasses__())}
    pressed = {row.act.custom_id.split(":")[0] for row in TABLE if isinstance(row.act, Press)}
    assert {each for each in items if each.partition(".")[0] in OF_SCENES} == pressed
    sent = {row.form for row in TABLE if isinstance(row.act, Submit)}
    assert {each.__name__ for each in subclasses(Form)} & FORMS_OF_SCENES == sent
