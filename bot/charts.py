"""A chart of usage as a picture: tokens and replies by day, with the sums above, on a card of its own.

The card brings its own dark ground, so that it reads the same in Discord's dark and light looks, and is drawn for the
width of about 400 to 550 points at which Discord shows pictures: letters are large for its 820 pixels.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDTH, HEIGHT = 820, 600
SMALL = 22
FINER = 2  # drawn at twice the size, so that edges come out smooth
LEFT, RIGHT, MARGIN = 104, 788, 34
TOKENS_TOP, TOKENS_BASE = 190, 414
REPLIES_TOP, REPLIES_BASE = 474, 532
DATES = 562
GROUND, EDGE, GRID = "#1c1d26", "#31333f", "#2c2e3a"
WORDS, FAINT = "#f2f3f5", "#a3a6b8"
READ, WRITTEN, REPLIES, BUDGET = "#7c63d6", "#c4b5fd", "#4fb8a5", "#f0b232"
TICKS = 4

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Day:
    """What a day saw: tokens read and written, and replies."""

    day: date
    read: int
    written: int
    replies: int

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.read + self.written


def short(number: float) -> str:
    """A number in at most five letters: “950”, “12.3k”, “4M”."""
    for size, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.0f}{unit}" if scaled >= 99.95 else f"{scaled:.1f}".removesuffix(".0") + unit
    return f"{number:.0f}"


def scale(highest: float) -> tuple[float, ...]:
    """Round numbers for the grid, from 0 to the first that is not below `highest`."""
    least = max(highest, 1) / TICKS
    power = 10.0 ** (len(str(int(least))) - 1)
    step = next(step for step in (power * each for each in (1, 2, 2.5, 5, 10)) if step >= least and step == int(step))
    count = next(number for number in range(1, TICKS + 1) if number * step >= highest)
    return tuple(step * number for number in range(count + 1))


def draw_usage(days: Sequence[Day], facts: Sequence[tuple[str, str]], *, budget: int | None = None) -> bytes:
    """The chart as PNG; `facts` are up to four pairs of a figure and what it counts. Takes about 50 ms."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - memory that an idle bot does without

    picture = Image.new("RGBA", (WIDTH * FINER, HEIGHT * FINER))
    pen = Pen(ImageDraw.Draw(picture))
    pen.box((0, 0, WIDTH - 1, HEIGHT - 1), GROUND, radius=24, edge=EDGE)
    _head(pen, facts)
    _tokens(pen, days, budget)
    _replies(pen, days)
    _dates(pen, days)
    out = io.BytesIO()
    picture.reduce(FINER).save(out, "PNG")
    return out.getvalue()


class Pen:
    """Draws in the chart's own measure."""

    def __init__(self, draw: "ImageDraw.ImageDraw") -> None:
        self._draw = draw
        self._fonts: dict[int, Font] = {}

    def box(self, box: Box, colour: str, *, radius: float = 0, edge: str | None = None, top_only: bool = False) -> None:
        """A rectangle with round corners, at the top alone or everywhere."""
        corners = (True, True, False, False) if top_only else None
        self._draw.rounded_rectangle(
            [round(each * FINER) for each in box],
            radius * FINER,
            fill=colour,
            outline=edge,
            width=FINER if edge else 0,
            corners=corners,
        )

    def line(self, height: float, colour: str, *, dash: float = 0) -> None:
        """A level line across the plot, dashed where a length is given."""
        left = float(LEFT)
        while left < RIGHT:
            right = min(left + dash, RIGHT) if dash else RIGHT
            self._draw.line([each * FINER for each in (left, height, right, height)], fill=colour, width=FINER * 2)
            left = right + dash * 0.8 if dash else RIGHT

    def words(self, at: tuple[float, float], text: str, size: int, colour: str = FAINT, anchor: str = "ls") -> float:
        """Writes, and returns how wide that was; `anchor` is Pillow's: l, m or r, then s for the baseline."""
        place = (at[0] * FINER, at[1] * FINER)
        self._draw.text(place, text, fill=colour, font=self._font(size), anchor=anchor)
        return self.width(text, size)

    def width(self, text: str, size: int) -> float:
        """How wide a text is."""
        return self._draw.textlength(text, font=self._font(size)) / FINER

    def _font(self, size: int) -> "Font":
        from PIL import ImageFont  # noqa: PLC0415

        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * FINER)
        return self._fonts[size]


def _head(pen: Pen, facts: Sequence[tuple[str, str]]) -> None:
    column = (WIDTH - 2 * MARGIN) / max(len(facts), 3)
    for number, (figure, what) in enumerate(facts):
        left = MARGIN + number * column
        pen.words((left, 80), figure, 46, WORDS)
        pen.words((left, 114), what, SMALL)


def _tokens(pen: Pen, days: Sequence[Day], budget: int | None) -> None:
    highest = max((each.tokens for each in days), default=0)
    # A budget far above all bars would press them flat: it is then told in the figures alone.
    shown = budget if budget is not None and budget <= 2.5 * highest else None
    ticks = scale(max(highest, shown or 0))
    top = ticks[-1]

    def at(tokens: float) -> float:
        return TOKENS_BASE - (TOKENS_BASE - TOKENS_TOP) * tokens / top

    for tick in ticks:
        pen.line(at(tick), GRID)
        pen.words((LEFT - 14, at(tick) + 8), short(tick), SMALL, anchor="rs")
    _legend(pen, with_budget=shown is not None)
    for each, (left, right) in zip(days, _slots(len(days)), strict=True):
        if each.tokens:
            radius = min(8.0, (right - left) / 2.2)
            upper = min(at(each.tokens), TOKENS_BASE - 3)
            pen.box((left, upper, right, TOKENS_BASE), WRITTEN, radius=radius, top_only=True)
            if (lower := upper + (TOKENS_BASE - upper) * each.written / each.tokens) < TOKENS_BASE:
                pen.box((left, lower, right, TOKENS_BASE), READ, radius=0 if each.written else radius, top_only=True)
    if shown is not None:
        pen.line(at(shown), BUDGET, dash=12)


def _legend(pen: Pen, *, with_budget: bool) -> None:
    left = float(LEFT)
    for what, colour in (("tokens read", READ), ("tokens written", WRITTEN), ("budget of a day", BUDGET)):
        if what.startswith("budget") and not with_budget:
            continue
        pen.box((left, TOKENS_TOP - 33, left + 16, TOKENS_TOP - 17), colour, radius=4)
        left += 26 + pen.words((left + 26, TOKENS_TOP - 18), what, SMALL) + 24


def _replies(pen: Pen, days: Sequence[Day]) -> None:
    highest = max((each.replies for each in days), default=0)
    pen.box((LEFT, REPLIES_TOP - 33, LEFT + 16, REPLIES_TOP - 17), REPLIES, radius=4)
    pen.words((LEFT + 26, REPLIES_TOP - 18), "replies", SMALL)
    pen.words((LEFT - 14, REPLIES_TOP + 12), short(highest), SMALL, anchor="rs")
    pen.line(REPLIES_BASE, GRID)
    for each, (left, right) in zip(days, _slots(len(days)), strict=True):
        if each.replies:
            upper = REPLIES_BASE - max((REPLIES_BASE - REPLIES_TOP) * each.replies / highest, 3)
            pen.box((left, upper, right, REPLIES_BASE), REPLIES, radius=min(6, (right - left) / 2.2), top_only=True)


def _dates(pen: Pen, days: Sequence[Day]) -> None:
    every = 1 if len(days) <= 7 else 5 if len(days) <= 31 else 15
    shape = "%a %d" if every == 1 else "%d %b"
    slots = list(_slots(len(days)))
    for number in range(len(days) - 1, -1, -every):
        left, right = slots[number]
        today = number == len(days) - 1
        text = "today" if today else days[number].day.strftime(shape).replace(" 0", " ").removeprefix("0")
        middle = min((left + right) / 2, RIGHT - pen.width(text, SMALL) / 2)
        pen.words((middle, DATES + 8), text, SMALL, WORDS if today else FAINT, anchor="ms")


def _slots(count: int) -> Iterator[tuple[float, float]]:
    """Where the bars stand: the left and right edge of each."""
    room = (RIGHT - LEFT) / max(count, 1)
    bar = min(room * 0.68, 64)
    for number in range(count):
        middle = LEFT + room * (number + 0.5)
        yield middle - bar / 2, middle + bar / 2
