"""Who may do what in the marketplace: every command, button, menu and form, for six people each."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import cogs
from cogs.ui.buttons import Form, PersistentButton, PersistentSelect
from tests.cogs import lore_rows, matrix_rows, persona_rows
from tests.cogs.acts import Act, Press, Props, Slash, Submit, told, words_of
from tests.cogs.matrix import NEW, ROLES, Stage, open_stage
from tests.cogs.matrix_rows import (
    BANNED,
    FORMS_OF_SCENES,
    FREE,
    FREE_IDS,
    NO_SUCH,
    OF_SCENES,
    OUTCAST,
    WHY,
    Row,
    of,
    on,
)

TABLE = (*matrix_rows.TABLE, *lore_rows.MARKET, *persona_rows.MARKET)


@pytest.fixture(scope="module")
async def stage(
    postgres_url: str, template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """One theatre for the whole table."""
    async with open_stage(postgres_url, template, redis_url, tmp_path_factory.mktemp("matrix")) as stage:
        yield stage


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_each_may_what_they_may_and_a_refusal_changes_nothing(stage: Stage, row: Row) -> None:
    props = await stage.prepare(row.made)
    before = await stage.snapshot()
    refused = {"banned": BANNED} | {role: row.refusal(role) for role in ROLES if role not in row.may}
    said = await asyncio.gather(*(_said(stage, row.act, role, props, words) for role, words in refused.items()))
    for (role, words), told_them in zip(refused.items(), said, strict=True):
        assert words, f"no words of refusal for {role}"
        assert words in told_them, role
    assert await stage.snapshot() == before, f"refused to {', '.join(refused)}, and something changed"
    for role in ROLES:
        if role in row.may:
            await _done(stage, row, role, await stage.prepare(row.made))


async def _said(stage: Stage, act: Act, role: str, props: Props, words: str) -> str:
    return await words_of(await stage.act(act, stage.people[role], props), words)


async def _done(stage: Stage, row: Row, role: str, props: Props) -> None:
    person = stage.people[role]
    if row.asks:
        stage.theatre.model.says(NEW, pause=0)
    before = () if row.effect else await stage.snapshot()
    assert not row.effect or not await stage.holds(row.effect, person, props), f"true before {role} did anything"
    assert row.done in await _said(stage, row.act, role, props, row.done), role
    if row.effect:
        stage.spoilt(row.made)
        assert await stage.comes_true(row.effect, person, props), f"done by {role}, without effect"
    elif not row.asks:
        assert await stage.snapshot() == before, f"{role} only looked, and something changed"


def test_everything_that_can_be_used_has_a_row(stage: Stage) -> None:
    commands = [each for each in stage.theatre.playground.world.commands if each["name"] in GROUPS]
    assert {each["name"] for each in commands} == GROUPS
    paths = {path for command in commands for path, _ in leaves(command)}
    asked = {row.act.path for row in TABLE if isinstance(row.act, Slash)}
    assert paths == asked
    for module in pkgutil.walk_packages(cogs.__path__, "cogs."):
        importlib.import_module(module.name)
    items = {each.prefix for each in (*PersistentButton.__subclasses__(), *PersistentSelect.__subclasses__())}
    pressed = {row.act.custom_id.split(":")[0] for row in TABLE if isinstance(row.act, Press)}
    assert {each for each in items if each.partition(".")[0] not in OF_SCENES} == pressed | FREE.keys()
    assert not pressed & FREE.keys()
    assert FREE.keys() == {each.custom_id.split(":")[0] for each in FREE_IDS}
    sent = {row.form for row in TABLE if isinstance(row.act, Submit)}
    assert {each.__name__ for each in subclasses(Form)} - FORMS_OF_SCENES == sent
    completed = {
        (path, each["name"]) for command in commands for path, leaf in leaves(command) for each in completing(leaf)
    }
    assert completed == {(path, option) for path, option, _ in COMPLETED}


GROUPS = {"character", "me", "server", "operator", "persona", "workbench"}


def leaves(command: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The commands that can be used, with their whole names."""
    name = f"{above} {command['name']}".strip()
    inner = [each for each in command.get("options") or [] if each["type"] in (1, 2)]
    if not inner:
        yield name, command
    for each in inner:
        yield from leaves(each, name)


def completing(leaf: dict[str, Any]) -> list[dict[str, Any]]:
    """The options of a command that complete what is typed."""
    return [each for each in leaf.get("options") or [] if each.get("autocomplete")]


def subclasses(kind: type) -> Iterator[type]:
    """Every class below one."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


# --- completions, and what must not be seen ------------------------------------------------------------

PROBES = ("Draft", "Teen", "Adult", "Here", "There", "Gone", "Blocked", "Kept")
VISIBLE = {"author": set(PROBES), "": {"Teen", "Here", "Kept"}}
OWNED = {"author": set(PROBES), "": set[str]()}
COMPLETED: tuple[tuple[str, str, dict[str, set[str]]], ...] = (
    ("character start", "character", VISIBLE),
    ("character show", "character", VISIBLE),
    ("character export", "character", VISIBLE),
    ("character report", "character", VISIBLE),
    ("character edit", "character", OWNED),
    ("character publish", "character", OWNED),
    ("character unpublish", "character", OWNED),
    ("character delete", "character", OWNED),
    ("character pick", "tag", {"author": {"Teen", "Here", "Kept", "There"}, "": {"Teen", "Here", "Kept"}}),
    ("workbench", "character", OWNED),
    ("persona play-as", "character", VISIBLE),
    *((f"persona {each}", "persona", {"": set[str]()}) for each in ("show", "edit", "delete", "use", "default")),
    ("server settings", "assistant", VISIBLE),
    ("server publish", "character", OWNED),
    ("server feature", "character", VISIBLE),
    ("server queue", "character", {"admin": {"Teen", "Adult", "Here", "Blocked", "Kept"}, "": set()}),
    ("server block", "character", {"admin": {"Teen", "Adult", "Here", "Blocked", "Kept"}, "": set()}),
    ("operator takedown", "character", {"operator": {"Teen", "Adult", "Blocked", "Kept"}, "": set()}),
    ("operator restore", "character", {"operator": {"Gone"}, "": set()}),
)


@pytest.fixture(scope="module")
async def probes(stage: Stage) -> dict[str, str]:
    """The author's characters in every state, by what is the matter with them; each has a tag of its own."""
    author, workshop = stage.people["author"], stage.workshop
    await stage.prepare("nothing")
    frames: dict[str, dict[str, Any]] = {"Adult": {"age_rating": "adult"}, "Kept": {"definition_visibility": "author"}}
    made: dict[str, str] = {}
    for state in PROBES:
        frame = {"tags": f"probe {state}", "description": SECRET} | frames.get(state, {})
        make = workshop.draft if state in ("Draft", "Adult") else workshop.published
        made[state] = str((await make(author, f"Probe {state}", **frame)).id)
    await stage.settle(made)
    return made


SECRET = "The treasure lies under the third palm."
LETTERS = "probe"


@pytest.mark.parametrize(
    ("path", "option", "offered"), COMPLETED, ids=lambda each: each if isinstance(each, str) else ""
)
async def test_completions_offer_what_each_may_see(
    stage: Stage, probes: dict[str, str], path: str, option: str, offered: dict[str, set[str]]
) -> None:
    names = {value: state for state, value in probes.items()} | {f"probe {state.lower()}": state for state in probes}
    roles = (*ROLES, "banned", "outcast")
    found = await asyncio.gather(*(stage.people[role].autocomplete(path, option, LETTERS) for role in roles))
    for role, choices in zip(roles, found, strict=True):
        if role in ROLES:
            expected = offered.get(role, offered[""])
            assert {names[value] for _, value in choices if value in names} == expected, role
        else:
            assert choices == [], role


HIDDEN = {"Draft": NO_SUCH, "There": NO_SUCH, "Gone": "taken this character down", "Blocked": "blocked this character"}
HIDDEN |= {"Adult": "18+ characters are played in age-restricted channels alone"}
WAYS: tuple[Act, ...] = (
    of("character show"),
    of("character start"),
    of("character export"),
    of("character report", reason="Bad."),
    of("character edit"),
    of("workbench"),
    on("character.details"),
    on("character.chat"),
    on("character.export"),
    on("character.edit"),
    on("character.more"),
    on("edit.texts"),
    Press("character.greeting:{hex}:0:>"),
    Press("workbench.tab:enhance:{hex}"),
    Press("enhance.text:description:0:{hex}"),
    Submit("player", on("character.report"), {"What is wrong with it?": "Bad."}),
)


@pytest.mark.parametrize("state", HIDDEN)
async def test_what_is_hidden_leaks_nowhere(stage: Stage, probes: dict[str, str], state: str) -> None:
    props = await stage.prepare("nothing") | {"id": probes[state], "hex": probes[state].replace("-", "")}
    before = await stage.snapshot()
    for role in ("player", "operator"):
        answers = await asyncio.gather(*(_said(stage, way, role, props, HIDDEN[state]) for way in WAYS))
        for way, said in zip(WAYS, answers, strict=True):
            assert HIDDEN[state] in said, (role, way)
            assert SECRET not in said
            assert f"Probe {state}" not in said
    page = told(await stage.people["player"].slash("character pick", search=f"probe {state}"))
    assert f"Probe {state}" not in page
    assert await stage.snapshot() == before


async def test_adults_are_met_where_they_may_be(stage: Stage, probes: dict[str, str]) -> None:
    player = stage.people["player"]
    cellar = stage.harbour.add_text_channel("cellar", nsfw=True)
    shown = await player.slash("character show", character=probes["Adult"], in_=cellar)
    assert "### Probe Adult" in shown.text
    assert "**18+**" in shown.text
    found = await player.autocomplete("character show", "character", LETTERS, in_=cellar)
    assert probes["Adult"] in {value for _, value in found}


async def test_a_rating_that_was_approved_holds_until_a_milder_one_is(stage: Stage) -> None:
    author, player = stage.people["author"], stage.people["player"]
    cove = stage.theatre.playground.add_guild("Cove")
    beach = cove.add_text_channel("sand")
    for person in (author, player):
        person.join(cove)
    made = await stage.rated(guild_id=cove.id)
    page = told(await player.slash("character pick", search=made["name"], in_=beach))
    assert f"### {made['name']}" not in page
    assert await player.autocomplete("character show", "character", made["name"], in_=beach) == []
    refused = await player.slash("character show", character=made["id"], in_=beach)
    assert HIDDEN["Adult"] in refused.text
    assert made["name"] in told(await author.slash("character show", character=made["id"], in_=beach))


AT_HOME: tuple[tuple[str, Act, str], ...] = (
    ("waiting", Press("queue.approve:{review}"), "was decided about already"),
    ("waiting", Submit("foreign", Press("queue.reject:{review}"), WHY), "was decided about already"),
    ("waiting", Press("queue.skip:{review}"), "Nothing waits for you"),
    ("reported", Press("report.block:{report}"), "was decided about already"),
    ("reported", Press("report.dismiss:{report}"), "was decided about already"),
    ("reported", Press("report.next:{report}"), "No report is open"),
    ("reported", Slash("server reports"), "No report is open"),
    ("reported", Slash("server audit"), "Nothing has been decided here yet."),
    ("reported", Press("audit.older:{guess}"), "Nothing has been decided here yet."),
    ("admins", Press("server.give:{hex}", plain=True), NO_SUCH),
    ("given", Press("server.give:{hex}", plain=True), NO_SUCH),
    ("given", of("server publish"), NO_SUCH),
    ("given", of("server feature"), NO_SUCH),
    ("given", of("server block"), NO_SUCH),
    ("given", Slash("server settings", {"assistant": "{id}"}), NO_SUCH),
    ("given", of("character edit"), NO_SUCH),
    ("given", of("character export"), NO_SUCH),
    ("given", Press("character.gone:{hex}", plain=True), NO_SUCH),
    ("nothing", Slash("server unban", {"person": "{mallory}"}), "is not banned here"),
)


@pytest.mark.parametrize(
    ("made", "act", "words"), AT_HOME, ids=lambda each: "" if isinstance(each, str) else str(each)[:40]
)
async def test_another_servers_admin_decides_nothing_about_this_one(
    stage: Stage, made: str, act: Act, words: str
) -> None:
    props = await stage.prepare(made)
    foreign = stage.people["foreign"]
    before = await stage.snapshot()
    harbour, foreign.here = foreign.here, stage.island.channel("beach")
    try:
        said = await words_of(await stage.act(act, foreign, props), words)
    finally:
        foreign.here = harbour
    assert words in said
    assert "Nova" not in said
    assert await stage.snapshot() == before


@pytest.mark.parametrize("press", FREE_IDS, ids=lambda press: press.custom_id)
async def test_who_is_banned_presses_in_vain_even_where_nothing_is_at_stake(stage: Stage, press: Press) -> None:
    props = await stage.prepare("nothing")
    before = await stage.snapshot()
    assert BANNED in told(await stage.act(press, stage.people["banned"], props))
    assert await stage.snapshot() == before
    assert "incident" not in told(await stage.act(press, stage.people["player"], props))
    assert await stage.snapshot() == before


async def test_who_is_banned_everywhere_is_out_everywhere_but_reads_the_help(stage: Stage) -> None:
    props = await stage.prepare("published")
    outcast, banned = stage.people["outcast"], stage.people["banned"]
    island, harbour = stage.island.channel("beach"), outcast.here
    before = await stage.snapshot()
    create = Submit("author", Slash("character create"), {"Name": "Form Made"})
    for place in (harbour, island, outcast.dm):
        outcast.here = place
        for act in (Slash("character pick"), of("character show"), of("workbench"), on("character.chat"), create):
            assert OUTCAST in await words_of(await stage.act(act, outcast, props), OUTCAST), (place, act)
        assert await outcast.autocomplete("character show", "character", "nova") == []
        assert "incident" not in (await outcast.slash("help")).text
    outcast.here = harbour
    assert "banned" not in (await banned.slash("help")).text
    assert await stage.snapshot() == before
    assert "## Whom do you want to meet?" in (await banned.slash("character pick", in_=island)).text
