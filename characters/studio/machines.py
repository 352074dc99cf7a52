"""Those made of metal, wholly or as to the hat: Halcyon, Madame Ferrule and Morwenna the Dread."""

import math

from characters.studio.canvas import Canvas


def halcyon() -> Canvas:
    """A ship's eye with a worried lamp's light, in a ring of sleeping pods, among stars."""
    canvas = Canvas("#0b1236", "#1d1145")
    canvas.glow(150, 130, 330, paint="#4a3a9c", alpha=0.45)
    canvas.scatter(44, 3, (0, 0, 512, 512), (0.6, 2.2), "#eaf2ff")
    canvas.ellipse(256, 256, 212, paint="#cdd6ee")
    canvas.ellipse(256, 256, 200, paint="#8b97c4")
    canvas.ellipse(256, 256, 190, paint="#232a54")
    for step in range(16):
        angle = math.radians(step * 22.5 + 11)
        x, y = 256 + math.cos(angle) * 160, 256 + math.sin(angle) * 160
        awake = step == 12
        canvas.ellipse(x, y, 26, 15, "#0d1230", turn=step * 22.5 + 11)
        canvas.ellipse(x, y, 21, 11, ("#ffe9a8", "#ffb54d") if awake else ("#6fd3e6", "#2f6fa5"), turn=step * 22.5 + 11)
        if awake:
            canvas.glow(x, y, 60, paint="#ffd67a", alpha=0.8)
    canvas.ellipse(256, 256, 126, paint=("#e9eefb", "#9aa5cd"))
    canvas.ellipse(256, 256, 114, paint=("#10173d", "#243a7a"))
    iris = canvas.ellipse(256, 256, 100, paint=("#1f7fb8", "#59e0d8"))
    for step in range(24):
        angle = math.radians(step * 15)
        ray = [(256 + math.cos(angle) * far, 256 + math.sin(angle) * far) for far in (50, 88 + step % 3 * 5)]
        canvas.line(ray, 3, "#bff7f0", alpha=0.4, smooth=False, clip=iris)
    canvas.ellipse(256, 256, 52, paint=("#0a0f2c", "#151d4d"))
    canvas.glow(256, 262, 44, paint="#ffe7a6", alpha=0.95)
    canvas.ellipse(256, 262, 15, paint="#fff8df")
    canvas.ellipse(222, 214, 26, 17, "#ffffff", alpha=0.85, turn=-35)
    canvas.ellipse(294, 300, 10, 7, "#ffffff", alpha=0.6, turn=-35)
    # Lids that slope outwards: it worries.
    lens = canvas.ellipse(256, 256, 114, paint="#10173d", alpha=0.01)
    lids = [(120, 216), (190, 170), (256, 152), (322, 170), (392, 216), (392, 100), (120, 100)]
    canvas.blob(lids, ("#aab5dc", "#7d88b4"), clip=lens)
    canvas.line([(130, 224), (190, 178), (256, 160), (322, 178), (382, 224)], 8, "#eef2ff", clip=lens, alpha=0.9)
    for x, y, tilt in ((88, 448, -1), (426, 452, 1)):
        for leg in (-18, 0, 18):
            canvas.line([(x + leg * 0.6, y), (x + leg * 1.5, y + 16), (x + leg * 1.7, y + 28)], 4, "#8a96c2")
        shell = canvas.ellipse(x, y - 4, 32, 22, ("#f2b65a", "#c06a35"))
        canvas.shade(shell, 0, -6, "#6d3524")
        canvas.ellipse(x + tilt * -12, y - 8, 8, paint="#10173d")
        canvas.ellipse(x + tilt * -12, y - 8, 4.5, paint="#7ff0e2")
        canvas.line([(x + tilt * -6, y - 24), (x + tilt * -16, y - 44)], 3, "#8a96c2")
        canvas.ellipse(x + tilt * -16, y - 46, 4.5, paint="#ff7a6b")
    return canvas


def madame_ferrule() -> Canvas:
    """A brass fortune-teller behind glass, with a card in her slot and cogs about her head."""
    canvas = Canvas("#2a0f3a", "#12061f")
    canvas.glow(256, 230, 270, paint="#c25bd0", alpha=0.6)
    _cog(canvas, 96, 122, 74, teeth=12, colour="#5b2f6b")
    _cog(canvas, 424, 104, 92, teeth=14, colour="#4a2560")
    _cog(canvas, 438, 350, 62, teeth=10, colour="#5b2f6b")
    _cog(canvas, 70, 330, 56, teeth=10, colour="#4a2560")
    canvas.ellipse(256, 226, 176, paint=("#ffdf92", "#b0702c"))
    canvas.ellipse(256, 226, 160, paint=("#3d1850", "#26103a"))
    for step in range(12):
        angle = math.radians(step * 30)
        x, y = math.cos(angle), math.sin(angle)
        canvas.line([(256 + x * 150, 226 + y * 150), (256 + x * 168, 226 + y * 168)], 6, "#fff1c9", smooth=False)
    canvas.blob(
        [
            (124, 330),
            (116, 220),
            (156, 130),
            (256, 84),
            (356, 130),
            (396, 220),
            (388, 330),
            (330, 392),
            (182, 392),
        ],
        ("#1f6f78", "#123f55"),
    )
    dress = canvas.blob(
        [(50, 560), (88, 444), (170, 398), (256, 388), (342, 398), (424, 444), (462, 560)],
        ("#1f6f78", "#0f3246"),
    )
    canvas.shade(dress, 0, 10, "#6fd0c4", alpha=0.4)
    for x in range(110, 420, 34):
        canvas.ellipse(x, 424 + abs(x - 256) * 0.22, 11, 15, ("#ffdf92", "#b0702c"))
    canvas.polygon([(226, 340), (286, 340), (290, 402), (222, 402)], ("#b57a34", "#7d4c22"))
    for y in (352, 368, 384):
        canvas.line([(224, y), (288, y)], 4, "#5d3418", smooth=False)
    face = canvas.blob(
        [
            (158, 232),
            (168, 164),
            (256, 128),
            (344, 164),
            (354, 232),
            (344, 300),
            (306, 352),
            (256, 368),
            (206, 352),
            (168, 300),
        ],
        ("#f9d98f", "#c88a3c"),
    )
    canvas.shade(face, -18, -4, "#7d4c22", alpha=0.45)
    canvas.line([(208, 340), (214, 364)], 4, "#7d4c22")
    canvas.line([(304, 340), (298, 364)], 4, "#7d4c22")
    turban = canvas.blob(
        [
            (140, 214),
            (148, 140),
            (196, 92),
            (256, 78),
            (316, 92),
            (364, 140),
            (372, 214),
            (316, 182),
            (256, 172),
            (196, 182),
        ],
        ("#e2557a", "#8d2357"),
    )
    for a, b, c in (
        ((146, 200), (230, 150), (330, 96)),
        ((170, 128), (256, 140), (366, 200)),
        ((150, 160), (220, 116), (270, 82)),
    ):
        canvas.line([a, b, c], 6, "#ffb3c4", clip=turban, alpha=0.55)
    canvas.blob([(256, 40), (282, 90), (256, 132), (230, 90)], ("#7fe3d2", "#1f8f8a"))
    canvas.ring(256, 132, 25, 7, "#ffdf92")
    canvas.ellipse(256, 132, 19, paint=("#9df5e4", "#1f8f8a"))
    canvas.ellipse(249, 124, 6, 4, "#ffffff", alpha=0.9, turn=-30)
    for side in (-1, 1):
        x = 256 + side * 46
        canvas.ellipse(x, 252, 30, paint="#7d4c22")
        canvas.ellipse(x, 252, 25, paint=("#fffdf2", "#e3d9c4"))
        for step in range(12):
            angle = math.radians(step * 30)
            canvas.line(
                [
                    (x + math.cos(angle) * 19, 252 + math.sin(angle) * 19),
                    (x + math.cos(angle) * 23, 252 + math.sin(angle) * 23),
                ],
                2.4,
                "#3d1850",
                smooth=False,
            )
        canvas.ellipse(x, 252, 12, paint=("#2fb3a5", "#17606b"))
        canvas.ellipse(x, 252, 5.5, paint="#1b0b26")
        canvas.ellipse(x + 4, 247, 3, paint="#ffffff")
        canvas.line([(x, 252), (x + 4, 234)], 3, "#3d1850", smooth=False)
        canvas.line([(x - 26, 218), (x, 206), (x + 26, 214)], 6, "#5d3418")
        canvas.ellipse(256 + side * 66, 302, 18, paint="#e2557a", alpha=0.7)
        canvas.ellipse(256 + side * 112, 282, 9, paint="#ffdf92")
        canvas.blob(
            [
                (256 + side * 112, 288),
                (256 + side * 122, 316),
                (256 + side * 112, 328),
                (256 + side * 102, 316),
            ],
            ("#7fe3d2", "#1f8f8a"),
        )
    canvas.polygon([(314, 296), (330, 304), (322, 312), (332, 322), (316, 318), (308, 306)], "#8d5a28")
    canvas.line([(254, 268), (248, 296), (264, 298)], 4, "#7d4c22", alpha=0.8)
    canvas.blob(
        [(226, 322), (244, 315), (256, 319), (268, 315), (286, 322), (268, 336), (244, 336)],
        ("#c92f5b", "#8d1f4a"),
    )
    canvas.line([(230, 323), (256, 326), (282, 323)], 3, "#5a1233")
    canvas.polygon([(186, 456), (326, 456), (326, 474), (186, 474)], ("#3d2a20", "#1b120e"))
    canvas.polygon([(204, 466), (308, 464), (312, 508), (202, 510)], ("#fff6df", "#e9d5ac"))
    canvas.line([(222, 482), (294, 481)], 4, "#c92f5b")
    canvas.line([(236, 494), (280, 493)], 4, "#8d5a28")
    return canvas


def morwenna_the_dread() -> Canvas:
    """A horned helmet with eyes that glow, flour on the iron, a skull-shaped bun, and the oven behind."""
    canvas = Canvas("#4a1420", "#1d0a16")
    canvas.glow(256, 200, 290, paint="#ff8a3c", alpha=0.85)
    canvas.polygon([(0, 0), (512, 0), (512, 512), (0, 512)], "#3a1a22", alpha=0.25)
    for row in range(9):
        for column in range(-1, 7):
            x, y = column * 92 + row % 2 * 46, row * 58
            canvas.polygon(
                [(x + 3, y + 3), (x + 89, y + 3), (x + 89, y + 55), (x + 3, y + 55)],
                ("#8d3d34", "#6a2a2c"),
                alpha=0.38,
            )
    mouth = canvas.blob(
        [(70, 400), (62, 210), (130, 90), (256, 50), (382, 90), (450, 210), (442, 400)],
        ("#ffb347", "#e2452f"),
    )
    canvas.glow(256, 300, 220, paint="#fff0a0", alpha=0.8, clip=mouth)
    for x, top in ((104, 200), (160, 130), (352, 130), (408, 200)):
        canvas.blob(
            [(x - 34, 400), (x - 20, 290), (x + 2, top), (x + 18, 290), (x + 34, 400)],
            ("#ffe27a", "#f2703a"),
            clip=mouth,
            alpha=0.85,
        )
    for side in (-1, 1):
        horn = canvas.blob(
            [
                (256 + side * x, y)
                for x, y in (
                    (96, 210),
                    (150, 196),
                    (192, 146),
                    (190, 66),
                    (226, 130),
                    (222, 206),
                    (170, 262),
                    (104, 268),
                )
            ],
            ("#f7ecd2", "#a88a6a"),
        )
        canvas.shade(horn, -10 * side, -8, "#5d4033", alpha=0.45)
        for x, y, length in ((128, 204, 52), (160, 188, 44), (188, 156, 34)):
            canvas.line([(256 + side * x, y), (256 + side * (x + 16), y + length)], 4, "#8a6a50", clip=horn, alpha=0.7)
    armour = canvas.blob(
        [(20, 560), (50, 440), (130, 390), (256, 380), (382, 390), (462, 440), (492, 560)],
        ("#565a70", "#2a2c40"),
    )
    canvas.shade(armour, 0, 10, "#ffb070", alpha=0.5)
    apron = canvas.blob(
        [(164, 400), (196, 424), (316, 424), (348, 400), (368, 560), (144, 560)], ("#fff6e6", "#dcc3ac")
    )
    canvas.line([(176, 404), (150, 380)], 10, "#fff6e6")
    canvas.line([(336, 404), (362, 380)], 10, "#fff6e6")
    helm = canvas.blob(
        [
            (140, 300),
            (142, 200),
            (184, 128),
            (256, 102),
            (328, 128),
            (370, 200),
            (372, 300),
            (350, 380),
            (300, 414),
            (256, 424),
            (212, 414),
            (162, 380),
        ],
        ("#83889f", "#3a3d54"),
    )
    canvas.shade(helm, 14, 6, "#ffc38a", alpha=0.55)
    canvas.shade(helm, -18, -4, "#161829", alpha=0.5)
    canvas.polygon([(246, 100), (266, 100), (270, 250), (242, 250)], ("#d9b25a", "#8d6424"))
    visor = canvas.blob(
        [
            (162, 238),
            (206, 228),
            (256, 252),
            (306, 228),
            (350, 238),
            (342, 286),
            (296, 296),
            (256, 282),
            (216, 296),
            (170, 286),
        ],
        "#120a16",
    )
    for x in (212, 300):
        canvas.glow(x, 262, 44, paint="#ffb63a", alpha=0.9, clip=visor)
        canvas.ellipse(x, 262, 17, 19, ("#fff0a8", "#ffa62e"))
        canvas.ellipse(x, 264, 9, 12, "#4a1420")
        canvas.ellipse(x + 5, 256, 4.5, paint="#ffffff")
    canvas.line([(162, 238), (206, 228), (256, 252), (306, 228), (350, 238)], 8, "#d9b25a")
    canvas.line([(170, 286), (216, 296), (256, 282), (296, 296), (342, 286)], 8, "#d9b25a")
    for x in (214, 235, 256, 277, 298):
        canvas.line([(x, 324), (x, 384 - abs(x - 256) * 0.4)], 8, "#1b1626", smooth=False)
    for x, y in ((160, 206), (352, 206), (176, 344), (336, 344)):
        canvas.ellipse(x, y, 6, paint="#d9b25a")
    for x, y, rx in ((188, 150, 26), (330, 170, 20), (318, 352, 22)):
        canvas.glow(x, y, rx * 1.6, rx, "#ffffff", alpha=0.9, clip=helm)
    canvas.scatter(34, 5, (170, 120, 345, 400), (1, 2.6), "#ffffff")
    bun = canvas.blob(
        [
            (196, 462),
            (206, 426),
            (256, 410),
            (306, 426),
            (316, 462),
            (298, 490),
            (286, 508),
            (226, 508),
            (214, 490),
        ],
        ("#f2b45c", "#b9682e"),
        clip=None,
    )
    canvas.shade(bun, -10, -4, "#7d3b1c", alpha=0.5)
    canvas.ellipse(236, 460, 13, 15, "#5d2a16")
    canvas.ellipse(276, 460, 13, 15, "#5d2a16")
    canvas.line([(238, 486), (256, 494), (274, 486)], 5, "#5d2a16")
    canvas.ellipse(232, 430, 14, 6, "#ffe3b0", alpha=0.8, turn=-25)
    canvas.shade(apron, 0, 6, "#ffffff", alpha=0.4)
    return canvas


def _cog(canvas: Canvas, x: float, y: float, radius: float, *, teeth: int, colour: str) -> None:
    for step in range(teeth):
        angle = math.radians(step * 360 / teeth)
        a, b = math.cos(angle), math.sin(angle)
        canvas.line(
            [(x + a * radius * 0.8, y + b * radius * 0.8), (x + a * radius, y + b * radius)],
            radius * 0.26,
            colour,
            smooth=False,
        )
    canvas.ring(x, y, radius * 0.86, radius * 0.34, colour)
    for step in range(3):
        angle = math.radians(step * 60 + 15)
        a, b = math.cos(angle) * radius * 0.7, math.sin(angle) * radius * 0.7
        canvas.line([(x - a, y - b), (x + a, y + b)], radius * 0.12, colour, smooth=False)
