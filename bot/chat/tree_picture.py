"""A chat's tree as a picture: the root at the top, the way the chat stands on highlighted, every end with its number."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from bot.chat.tree_layout import Knot, Spot, TreeNode, arrange, extent, fold, prune

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["TreeNode", "draw_tree", "fold"]

WIDEST, HIGHEST = 1600, 2400
MARGIN, FOOT = 28, 30
SHARP = 2
"""Drawn so many times larger, then reduced: Pillow does not smooth what it draws."""
FONTS = ("DejaVuSans.ttf",)
"""Used where the system has it; Pillow's own, which is always there, knows little beyond English."""
MOST_ENDS = 64

GROUND, PANEL, LINE = "#1b1d24", "#272a34", "#4a4f5e"
WORDS, FAINT = "#e6e8ee", "#8d93a5"
WAY, WAY_PANEL, HERE = "#8ea2ff", "#2c3454", "#ffcf70"
ROLES = {"person": "#7cc7ff", "character": "#ffb38a", "narration": "#c3a6ff"}
NAMELESS = {"person": "Person", "character": "Character", "narration": "Narration"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a message is drawn, in pixels, and how many lines of its words are shown under the name."""

    width: int
    height: int
    gap: int
    letters: int
    lines: int

    @property
    def folded(self) -> int:
        """The height of what stands for a run."""
        return max(self.letters + 8, 18)


SIZES = (Size(230, 82, 26, 15, 2), Size(176, 78, 20, 14, 2), Size(128, 52, 14, 12, 1), Size(92, 30, 10, 11, 0))
SMALLEST = Size(44, 24, 8, 11, -1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture that fits: where each knot stands, how large, and how many ends did not fit."""

    spots: list[Spot]
    size: Size
    rows: list[int]
    left_off: int

    @property
    def width(self) -> int:
        """In pixels."""
        _, columns, _ = extent(self.spots)
        return max(round(columns * (self.size.width + self.size.gap)) - self.size.gap + 2 * MARGIN, 320)

    @property
    def height(self) -> int:
        """In pixels."""
        gaps = (len(self.rows) - 1) * (self.size.gap + 6)
        return sum(self.rows) + gaps + 2 * MARGIN + (FOOT if self.left_off else 0)


def draw_tree(nodes: Sequence[TreeNode], *, path: Collection[UUID], leaf: UUID | None) -> bytes:
    """A PNG of at most 1600 × 2400 pixels; it takes tenths of a second, so not in the event loop.

    `path` holds the ids from the root to `leaf`, where the chat stands; ends that find no room are left off, those
    with the greatest numbers first, and their number is said. ValueError without nodes.
    """
    if not nodes:
        raise ValueError("there is nothing to draw")
    on_path = set(path) | ({leaf} if leaf else set())
    from PIL import Image, ImageDraw  # noqa: PLC0415 - memory that an idle bot does without

    plan = plan_of(nodes, on_path)
    image = Image.new("RGB", (plan.width * SHARP, plan.height * SHARP), GROUND)
    _Painter(ImageDraw.Draw(image), plan, leaf).paint()
    kept = BytesIO()
    image.reduce(SHARP).save(kept, "PNG")
    return kept.getvalue()


def plan_of(nodes: Sequence[TreeNode], path: Collection[UUID]) -> Plan:
    """The largest picture that fits; ends are left off when there are too many for the smallest."""
    most, smallest = MOST_ENDS, SIZES
    while True:
        kept, left_off = prune(nodes, path, most)
        spots = arrange(fold(kept, path))
        for size in smallest:
            plan = Plan(spots, size, _row_heights(spots, size), left_off)
            if (plan.width <= WIDEST and plan.height <= HIGHEST) or (most == 1 and size is SMALLEST):
                return plan
        # First all words go, then the ends with the greatest numbers.
        if smallest is SIZES:
            smallest = (*SIZES, SMALLEST)
        else:
            most = max(1, most * 3 // 4)


def _row_heights(spots: Sequence[Spot], size: Size) -> list[int]:
    heights: dict[int, int] = {}
    for spot in spots:
        own = size.folded if spot.knot.count > 1 else size.height
        heights[spot.row] = max(heights.get(spot.row, 0), own)
    return [heights[row] for row in sorted(heights)]


class _Painter:
    """Draws a plan; every measure is in pixels of the finished picture."""

    def __init__(self, draw: "ImageDraw", plan: Plan, leaf: UUID | None) -> None:
        self._draw = draw
        self._plan = plan
        self._leaf = leaf
        self._pen = Pen(plan.size.letters * SHARP)
        self._small = Pen(max(plan.size.letters - 2, 10) * SHARP)
        first, columns, _ = extent(plan.spots)
        stride = plan.size.width + plan.size.gap
        unused = plan.width - 2 * MARGIN - (columns * stride - plan.size.gap)
        self._left = MARGIN + unused / 2 - first * stride
        tops = [MARGIN]
        for height in plan.rows:
            tops.append(tops[-1] + height + plan.size.gap + 6)
        self._tops = tops
        self._boxes = {spot.knot.id: self._box(spot) for spot in plan.spots}
        parents = {spot.knot.parent for spot in plan.spots}
        self._ends = {spot.knot.id for spot in plan.spots if spot.knot.id not in parents}

    def paint(self) -> None:
        """Draws lines, then what they join, then what had no room."""
        for spot in sorted(self._plan.spots, key=lambda each: each.knot.on_path):
            self._edge(spot.knot)
        for spot in self._plan.spots:
            if spot.knot.count > 1:
                self._run(spot.knot)
            else:
                self._message(spot.knot)
        if self._plan.left_off:
            more = f"and {self._plan.left_off:,} further {'branches' if self._plan.left_off > 1 else 'branch'}"
            self._text(self._plan.width / 2, self._plan.height - MARGIN - 4, more, self._small, FAINT, anchor="mm")

    def _box(self, spot: Spot) -> tuple[float, float, float, float]:
        size = self._plan.size
        left = self._left + spot.column * (size.width + size.gap)
        height = size.folded if spot.knot.count > 1 else size.height
        top = self._tops[spot.row] + (self._plan.rows[spot.row] - height) / 2
        return left, top, left + size.width, top + height

    def _edge(self, knot: Knot) -> None:
        if knot.parent is None:
            return
        above, below = self._boxes[knot.parent], self._boxes[knot.id]
        colour, width = (WAY, 3) if knot.on_path else (LINE, 2)
        start, end = (above[0] + above[2]) / 2, (below[0] + below[2]) / 2
        turn = below[1] - (self._plan.size.gap + 6) / 2
        self._line([(start, above[3]), (start, turn)], colour, width)
        self._line([(start, turn), (end, turn)], colour, width)
        self._line([(end, turn), (end, below[1])], colour, width)

    def _run(self, knot: Knot) -> None:
        left, top, right, bottom = self._boxes[knot.id]
        words = f"{knot.count:,} messages" if self._plan.size.lines >= 0 else f"{knot.count:,}"
        width = min(self._small.width(words) / SHARP + 24, right - left)
        middle = (left + right) / 2
        self._panel((middle - width / 2, top, middle + width / 2, bottom), 99, knot, is_here=False)
        colour = WORDS if knot.on_path else FAINT
        self._text(middle, (top + bottom) / 2, words, self._small, colour, anchor="mm")

    def _message(self, knot: Knot) -> None:
        size, node = self._plan.size, knot.node
        left, top, right, bottom = box = self._boxes[knot.id]
        is_here = node.id == self._leaf
        self._panel(box, 9, knot, is_here=is_here)
        stripe = ROLES[node.role]
        self._draw.rounded_rectangle(_scaled((left + 5, top + 6, left + 8, bottom - 6)), SHARP, fill=stripe)
        number = self._number_of(node)
        badge = self._small.width(number) / SHARP + 12 if number else 0.0
        if number and size.lines < 0:
            self._badge(right - 3 - badge, top + 3, badge, bottom - top - 6, number, is_here=is_here)
            return
        if number:
            self._badge(right - badge - 6, top + 6, badge, size.letters + 5, number, is_here=is_here)
        if size.lines < 0:
            return
        room = right - left - 24 - badge
        heading = self._heading(node)
        line_at = top + 7 if size.lines else (top + bottom) / 2
        name = self._pen.cut(heading, room * SHARP)
        self._text(left + 15, line_at, name, self._pen, stripe, anchor="la" if size.lines else "lm")
        faint = node.status in ("failed", "removed", "interrupted")
        for line in self._pen.wrap(self._words(node), (right - left - 24) * SHARP, size.lines):
            line_at += size.letters + 7
            self._text(left + 15, line_at, line, self._pen, FAINT if faint else WORDS, anchor="la")

    def _heading(self, node: TreeNode) -> str:
        return self._pen.drawable(node.name) or NAMELESS[node.role]

    def _words(self, node: TreeNode) -> str:
        if node.status == "removed":
            return "(removed)"
        return self._pen.drawable(node.excerpt) or "…"

    def _number_of(self, node: TreeNode) -> str:
        return f"{node.number}" if node.number is not None and node.id in self._ends else ""

    def _badge(self, left: float, top: float, width: float, height: float, number: str, *, is_here: bool) -> None:
        self._draw.rounded_rectangle(
            _scaled((left, top, left + width, top + height)), height / 2 * SHARP, fill=HERE if is_here else LINE
        )
        colour = GROUND if is_here else WORDS
        self._text(left + width / 2, top + height / 2, number, self._small, colour, anchor="mm")

    def _panel(self, box: tuple[float, float, float, float], radius: float, knot: Knot, *, is_here: bool) -> None:
        border, width = (HERE, 3) if is_here else (WAY, 2) if knot.on_path else (LINE, 1)
        radius = min(radius, (box[3] - box[1]) / 2)
        self._draw.rounded_rectangle(
            _scaled(box), radius * SHARP, WAY_PANEL if knot.on_path else PANEL, border, width * SHARP
        )

    def _line(self, points: list[tuple[float, float]], colour: str, width: int) -> None:
        half = width / 2
        (x0, y0), (x1, y1) = points
        box = (min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half)
        self._draw.rectangle(_scaled(box), fill=colour)

    def _text(self, x: float, y: float, text: str, pen: "Pen", colour: str, *, anchor: str) -> None:
        if text:
            self._draw.text((x * SHARP, y * SHARP), text, fill=colour, font=pen.font, anchor=anchor)


def _scaled(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (each * SHARP for each in box)
    return left, top, max(left, right - 1), max(top, bottom - 1)


class Pen:
    """A font of one size, and what it can draw."""

    def __init__(self, pixels: int) -> None:
        self.font = _font(pixels)
        self._unknown = _drawn(self.font, "\U0010ffff")
        self._can: dict[str, bool] = {" ": True}

    def drawable(self, text: str) -> str:
        """The text in one line, without what the font cannot draw; empty when that was most of it."""
        letters = [self._nearest(letter) for letter in unicodedata.normalize("NFC", text)]
        kept = "".join(letter for letter in letters if letter is not None)
        if sum(letter is None for letter in letters) > len(letters) / 2:
            return ""
        return " ".join(kept.split())

    def cut(self, text: str, room: float) -> str:
        """As much of a text as fits, with an ellipsis where something was cut."""
        if self.width(text) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(text[:middle].rstrip() + "…") <= room else (low, middle - 1)
        return text[:low].rstrip() + "…"

    def wrap(self, text: str, room: float, lines: int) -> list[str]:
        """At most so many lines of a text, the last one cut."""
        found: list[str] = []
        words = text.split()
        while words and len(found) < lines:
            if len(found) == lines - 1:
                return [*found, self.cut(" ".join(words), room)]
            taken = 1
            while taken < len(words) and self.width(" ".join(words[: taken + 1])) <= room:
                taken += 1
            found.append(self.cut(" ".join(words[:taken]), room))
            words = words[taken:]
        return found

    def width(self, text: str) -> float:
        """In pixels of the enlarged picture."""
        return self.font.getlength(text)

    def _nearest(self, letter: str) -> str | None:
        """The letter, or one without its accent; nothing for a sign that no reader misses; None if all is lost."""
        if letter.isspace():
            return " "
        if self._draws(letter):
            return letter
        base = "".join(each for each in unicodedata.normalize("NFKD", letter) if self._draws(each))
        if base or not letter.isalnum():
            return base or NEAR.get(letter, "")
        return None

    def _draws(self, letter: str) -> bool:
        if letter not in self._can:
            category = unicodedata.category(letter)
            self._can[letter] = category[0] != "C" and category[0] != "M" and _drawn(self.font, letter) != self._unknown
        return self._can[letter]


NEAR = {"—": "-", "–": "-", "‑": "-", "„": "“", "«": "“", "»": "”"}


def _font(pixels: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415

    for name in FONTS:
        try:
            return ImageFont.truetype(name, pixels)
        except OSError:
            continue
    own = ImageFont.load_default(pixels)
    if not isinstance(own, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return own


def _drawn(font: "FreeTypeFont", letter: str) -> bytes:
    return bytes(font.getmask(letter))
