"""Counts what goes into a prompt, and keeps the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import tokens
from bot.errors import Invalid

# Tokens that a message costs beside its text (role, separators), with room for what joining two texts may change.
_WRAPPING = 8


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one part of the prompt."""

    name: str
    tokens: int
    included: bool = True
    why: str = ""


class Budget:
    """So many tokens for a prompt, used part by part."""

    def __init__(self, limit: int, model: str) -> None:
        self.limit = limit
        self.used = 0
        self.parts: list[Part] = []
        self._model = model

    def cost(self, text: str) -> int:
        """Return what a text costs as a message, in tokens, or as a part of one (then rather less)."""
        return tokens.count(text, self._model) + _WRAPPING

    def fits(self, cost: int) -> bool:
        """Return whether this much more fits."""
        return self.used + cost <= self.limit

    def take(self, name: str, cost: int, why: str = "") -> None:
        """Use tokens for a part."""
        self.used += cost
        self.parts.append(Part(name, cost, why=why))

    def leave_out(self, name: str, cost: int, why: str) -> None:
        """Report a part that is not in the prompt."""
        self.parts.append(Part(name, cost, included=False, why=why))

    def fix(self, texts: Sequence[tuple[str, str]]) -> None:
        """Take the named texts that must go in; Invalid, with the length of each, if they do not fit."""
        for name, text in texts:
            if text:
                self.take(name, self.cost(text))
        if self.used > self.limit:
            longest = sorted(self.parts, key=lambda part: -part.tokens)
            lengths = ", ".join(f"{part.name} {part.tokens:,}" for part in longest)
            message = (
                f"The character does not fit into the prompt: it needs {self.used:,} tokens of {self.limit:,} "
                f"({lengths}). Shorten the longest part, or choose a model that reads more."
            )
            raise Invalid(message)
