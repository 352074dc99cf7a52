"""The human faces: Cue, Ottoline Brack, Captain Wake, Sheriff Hale and Auntie Nimbus."""

from characters.studio.canvas import Canvas, Colour
from characters.studio.faces import INK, blush, brows, eyes, head, shoulders, smile


def cue() -> Canvas:
    """A stage manager with a headset, before red curtains, in a warm spotlight."""
    canvas = Canvas("#3b0f22", "#1a0713")
    for left in range(-20, 540, 58):
        canvas.polygon(
            [(left, 0), (left + 40, 0), (left + 34, 512), (left + 6, 512)], ("#9c1f3c", "#4d0f24"), alpha=0.85
        )
        canvas.polygon([(left + 8, 0), (left + 18, 0), (left + 16, 512), (left + 10, 512)], "#d2405a", alpha=0.28)
    canvas.polygon([(256, -60), (20, 512), (492, 512)], ("#ffe6a8", "#c4703c"), alpha=0.22)
    canvas.glow(256, 240, 250, paint="#ffd98a", alpha=0.75)
    canvas.blob(
        [(120, 250), (150, 130), (256, 84), (362, 130), (392, 250), (360, 330), (256, 300), (152, 330)],
        "#2b1a24",
    )
    shoulders(canvas, "#1f2438", "#14172a", "#2d3450")
    canvas.polygon([(226, 398), (286, 398), (262, 440), (250, 440)], "#e8b94a")
    face = head(canvas, ("#b5774a", "#94582f"), "#6d3c22")
    curls = [(146, 236), (150, 168), (196, 118), (256, 100), (316, 118), (362, 168), (366, 236)]
    for x, y in curls:
        canvas.ellipse(x, y, 44, paint="#2b1a24")
    for x, y in ((188, 150), (222, 128), (256, 134), (290, 128), (324, 150)):
        canvas.ellipse(x, y, 34, paint="#382430")
    for x, y in curls[1:-1]:
        canvas.ellipse(x - 8, y - 12, 12, 7, "#5b3c48", alpha=0.7, turn=-25)
    eyes(canvas, 262, INK, spread=42)
    brows(canvas, 226, "#2b1a24", spread=44, lift=8)
    smile(canvas, 326, 34, "#5a1f22", open_=True)
    blush(canvas, face, 304, "#e0603f")
    # The headset and, behind the ear, the pencil.
    canvas.line(
        [
            (152, 262),
            (148, 200),
            (166, 138),
            (206, 94),
            (256, 78),
            (306, 94),
            (346, 138),
            (364, 200),
            (360, 262),
        ],
        11,
        "#e9e4dc",
    )
    canvas.blob([(136, 240), (166, 236), (172, 272), (166, 306), (138, 304), (130, 272)], ("#f4efe6", "#b7aea2"))
    canvas.blob([(346, 236), (376, 240), (382, 272), (374, 304), (346, 306), (340, 272)], ("#f4efe6", "#a59b90"))
    canvas.line([(150, 304), (166, 352), (216, 364)], 7, "#e9e4dc")
    canvas.ellipse(222, 364, 13, 9, "#c92f4b")
    canvas.line([(330, 216), (416, 160)], 11, "#f2b63a", smooth=False)
    canvas.polygon([(416, 152), (434, 148), (422, 167)], "#f5dcb4")
    return canvas


def ottoline_brack() -> Canvas:
    """A cartographer with ink on her nose, before a map that has got up."""
    canvas = Canvas("#274b57", "#102730")
    canvas.glow(256, 210, 270, paint="#f7dfa0", alpha=0.6)
    sheet = canvas.blob(
        [
            (40, 110),
            (150, 70),
            (300, 100),
            (470, 62),
            (486, 240),
            (470, 400),
            (300, 370),
            (130, 410),
            (30, 380),
        ],
        ("#f3e2b7", "#d8ba80"),
    )
    canvas.blob([(60, 150), (120, 110), (190, 150), (170, 220), (90, 240)], "#9dbb8a", clip=sheet, alpha=0.9)
    canvas.blob([(350, 120), (440, 100), (470, 180), (400, 240), (340, 190)], "#9dbb8a", clip=sheet, alpha=0.9)
    canvas.line([(40, 320), (120, 280), (180, 330), (330, 300), (480, 330)], 8, "#7fa9b8", clip=sheet)
    for x in range(70, 170, 24):
        canvas.line([(x, 190), (x + 10, 180)], 4, "#b0573b", smooth=False)
    canvas.polygon([(398, 176), (414, 150), (430, 176)], "#b0573b")
    canvas.polygon([(402, 176), (426, 176), (426, 198), (402, 198)], "#8a4230")
    hair = canvas.blob(
        [
            (130, 290),
            (118, 190),
            (170, 110),
            (256, 84),
            (342, 110),
            (394, 190),
            (382, 290),
            (340, 340),
            (172, 340),
        ],
        ("#d9d6d2", "#a5a0a3"),
    )
    canvas.shade(hair, -18, 0, "#6d6875")
    shoulders(canvas, "#2f6b4f", "#1f4a39", "#3f8563")
    canvas.polygon([(206, 388), (256, 430), (226, 470), (178, 408)], "#e9dcc0")
    canvas.polygon([(306, 388), (256, 430), (286, 470), (334, 408)], "#d6c5a3")
    face = head(canvas, ("#f2c9a4", "#dba079"), "#b06e50")
    canvas.blob(
        [
            (154, 238),
            (160, 160),
            (220, 116),
            (290, 116),
            (352, 160),
            (358, 238),
            (330, 190),
            (250, 160),
            (190, 190),
        ],
        ("#e7e4df", "#c2bdbd"),
    )
    canvas.ellipse(256, 82, 46, 38, ("#e7e4df", "#b5b0b2"))
    canvas.line([(216, 96), (298, 64)], 8, "#7c4a2b", smooth=False)
    eyes(canvas, 262, "#214a52", spread=44)
    for x in (212, 300):
        canvas.ring(x, 264, 35, 5, "#c58a32")
    canvas.line([(247, 258), (256, 254), (265, 258)], 5, "#c58a32")
    brows(canvas, 220, "#a5a0a3", spread=46, lift=7)
    smile(canvas, 334, 30, "#7d3030")
    blush(canvas, face, 312, "#e2705a")
    canvas.blob([(259, 294), (268, 292), (282, 297), (272, 303), (260, 302)], "#26304f", alpha=0.85)
    canvas.ellipse(378, 452, 50, paint=("#e9b54d", "#a86f22"))
    canvas.ellipse(378, 452, 32, paint="#8a5818")
    canvas.ellipse(378, 452, 22, paint="#e9b54d")
    canvas.line([(334, 470), (280, 486), (210, 480)], 12, "#f2d06f")
    for x in range(216, 330, 16):
        canvas.line([(x, 476), (x, 484)], 2, "#5a3a12", smooth=False)
    return canvas


def captain_wake() -> Canvas:
    """A pirate in a red scarf, on a sea of fog, under a low moon."""
    canvas = Canvas("#1b2350", "#6d6fa0")
    canvas.scatter(70, 4, (0, 0, 512, 220), (0.6, 1.9), "#dfe6ff")
    canvas.ellipse(256, 196, 190, paint=("#fff1cf", "#f0c69a"))
    canvas.glow(256, 196, 300, paint="#ffe9bd", alpha=0.35)
    canvas.polygon([(430, 410), (410, 250), (424, 250), (444, 410)], "#2a2348")
    canvas.blob([(424, 262), (482, 290), (478, 360), (432, 372)], ("#8d2f46", "#5d1f3b"))
    for y, shade in ((372, "#c9cbe4"), (420, "#aeb2d6")):
        for x in range(-20, 560, 84):
            canvas.ellipse(x + (y - 372) // 2, y + 30, 76, 34, shade, alpha=0.75)
    canvas.blob(
        [
            (128, 420),
            (112, 300),
            (130, 190),
            (190, 120),
            (322, 120),
            (382, 190),
            (398, 300),
            (390, 430),
            (330, 380),
            (190, 380),
        ],
        ("#43251d", "#2a1618"),
    )
    shoulders(canvas, "#23345f", "#162244", "#31477c")
    canvas.polygon([(196, 386), (256, 452), (224, 512), (150, 512), (160, 420)], "#c9a24a")
    canvas.polygon([(316, 386), (256, 452), (288, 512), (362, 512), (352, 420)], "#a27c31")
    canvas.polygon([(210, 384), (302, 384), (256, 450)], "#f0e7d8")
    face = head(canvas, ("#d69a6b", "#b87648"), "#8c4f30")
    scarf = canvas.blob(
        [
            (140, 236),
            (142, 168),
            (190, 106),
            (256, 88),
            (322, 106),
            (370, 168),
            (372, 236),
            (320, 192),
            (256, 180),
            (192, 192),
        ],
        ("#e2433f", "#a71f33"),
    )
    for x, y in ((200, 140), (256, 122), (312, 140), (228, 168), (286, 168), (344, 182), (168, 182)):
        canvas.ellipse(x, y, 6, paint="#ffd9a6", clip=scarf)
    canvas.blob([(360, 196), (420, 190), (446, 226), (420, 236), (372, 222)], ("#d63a3b", "#931b30"))
    canvas.blob([(366, 214), (412, 250), (404, 292), (378, 262)], ("#b82a37", "#7c162b"))
    eyes(canvas, 266, "#2b1a24", spread=44)
    canvas.line([(190, 236), (212, 226), (234, 234)], 8, "#3a2018")
    canvas.line([(280, 228), (302, 218), (324, 232)], 8, "#3a2018")
    grin = canvas.blob([(214, 316), (256, 328), (306, 312), (286, 338), (250, 346)], "#6d2428")
    canvas.polygon([(200, 300), (320, 300), (320, 329), (200, 333)], "#fff4e6", clip=grin)
    canvas.polygon([(268, 320), (281, 318), (280, 332), (268, 333)], "#ffc93e", clip=grin)
    blush(canvas, face, 308, "#d8583f")
    canvas.line([(322, 286), (334, 316)], 4, "#a86a48")
    canvas.line([(356, 308), (352, 322), (360, 330), (368, 322), (364, 308)], 5, "#ffd257")
    canvas.ellipse(256, 462, 36, paint=("#ffe08a", "#b9832b"))
    canvas.ellipse(256, 462, 27, paint="#f7f1df")
    canvas.polygon([(256, 438), (264, 462), (256, 486), (248, 462)], "#c9303c")
    canvas.polygon([(248, 462), (264, 462), (256, 486)], "#39406b")
    return canvas


def sheriff_hale() -> Canvas:
    """A sheriff at noon, her star on her coat, and two ghosts in the street."""
    canvas = Canvas("#f2b45f", "#c8603f")
    canvas.ellipse(256, 210, 176, paint=("#ffe9b0", "#f7c877"))
    canvas.glow(256, 210, 260, paint="#fff2c9", alpha=0.4)
    canvas.polygon([(0, 300), (60, 240), (110, 240), (140, 300), (140, 512), (0, 512)], "#8d3d3a")
    canvas.polygon([(372, 300), (420, 214), (470, 214), (512, 270), (512, 512), (372, 512)], "#9c4740")
    canvas.polygon([(0, 400), (512, 390), (512, 512), (0, 512)], ("#b5653f", "#70333a"))
    for x, y, size in ((76, 330, 1.0), (440, 316, 1.1)):
        _ghost(canvas, x, y, size)
    canvas.blob(
        [(152, 300), (146, 220), (366, 220), (360, 300), (374, 392), (330, 420), (182, 420), (138, 392)],
        ("#7a3b22", "#552619"),
    )
    shoulders(canvas, "#9a6b45", "#6b4630", "#b98558")
    canvas.polygon([(196, 386), (256, 470), (316, 386), (300, 380), (256, 420), (212, 380)], "#2f4a6b")
    canvas.blob([(196, 384), (256, 366), (316, 384), (300, 424), (256, 444), (212, 424)], ("#c33b3a", "#8f2530"))
    face = head(canvas, ("#e9b48b", "#cb8a60"), "#9d5f41")
    canvas.blob([(152, 258), (150, 206), (256, 186), (362, 206), (360, 258), (332, 214), (180, 214)], "#6b321d")
    eyes(canvas, 270, "#3a2a1c", spread=44)
    canvas.line([(188, 246), (212, 240), (236, 246)], 8, "#5d2c1a")
    canvas.line([(276, 246), (300, 240), (324, 246)], 8, "#5d2c1a")
    canvas.line([(226, 328), (258, 336), (290, 324)], 6, "#7a3029")
    blush(canvas, face, 312, "#d9664b")
    brim = [
        (70, 214),
        (110, 176),
        (180, 186),
        (256, 178),
        (332, 186),
        (402, 176),
        (442, 214),
        (360, 232),
        (256, 220),
        (152, 232),
    ]
    canvas.blob([(x, y + 22) for x, y in brim], "#3a1a18", clip=face, alpha=0.45)
    crown = canvas.blob(
        [(160, 200), (168, 120), (204, 76), (256, 96), (308, 76), (344, 120), (352, 200), (256, 214)],
        ("#a9764a", "#74492f"),
    )
    canvas.shade(crown, -20, 0, "#3e2018")
    canvas.polygon([(160, 176), (352, 176), (354, 200), (158, 200)], "#3d2630", clip=crown)
    canvas.blob(brim, ("#b98457", "#7d5136"))
    _star(canvas, 344, 452, 34, light="#ffe28a", dark="#c78f2e")
    return canvas


def auntie_nimbus() -> Canvas:
    """A woman whose hair is a cloud, with a cup that rains and shines."""
    canvas = Canvas("#f7a98f", "#6f7fc4")
    canvas.glow(256, 190, 280, paint="#fff0c2", alpha=0.8)
    for radius, colour in ((236, "#ffd08a"), (214, "#ffb3a0"), (192, "#d6a6d8"), (170, "#a9c0ee")):
        canvas.ellipse(256, 300, radius, paint=colour, alpha=0.55)
    puffs = (
        (128, 240, 62),
        (150, 168, 66),
        (214, 116, 70),
        (298, 116, 70),
        (362, 168, 66),
        (384, 240, 62),
        (256, 150, 90),
        (146, 304, 46),
        (366, 304, 46),
    )
    for x, y, radius in puffs:
        canvas.ellipse(x, y + 6, radius, paint="#c9cfee")
    for x, y, radius in puffs:
        canvas.ellipse(x - 5, y - 3, radius - 5, paint=("#ffffff", "#e3e6fa"))
    shawl = shoulders(canvas, "#f4a56f", "#e98567", "#ffd0a0")
    for radius, colour in ((208, "#e8768a"), (172, "#b668b6"), (136, "#6c64bd"), (100, "#46509f")):
        canvas.ellipse(256, 560, radius * 1.25, radius, colour, clip=shawl)
    face = head(canvas, ("#c98f68", "#a86c48"), "#7c4630", wide=1.08)
    for x, y, radius in ((176, 190, 40), (220, 160, 44), (276, 152, 46), (326, 184, 42)):
        canvas.ellipse(x, y, radius, paint=("#ffffff", "#e8eafb"))
    canvas.line([(192, 266), (212, 276), (232, 266)], 6, INK)
    canvas.line([(280, 266), (300, 276), (320, 266)], 6, INK)
    brows(canvas, 240, "#e8eafb", spread=44, lift=5)
    smile(canvas, 322, 34, "#6d2a2a")
    blush(canvas, face, 304, "#e8735a")
    for x, length in ((222, 24), (246, 30), (270, 22), (292, 28)):
        canvas.line([(x, 396 - length / 3), (x - 4, 396 + length / 3)], 4, "#bfe3ff", alpha=0.9)
    for x, y, radius in ((226, 374, 18), (256, 364, 24), (286, 374, 18)):
        canvas.ellipse(x, y, radius, paint=("#ffffff", "#dfe4fa"))
    cup = canvas.blob([(196, 416), (316, 416), (308, 462), (284, 492), (228, 492), (204, 462)], ("#fdf3e3", "#e2bfa4"))
    canvas.line([(312, 430), (342, 432), (336, 462), (304, 464)], 9, "#efd3ba")
    canvas.ellipse(256, 416, 60, 12, "#ffcf6b")
    canvas.line([(204, 446), (230, 452), (256, 446), (282, 452), (308, 446)], 5, "#6f7fc4", clip=cup)
    return canvas


def _ghost(canvas: Canvas, x: float, y: float, size: float) -> None:
    outline = [(-34, 70), (-36, 0), (0, -44), (36, 0), (34, 70), (18, 54), (0, 72), (-18, 54)]
    canvas.blob([(x + a * size, y + b * size) for a, b in outline], ("#f4fbff", "#b9d6e6"), alpha=0.62)
    for side in (-12, 12):
        canvas.ellipse(x + side * size, y - 6 * size, 5 * size, 8 * size, "#4b3a56", alpha=0.8)
    canvas.polygon(
        [
            (x - 40 * size, y - 26 * size),
            (x + 40 * size, y - 26 * size),
            (x + 30 * size, y - 36 * size),
            (x - 30 * size, y - 36 * size),
        ],
        "#e9f4fa",
        alpha=0.75,
    )
    canvas.blob(
        [
            (x - 22 * size, y - 32 * size),
            (x - 16 * size, y - 58 * size),
            (x + 16 * size, y - 58 * size),
            (x + 22 * size, y - 32 * size),
        ],
        "#e9f4fa",
        alpha=0.75,
    )


def _star(canvas: Canvas, x: float, y: float, radius: float, *, light: Colour, dark: Colour) -> None:
    ring = (
        (0, -1),
        (0.24, -0.32),
        (0.95, -0.31),
        (0.38, 0.12),
        (0.59, 0.81),
        (0, 0.4),
        (-0.59, 0.81),
        (-0.38, 0.12),
        (-0.95, -0.31),
        (-0.24, -0.32),
    )
    canvas.polygon([(x + a * (radius + 4), y + b * (radius + 4)) for a, b in ring], "#5a3317")
    canvas.polygon([(x + a * radius, y + b * radius) for a, b in ring], (light, dark))
    canvas.ellipse(x, y, radius * 0.24, paint=dark)
