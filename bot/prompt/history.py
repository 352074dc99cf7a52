"""What was said, as the model reads it: who speaks, and how much of it goes in."""

from collections.abc import Sequence

from bot.errors import Invalid
from bot.llm import Message
from bot.prompt.budget import WRAPPING, Budget
from bot.prompt.reading import Line, Reading
from bot.prompt.report import Part

ALWAYS = 10
"""The newest messages, which lore that needs a key never displaces."""


def spoken(path: Sequence[Line]) -> list[Line]:
    """The lines that say something."""
    return [line for line in path if line.text.strip()]


def heard(line: Line, reading: Reading) -> str:
    """A line's words; whoever could be taken for somebody else carries a name, in a group all but the speaker."""
    if line.role == "narration" or not line.speaker_name:
        return line.text
    character = reading.character
    if line.role == "character":
        by_name = line.speaker_name in (character.name, character.called)
        is_own = by_name if line.is_other is None else not line.is_other
    else:
        is_own = line.speaker_name == reading.persona.name and not reading.others and not reading.cast
    return line.text if is_own else f"{line.speaker_name}: {line.text}"


def as_message(line: Line, reading: Reading) -> Message:
    """A line as a turn: other characters are read like people, so that the speaker's own voice stays apart."""
    text = heard(line, reading)
    match line.role:
        case "character":
            by_name = any(line.speaker_name == other.name for other in reading.cast)
            is_other = by_name if line.is_other is None else line.is_other
            return Message("user" if is_other else "assistant", text)
        case "person":
            return Message("user", f"[{text}]" if reading.settings.mode == "story" else text)
        case "narration":
            return Message("system", text)


class History:
    """The newest lines, taken as far as they fit; each line is counted once, when its turn comes."""

    def __init__(self, lines: Sequence[Line], reading: Reading, budget: Budget) -> None:
        limit = reading.settings.history_limit
        self._lines = lines
        self._allowed = lines[-limit:] if limit > 0 else ()
        self._reading = reading
        self._budget = budget
        self._newest_first: list[Message] = []
        self._tokens = 0
        self._is_full = False

    @property
    def messages(self) -> list[Message]:
        """What goes in, oldest first."""
        return self._newest_first[::-1]

    def take_newest(self) -> None:
        """Takes the newest line; Invalid where not even that fits."""
        if not self._allowed:
            return
        self.take(1)
        if self._is_full:
            cost = self._budget.count(self._allowed[-1].text)
            words = f"The newest message is {cost:,} tokens long, and {self._budget.left:,} are left for it"
            message = f"{words}: write a shorter one, or choose a model that reads more."
            raise Invalid(message)

    def take(self, most: int | None = None) -> None:
        """Takes lines until there are so many, or as many as may be, or the next does not fit."""
        most = len(self._allowed) if most is None else min(most, len(self._allowed))
        while not self._is_full and len(self._newest_first) < most:
            message = as_message(self._allowed[-1 - len(self._newest_first)], self._reading)
            cost = self._budget.count(message.content) + WRAPPING
            self._is_full = not self._budget.spend(cost)
            if not self._is_full:
                self._tokens += cost
                self._newest_first.append(message)

    @property
    def unread(self) -> Sequence[Line]:
        """The lines that are not in, oldest first."""
        return self._lines[: len(self._lines) - len(self._newest_first)]

    def parts(self) -> list[Part]:
        """What the report says: of what was left out, then of what is in."""
        taken, number = len(self._newest_first), len(self._lines)
        left_out: list[Part] = []
        if taken < number:
            limit = self._reading.settings.history_limit
            why = "there is no room for more" if taken < len(self._allowed) else f"the limit is {limit} messages"
            left_out.append(Part("older history", 0, included=False, why=f"{number - taken} messages: {why}"))
        inside = [Part("history", self._tokens, why=f"the newest {taken} of {number} messages")] if taken else []
        return [*left_out, *inside]
