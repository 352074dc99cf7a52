"""What human faces have in common, painted about the middle of the canvas."""

from characters.studio.canvas import Canvas, Colour, Mask, Paint

INK = "#241a2e"


def shoulders(canvas: Canvas, colour: Colour, dark: Colour, light: Colour) -> Mask:
    """Paint a bust from the neck down, lit from above; return its mask."""
    body = canvas.blob(
        [(40, 560), (70, 440), (150, 396), (216, 380), (296, 380), (362, 396), (442, 440), (472, 560)],
        (colour, dark),
    )
    canvas.shade(body, 0, 10, light, alpha=0.5)
    return body


def head(canvas: Canvas, skin: Paint, dark: Colour, *, wide: float = 1) -> Mask:
    """Paint neck, ears, face and nose; return the face's mask."""
    canvas.blob([(220, 330), (292, 330), (296, 392), (256, 416), (216, 392)], dark)
    for x in (-102, 102):
        canvas.ellipse(256 + x * wide, 276, 18, 26, skin)
    outline = [
        (-100, 230),
        (-88, 160),
        (0, 126),
        (88, 160),
        (100, 230),
        (92, 300),
        (52, 358),
        (0, 374),
        (-52, 358),
        (-92, 300),
    ]
    face = canvas.blob([(256 + x * wide, y) for x, y in outline], skin)
    canvas.shade(face, -16, -4, dark, alpha=0.35)
    canvas.line([(258, 272), (266, 296), (254, 302)], 5, dark, alpha=0.75)
    return face


def eyes(canvas: Canvas, y: float, colour: Colour, *, spread: float) -> None:
    """Paint two open eyes."""
    for x in (256 - spread, 256 + spread):
        canvas.ellipse(x, y, 15, 17, "#fffaf2")
        canvas.ellipse(x + 1, y + 1, 11, 14, colour)
        canvas.ellipse(x + 5, y - 5, 4, paint="#ffffff")
        canvas.line([(x - 17, y - 8), (x, y - 18), (x + 17, y - 8)], 5, INK)


def brows(canvas: Canvas, y: float, colour: Colour, *, spread: float, lift: float) -> None:
    """Paint two arched brows."""
    for side in (-1, 1):
        x = 256 + side * spread
        canvas.line([(x - 20, y + 4), (x, y - lift), (x + 20, y + 4)], 8, colour)


def smile(canvas: Canvas, y: float, width: float, colour: Colour, *, open_: bool = False) -> None:
    """Paint a smile, closed or showing teeth."""
    if open_:
        mouth = canvas.blob(
            [
                (256 - width, y - 6),
                (256, y),
                (256 + width, y - 6),
                (256 + width * 0.6, y + 18),
                (256, y + 25),
                (256 - width * 0.6, y + 18),
            ],
            colour,
        )
        canvas.polygon(
            [(256 - width, y - 12), (256 + width, y - 12), (256 + width, y + 5), (256 - width, y + 5)],
            "#fff6ec",
            clip=mouth,
        )
        return
    canvas.line(
        [(256 - width, y - 7), (256 - width * 0.4, y + 6), (256 + width * 0.4, y + 6), (256 + width, y - 7)],
        6,
        colour,
    )


def blush(canvas: Canvas, face: Mask, y: float, colour: Colour) -> None:
    """Paint both cheeks."""
    for x in (186, 326):
        canvas.glow(x, y, 32, 24, colour, alpha=0.55, clip=face)
