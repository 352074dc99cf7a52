"""A canvas of 512 units a side, on which smooth shapes are painted with flat colours and gradients."""

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageOps

UNITS = 512
_SCALE = 3  # painted larger and made smaller, so that edges are soft
_PIXELS = UNITS * _SCALE

Point = tuple[float, float]
Colour = str
Paint = Colour | tuple[Colour, Colour]
"""One colour, or the colours at a shape's top and bottom."""
Mask = Image.Image


class Canvas:
    """A picture in the making; painting returns the mask of what was painted, to clip others to."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        self._image = _gradient((_PIXELS, _PIXELS), top, bottom)

    def finished(self) -> Image.Image:
        """Return the picture at 512 × 512 pixels, darkened a little towards its edges."""
        corners = ImageOps.invert(Image.radial_gradient("L").resize((_PIXELS, _PIXELS)))
        vignette = corners.point([255 - max(0, 130 - level) // 3 for level in range(256)])
        dark = ImageChops.multiply(self._image, Image.merge("RGB", [vignette] * 3))
        return dark.resize((UNITS, UNITS), Image.Resampling.LANCZOS)

    def blob(self, points: Sequence[Point], paint: Paint, *, clip: Mask | None = None, alpha: float = 1) -> Mask:
        """Paint a closed shape whose outline runs smoothly through the points."""
        return self._polygon(_smooth([*points], closed=True), paint, clip, alpha)

    def polygon(self, points: Sequence[Point], paint: Paint, *, clip: Mask | None = None, alpha: float = 1) -> Mask:
        """Paint a shape with straight sides."""
        return self._polygon([*points], paint, clip, alpha)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float | None = None, paint: Paint = "#000000", *,
        clip: Mask | None = None, alpha: float = 1, turn: float = 0,
    ) -> Mask:  # fmt: skip
        """Paint an ellipse about a centre, turned clockwise by degrees; a circle without `ry`."""
        return self._polygon(_ellipse(x, y, rx, rx if ry is None else ry, turn), paint, clip, alpha)

    def line(
        self, points: Sequence[Point], width: float, paint: Colour, *,
        clip: Mask | None = None, alpha: float = 1, smooth: bool = True,
    ) -> Mask:  # fmt: skip
        """Paint a stroke with round ends through the points."""
        mask = Image.new("L", (_PIXELS, _PIXELS))
        draw = ImageDraw.Draw(mask)
        path = [(x * _SCALE, y * _SCALE) for x, y in (_smooth([*points], closed=False) if smooth else points)]
        draw.line(path, fill=255, width=round(width * _SCALE), joint="curve")
        radius = width * _SCALE / 2
        for x, y in (path[0], path[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        return self._apply(mask, paint, clip, alpha)

    def ring(self, x: float, y: float, radius: float, width: float, paint: Paint, *, alpha: float = 1) -> Mask:
        """Paint a circle's outline."""
        mask = Image.new("L", (_PIXELS, _PIXELS))
        box = [(place + side * radius) * _SCALE for side in (-1, 1) for place in (x, y)]
        ImageDraw.Draw(mask).ellipse(box, outline=255, width=round(width * _SCALE))
        return self._apply(mask, paint, None, alpha)

    def glow(
        self, x: float, y: float, rx: float, ry: float | None = None, paint: Colour = "#ffffff", *,
        alpha: float = 0.6, clip: Mask | None = None,
    ) -> None:  # fmt: skip
        """Paint a soft light, brightest at its centre."""
        ry = rx if ry is None else ry
        size = (round(rx * 2 * _SCALE), round(ry * 2 * _SCALE))
        edge = [max(0, level - 74) * 255 // 181 for level in range(256)]
        soft = ImageOps.invert(Image.radial_gradient("L")).point(edge)
        mask = Image.new("L", (_PIXELS, _PIXELS))
        mask.paste(soft.resize(size, Image.Resampling.BILINEAR), (round((x - rx) * _SCALE), round((y - ry) * _SCALE)))
        self._apply(mask, paint, clip, alpha)

    def shade(self, mask: Mask, dx: float, dy: float, paint: Colour, *, alpha: float = 0.3) -> None:
        """Paint the part of a shape that a copy of it, moved, leaves uncovered: its far side."""
        moved = ImageChops.offset(mask, round(dx * _SCALE), round(dy * _SCALE))
        self._apply(ImageChops.subtract(mask, moved), paint, None, alpha)

    def scatter(
        self, count: int, seed: int, box: tuple[float, float, float, float], sizes: tuple[float, float],
        paint: Colour, *, alpha: float = 0.8,
    ) -> None:  # fmt: skip
        """Paint small discs (stars, dust, flour) at places that a seed decides."""
        chance = random.Random(seed)  # noqa: S311 - for looks
        mask = Image.new("L", (_PIXELS, _PIXELS))
        draw = ImageDraw.Draw(mask)
        left, top, right, bottom = box
        for _ in range(count):
            x, y = chance.uniform(left, right) * _SCALE, chance.uniform(top, bottom) * _SCALE
            radius = chance.uniform(*sizes) * _SCALE
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.randint(90, 255))
        self._apply(mask, paint, None, alpha)

    def _polygon(self, points: Sequence[Point], paint: Paint, clip: Mask | None, alpha: float) -> Mask:
        mask = Image.new("L", (_PIXELS, _PIXELS))
        ImageDraw.Draw(mask).polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=255)
        return self._apply(mask, paint, clip, alpha)

    def _apply(self, mask: Mask, paint: Paint, clip: Mask | None, alpha: float) -> Mask:
        if clip is not None:
            mask = ImageChops.multiply(mask, clip)
        box = mask.getbbox()
        if box is None:
            return mask
        size = (box[2] - box[0], box[3] - box[1])
        colours = Image.new("RGB", size, paint) if isinstance(paint, str) else _gradient(size, *paint)
        part = mask.crop(box)
        self._image.paste(colours, box[:2], part.point(lambda level: int(level * alpha)) if alpha < 1 else part)
        return mask


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return ImageOps.colorize(ramp, ImageColor.getrgb(top), ImageColor.getrgb(bottom))


def _ellipse(x: float, y: float, rx: float, ry: float, turn: float) -> list[Point]:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    corners = ((math.cos(step / 60 * math.pi) * rx, math.sin(step / 60 * math.pi) * ry) for step in range(120))
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners]


def _smooth(points: list[Point], *, closed: bool) -> list[Point]:
    """Return a Catmull-Rom spline through the points, in sixteen steps between each two."""
    count = len(points)
    ends = range(count) if closed else range(count - 1)
    path: list[Point] = []
    for index in ends:
        around = [index - 1, index, index + 1, index + 2]
        p0, p1, p2, p3 = (
            points[i % count] if closed else points[min(max(i, 0), count - 1)] for i in around
        )  # fmt: skip
        path += [
            (_spline(p0[0], p1[0], p2[0], p3[0], t / 16), _spline(p0[1], p1[1], p2[1], p3[1], t / 16))
            for t in range(16)
        ]
    return path if closed else [*path, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
