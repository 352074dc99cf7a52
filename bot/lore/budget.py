"""Which of a book's entries go in when they are too long together."""

from collections.abc import Callable

from bot.lore.watches import Watch
from bot.macros import Expander

_LONGEST_TOKEN = 64  # characters; prose has four a token, so a text that is too long by this is not counted


class Purse:
    """A book's tokens, and the entries that ask for some. The highest rank gets them first, then the highest order."""

    def __init__(self, budget: int, expander: Expander, count: Callable[[str], int]) -> None:
        self.budget = max(0, budget)
        self._expander = expander
        self._count = count
        self._asking: list[Watch] = []

    def ask(self, watch: Watch) -> None:
        """Add an entry that fires if there is room for it."""
        self._asking.append(watch)

    def given(self) -> list[Watch]:
        """Return the entries that go in, of all that have asked so far; one too long never hides a shorter one."""
        left, given = self.budget, list[Watch]()
        if not left:
            return given
        # In order of standing, so that a variable is set above where it is read.
        for watch in sorted((watch for watch in self._asking if watch.text is None), key=_standing):
            self._fill_in(watch)
        self._asking.sort(key=lambda watch: (-watch.rank, -watch.entry.insertion_order, watch.number))
        for watch in self._asking:
            tokens = self._tokens(watch, left) if left else None
            if tokens is not None and tokens <= left:
                left -= tokens
                given.append(watch)
        return given

    def _tokens(self, watch: Watch, left: int) -> int | None:
        """Return how many tokens an entry needs, or None if it has no text or is too long to be counted."""
        if watch.tokens is None and watch.text and len(watch.text) <= left * _LONGEST_TOKEN:
            watch.tokens = self._count(watch.text)
        return watch.tokens

    def _fill_in(self, watch: Watch) -> None:
        text = watch.content
        if "{{" in text or "<" in text:
            known = len(self._expander.hidden)
            text = self._expander.expand(text, place=watch.key)
            watch.hidden = tuple(self._expander.hidden[known:])
        watch.text = text.strip()


def _standing(watch: Watch) -> tuple[float, int]:
    return watch.entry.insertion_order, watch.number
