"""Who is in a scene, who heard what, and who speaks next."""

from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bot.chat.cast import Actor, Cast, next_speaker, speakers
from storage.wishes import Turns

A, B, C = (UUID(int=number) for number in (1, 2, 3))
SCENE = (Actor(A, "Ada Quill"), Actor(B, "Brother Tom"), Actor(C, "Cy"))


def test_who_was_dismissed_has_not_heard_what_was_said_meanwhile() -> None:
    cast = Cast.of(A).joined(B, depth=4, knows_before=True).left(B, depth=7).joined(B, depth=10, knows_before=True)
    assert [depth for depth in range(13) if cast.heard(B, depth)] == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12]
    assert all(cast.heard(A, depth) for depth in range(13))
    assert cast.present == (A, B)


def test_who_comes_as_a_stranger_knows_nothing_of_before() -> None:
    cast = Cast.of(A).joined(B, depth=4, knows_before=False)
    assert [depth for depth in range(6) if cast.heard(B, depth)] == [4, 5]


def test_coming_twice_and_leaving_without_being_there_change_nothing() -> None:
    cast = Cast.of(A)
    assert cast.joined(A, depth=3, knows_before=True) == cast
    assert cast.left(B, depth=3) == cast
    assert Cast.of(None).present == ()


@pytest.mark.parametrize("order", ["manual", "list", "natural", "pooled"])
def test_who_is_alone_answers_in_any_order(order: Turns) -> None:
    assert speakers(order, SCENE[:1], said="Hello.", seed="x") == (A,)
    assert speakers(order, (), said="Hello.", seed="x") == ()


@pytest.mark.parametrize(
    ("order", "said", "expected"),
    [
        ("manual", "Tom?", ()),
        ("list", "Tom?", (A, B, C)),
        ("natural", "Tom?", (B,)),
        ("natural", "cy, and ADA QUILL!", (C, A)),
        ("natural", "Brother, where is Quill?", (B, A)),
    ],
)
def test_the_order_of_turns(order: Turns, said: str, expected: tuple[UUID, ...]) -> None:
    assert speakers(order, SCENE, said=said, seed="x") == expected


@pytest.mark.parametrize("said", ["Cyprus is far.", "tomorrow", "adaptation", ""])
def test_a_part_of_a_word_is_no_name(said: str) -> None:
    silent = tuple(Actor(each.id, each.name, talkativeness=0.0) for each in SCENE[1:])
    willing = Actor(A, "Ada Quill", talkativeness=1.0)
    assert speakers("natural", (willing, *silent), said=said, seed="x") == (A,)


def test_in_natural_order_somebody_always_answers() -> None:
    silent = tuple(Actor(each.id, each.name, talkativeness=0.0) for each in SCENE)
    assert all(len(speakers("natural", silent, said="Hm.", seed=str(seed))) == 1 for seed in range(20))


def test_in_pooled_order_those_speak_who_have_not_lately() -> None:
    chosen = {speakers("pooled", SCENE, said="Hm.", seed=str(seed), lately=[A, A, B])[0] for seed in range(50)}
    assert chosen == {B, C}


@given(st.sampled_from(["manual", "list", "natural", "pooled"]), st.text(max_size=40), st.text(max_size=8))
def test_the_same_is_decided_of_the_same_and_everybody_speaks_once(order: Turns, said: str, seed: str) -> None:
    first = speakers(order, SCENE, said=said, seed=seed)
    assert first == speakers(order, SCENE, said=said, seed=seed)
    assert len(set(first)) == len(first)
    spoke: list[UUID] = []
    while (speaker := next_speaker(order, SCENE, said=said, seed=seed, spoke=spoke)) is not None:
        spoke.append(speaker)
    assert tuple(spoke) == first
