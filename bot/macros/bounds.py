"""How much one expander may do: macros, letters added, depth; and the notes of what was left as it was written."""

DEEPEST = 50  # macros in one another
MOST_MACROS = 30_000  # in all texts of an expander; a third of a second at worst
LONGEST = 1_000_000  # characters added, for a short card must not become gigabytes
MOST_NOTES = 20

TOO_DEEP = f"Macros stand in one another more than {DEEPEST} deep: the innermost stay as written."
TOO_MANY = f"There are more than {MOST_MACROS:,} macros: the rest stay as written."
TOO_LONG = f"Macros would add more than {LONGEST:,} letters: those that do not fit stay as written."


class Bounds:
    """Counts what was done, and says when it is enough."""

    def __init__(self) -> None:
        self.macros_left = MOST_MACROS
        self.letters_left = LONGEST
        self.depth = 0
        self.notes: list[str] = []

    def may_enter(self, macros: int = 1) -> bool:
        """Whether one more macro may be filled in here; it counts as several where it is more work."""
        if self.depth >= DEEPEST:
            self.note(TOO_DEEP)
            return False
        if macros > self.macros_left:
            self.macros_left = 0
            self.note(TOO_MANY)
            return False
        self.macros_left -= macros
        return True

    def may_add(self, letters: int) -> bool:
        """Whether so many letters may be added."""
        if letters > self.letters_left:
            self.note(TOO_LONG)
            return False
        self.letters_left -= letters
        return True

    def note(self, words: str) -> None:
        """Says for a report what was cut or refused, once."""
        if words not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(words)
