"""Dice as they are written in macros: `6`, `d6`, `2d6`, `2d6+3`."""

import re
from dataclasses import dataclass

_DICE = re.compile(r"(?:([1-9][0-9]{0,2})?d)?([1-9][0-9]{0,5})", re.IGNORECASE)
_ADDED = re.compile(r"(.*d.*?)\s*+([+-])\s*+([0-9]{1,6})", re.IGNORECASE)
MOST_DICE = 100


@dataclass(frozen=True, slots=True)
class Dice:
    """`count` dice with so many sides, and what is added to what they show."""

    count: int
    sides: int
    added: int = 0


def read_dice(written: str) -> Dice | None:
    """Return the dice, None where none are written or too many."""
    plain, added = written.strip(), 0
    if len(plain) > 30:
        return None
    if more := _ADDED.fullmatch(plain):
        plain, added = more[1], int(f"{more[2]}{more[3]}")
    dice = _DICE.fullmatch(plain)
    count = int(dice[1] or 1) if dice else 0
    return Dice(count, int(dice[2]), added) if dice and count <= MOST_DICE else None
