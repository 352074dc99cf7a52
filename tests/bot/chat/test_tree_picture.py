"""A tree as a picture: what is folded, where it stands, that it fits, and that no script breaks it."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.chat import tree_pen
from bot.chat.tree_layout import RUN, Knot, TreeNode, arrange, extent, fold, prune
from bot.chat.tree_pen import Pen
from bot.chat.tree_picture import HIGHEST, WIDEST, draw_tree, plan_of


def tree(parents: list[int | None], *, name: str = "Alice", excerpt: str = "So it was said.") -> list[TreeNode]:
    """The nodes of a tree: for each the number of its parent; the newest end has number 1."""
    depths: list[int] = []
    for parent in parents:
        depths.append(0 if parent is None else depths[parent] + 1)
    nodes = [
        TreeNode(
            id=UUID(int=number + 1),
            parent_id=None if parent is None else UUID(int=parent + 1),
            depth=depths[number],
            role="person" if depths[number] % 2 else "character",
            name=name,
            excerpt=excerpt,
            status="complete",
        )
        for number, parent in enumerate(parents)
    ]
    ends = [node.id for node in reversed(nodes) if node.id not in {each.parent_id for each in nodes}]
    return [replace(node, number=ends.index(node.id) + 1 if node.id in ends else None) for node in nodes]


def way_to(nodes: list[TreeNode], number: int) -> list[UUID]:
    """The ids from the root to a node."""
    parents = {node.id: node.parent_id for node in nodes}
    way: list[UUID] = []
    at: UUID | None = nodes[number].id
    while at is not None:
        way.append(at)
        at = parents[at]
    return way[::-1]


def grown(messages: int, branches: int, seed: int) -> list[TreeNode]:
    """A long chat whose branches begin anywhere."""
    drawn = random.Random(seed)  # noqa: S311
    begins = set(drawn.sample(range(2, messages), branches - 1))
    return tree([None, *(drawn.randrange(at) if at in begins else at - 1 for at in range(1, messages))])


def shapes(knots: list[Knot]) -> list[tuple[int, int]]:
    """Each knot as the number of its last message and how many it stands for."""
    return [(knot.id.int - 1, knot.count) for knot in knots]


@pytest.mark.parametrize(
    ("parents", "end", "folded"),
    [
        ([None], 0, [(0, 1)]),
        ([None, 0, 1], 2, [(0, 1), (1, 1), (2, 1)]),
        ([None, 0, 1, 2], 3, [(0, 1), (1, 1), (2, 1), (3, 1)]),
        ([None, 0, 1, 2, 3], 4, [(0, 1), (3, 3), (4, 1)]),
        # the message before a fork belongs to the run, the first after it stands alone
        ([None, 0, 1, 2, 3, 3], 5, [(0, 1), (3, 3), (4, 1), (5, 1)]),
        # where the chat stands is never folded away
        ([None, 0, 1, 2, 3, 4, 5, 6, 7], 4, [(0, 1), (3, 3), (4, 1), (7, 3), (8, 1)]),
        # greetings: several roots; and a tree whose beginning was not read
        ([None, None, 1], 2, [(0, 1), (1, 1), (2, 1)]),
    ],
)
def test_long_runs_are_one(parents: list[int | None], end: int, folded: list[tuple[int, int]]) -> None:
    nodes = tree(parents)
    assert sorted(shapes(fold(nodes, way_to(nodes, end)))) == sorted(folded)


def test_a_tree_whose_beginning_was_not_read_begins_where_it_is_known() -> None:
    nodes = tree([None, 0, 1, 1, 3])[2:]
    assert shapes(fold(nodes, [UUID(int=1), nodes[0].id])) == [(2, 1), (3, 1), (4, 1)]


trees = st.integers(1, 40).flatmap(
    lambda count: st.tuples(*(st.one_of(st.integers(max(0, at - 2), at), st.integers(0, at)) for at in range(count)))
)


@given(parents=trees, data=st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_nothing_overlaps(parents: tuple[int, ...], data: st.DataObject) -> None:
    nodes = tree([None, *parents])
    path = way_to(nodes, data.draw(st.integers(0, len(nodes) - 1)))
    knots = fold(nodes, path)
    assert sum(knot.count for knot in knots) == len(nodes)
    assert all(knot.count == 1 or knot.count >= RUN for knot in knots)
    ids = [knot.id for knot in knots]
    assert all(knot.parent is None or knot.parent in ids[:at] for at, knot in enumerate(knots))
    assert {node.id for node in nodes if node.number} <= {knot.id for knot in knots if knot.count == 1}
    assert path[-1] in {knot.id for knot in knots if knot.count == 1}
    assert {knot.id for knot in knots if knot.on_path} <= set(path)

    spots = arrange(knots)
    rows: dict[int, list[float]] = defaultdict(list)
    for spot in spots:
        rows[spot.row].append(spot.column)
    for columns in rows.values():
        columns.sort()
        assert all(after - before >= 1 for before, after in pairwise(columns))
    places = {spot.knot.id: spot for spot in spots}
    assert all(places[knot.parent].row == places[knot.id].row - 1 for knot in knots if knot.parent)
    # The way the chat stands on is one straight line.
    assert len({spot.column for spot in spots if spot.knot.on_path}) == 1
    first, columns_wide, high = extent(spots)
    assert first == min(spot.column for spot in spots)
    assert high == len(rows)
    assert columns_wide <= sum(1 for node in nodes if node.number) + 1


def test_what_finds_no_room_is_what_has_the_greatest_numbers() -> None:
    nodes = tree([None, *[0] * 10])
    kept, left_off = prune(nodes, way_to(nodes, 1), 4)
    assert left_off == 6
    # Node 1 has number 10, and is kept, for the chat stands there.
    assert [node.number for node in kept if node.number] == [10, 3, 2, 1]


@pytest.mark.parametrize(
    ("parents", "words", "left_off"),
    [
        ([None], 2, False),
        ([None, 0, 1, 2, 2], 2, False),
        ([None, *[0] * 12], 0, False),
        ([None, *[0] * 40], -1, True),
        ([None, *(at - at % 2 for at in range(600))], 0, True),
    ],
    ids=["greeting", "few", "a dozen", "forty at once", "a fork every other message"],
)
def test_the_largest_that_fits_is_drawn(parents: list[int | None], words: int, left_off: bool) -> None:
    nodes = tree(parents)
    plan = plan_of(nodes, way_to(nodes, len(nodes) - 1))
    assert plan.size.lines == words
    assert (plan.left_off > 0) == left_off
    assert plan.width <= WIDEST
    assert plan.height <= HIGHEST


@pytest.mark.parametrize("seed", [0, 4])
def test_two_thousand_messages_in_thirty_branches_can_be_read(seed: int) -> None:
    nodes = grown(2_000, 30, seed)
    plan = plan_of(nodes, way_to(nodes, 1_999))
    # As many as a menu of Discord's can name, with words.
    numbers = {spot.knot.node.number for spot in plan.spots}
    assert numbers >= set(range(1, 26))
    assert plan.left_off == 30 - len(numbers - {None})
    assert plan.size.lines >= 0 or plan.left_off == 0
    numbers = {spot.knot.node.number for spot in plan.spots} - {None}
    assert numbers == set(range(1, 31))


def opened(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as image:
        image.load()
        assert image.format == "PNG"
        return image.convert("RGB")


def colours(image: Image.Image) -> Counter[object]:
    """How many pixels there are of each colour."""
    return Counter({colour: count for count, colour in image.getcolors(1 << 24) or []})


def test_where_the_chat_stands_is_marked_and_its_way_highlighted() -> None:
    nodes = tree([None, 0, 1, 1])
    here = opened(draw_tree(nodes, path=way_to(nodes, 3), leaf=nodes[3].id))
    there = opened(draw_tree(nodes, path=way_to(nodes, 2), leaf=nodes[2].id))
    assert here.size == there.size
    nowhere = opened(draw_tree(nodes, path=(), leaf=None))
    gold, blue = (255, 207, 112), (142, 162, 255)
    counted = [colours(image) for image in (here, there, nowhere)]
    assert counted[0][gold] > 300
    assert counted[1][gold] > 300
    assert counted[2][gold] == counted[2][blue] == 0
    assert here.tobytes() != there.tobytes()


SCRIPTS = (
    "Ærøskøbing",
    "Καλημέρα",
    "Привет",
    "שלום",
    "مرحبا",
    "नमस्ते",
    "日本語",
    "한국어",
    "👩‍👩‍👧 🏴‍☠️",
    "\u202eflipped",
    "a\x00b\n",
    "Z̴a̶l̵g̷o̸",
    "",
)


@pytest.mark.parametrize("font", ["the system's", "Pillow's"])
def test_no_script_breaks_the_picture(font: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if font == "Pillow's":
        monkeypatch.setattr(tree_pen, "FONTS", ())
    pen = Pen(24)
    for name in SCRIPTS:
        assert "\n" not in pen.drawable(name)
        nodes = tree([None, 0, 1, 1], name=name, excerpt=name * 40)
        assert opened(draw_tree(nodes, path=way_to(nodes, 3), leaf=nodes[3].id)).width > 100


def test_what_the_font_lacks_is_replaced_by_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_pen, "FONTS", ())
    pen = Pen(24)
    assert pen.drawable("Zoë — the “Ålesund” one") == "Zoe - the “Alesund” one"
    assert pen.drawable("🙂 fine 🙂") == "fine"
    assert pen.drawable("日本語です") == ""
    assert pen.drawable("Juniper 日本") == "Juniper"


@given(text=st.text(max_size=60), room=st.integers(20, 400), lines=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_words_are_cut_to_the_room_there_is(text: str, room: int, lines: int) -> None:
    pen = PEN
    wrapped = pen.wrap(pen.drawable(text), room, lines)
    assert len(wrapped) <= lines
    assert all(pen.width(line) <= room or line == "…" for line in wrapped)


PEN = Pen(20)


@pytest.mark.parametrize("status", ["removed", "failed", "interrupted", "queued", "streaming"])
def test_every_state_of_a_message_is_drawn(status: str) -> None:
    nodes = [replace(node, status=status) for node in tree([None, 0, 0])]  # pyright: ignore[reportArgumentType]
    plain = tree([None, 0, 0])
    drawn = draw_tree(nodes, path=way_to(nodes, 2), leaf=nodes[2].id)
    same = status in ("queued", "streaming")
    assert (drawn == draw_tree(plain, path=way_to(plain, 2), leaf=plain[2].id)) == same


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="nothing"):
        draw_tree([], path=(), leaf=None)
