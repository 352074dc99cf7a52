"""The chart of usage: round numbers, short figures, and a picture for any days there may be."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts import GROUND, HEIGHT, LEFT, READ, RIGHT, WIDTH, Day, draw_usage, scale, short

COUNTS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (12_345, "12.3k"), (99_949, "99.9k"),
        (99_950, "100k"), (999_400, "999k"), (999_600, "1M"), (5_000_000, "5M"), (10**9, "1B"), (10**12, "1T"),
    ],
)  # fmt: skip
def test_figures_are_short(number: int, words: str) -> None:
    assert short(number) == words


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, (0, 1)), (1, (0, 1)), (3, (0, 1, 2, 3)), (5, (0, 2, 4, 6)), (10, (0, 5, 10)), (100, (0, 25, 50, 75, 100)),
        (101, (0, 50, 100, 150)), (61_000, (0, 20_000, 40_000, 60_000, 80_000)),
    ],
)  # fmt: skip
def test_the_grid_is_round(highest: int, ticks: tuple[float, ...]) -> None:
    assert scale(highest) == ticks


@given(COUNTS)
def test_the_grid_holds_what_it_measures(highest: int) -> None:
    ticks = scale(highest)
    assert ticks[-1] >= highest
    assert ticks[-2] < max(highest, 1)
    assert len(ticks) <= 5
    assert all(tick == int(tick) for tick in ticks)


@given(
    st.lists(st.tuples(COUNTS, COUNTS, st.integers(0, 10**9)), max_size=90),
    st.none() | st.integers(1, 10**15),
)
@settings(max_examples=8, deadline=None)
def test_any_days_make_a_picture(counts: list[tuple[int, int, int]], budget: int | None) -> None:
    days = [Day(date(2026, 9, 1) + timedelta(days=n), *each) for n, each in enumerate(counts)]
    picture = opened(draw_usage(days, [("1,234", "replies")], budget=budget))
    assert picture.size == (WIDTH, HEIGHT)
    assert colour_at(picture, 0, 0) is None  # the card's corners are round
    assert colour_at(picture, 8, HEIGHT // 2) == GROUND


def test_the_highest_bar_stands_where_the_most_was_used() -> None:
    days = [Day(date(2026, 11, 15) + timedelta(days=n), 10_000 * (n == 3), 0, n == 3) for n in range(7)]
    picture = opened(draw_usage(days, []))
    places = [x for x in range(WIDTH) for y in range(300, 400, 20) if colour_at(picture, x, y) == READ]
    assert places
    middle = sum(places) / len(places)
    assert abs(middle - (LEFT + RIGHT) / 2) < 3


def colour_at(picture: "Image.Image", x: int, y: int) -> str | None:
    """A pixel's colour, None where one sees through."""
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return None if pixel[3] < 128 else "#{:02x}{:02x}{:02x}".format(*pixel[:3])


def opened(png: bytes) -> "Image.Image":
    """The picture, with its transparency."""
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.mode) == ("PNG", "RGBA")
    return picture
