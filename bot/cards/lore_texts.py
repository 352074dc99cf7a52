"""Entries of lore as people write them: the texts of a form, and what they mean.

How an entry is placed is one line of phrases with commas between them, such as `order 50, depth 4 as user, always`;
what a line does not name is as usual. Keys are separated by commas; each line that begins with `/` is one key, a
regular expression, and a key with a comma stands in double quotes.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bot.cards.lorebook import Logic, LoreEntry, Position, Role
from bot.errors import Invalid

MOST_CONTENT = 20_000
MOST_NUMBER = 1_000_000
EXAMPLE = "order 50, depth 4 as system, always"
_PLACES: dict[str, Position] = {
    "before": "before_char",
    "after": "after_char",
    "top of note": "an_top",
    "bottom of note": "an_bottom",
    "top of examples": "em_top",
    "bottom of examples": "em_bottom",
    "outlet": "outlet",
}
_LOGICS: dict[str, Logic] = {"any": "and_any", "all": "and_all", "not any": "not_any", "not all": "not_all"}
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
_FLAGS: dict[str, tuple[str, bool]] = {
    "always": ("constant", True),
    "regex": ("use_regex", True),
    "case": ("case_sensitive", True),
    "any case": ("case_sensitive", False),
    "whole words": ("match_whole_words", True),
    "parts of words": ("match_whole_words", False),
}
_DEPTH = re.compile(r"depth (\d{1,6})(?: as (system|user|assistant))?")
_NUMBER = re.compile(r"(order|priority|chance|scan|sticky|cooldown|delay) (-?\d+(?:\.\d+)?)")
_FIELDS = {"order": "insertion_order", "chance": "probability", "scan": "scan_depth"}
_WHOLE = frozenset({"scan", "sticky", "cooldown", "delay"})
_USUAL = LoreEntry()
_NAMED = (
    "position", "depth", "role", "constant", "use_regex", "case_sensitive", "match_whole_words", "insertion_order",
    "priority", "probability", "scan_depth", "sticky", "cooldown", "delay", "group",
)  # fmt: skip
"""What a line of phrases decides; all else of an entry stays as it was."""


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """An entry as a form shows it; `content` is None where it is too long for one and stays as it is."""

    keys: str = ""
    content: str | None = ""
    secondary_keys: str = ""
    placing: str = ""
    name: str = ""


def title_of(entry: LoreEntry) -> str:
    """What an entry is called: its name, its comment, or its first key; empty where it has none of them."""
    named = entry.name or entry.comment or (entry.keys[0] if entry.keys else "")
    return " ".join(named.split())


def texts_of_entry(entry: LoreEntry) -> EntryTexts:
    """The texts of a form from which entry_of makes the same entry."""
    return EntryTexts(
        keys=_joined(entry.keys),
        content=entry.content,
        secondary_keys=_joined(entry.secondary_keys),
        placing=", ".join(_phrases(entry)),
        name=entry.name or entry.comment,
    )


def entry_of(texts: EntryTexts, before: LoreEntry = _USUAL) -> LoreEntry:
    """The entry that somebody wrote, with what forms do not ask from `before`; Invalid says what is not understood."""
    content = before.content if texts.content is None else _content(texts.content)
    keys, secondary = _keys(texts.keys), _keys(texts.secondary_keys)
    placed = _placed(replace(before, **{name: getattr(_USUAL, name) for name in _NAMED}), texts.placing, secondary)
    if not keys and not placed.constant:
        raise Invalid("An entry needs a key to be called by; or write “always” where it says order and place.")
    return replace(placed, keys=keys, secondary_keys=secondary, content=content, **_name(texts.name, before))


def _name(text: str, before: LoreEntry) -> dict[str, str]:
    """SillyTavern's entries are named by their comment."""
    name = " ".join(text.replace("\x00", "").split())
    if name == (before.name or before.comment).strip():
        return {}
    return {"comment": name} if before.comment and not before.name else {"name": name}


def _content(text: str) -> str:
    content = text.replace("\x00", "").replace("\r\n", "\n")
    if not content.strip():
        raise Invalid("An entry needs a text that the character reads. Fill in *What it tells*.")
    if len(content) > MOST_CONTENT:
        raise Invalid(f"This entry has {len(content):,} letters; {MOST_CONTENT:,} is the limit. Split it in two.")
    return content


# --- keys ---------------------------------------------------------------------------------------------


def _joined(keys: tuple[str, ...]) -> str:
    """Keys as _keys reads them: neighbours in one line, each expression in a line of its own."""
    lines: list[str] = []
    for is_expression, group in groupby((" ".join(key.split()) for key in keys), lambda key: key.startswith("/")):
        neighbours = list(group)
        lines += neighbours if is_expression else [", ".join(map(_quoted, neighbours))]
    return "\n".join(lines)


def _quoted(key: str) -> str:
    return '"' + key.replace('"', '""') + '"' if "," in key or '"' in key else key


def _keys(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for line in text.replace("\x00", "").splitlines():
        if line.strip().startswith("/"):
            found.append(line.strip())
        else:
            found += [key.strip() for row in csv.reader([line], skipinitialspace=True) for key in row]
    return tuple(dict.fromkeys(filter(None, found)))


# --- order and place ----------------------------------------------------------------------------------


def _phrases(entry: LoreEntry) -> Iterator[str]:
    """What is not as usual about an entry, and always its order."""
    yield f"order {entry.insertion_order:g}"
    if entry.position == "at_depth":
        depth = f"depth {4 if entry.depth is None else entry.depth}"
        yield depth if entry.role == "system" else f"{depth} as {entry.role}"
    elif entry.position != "before_char":
        yield next(phrase for phrase, position in _PLACES.items() if position == entry.position)
    for phrase, (name, value) in _FLAGS.items():
        if getattr(entry, name) is value:
            yield phrase
    if entry.secondary_keys and not entry.selective:
        yield "secondary off"
    elif entry.secondary_keys and entry.selective_logic != "and_any":
        yield "secondary " + next(phrase for phrase, logic in _LOGICS.items() if logic == entry.selective_logic)
    for phrase in ("priority", "chance", "scan", "sticky", "cooldown", "delay"):
        value = getattr(entry, _FIELDS.get(phrase, phrase))
        if value is not None and value != getattr(_USUAL, _FIELDS.get(phrase, phrase)):
            yield f"{phrase} {value:g}"
    if entry.group.strip():
        yield f"group {' + '.join(filter(None, map(str.strip, entry.group.split(','))))}"


def _placed(entry: LoreEntry, line: str, secondary: tuple[str, ...]) -> LoreEntry:
    """The entry as a line of phrases has it."""
    entry = replace(entry, selective=bool(secondary), selective_logic="and_any")
    for written in filter(None, map(str.strip, line.replace("\n", ",").split(","))):
        phrase = " ".join(written.lower().split())
        changed = next(filter(None, (read(entry, phrase) for read in _READERS)), None)
        if changed is None:
            changed = _grouped(entry, written)
        if changed is None:
            raise Invalid(
                f"“{written[:60]}” is not understood. Order and place are written like this: {EXAMPLE}. "
                f"Places are before, after, depth 4 as user, {', '.join(list(_PLACES)[2:])}; then there are "
                f"{', '.join(_FLAGS)}, secondary all, priority 5, chance 50, scan 3, sticky 2, cooldown 2, delay 2 and "
                "group NAME."
            )
        entry = changed
    return entry


def _at_place(entry: LoreEntry, phrase: str) -> LoreEntry | None:
    place = _PLACES.get(phrase.removesuffix(" the character"))
    if place is not None:
        return replace(entry, position=place)
    if found := _DEPTH.fullmatch(phrase):
        return replace(entry, position="at_depth", depth=int(found[1]), role=_ROLES[found[2] or "system"])
    return None


def _flagged(entry: LoreEntry, phrase: str) -> LoreEntry | None:
    flag = _FLAGS.get(phrase)
    return replace(entry, **{flag[0]: flag[1]}) if flag else None


def _counted(entry: LoreEntry, phrase: str) -> LoreEntry | None:
    found = _NUMBER.fullmatch(phrase)
    if found is None:
        return None
    name, number = found[1], float(found[2])
    is_odd = name in _WHOLE and (number < 0 or not number.is_integer())
    if is_odd or abs(number) > MOST_NUMBER or (name == "chance" and not 0 <= number <= 100):
        raise Invalid(f"“{phrase}” is no number that can be used here. Write for example: {name} 10.")
    return replace(entry, **{_FIELDS.get(name, name): int(number) if name in _WHOLE else number})


def _secondary(entry: LoreEntry, phrase: str) -> LoreEntry | None:
    logic = phrase.removeprefix("secondary ")
    if logic == phrase or (logic not in _LOGICS and logic != "off"):
        return None
    if logic == "off":
        return replace(entry, selective=False)
    return replace(entry, selective_logic=_LOGICS[logic])


def _grouped(entry: LoreEntry, written: str) -> LoreEntry | None:
    word, _, names = written.partition(" ")
    if word.lower() != "group" or not names.strip():
        return None
    return replace(entry, group=",".join(filter(None, map(str.strip, names.split("+")))))


_READERS: tuple[Callable[[LoreEntry, str], LoreEntry | None], ...] = (_at_place, _flagged, _counted, _secondary)
