"""Fills the macros of all texts of a prompt, one after the other: what one sets, the next reads."""

from collections.abc import Mapping

from bot.macros.bounds import Bounds
from bot.macros.evaluation import Evaluation, Surroundings
from bot.macros.known import KNOWN
from bot.macros.meanings import Meanings
from bot.macros.parsing import parse
from bot.macros.variables import Variables


class Expander:
    """Fills macros in; the same texts in the same order come out the same."""

    def __init__(self, meanings: Meanings, variables: Mapping[str, str] | None = None) -> None:
        self._bounds = Bounds()
        self._variables = Variables(variables or {}, self._bounds.note)
        self._around = Surroundings(meanings, self._variables, self._bounds, KNOWN)

    @property
    def variables(self) -> dict[str, str]:
        """The variables as they are now."""
        return self._variables.values

    @property
    def changed(self) -> dict[str, str]:
        """What macros set, by name, to its last value."""
        return self._variables.changed

    @property
    def hidden(self) -> list[str]:
        """The texts of `{{hidden_key:x}}`, which stand in no text but are heard by lore that chains."""
        return self._around.hidden

    @property
    def notes(self) -> list[str]:
        """What was cut or refused, in sentences."""
        return self._bounds.notes

    def expand(self, text: str, *, place: str = "", original: str | None = None) -> str:
        """Return a text with its macros filled in; chance depends on the `place`, `{{original}}` is what it replaces.

        Never raises; the fields of the card have the places `description`, `personality`, `scenario`, `mes_example`.
        """
        if "{{" not in text and "<" not in text:
            return text
        tree = parse(text, self._bounds.macros_left)
        return Evaluation(self._around, text, place, original).whole(tree)


def expand(text: str, meanings: Meanings, *, original: str | None = None) -> str:
    """Return a single text with its macros filled in."""
    return Expander(meanings).expand(text, original=original)
