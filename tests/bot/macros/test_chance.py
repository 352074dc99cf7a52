"""Chance: the same for the same seeds, another for others, and fair."""

from collections import Counter
from collections.abc import Callable

import pytest

from bot.macros import Expander, Meanings


def told(text: str, *, seed: str = "reply", place_seed: str = "tree", place: str = "description") -> str:
    return Expander(Meanings("Mirela", "Ann", seed=seed, place_seed=place_seed)).expand(text, place=place)


LETTERS = "::".join("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("macro", [f"{{{{random::{LETTERS}}}}}", f"{{{{pick::{LETTERS}}}}}", "{{roll:d1000}}"])
def test_the_same_seeds_place_and_position_give_the_same(macro: str) -> None:
    assert told(macro * 9) == told(macro * 9)
    assert told(macro * 9) != told(" " + macro * 9).strip()
    assert told(macro * 9) != told(macro * 9, place="scenario")
    assert len(set(told((macro + " ") * 9).split())) > 3


@pytest.mark.parametrize(("macro", "hangs_on_reply"), [("random::", True), ("pick::", False), ("roll:d99::", True)])
def test_picks_hang_on_the_tree_the_others_on_the_reply(macro: str, hangs_on_reply: bool) -> None:
    text = f"{{{{{macro}{LETTERS}}}}}" * 9 if "roll" not in macro else "{{roll:d99}}" * 9
    assert (told(text, seed="another") != told(text)) is hangs_on_reply
    assert (told(text, place_seed="another") != told(text)) is not hangs_on_reply


def test_what_was_chosen_once_stays_chosen_for_ever() -> None:
    """Chats live longer than versions of this program and of Python."""
    assert told(f"{{{{pick::{LETTERS}}}}}{{{{random::{LETTERS}}}}} {{{{roll:3d100}}}}") == "cv 178"


def test_a_field_is_the_same_wherever_it_is_put() -> None:
    meanings = Meanings("M", "A", description="{{random:1,2,3,4,5,6,7,8,9}}{{roll:d1000}}", seed="s")
    alone = Expander(meanings).expand(meanings.description, place="description")
    assert Expander(meanings).expand("So: {{description}}", place="system prompt") == f"So: {alone}"


@pytest.mark.parametrize(
    ("macro", "possible", "each"),
    [
        ("{{random::a::b::}}", {"a", "b", ""}, 667),
        (r"{{random:a,b\,c}}", {"a", "b,c"}, 1000),
        ("{{pick:{{user}},b}}", {"Ann", "b"}, 1000),
        ("{{roll:6}}", set("123456"), 333),
        ("{{roll:d4-1}}", set("0123"), 500),
        ("{{roll 1d3 + 10}}", {"11", "12", "13"}, 667),
        ("{{roll:2d2}}", {"2", "3", "4"}, None),
    ],
)
def test_chance_is_fair(macro: str, possible: set[str], each: int | None) -> None:
    seen = Counter(told(macro, seed=str(number), place_seed=str(number)) for number in range(2_000))
    assert set(seen) == possible
    assert each is None or all(abs(count - each) < 5 * each**0.5 for count in seen.values())


@pytest.mark.parametrize("dice", ["100d6", "3d999999+999999", "1d20-999999"])
def test_many_dice_stay_within_what_they_can_show(dice: str) -> None:
    count, _, rest = dice.partition("d")
    sides, sign, added = rest.partition("+") if "+" in rest else rest.partition("-")
    shown = int(told(f"{{{{roll:{dice}}}}}")) - int(f"{sign}{added or 0}")
    assert int(count) <= shown <= int(count) * int(sides)


@pytest.mark.parametrize("seeds", [lambda n: ("ab"[:n], "ab"[n:]), lambda n: (f"1:{n}", "\ud800\0")])
def test_any_words_can_be_seeds(seeds: Callable[[int], tuple[str, str]]) -> None:
    texts = {told(f"{{{{random::{LETTERS}}}}}" * 9, seed=a, place=b) for a, b in map(seeds, range(3))}
    assert len(texts) == 3
