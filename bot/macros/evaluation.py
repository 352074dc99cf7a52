"""Fills in the macros of a text: walks its tree, within bounds; what a macro means is told by a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bot.macros.bounds import TOO_MANY, Bounds
from bot.macros.meanings import Meanings
from bot.macros.parsing import Block, Item, Macro, Parsed, halves, parse
from bot.macros.spacing import dedented, joined
from bot.macros.variables import Variables

FALSE = ("", "0", "false", "off", "no")

INSIDE_ITSELF = "{{{{{field}}}}} stands inside itself: it stays as written there."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all texts of one expander share."""

    meanings: Meanings
    variables: Variables
    bounds: Bounds
    table: Mapping[str, "Meaning"]
    hidden: list[str] = field(default_factory=list[str])
    trees: dict[str, Parsed] = field(default_factory=dict[str, Parsed])  # of the fields of the card


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One text in which macros are filled in: its words, its place and what it replaces."""

    around: Surroundings
    source: str
    place: str
    original: str | None
    fields: tuple[str, ...] = ()  # in whose words this text stands

    def whole(self, tree: Parsed) -> str:
        """Return the text with its macros filled in."""
        if not tree.is_whole:
            self.around.bounds.note(TOO_MANY)
        return self.words(tree.items)

    def words(self, items: Sequence[Item]) -> str:
        """Return a part of the text with its macros filled in."""
        pieces: list[str] = []
        self._fill(items, pieces)
        return joined(pieces)

    def field(self, name: str, written: str) -> str | None:
        """Return a field of the card, in which macros may stand; None inside itself."""
        around = self.around
        if name in self.fields or name == self.place:
            around.bounds.note(INSIDE_ITSELF.format(field=name))
            return None
        tree = around.trees.get(name)
        if tree is None:
            tree = around.trees[name] = parse(written, around.bounds.macros_left)
        if not around.bounds.may_add(len(written)):
            return None
        inner = replace(self, source=written, place=name, original=None, fields=(*self.fields, self.place))
        return inner.whole(tree)

    def _fill(self, items: Sequence[Item], pieces: list[str]) -> None:
        bounds = self.around.bounds
        for item in items:
            if isinstance(item, str):
                pieces.append(item)
                continue
            if not bounds.may_enter():
                pieces.append(self.source[item.start : item.end])
                continue
            bounds.depth += 1
            if isinstance(item, Block):
                holds = self._holds(item.opening.rest)
                self._branch(item.then if holds else item.otherwise, item.opening, pieces)
            else:
                self._macro(item, pieces)
            bounds.depth -= 1

    def _macro(self, macro: Macro, pieces: list[str]) -> None:
        if macro.name in ("if", "#if"):
            condition, words = halves(macro.rest)
            if words is not None:
                self._branch(_side(words, is_else=not self._holds(condition)), macro, pieces)
                return
        meaning = self.around.table.get(macro.name)
        value = meaning(self, macro) if meaning else None
        if value is None:
            self._written(macro, pieces)
        elif self.around.bounds.may_add(len(value)):
            pieces.append(value)
        else:
            pieces.append(self.source[macro.start : macro.end])

    def _written(self, macro: Macro, pieces: list[str]) -> None:
        """As it is written, but for what is known in it."""
        if macro.inside:
            pieces.append("{{")
            self._fill(macro.inside, pieces)
            pieces.append("}}")
        else:
            pieces.append(self.source[macro.start : macro.end])

    def _branch(self, items: Sequence[Item], opening: Macro, pieces: list[str]) -> None:
        self._fill(items if opening.name == "#if" else dedented(items), pieces)

    def _holds(self, condition: Sequence[Item]) -> bool:
        """Whether a condition is met: any words but those that say no, which `!` turns around.

        Words that the author wrote may name a macro or, after a dot, a variable; what is filled in is only words.
        """
        first = condition[0] if condition else ""
        negated = isinstance(first, str) and first.startswith("!")
        if isinstance(first, str) and negated:
            condition = [first[1:].lstrip(), *condition[1:]]
        value = self.words(condition)
        if all(isinstance(item, str) for item in condition):
            value = self._named(value)
        return (value.strip().lower() in FALSE) == negated

    def _named(self, words: str) -> str:
        if words[:1] in (".", "$") and words[1:].replace("-", "_").isidentifier():
            return self.around.variables.get(words[1:])
        if not words.isidentifier():
            return words
        macro = Macro(words.lower(), (), (), False, 0, 0)
        meaning = self.around.table.get(macro.name)
        value = meaning(self, macro) if meaning else words
        return value or ""  # a macro that has no meaning here, as the time where there is none, says no


Meaning: TypeAlias = Callable[[Evaluation, Macro], str | None]
"""What is put in a macro's place; None, before anything in it is filled in, where it stays as it is written."""


def _side(items: Sequence[Item], *, is_else: bool) -> Sequence[Item]:
    """Return what stands before or after an else."""
    for at, item in enumerate(items):
        if isinstance(item, Macro) and item.name == "else":
            return items[at + 1 :] if is_else else items[:at]
    return () if is_else else items
