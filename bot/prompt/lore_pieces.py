"""The lore that fired, as pieces at their places, and the order in which they ask for room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.cards.lorebook import Position
from bot.lore import Heard, Lore, Placed, Timer, Told, fire
from bot.macros import Expander
from bot.prompt.budget import WRAPPING, Budget, Piece
from bot.prompt.depths import Deep, note_is_due
from bot.prompt.history import heard
from bot.prompt.reading import AuthorsNote, Line, Reading

BOOK_SHARE = 4
"""A book that names no budget gets a quarter of the prompt."""
NO_OUTLET = "it waits for an outlet, and there are none here"
NOTE_NOT_DUE = "it belongs to the author's note, which is not due"
CONTEXT_FULL = "the prompt is full, and it asks to be left out then"


@dataclass(slots=True)
class LorePieces:
    """The pieces by position, each in order of standing, and those at a depth."""

    fired: Lore
    at: dict[Position, list[Piece]] = field(default_factory=dict[Position, list[Piece]])
    deep: list[Deep] = field(default_factory=list[Deep])
    asking: list[tuple[Placed, Piece]] = field(default_factory=list[tuple[Placed, Piece]])
    homeless: list[Piece] = field(default_factory=list[Piece])
    """What fired, but belongs to something that is not in this prompt."""

    @property
    def told(self) -> tuple[Told, ...]:
        """The report of every entry; one that found no room did not fire."""
        left_out = {piece.entry: piece.why for piece in self._left_out()}
        return tuple(
            replace(told, fired=False, why=f"{told.why}; {left_out[told.key]}") if told.key in left_out else told
            for told in self.fired.told
        )

    def timers(self, before: Mapping[str, Timer]) -> dict[str, Timer]:
        """The timers after this reply: nothing begins for an entry that is not in it."""
        left_out = {piece.entry for piece in self._left_out()}
        after = self.fired.timers
        return {key: timer for key, timer in after.items() if key not in left_out or before.get(key) == timer}

    def _left_out(self) -> list[Piece]:
        return [*(piece for _, piece in self.asking if not piece.included), *self.homeless]

    def admit(self, budget: Budget, *, constant: bool) -> None:
        """Takes entries without a key, or those with one, as long as they fit; one that does not hides no other."""
        for placed, piece in self.asking:
            if placed.is_constant is constant and not placed.ignore_on_max_context:
                budget.admit([piece])

    def admit_the_modest(self, budget: Budget) -> None:
        """Takes entries that would rather be left out of a full prompt."""
        was_full = budget.is_overfull
        for placed, piece in self.asking:
            if placed.ignore_on_max_context:
                if was_full:
                    piece.why = CONTEXT_FULL
                else:
                    budget.admit([piece], CONTEXT_FULL)


def fire_lore(reading: Reading, lines: Sequence[Line], expander: Expander, budget: Budget) -> LorePieces:
    """Look for every entry in what was said; what fired asks for room in order of its rank, highest first."""
    fired = fire(
        reading.books,
        Heard(
            messages=tuple(heard(line, reading) for line in lines),
            depth_of_path=len(lines) if reading.heard_depth is None else reading.heard_depth,
            is_greeting=reading.greeting,
            assistant_messages=said_by_characters(reading, lines),
        ),
        timers=reading.timers,
        seed=reading.seed,
        expander=expander,
        count=budget.count,
        default_budget=max(0, budget.limit) // BOOK_SHARE,
    )
    pieces = LorePieces(fired)
    note_due = reading.note is None or note_is_due(reading.note, said_by_people(reading, lines))
    for placed in fired.placed:
        if placed.text.strip():
            _place(placed, reading.note, pieces, note_due=note_due)
    pieces.asking.sort(key=lambda asks: -asks[0].rank)
    return pieces


def _place(placed: Placed, note: AuthorsNote | None, pieces: LorePieces, *, note_due: bool) -> None:
    beside_note = placed.position in ("an_top", "an_bottom")
    role = placed.role if placed.position == "at_depth" else note.role if beside_note and note else "system"
    cost = placed.tokens + WRAPPING
    piece = Piece(f"lore: {placed.title}", placed.text.strip(), role, cost, entry=placed.key)
    if placed.position == "outlet" or (beside_note and not note_due):
        piece.why = NOTE_NOT_DUE if beside_note else NO_OUTLET
        pieces.homeless.append(piece)
        return
    pieces.asking.append((placed, piece))
    if placed.reverse_depth is not None:
        pieces.deep.append(Deep(piece, placed.reverse_depth, from_start=True))
    elif placed.position == "at_depth":
        pieces.deep.append(Deep(piece, placed.depth))
    else:
        pieces.at.setdefault(placed.position, []).append(piece)


def said_by_people(reading: Reading, lines: Sequence[Line]) -> int:
    """How many messages of the whole path people said."""
    given = reading.said_by_people
    return sum(line.role == "person" for line in lines) if given is None else given


def said_by_characters(reading: Reading, lines: Sequence[Line]) -> int:
    """How many messages of the whole path characters said."""
    given = reading.said_by_characters
    return sum(line.role == "character" for line in lines) if given is None else given
