"""Those who are not people: Inspector Tock, Cobb, Tefi and Mr Pellow."""

import math

from characters.studio.canvas import Canvas


def inspector_tock() -> Canvas:
    """A hedgehog with a deerstalker and a magnifying glass, between the bean-rows by night."""
    canvas = Canvas("#1d3a4a", "#0f2a2c")
    canvas.scatter(50, 9, (0, 0, 512, 200), (0.6, 1.7), "#e8f0d8")
    canvas.glow(256, 250, 270, paint="#ffcf7a", alpha=0.7)
    for x in (30, 84, 428, 482):
        canvas.line([(x, 512), (x + 4, 320), (x - 2, 120)], 7, "#3b5a37")
        for y in range(150, 480, 52):
            canvas.ellipse(x - 20, y, 26, 12, ("#5f9a4f", "#2f6240"), turn=-28)
            canvas.ellipse(x + 22, y + 24, 26, 12, ("#6fae58", "#376c45"), turn=28)
    for ring, (length, colour) in enumerate(((206, "#3a2720"), (186, "#5a3d2c"), (164, "#7d573a"))):
        for step in range(26):
            angle = math.radians(150 + step * 240 / 25 + ring * 4.6)
            x, y = math.cos(angle), math.sin(angle)
            canvas.polygon(
                [(256 + x * length, 300 + y * length), (256 + x * 120 - y * 20, 300 + y * 120 + x * 20),
                 (256 + x * 120 + y * 20, 300 + y * 120 - x * 20)], colour,
            )  # fmt: skip
    canvas.ellipse(256, 306, 142, 136, "#7d573a")
    for x in (140, 372):
        canvas.ellipse(x, 246, 30, paint=("#b98a62", "#8b5f40"))
        canvas.ellipse(x, 250, 17, paint="#e3a58c")
    cape = canvas.blob(
        [(60, 560), (96, 430), (180, 392), (256, 404), (332, 392), (416, 430), (452, 560)],
        ("#8a6a3c", "#5b4529"),
    )
    for x in range(60, 460, 38):
        canvas.line([(x, 380), (x, 540)], 4, "#c58f47", clip=cape, alpha=0.5)
    for y in range(404, 520, 34):
        canvas.line([(40, y), (470, y)], 4, "#3c2f22", clip=cape, alpha=0.55)
    face = canvas.blob(
        [(140, 300), (160, 226), (256, 200), (352, 226), (372, 300), (340, 370), (256, 404), (172, 370)],
        ("#f3d9b1", "#d9af80"),
    )
    canvas.blob(
        [(256, 214), (286, 250), (280, 306), (256, 322), (232, 306), (226, 250)],
        "#c89a6b",
        clip=face,
        alpha=0.5,
    )
    canvas.shade(face, -16, -6, "#9a6a45", alpha=0.35)
    for x in (200, 312):
        canvas.ellipse(x, 284, 21, 24, "#241a1e")
        canvas.ellipse(x + 7, 275, 7, paint="#ffffff")
        canvas.ellipse(x - 6, 293, 4, paint="#ffffff", alpha=0.7)
        canvas.glow(x - 8 if x < 256 else x + 8, 334, 30, 20, "#e2705a", alpha=0.5, clip=face)
    canvas.ellipse(256, 330, 26, 21, ("#4a3038", "#1f151b"))
    canvas.ellipse(248, 322, 8, 5, "#a98892")
    canvas.line([(222, 366), (240, 374), (256, 360), (272, 374), (290, 366)], 5, "#6b3f33")
    hat = canvas.blob(
        [(132, 232), (146, 164), (196, 108), (256, 94), (316, 108), (366, 164), (380, 232), (256, 206)],
        ("#a97f48", "#6e522f"),
    )
    for x in range(140, 390, 34):
        canvas.line([(256 + (x - 256) * 0.3, 80), (x, 240)], 4, "#dba85a", clip=hat, alpha=0.55)
    canvas.line([(140, 176), (256, 140), (372, 176)], 4, "#40301f", clip=hat, alpha=0.6)
    canvas.shade(hat, -18, 0, "#2d1e18", alpha=0.4)
    canvas.blob(
        [(120, 236), (170, 200), (256, 188), (342, 200), (392, 236), (330, 234), (256, 226), (182, 234)],
        ("#7d5d35", "#4e3a24"),
    )
    canvas.blob([(228, 96), (256, 74), (284, 96), (256, 106)], "#c33b3a")
    canvas.line([(396, 470), (436, 512)], 16, "#4a2c1e", smooth=False)
    lens = canvas.ellipse(364, 436, 48, paint="#bfe6ef", alpha=0.45)
    canvas.polygon([(330, 470), (372, 384), (388, 384), (346, 480)], "#ffffff", clip=lens, alpha=0.5)
    canvas.ring(364, 436, 54, 10, ("#f2cf72", "#a87728"))
    return canvas


def cobb() -> Canvas:
    """A gargoyle with one horn, eyes shut tight, a kitten on his head, far above the lamps."""
    canvas = Canvas("#20264f", "#3c3f78")
    canvas.scatter(80, 12, (0, 0, 512, 330), (0.6, 2), "#e5ebff")
    canvas.ellipse(256, 190, 176, paint=("#fdf3d0", "#e8cfa5"))
    canvas.glow(256, 190, 290, paint="#f6e6bb", alpha=0.35)
    for x, top, width in (
        (0, 400, 70),
        (76, 430, 58),
        (140, 408, 50),
        (322, 416, 62),
        (390, 392, 56),
        (452, 424, 70),
    ):
        canvas.polygon([(x, 512), (x, top), (x + width / 2, top - 26), (x + width, top), (x + width, 512)], "#191c3e")
        for row in range(3):
            lit = (x + row) % 3 != 1
            canvas.polygon(
                [
                    (x + 14, top + 18 + row * 30),
                    (x + 26, top + 18 + row * 30),
                    (x + 26, top + 34 + row * 30),
                    (x + 14, top + 34 + row * 30),
                ],
                "#ffcf63" if lit else "#2c3060",
            )
            canvas.polygon(
                [
                    (x + 36, top + 18 + row * 30),
                    (x + 48, top + 18 + row * 30),
                    (x + 48, top + 34 + row * 30),
                    (x + 36, top + 34 + row * 30),
                ],
                "#2c3060" if lit else "#ffb84d",
            )
    for side in (-1, 1):
        wing = [
            (256 + side * dx, y)
            for dx, y in (
                (20, 440),
                (60, 300),
                (206, 250),
                (232, 290),
                (214, 330),
                (222, 372),
                (186, 386),
                (178, 430),
                (130, 440),
            )
        ]
        canvas.polygon(wing, ("#5f6687", "#3f4568"))
        canvas.line([(256 + side * 206, 250), (256 + side * 178, 430)], 5, "#7c84a6")
    body = canvas.blob(
        [(120, 560), (140, 440), (190, 380), (256, 366), (322, 380), (372, 440), (392, 560)],
        ("#8d94ad", "#5a6080"),
    )
    canvas.shade(body, -22, 0, "#2f3455")
    for side in (-1, 1):
        canvas.blob(
            [(256 + side * x, y) for x, y in ((104, 240), (150, 176), (196, 150), (190, 220), (166, 284), (120, 316))],
            ("#8a91ab", "#636a8b"),
        )
        canvas.blob(
            [(256 + side * x, y) for x, y in ((122, 244), (152, 202), (178, 182), (172, 226), (152, 268), (126, 290))],
            ("#b58a97", "#7f6080"),
        )
    canvas.polygon([(158, 204), (126, 128), (134, 84), (160, 132), (206, 180)], ("#d8cfb6", "#938b80"))
    canvas.polygon([(312, 176), (326, 150), (338, 160), (350, 152), (358, 200)], ("#cfc6ae", "#8d8578"))
    face = canvas.blob(
        [
            (134, 280),
            (146, 206),
            (200, 164),
            (256, 156),
            (312, 164),
            (366, 206),
            (378, 280),
            (350, 356),
            (300, 398),
            (256, 406),
            (212, 398),
            (162, 356),
        ],
        ("#aab0c6", "#767d9c"),
    )
    canvas.shade(face, -20, -6, "#3c4163", alpha=0.4)
    for points in (
        ((134, 300), (168, 330), (196, 400), (150, 400)),
        ((300, 160), (350, 190), (330, 210), (290, 184)),
        ((190, 480), (240, 470), (230, 520), (180, 520)),
    ):
        canvas.blob(list(points), "#6f9a63", clip=face if points[0][1] < 400 else body, alpha=0.85)
    canvas.line([(330, 330), (316, 352), (326, 366), (314, 388)], 4, "#4d5373", alpha=0.8)
    for side in (-1, 1):
        canvas.line([(256 + side * 82, 252), (256 + side * 56, 264), (256 + side * 28, 254)], 9, "#33385a")
        canvas.line([(256 + side * 90, 244), (256 + side * 98, 236)], 5, "#33385a")
        canvas.line([(256 + side * 92, 256), (256 + side * 102, 256)], 5, "#33385a")
        canvas.line([(256 + side * 26, 214), (256 + side * 60, 216), (256 + side * 92, 228)], 11, "#5a6082")
    canvas.blob([(226, 288), (256, 276), (286, 288), (292, 312), (256, 322), (220, 312)], ("#8b91ac", "#5f6586"))
    mouth = [(190, 352), (212, 344), (234, 354), (256, 344), (278, 354), (300, 344), (322, 352)]
    canvas.line(mouth, 7, "#33385a")
    canvas.polygon([(204, 350), (220, 350), (212, 332)], "#f4efdd")
    canvas.polygon([(292, 350), (308, 350), (300, 332)], "#f4efdd")
    kitten = [(196, 174), (200, 132), (226, 112), (256, 108), (286, 112), (312, 132), (316, 174), (256, 184)]
    canvas.line([(306, 166), (340, 160), (346, 128)], 13, "#e58e3c")
    canvas.blob(kitten, ("#f7b25a", "#dd8535"))
    canvas.polygon([(208, 96), (214, 56), (246, 80)], ("#f7b25a", "#e8993f"))
    canvas.polygon([(304, 96), (298, 56), (266, 80)], ("#f7b25a", "#e8993f"))
    canvas.polygon([(216, 86), (219, 68), (234, 80)], "#f3b7a3")
    canvas.polygon([(296, 86), (293, 68), (278, 80)], "#f3b7a3")
    canvas.blob(
        [(202, 110), (212, 82), (256, 70), (300, 82), (310, 110), (290, 140), (256, 146), (222, 140)],
        ("#fbbd68", "#ea9a45"),
    )
    for x in (236, 256, 276):
        canvas.line([(x, 76), (256 + (x - 256) * 0.8, 92)], 5, "#c96f27")
    for x in (234, 278):
        canvas.ellipse(x, 110, 9, 10, "#2b2130")
        canvas.ellipse(x + 3, 106, 3, paint="#ffffff")
    canvas.polygon([(251, 120), (261, 120), (256, 126)], "#d9606a")
    canvas.line([(246, 130), (256, 128), (266, 130)], 3, "#a5562a")
    return canvas


def tefi() -> Canvas:
    """A young sphinx in a headcloth too large for her, before the desert sun."""
    canvas = Canvas("#ffb56b", "#e2636b")
    canvas.ellipse(256, 220, 190, paint=("#fff0b8", "#ffcb6e"))
    canvas.glow(256, 220, 280, paint="#fff3c4", alpha=0.45)
    canvas.polygon([(-20, 430), (96, 270), (212, 430)], ("#c65f5d", "#a34859"))
    canvas.polygon([(96, 270), (212, 430), (130, 430)], "#8a3c55")
    canvas.polygon([(330, 430), (440, 300), (550, 430)], ("#cf6a60", "#a34859"))
    canvas.polygon([(440, 300), (550, 430), (470, 430)], "#8a3c55")
    canvas.blob(
        [(-40, 440), (120, 404), (256, 424), (400, 400), (560, 440), (560, 560), (-40, 560)],
        ("#f2a25c", "#b9604e"),
    )
    canvas.line([(392, 500), (462, 470), (470, 390), (436, 356)], 20, "#cf8a3d")
    canvas.ellipse(432, 350, 24, 28, "#7d3f2c")
    body = canvas.blob([(110, 560), (130, 440), (196, 386), (316, 386), (382, 440), (402, 560)], ("#e0a04c", "#b87032"))
    canvas.shade(body, -20, 0, "#7d3f2c")
    cloth = canvas.blob(
        [
            (256, 70),
            (350, 96),
            (404, 190),
            (420, 320),
            (410, 430),
            (340, 444),
            (316, 380),
            (196, 380),
            (172, 444),
            (102, 430),
            (92, 320),
            (108, 190),
            (162, 96),
        ],
        ("#f8d25a", "#d99b2e"),
    )
    for y in range(110, 460, 36):
        canvas.line(
            [(80, y + 44), (150, y + 12), (256, y - 6), (362, y + 12), (432, y + 44)],
            14,
            "#2c5aa0",
            clip=cloth,
        )
    canvas.shade(cloth, -16, 0, "#5e3a1c", alpha=0.35)
    canvas.blob([(220, 350), (292, 350), (296, 400), (256, 420), (216, 400)], "#a4663b")
    face = canvas.blob(
        [
            (164, 232),
            (176, 176),
            (256, 146),
            (336, 176),
            (348, 232),
            (342, 300),
            (306, 356),
            (256, 374),
            (206, 356),
            (170, 300),
        ],
        ("#d99a62", "#bd7843"),
    )
    canvas.shade(face, -14, -4, "#8a4c2c", alpha=0.4)
    band = canvas.blob(
        [(156, 220), (170, 168), (256, 136), (342, 168), (356, 220), (336, 196), (256, 168), (176, 196)],
        ("#fbe08a", "#d99b2e"),
    )
    canvas.shade(band, 0, -8, "#9a6420", alpha=0.5)
    for side in (-1, 1):
        x = 256 + side * 44
        canvas.ellipse(x, 262, 21, 22, "#fffaf0")
        canvas.ellipse(x - 3, 263, 15, 18, ("#3aa07a", "#1d5d55"))
        canvas.ellipse(x - 3, 264, 8, 11, "#1b1420")
        canvas.ellipse(x + 3, 255, 5, paint="#ffffff")
        canvas.line(
            [(x - side * 24, 266), (x - side * 8, 240), (x + side * 16, 246), (x + side * 40, 252)],
            7,
            "#24182a",
        )
        canvas.line([(x + side * 20, 276), (x + side * 36, 284), (x + side * 38, 298)], 5, "#24182a")
        canvas.line([(x - 20, 220), (x, 210), (x + 20, 218)], 7, "#40241c")
        canvas.glow(256 + side * 66, 312, 28, 20, "#e2604a", alpha=0.55, clip=face)
        for dy in (-4, 8):
            canvas.line([(256 + side * 34, 322 + dy / 3), (256 + side * 92, 316 + dy)], 2.5, "#fff3dc", alpha=0.8)
    canvas.blob([(244, 300), (268, 300), (262, 314), (256, 318), (250, 314)], "#7a3a2c")
    smile = canvas.blob([(222, 328), (256, 336), (290, 328), (276, 350), (256, 356), (236, 350)], "#6b2430")
    canvas.polygon([(236, 326), (248, 333), (241, 344)], "#fffaf0", clip=smile)
    canvas.polygon([(276, 326), (264, 333), (271, 344)], "#fffaf0", clip=smile)
    canvas.line([(256, 160), (256, 120), (244, 104), (262, 92), (270, 104)], 10, "#3a9a78")
    canvas.ellipse(266, 100, 10, 8, "#3a9a78")
    for x in (176, 336):
        paw = canvas.blob(
            [(x - 46, 520), (x - 44, 458), (x, 438), (x + 44, 458), (x + 46, 520)], ("#f0b25c", "#cc8440")
        )
        canvas.shade(paw, -10, 0, "#7d3f2c")
        for dx in (-16, 14):
            canvas.line([(x + dx, 476), (x + dx, 506)], 4, "#8a4c2c")
    canvas.line([(318, 462), (352, 456)], 3, "#31508c")
    canvas.line([(322, 470), (348, 466)], 3, "#31508c")
    return canvas


def mr_pellow() -> Canvas:
    """A raven in half-moon spectacles, a pencil in his beak, in the lamplight of a bell tower."""
    canvas = Canvas("#2a2147", "#150f28")
    canvas.glow(150, 150, 300, paint="#ffb95e", alpha=0.75)
    window = canvas.blob(
        [(300, 330), (300, 150), (340, 86), (390, 70), (440, 86), (480, 150), (480, 330)],
        ("#2c4a86", "#6a83b8"),
    )
    canvas.ellipse(420, 140, 34, paint="#fdf4d4", clip=window)
    canvas.line([(390, 70), (390, 340)], 8, "#1c1433")
    canvas.line([(300, 210), (480, 210)], 8, "#1c1433")
    for index, (x, colour) in enumerate(((24, "#8a3b46"), (56, "#3f6f6a"), (84, "#b98a3c"), (114, "#5c4a86"))):
        height = 150 + index % 2 * 26
        canvas.polygon([(x, 470), (x, 470 - height), (x + 26, 470 - height), (x + 26, 470)], (colour, "#2a1c30"))
        canvas.line([(x + 4, 490 - height), (x + 22, 490 - height)], 4, "#f0d390", alpha=0.7)
    body = canvas.blob(
        [(90, 560), (96, 440), (140, 350), (220, 306), (310, 316), (384, 380), (426, 470), (440, 560)],
        ("#3a3f63", "#1c1d38"),
    )
    canvas.shade(body, 12, 6, "#ffbb6a", alpha=0.35)
    for row, y in enumerate((400, 440, 480)):
        for x in range(130 + row % 2 * 22, 420, 44):
            canvas.line([(x - 16, y), (x, y + 18), (x + 16, y)], 5, "#545b8a", clip=body, alpha=0.7)
    canvas.polygon([(214, 372), (256, 392), (214, 420)], "#c9433f")
    canvas.polygon([(298, 372), (256, 392), (298, 420)], "#a5303a")
    canvas.ellipse(256, 394, 13, paint="#e2635a")
    head = canvas.blob(
        [
            (112, 270),
            (118, 180),
            (170, 112),
            (250, 92),
            (330, 116),
            (376, 184),
            (380, 270),
            (344, 342),
            (256, 370),
            (160, 346),
        ],
        ("#4a5080", "#23254a"),
    )
    canvas.shade(head, 12, 8, "#ffc274", alpha=0.4)
    for x, y in ((206, 96), (236, 78), (268, 80)):
        canvas.polygon([(x - 16, 124), (x + 14, y - 22), (x + 24, 122)], ("#4d5486", "#3b4070"))
    canvas.blob(
        [(206, 262), (256, 240), (306, 262), (292, 306), (262, 366), (250, 366), (222, 306)],
        ("#f0b64a", "#b9772a"),
    )
    canvas.line([(212, 290), (256, 302), (300, 290)], 5, "#7d4a1c")
    canvas.ellipse(238, 274, 6, 4, "#7d4a1c", turn=20)
    canvas.ellipse(274, 274, 6, 4, "#7d4a1c", turn=-20)
    for side in (-1, 1):
        x = 256 + side * 68
        canvas.ellipse(x, 216, 34, paint=("#f6f2e6", "#cfcbd8"))
        canvas.ellipse(x + 2, 222, 19, 21, "#191326")
        canvas.ellipse(x + 9, 213, 7, paint="#ffffff")
        canvas.blob([(x - 40, 210), (x - 30, 180), (x, 170), (x + 30, 180), (x + 40, 210), (x, 200)], "#34386a")
        canvas.line([(x - side * 34, 176), (x + side * 34, 160)], 9, "#191b38")
        glass = canvas.blob(
            [(x - 42, 234), (x + 42, 234), (x + 32, 270), (x, 284), (x - 32, 270)], "#cfeaf5", alpha=0.35
        )
        canvas.polygon([(x - 20, 284), (x + 6, 230), (x + 18, 230), (x - 8, 290)], "#ffffff", clip=glass, alpha=0.5)
        canvas.line([(x - 43, 234), (x + 43, 234)], 5, "#e8bd5a", smooth=False)
        canvas.line([(x - 42, 234), (x - 32, 268), (x, 284), (x + 32, 268), (x + 42, 234)], 5, "#e8bd5a")
        canvas.line([(x + side * 43, 234), (x + side * 62, 222)], 5, "#e8bd5a", smooth=False)
    canvas.line([(230, 240), (256, 230), (282, 240)], 5, "#e8bd5a")
    canvas.line([(168, 330), (344, 306)], 14, "#d9523f", smooth=False)
    canvas.polygon([(344, 297), (368, 303), (346, 315)], "#f6ddb3")
    canvas.polygon([(360, 301), (370, 303), (361, 308)], "#2b2130")
    canvas.line([(222, 306), (256, 316), (290, 306)], 6, "#b9772a")
    for x, y, colour in ((60, 480, "#e8bd5a"), (98, 494, "#5fb0a5"), (452, 486, "#d9606a")):
        canvas.ellipse(x, y, 20, 15, colour)
        canvas.ring(x, y, 9, 2.5, "#2a1c30", alpha=0.5)
        canvas.ellipse(x - 4, y, 2.5, paint="#2a1c30")
        canvas.ellipse(x + 4, y, 2.5, paint="#2a1c30")
    return canvas
