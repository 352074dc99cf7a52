import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lorebook import LoreEntry
from bot.lore.decorators import Decorators, read_decorators, split_list
from tests.bot.lore.acts import book, make_entry, play, texts, told


@pytest.mark.parametrize(
    ("content", "meant"),
    [
        ("@@depth 5\nText", Decorators(depth=5)),
        ("@@depth -1\nText", Decorators(depth=-1)),
        ("@@depth five\nText", Decorators()),
        ("@@depth\nText", Decorators()),
        ("@@reverse_depth 2\nText", Decorators(reverse_depth=2)),
        ("@@role user\nText", Decorators(role="user")),
        ("@@role Assistant\nText", Decorators(role="assistant")),
        ("@@role narrator\nText", Decorators()),
        ("@@scan_depth 7\nText", Decorators(scan_depth=7)),
        ("@@scan_depth -7\nText", Decorators()),
        ("@@is_greeting 0\nText", Decorators(is_greeting=0)),
        ("@@position before_desc\nText", Decorators(position="before_char")),
        ("@@position after_desc\nText", Decorators(position="after_char")),
        ("@@position scenario\nText", Decorators(position="after_char")),
        ("@@position personality\nText", Decorators()),
        ("@@position the moon\nText", Decorators()),
        ("@@activate_only_after 3\nText", Decorators(activate_only_after=3)),
        ("@@activate_only_every 3\nText", Decorators(activate_only_every=3)),
        ("@@activate_only_every 0\nText", Decorators()),
        ("@@keep_activate_after_match\nText", Decorators(keep_activate_after_match=True)),
        ("@@dont_activate_after_match\nText", Decorators(dont_activate_after_match=True)),
        ("@@ignore_on_max_context\nText", Decorators(ignore_on_max_context=True)),
        ("@@activate\n@@dont_activate\nText", Decorators(activate=True, dont_activate=True)),
        ("@@activate false\nText", Decorators()),
        ("@@additional_keys a, b ,,c\nText", Decorators(additional_keys=("a", "b", "c"))),
        ("@@exclude_keys /a{1,2}/i, b\nText", Decorators(exclude_keys=("/a{1,2}/i", "b"))),
        # several
        ("@@depth 5\n@@role user\nText", Decorators(depth=5, role="user")),
        ("@@depth 5\n@@depth 6\nText", Decorators(depth=5)),
        ("@@depth x\n@@depth 6\nText", Decorators(depth=6)),
        # unknown ones and fallbacks
        ("@@risu_only 4\nText", Decorators()),
        ("@@risu_only 4\n@@@depth 4\nText", Decorators(depth=4)),
        ("@@depth 1\n@@@depth 4\nText", Decorators(depth=1)),
        ("@@a 1\n@@@b 2\n@@@depth x\n@@@depth 4\n@@@depth 5\nText", Decorators(depth=4)),
        ("@@position personality\n@@@depth 2\nText", Decorators(depth=2)),
        ("@@@depth 4\nText", Decorators()),
        ("@@instruct_depth 4\n@@reverse_instruct_depth 1\n@@instruct_scan_depth 2\nText", Decorators()),
        ("@@is_user_icon main\n@@disable_ui_prompt system_prompt\nText", Decorators()),
        ("@@DEPTH 4\nText", Decorators(depth=4)),
        # shapes
        ("\n\n@@depth 4\n\n@@role user\n\nText", Decorators(depth=4, role="user")),
        ("@@depth 4\r\n@@role user\r\nText", Decorators(depth=4, role="user")),
        ("  @@depth   4  \nText", Decorators(depth=4)),
        ("Text", Decorators()),
    ],
)
def test_decorators(content: str, meant: Decorators) -> None:
    assert read_decorators(content) == (meant, "Text")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("@@depth 4", ""),
        ("@@depth 4\nText\n@@role user\n", "Text\n@@role user"),
        ("Text\n@@depth 4", "Text\n@@depth 4"),
        ("@@@@ banner\nText", "@@@@ banner\nText"),
        ("@@ \nText", "@@ \nText"),
        ("an @@depth", "an @@depth"),
        ("@everyone", "@everyone"),
        ("", ""),
    ],
)
def test_what_is_left(content: str, text: str) -> None:
    assert read_decorators(content)[1] == text


def test_a_fallback_counts_for_what_cannot_be_known() -> None:
    content = "@@is_greeting 1\n@@@depth 2\nText"
    assert read_decorators(content, ignored=frozenset({"is_greeting"})) == (Decorators(depth=2), "Text")


@given(
    st.lists(
        st.sampled_from(["@@depth 3", "@@@role user", "@@x", "@@@@", "Text", "", " @@activate", "@@exclude_keys a,/"])
    )
)
def test_no_head_is_left_that_can_be_read(lines: list[str]) -> None:
    _, text = read_decorators("\n".join(lines))
    assert read_decorators(text) == (Decorators(), text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b", ("a", "b")),
        ("/a,b/,c", ("/a,b/", "c")),
        ("/a, b", ("/a", "b")),
        ("", ()),
        (" , ,", ()),
        ("a b", ("a b",)),
    ],
)
def test_lists(text: str, values: tuple[str, ...]) -> None:
    assert split_list(text) == values


@pytest.mark.parametrize(
    ("content", "scene", "fires"),
    [
        ("@@activate_only_after 3\nx", {"replies": 2}, False),
        ("@@activate_only_after 3\nx", {"replies": 3}, True),
        ("@@activate_only_every 3\nx", {"replies": 4}, False),
        ("@@activate_only_every 3\nx", {"replies": 6}, True),
        ("@@activate_only_every 3\nx", {"replies": 0}, True),
        ("@@is_greeting 1\nx", {"greeting": 1}, True),
        ("@@is_greeting 1\nx", {"greeting": 0}, False),
        ("@@is_greeting 1\nx", {"greeting": None}, True),
        ("@@is_greeting 1\n@@@dont_activate\nx", {"greeting": None}, False),
        ("@@dont_activate\nx", {}, False),
        ("@@additional_keys moon, sun\nx", {}, False),
        ("@@additional_keys moon, tide\nx", {}, True),
        ("@@additional_keys /t[aeiou]de/\nx", {}, True),
        ("@@exclude_keys moon\nx", {}, True),
        ("@@exclude_keys moon, tide\nx", {}, False),
    ],
)
@pytest.mark.parametrize("constant", [False, True])
def test_conditions(content: str, scene: dict[str, int], fires: bool, constant: bool) -> None:
    entry = LoreEntry(keys=("sea",), content=content, constant=constant)
    assert told(entry, "the sea and the tide", **scene).fired is fires


@pytest.mark.parametrize(
    "entry",
    [
        LoreEntry(content="@@activate\nx"),
        LoreEntry(content="@@activate\n@@dont_activate\n@@activate_only_after 9\n@@exclude_keys sea\nx"),
        LoreEntry(content="@@activate\nx", probability=0, delay=99, keys=("unsaid",)),
    ],
)
def test_activate_asks_for_nothing(entry: LoreEntry) -> None:
    assert told(entry, "the sea").fired


def test_activate_does_not_switch_on_what_is_off() -> None:
    assert not told(LoreEntry(content="@@activate\nx", enabled=False)).fired


@pytest.mark.parametrize(
    ("settings", "content", "place"),
    [
        ({}, "x", ("before_char", 4, "system", None)),
        ({"position": "an_top", "role": "user"}, "x", ("an_top", 4, "user", None)),
        ({"position": "at_depth"}, "x", ("at_depth", 4, "system", None)),
        ({"position": "at_depth", "depth": 0}, "x", ("at_depth", 0, "system", None)),
        ({"position": "at_depth", "depth": -2}, "x", ("at_depth", 0, "system", None)),
        ({}, "@@depth 2\n@@role assistant\nx", ("at_depth", 2, "assistant", None)),
        ({}, "@@depth -2\nx", ("at_depth", 0, "system", None)),
        ({}, "@@reverse_depth 3\nx", ("at_depth", 7, "system", 3)),
        ({}, "@@reverse_depth 30\nx", ("at_depth", 0, "system", 30)),
        ({}, "@@depth 2\n@@reverse_depth 3\nx", ("at_depth", 2, "system", None)),
        (
            {"position": "at_depth", "depth": 6},
            "@@position after_desc\n@@depth 2\nx",
            ("after_char", 6, "system", None),
        ),
        ({}, "@@position nowhere\n@@depth 2\nx", ("at_depth", 2, "system", None)),
    ],
)
def test_where_an_entry_stands(settings: dict[str, str], content: str, place: tuple[str, int, str, int | None]) -> None:
    entry = make_entry(content=content, constant=True, **settings)
    placed = play(book(entry), depth=10).placed[0]
    assert (placed.position, placed.depth, placed.role, placed.reverse_depth) == place
    assert placed.text == "x"


def test_what_goes_first_when_the_context_is_full_is_marked() -> None:
    lore = play(book(LoreEntry(content="@@ignore_on_max_context\n{{char}} sleeps.", constant=True, priority=7)))
    assert (lore.placed[0].ignore_on_max_context, lore.placed[0].rank, texts(lore)) == (True, 7, ["Mirela sleeps."])
