"""Lore: which entries of which lorebooks a reply reads, where they stand, and why.

Pure: the same books, messages, timers and seed fire the same entries.
"""

from bot.lore.firing import fire
from bot.lore.scene import Book, Heard, Lore, Placed, Told
from bot.lore.timers import Timer, Timers, timers_from_json, timers_to_json

__all__ = [
    "Book",
    "Heard",
    "Lore",
    "Placed",
    "Timer",
    "Timers",
    "Told",
    "fire",
    "timers_from_json",
    "timers_to_json",
]
