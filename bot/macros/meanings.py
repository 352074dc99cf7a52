"""What macros stand for: names, the fields of a card, what was said last, the time, and seeds of chance."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Meanings:
    """What macros stand for; the fields of the card may hold macros themselves, all else is taken literally."""

    char: str  # the nickname, else the name
    user: str
    group: tuple[str, ...] = ()  # all characters of the scene; alone: the character
    description: str = ""
    personality: str = ""
    scenario: str = ""
    persona: str = ""
    examples: str = ""
    last_message: str = ""
    last_user_message: str = ""
    last_char_message: str = ""
    now: datetime | None = None  # aware, in the time zone of the place; None: macros of time stay as written
    idle: timedelta | None = None
    seed: str = ""  # of this reply: random, roll
    place_seed: str = ""  # of the tree: pick

    @property
    def everyone(self) -> str:
        """The names of all characters, or the one's who is alone."""
        return ", ".join(self.group) if len(self.group) > 1 else self.char
