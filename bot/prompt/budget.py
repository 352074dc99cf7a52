"""Counts what may go into a prompt, piece by piece, and says why a piece does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import tokens
from bot.errors import Invalid
from bot.prompt.reading import Role
from bot.prompt.report import Part

# Tokens that a message costs beside its text (role, separators), with room for what joining two texts may change.
WRAPPING = 8
JOINING = 4
"""The same for a text within a message."""
NO_ROOM = "there is no room for"


@dataclass(slots=True)
class Piece:
    """A text that may stand in the prompt, and what became of it.

    `tokens` is what it takes, wrapping included; `entry` is the key of a lore entry. `why` ends as the report's words.
    """

    name: str
    text: str
    role: Role = "system"
    tokens: int = 0
    included: bool = False
    why: str = ""
    entry: str = ""

    @property
    def part(self) -> Part:
        """What the report says of it."""
        return Part(self.name, self.tokens, self.included, self.why, self.entry)


class Budget:
    """So many tokens for a prompt, used piece by piece."""

    def __init__(self, limit: int, model: str) -> None:
        self.limit = limit
        self.used = 0
        self.is_overfull = False
        """Whether anything was left out for want of room."""
        self._model = model

    @property
    def left(self) -> int:
        """Tokens that are not used yet."""
        return self.limit - self.used

    @property
    def counted_by(self) -> str:
        """How tokens are counted, in words."""
        return f"tokenizer of {self._model}" if tokens.tokenizer_of(self._model) else "estimate"

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return tokens.count(text, self._model)

    def cost(self, text: str, around: int = WRAPPING) -> int:
        """What a text costs as a message, or with less `around` it as a part of one, in tokens."""
        return tokens.count(text, self._model) + around

    def fix(self, pieces: Iterable[Piece]) -> None:
        """Takes what must go in; Invalid, with the length of each, where it does not fit."""
        fixed = [piece for piece in pieces if piece.text]
        for piece in fixed:
            piece.tokens = self.cost(piece.text)
            piece.included = True
            self.used += piece.tokens
        if self.used > self.limit:
            longest = sorted(fixed, key=lambda piece: -piece.tokens)
            lengths = ", ".join(f"{piece.name} {piece.tokens:,}" for piece in longest)
            message = (
                f"The character does not fit into the prompt: it needs {self.used:,} tokens of {self.limit:,} "
                f"({lengths}). Shorten the longest part, or choose a model that reads more."
            )
            raise Invalid(message)

    def admit(self, pieces: Sequence[Piece], why_not: str = f"{NO_ROOM} it") -> bool:
        """Takes pieces that stand or fall together if they fit; else they are left out, and told why."""
        for piece in pieces:
            piece.tokens = piece.tokens or self.cost(piece.text)
        if self.spend(sum(piece.tokens for piece in pieces)):
            for piece in pieces:
                piece.included = True
            return True
        for piece in pieces:
            piece.why = f"{piece.why}; {why_not}" if piece.why else why_not
        return False

    def spend(self, cost: int) -> bool:
        """Uses so many tokens if there are so many."""
        if cost > self.left:
            self.is_overfull = True
            return False
        self.used += cost
        return True
