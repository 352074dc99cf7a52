"""What a chat remembers by name: set, read, added to by macros; bounded, for it is kept with the messages."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

MOST_VARIABLES = 256
LONGEST_NAME = 100
LONGEST_VALUE = 4_000

TOO_MANY = f"A chat has room for {MOST_VARIABLES} variables: no more were set."
NAME_TOO_LONG = f"A variable's name is longer than {LONGEST_NAME} letters: it was not set."
VALUE_TOO_LONG = "The variable {name} is longer than {longest:,} letters: the rest was cut."

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,6})?")


class Variables:
    """The variables of a chat as they are now, and those that were changed."""

    def __init__(self, values: Mapping[str, str], note: Callable[[str], None]) -> None:
        self.values = dict(values)
        self.changed: dict[str, str] = {}
        self._note = note

    def get(self, name: str) -> str:
        """Return a value, empty for one that was never set."""
        return self.values.get(name, "")

    def set(self, name: str, value: str) -> None:
        """Sets a value; cut, or not set at all, where it is too much to keep."""
        if len(name) > LONGEST_NAME:
            self._note(NAME_TOO_LONG)
        elif name not in self.values and len(self.values) >= MOST_VARIABLES:
            self._note(TOO_MANY)
        else:
            if len(value) > LONGEST_VALUE:
                self._note(VALUE_TOO_LONG.format(name=name, longest=LONGEST_VALUE))
            self.values[name] = self.changed[name] = value[:LONGEST_VALUE]

    def add(self, name: str, value: str) -> None:
        """Adds number to number, else puts the value behind what is there; what was never set is 0 or nothing."""
        before = self.get(name)
        self.set(name, _total(before, value) or f"{before}{value}")


def _total(before: str, value: str) -> str | None:
    left, right = before.strip() or "0", value.strip()
    if not _NUMBER.fullmatch(left) or not _NUMBER.fullmatch(right):
        return None
    total = (Decimal(left) + Decimal(right)).normalize()
    return format(total, "f") if total else "0"
