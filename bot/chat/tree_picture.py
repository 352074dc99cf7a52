"""A chat's tree as a picture: the root at the top, the way the chat stands on highlighted, the ends numbered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from bot.chat.tree_layout import Knot, Spot, TreeNode, arrange, extent, fold, prune
from bot.chat.tree_pen import Pen

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["TreeNode", "draw_tree", "fold"]

WIDEST, HIGHEST = 1600, 2400
MARGIN, FOOT = 28, 30
SHARP = 2
"""Drawn so many times larger, then reduced: Pillow does not smooth what it draws."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

GROUND, PANEL, LINE = "#1b1d24", "#272a34", "#4a4f5e"
WORDS, FAINT = "#e6e8ee", "#8d93a5"
WAY, WAY_PANEL, HERE = "#8ea2ff", "#2c3454", "#ffcf70"
ROLES = {"person": "#7cc7ff", "character": "#ffb38a", "narration": "#c3a6ff"}
NAMELESS = {"person": "Person", "character": "Character", "narration": "Narration"}


@dataclass(frozen=True, slots=True)
class Size:
    """How a message is drawn, in pixels: its card, the gaps beside and below it, its letters.

    `lines` of its words stand under the name; with none both share a line, with -1 there is a number at most.
    """

    width: int
    height: int
    gap: int
    drop: int
    letters: int
    lines: int

    @property
    def folded(self) -> int:
        """The height of what stands for a run."""
        return self.letters + 8


SIZES = (
    *(Size(width, 82, 26, 30, 15, 2) for width in (260, 220, 180)),
    *(Size(width, 56, 16, 22, 14, 1) for width in (240, 200, 160, 130)),
    *(Size(width, 26, 12, 14, 13, 0) for width in (360, 280, 220, 180, 150, 120, 96, 80)),
)
SMALLEST = Size(44, 22, 8, 10, 11, -1)
ROOMY = 180
"""From this width on a line holds a name beside the words."""


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
        return round(columns * (self.size.width + self.size.gap)) - self.size.gap + 2 * MARGIN

    @property
    def height(self) -> int:
        """In pixels."""
        gaps = (len(self.rows) - 1) * self.size.drop
        return sum(self.rows) + gaps + 2 * MARGIN + (FOOT if self.left_off else 0)

    @property
    def fits(self) -> bool:
        """Whether Discord shows it at a size that can be read."""
        return self.width <= WIDEST and self.height <= HIGHEST


def draw_tree(nodes: Sequence[TreeNode], *, path: Collection[UUID], leaf: UUID | None) -> bytes:
    """A PNG of at most 1600 × 2400 pixels; it takes tenths of a second, so not in the event loop.

    `path` holds the ids from the root to `leaf`, where the chat stands; ends that find no room are left off, those
    with the greatest numbers first, and their number is said. ValueError without nodes.
    """
    if not nodes:
        raise ValueError("there is nothing to draw")
    on_path = {*path, leaf} if leaf else set(path)
    from PIL import Image, ImageDraw  # noqa: PLC0415 - memory that an idle bot does without

    plan = plan_of(nodes, on_path)
    image = Image.new("RGB", (plan.width * SHARP, plan.height * SHARP), GROUND)
    _Painter(ImageDraw.Draw(image), plan, leaf).paint()
    kept = BytesIO()
    image.reduce(SHARP).save(kept, "PNG")
    return kept.getvalue()


def plan_of(nodes: Sequence[TreeNode], path: Collection[UUID]) -> Plan:
    """The largest picture that fits; ends are left off when there are too many for the smallest."""
    for sizes, ends in ((SIZES, (64, 48, 36, 26)), ((SMALLEST,), (64, 48, 36, 26, 16, 8, 4, 2, 1))):
        for most in ends:
            kept, left_off = prune(nodes, path, most)
            spots = arrange(fold(kept, path))
            plans = (Plan(spots, size, _row_heights(spots, size), left_off) for size in sizes)
            fitting = next((plan for plan in plans if plan.fits), None)
            if fitting is not None:
                return fitting
    raise AssertionError("a single line of knots always fits")


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
            tops.append(tops[-1] + height + plan.size.drop)
        self._tops = tops
        self._rows = {spot.knot.id: spot.row for spot in plan.spots}
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

    def _box(self, spot: Spot) -> Box:
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
        turn = self._tops[self._rows[knot.id]] - self._plan.size.drop / 2
        self._line([(start, above[3]), (start, turn)], colour, width)
        self._line([(start, turn), (end, turn)], colour, width)
        self._line([(end, turn), (end, below[1])], colour, width)

    def _run(self, knot: Knot) -> None:
        left, top, right, bottom = self._boxes[knot.id]
        whole, short = f"{knot.count:,} messages", f"{knot.count:,}"
        words = whole if self._small.width(whole) / SHARP + 12 <= right - left else short
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
        if number:
            tall = size.letters + 5 if size.lines >= 0 else bottom - top - 6
            above = 5 if size.lines > 0 else (bottom - top - tall) / 2
            self._badge((right - 4 - badge, top + above, right - 4, top + above + tall), number, is_here=is_here)
        if size.lines > 0:
            self._paragraph(node, box, badge)
        elif size.lines == 0:
            self._line_of(node, box, badge)

    def _paragraph(self, node: TreeNode, box: Box, badge: float) -> None:
        """The name, and lines of words under it."""
        left, top, right, _ = box
        size, line_at = self._plan.size, top + 7
        name = self._pen.cut(self._heading(node), (right - left - 26 - badge) * SHARP)
        self._text(left + 15, line_at, name, self._pen, ROLES[node.role], anchor="la")
        for line in self._pen.wrap(self._words(node), (right - left - 25) * SHARP, size.lines):
            line_at += size.letters + 7
            self._text(left + 15, line_at, line, self._pen, _tone(node), anchor="la")

    def _line_of(self, node: TreeNode, box: Box, badge: float) -> None:
        """The name where there is room for it, and words beside it."""
        left, top, right, bottom = box
        at, end, middle = left + 14, right - badge - 10, (top + bottom) / 2
        if self._plan.size.width >= ROOMY:
            name = self._pen.cut(self._heading(node), (end - at) * 0.45 * SHARP)
            self._text(at, middle, name, self._pen, ROLES[node.role], anchor="lm")
            at += self._pen.width(name) / SHARP + 8
        self._text(
            at, middle, self._pen.cut(self._words(node), (end - at) * SHARP), self._pen, _tone(node), anchor="lm"
        )

    def _heading(self, node: TreeNode) -> str:
        return self._pen.drawable(node.name) or NAMELESS[node.role]

    def _words(self, node: TreeNode) -> str:
        if node.status == "removed":
            return "(removed)"
        return self._pen.drawable(node.excerpt) or "…"

    def _number_of(self, node: TreeNode) -> str:
        return f"{node.number}" if node.number is not None and node.id in self._ends else ""

    def _badge(self, box: Box, number: str, *, is_here: bool) -> None:
        left, top, right, bottom = box
        radius = (bottom - top) / 2 * SHARP
        self._draw.rounded_rectangle(_scaled(box), radius, fill=HERE if is_here else LINE)
        colour = GROUND if is_here else WORDS
        self._text((left + right) / 2, (top + bottom) / 2, number, self._small, colour, anchor="mm")

    def _panel(self, box: Box, radius: float, knot: Knot, *, is_here: bool) -> None:
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

    def _text(self, x: float, y: float, text: str, pen: Pen, colour: str, *, anchor: str) -> None:
        if text:
            self._draw.text((x * SHARP, y * SHARP), text, fill=colour, font=pen.font, anchor=anchor)


def _tone(node: TreeNode) -> str:
    return FAINT if node.status in ("failed", "removed", "interrupted") else WORDS


def _scaled(box: Box) -> Box:
    left, top, right, bottom = (each * SHARP for each in box)
    return left, top, max(left, right - 1), max(top, bottom - 1)
