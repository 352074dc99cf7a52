"""The way from what Discord shows to what it should show: short, and nothing readable is missing on it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.stage import Ended, Writing
from cogs.ui.steps import Delete, Edit, Post, Shot, Wanted, next_step, wanted_posts
from storage.ids import new_id

CONTROLS = (None, Writing(new_id()), Ended(new_id(), can_continue=True))
TEXTS = st.lists(st.sampled_from("abcdef"), max_size=6)
SHOTS = st.lists(st.tuples(st.one_of(st.none(), st.sampled_from("abcdef")), st.sampled_from(CONTROLS)), max_size=5)


def shots(content: list[tuple[str | None, object]], start: int) -> list[Shot]:
    """Posts with ids of their own."""
    return [Shot(start + number, 1, text, controls) for number, (text, controls) in enumerate(content)]  # pyright: ignore[reportArgumentType]


@given(SHOTS, SHOTS, TEXTS, st.sampled_from(CONTROLS))
def test_step_by_step_everything_comes_to_be_as_it_should(
    posted: list[tuple[str | None, object]], left: list[tuple[str | None, object]], parts: list[str], controls: object
) -> None:
    posts, stale = shots(posted, 1), shots(left, 100)
    wanted = wanted_posts(parts, controls)  # pyright: ignore[reportArgumentType]
    most = max(len(posts), len(wanted)) + len(stale)
    for steps in itertools.count():
        step = next_step(posts, stale, wanted)
        if step is None:
            break
        assert steps < most
        match step:
            case Post(want):
                posts.append(Shot(1000 + steps, 1, want.content, want.controls))
            case Edit(shot, want):
                shot.content, shot.controls = want.content, want.controls
            case Delete(shot):
                assert shot in stale or len(posts) > len(wanted)
                # Old posts go only when the new ones stand.
                assert shot not in stale or all(post.shows(want) for post, want in zip(posts, wanted, strict=True))
                (stale if shot in stale else posts).remove(shot)
    assert [(each.content, each.controls) for each in posts] == [(each.content, each.controls) for each in wanted]
    assert stale == []


@given(TEXTS, st.sampled_from(CONTROLS))
def test_buttons_stand_under_the_last_part_alone(parts: list[str], controls: object) -> None:
    wanted = wanted_posts(parts, controls)  # pyright: ignore[reportArgumentType]
    assert [each.content for each in wanted] == parts
    assert [each.controls for each in wanted[:-1]] == [None] * (len(parts) - 1 if parts else 0)
    assert not wanted or wanted[-1].controls == controls


def test_a_post_whose_look_is_not_known_is_edited_with_its_buttons() -> None:
    step = next_step([Shot(1, 1)], [], [Wanted("a", None)])
    assert isinstance(step, Edit)
    assert not step.keeps_buttons


def test_an_edit_of_the_text_alone_keeps_the_buttons() -> None:
    step = next_step([Shot(1, 1, "a", CONTROLS[1])], [], [Wanted("b", CONTROLS[1])])
    assert isinstance(step, Edit)
    assert step.keeps_buttons
