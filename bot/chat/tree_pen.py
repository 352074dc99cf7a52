"""Letters in a picture: which of them the font can draw, and how many fit."""

import unicodedata
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.ImageFont import FreeTypeFont

FONTS = ("DejaVuSans.ttf",)
"""Used where the system has it; Pillow's own, which is always there, knows little beyond English."""
NEAR = {"—": "-", "–": "-", "‑": "-", "„": "“", "«": "“", "»": "”"}


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
    # Pillow says of it no more than that it is a picture; it is a sequence of bytes.
    return bytes(cast("Sequence[int]", font.getmask(letter)))
