"""What stands among the messages of the history: persona, lore, depth prompt and author's note, each at its depth."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.llm import Message
from bot.macros import Expander
from bot.prompt.budget import Piece
from bot.prompt.reading import AuthorsNote, Mode, Reading
from bot.prompt.scripts import about

PERSONA_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Deep:
    """A piece that stands `depth` messages above the end, or below the beginning if `from_start`."""

    piece: Piece
    depth: int
    from_start: bool = False

    def place(self, messages: int) -> int:
        """Before which of so many messages it stands; their number is the end."""
        depth = min(max(0, self.depth), messages)
        return depth if self.from_start else messages - depth


def deep_people(reading: Reading) -> list[Deep]:
    """The people who want to be described near the end."""
    titled = (("persona", reading.persona), *(("other people", other) for other in reading.others))
    return [
        Deep(Piece(title, about(person)), PERSONA_DEPTH) for title, person in titled if person.position == "at_depth"
    ]


def depth_prompt(reading: Reading, expander: Expander) -> list[Deep]:
    """The card's own words at a depth."""
    given = reading.character.depth_prompt
    if given is None:
        return []
    text = expander.expand(given.prompt, place="depth prompt").strip()
    return [Deep(Piece("depth prompt", text, given.role), given.depth)]


def note_is_due(note: AuthorsNote, said_by_people: int) -> bool:
    """Whether a note goes into this prompt."""
    return note.frequency > 0 and said_by_people % note.frequency == 0


def woven(history: Sequence[Message], deep: Sequence[Deep], mode: Mode) -> list[Message]:
    """The history with what is included of the others in it; at one place they stand in the order given."""
    at: dict[int, list[Message]] = {}
    for each in deep:
        piece = each.piece
        if piece.included:
            text = f"[{piece.text}]" if mode == "story" else piece.text
            at.setdefault(each.place(len(history)), []).append(Message(piece.role, text))
    if not at:
        return list(history)
    places = range(len(history) + 1)
    return [message for place in places for message in (*at.get(place, ()), *history[place : place + 1])]
