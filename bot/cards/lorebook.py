"""A lorebook: entries that tell the model of things when their keys are spoken of, read from any known form.

Sources: character-card-spec-v2 (`CharacterBook`), character-card-spec-v3 (`Lorebook`, `lorebook_v3`), and the world
info files of SillyTavern, whose settings beyond the specification stand in an entry's `extensions`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from bot.cards.card import MAX_LORE_ENTRIES
from bot.cards.card_fields import Fields, Warnings
from bot.cards.untrusted_json import Json, JsonObject
from bot.errors import Invalid

Logic = Literal["and_any", "not_all", "not_any", "and_all"]
Position = Literal["before_char", "after_char", "an_top", "an_bottom", "at_depth", "em_top", "em_bottom", "outlet"]
Role = Literal["system", "user", "assistant"]

_Word = TypeVar("_Word", bound=str)

# In SillyTavern's order, whose numbers its files write.
_LOGICS: tuple[Logic, ...] = ("and_any", "not_all", "not_any", "and_all")
_POSITIONS: tuple[Position, ...] = (
    "before_char", "after_char", "an_top", "an_bottom", "at_depth", "em_top", "em_bottom", "outlet",
)  # fmt: skip
_ROLES: tuple[Role, ...] = ("system", "user", "assistant")
_OTHER_POSITIONS: dict[str, Position] = {
    "before_char_defs": "before_char", "before": "before_char", "before_character": "before_char",
    "after_char_defs": "after_char", "after": "after_char", "after_character": "after_char",
    "in_chat": "at_depth", "depth": "at_depth", "top_an": "an_top", "bottom_an": "an_bottom",
}  # fmt: skip

# Every name that a field goes by, the specification's first, where it stands beside the entry's keys.
_NAMES: dict[str, tuple[str, ...]] = {
    "keys": ("keys", "key", "keywords"),
    "content": ("content", "entry", "text"),
    "secondary_keys": ("secondary_keys", "keysecondary", "secondaryKeys", "secondkey"),
    "id": ("id", "uid"),
    "name": ("name", "displayName"),
    "comment": ("comment",),
    "enabled": ("enabled",),
    "disable": ("disable", "disabled"),
    "constant": ("constant", "alwaysActive"),
    "selective": ("selective",),
    "use_regex": ("use_regex", "useRegex"),
    "insertion_order": ("insertion_order", "insertionOrder", "order", "insertorder"),
    "priority": ("priority",),
}
# SillyTavern's settings: in a card's book they stand in the entry's extensions, and there they count first.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "case_sensitive": ("case_sensitive", "caseSensitive"),
    "match_whole_words": ("match_whole_words", "matchWholeWords"),
    "position": ("position",),
    "depth": ("depth",),
    "role": ("role",),
    "selective_logic": ("selectiveLogic", "selective_logic"),
    "probability": ("probability",),
    "use_probability": ("useProbability", "use_probability"),
    "scan_depth": ("scan_depth", "scanDepth"),
    "group": ("group",),
    "group_weight": ("group_weight", "groupWeight"),
    "group_override": ("group_override", "groupOverride"),
    "sticky": ("sticky",),
    "cooldown": ("cooldown",),
    "delay": ("delay",),
    "exclude_recursion": ("exclude_recursion", "excludeRecursion"),
    "prevent_recursion": ("prevent_recursion", "preventRecursion"),
    "delay_until_recursion": ("delay_until_recursion", "delayUntilRecursion"),
}
_BOOK_NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "description": ("description",),
    "scan_depth": ("scan_depth", "scanDepth"),
    "token_budget": ("token_budget", "tokenBudget"),
    "recursive_scanning": ("recursive_scanning", "recursiveScanning"),
    "entries": ("entries",),
}


_Claims: TypeAlias = Mapping[str, tuple[str, int]]


def _claims(names: Mapping[str, Sequence[str]]) -> _Claims:
    """Return, for each name in a file, whose it is, and which of its field's names it is."""
    return {each: (name, rank) for name, known in names.items() for rank, each in enumerate(known)}


_ENTRY_CLAIMS, _SETTING_CLAIMS, _BOOK_CLAIMS = _claims(_NAMES), _claims(_SETTINGS), _claims(_BOOK_NAMES)
_NO_CLAIMS: _Claims = {}


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """One thing to tell, and when; None where the file leaves it to the reader.

    `position` is where it goes, `depth` and `role` count for at_depth alone. `probability` is a percentage that counts
    if `use_probability`. `sticky`, `cooldown` and `delay` are counted in messages; `delay_until_recursion` is the
    level of recursion from which the entry fires, 0 for any. What is not known is kept in `extensions` and `unknown`.
    """

    keys: tuple[str, ...] = ()
    content: str = ""
    secondary_keys: tuple[str, ...] = ()
    id: int | str | None = None
    name: str = ""
    comment: str = ""
    enabled: bool = True
    constant: bool = False
    selective: bool = False
    selective_logic: Logic = "and_any"
    use_regex: bool = False
    case_sensitive: bool | None = None
    match_whole_words: bool | None = None
    position: Position = "before_char"
    depth: int | None = None
    role: Role = "system"
    insertion_order: float = 100
    priority: float | None = None
    probability: float = 100
    use_probability: bool = True
    scan_depth: int | None = None
    group: str = ""
    group_weight: float | None = None
    group_override: bool = False
    sticky: int | None = None
    cooldown: int | None = None
    delay: int | None = None
    exclude_recursion: bool = False
    prevent_recursion: bool = False
    delay_until_recursion: int = 0
    extensions: JsonObject = field(default_factory=dict[str, Json])
    unknown: JsonObject = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Lorebook:
    """A list of entries and how they are looked for: `scan_depth` in messages, `token_budget` in tokens."""

    name: str = ""
    description: str = ""
    scan_depth: int | None = None
    token_budget: int | None = None
    recursive_scanning: bool | None = None
    entries: tuple[LoreEntry, ...] = ()
    extensions: JsonObject = field(default_factory=dict[str, Json])
    unknown: JsonObject = field(default_factory=dict[str, Json])


_USUAL = LoreEntry()


def read_lorebook(found: JsonObject, warnings: Warnings, place: str = "") -> Lorebook:
    """Return the lorebook in a card's `character_book`, a `lorebook_v3` document or a world info file.

    Warnings begin with `place`. Raises Invalid past 4,000 entries.
    """
    inner = found.get("data")
    if found.get("spec") == "lorebook_v3" and isinstance(inner, dict):
        found, place = inner, f"{place}data."
    fields, extensions, unknown = _gathered(found, _BOOK_CLAIMS, _NO_CLAIMS, warnings, place)
    return Lorebook(
        name=fields.line("name"),
        description=fields.text("description"),
        scan_depth=fields.whole("scan_depth"),
        token_budget=fields.whole("token_budget"),
        recursive_scanning=fields.flag("recursive_scanning"),
        entries=tuple(_entries(found.get("entries"), warnings, f"{place}entries")),
        extensions=extensions,
        unknown=unknown,
    )


def write_lorebook(book: Lorebook) -> JsonObject:
    """Return the lorebook as V3's object, a card's `character_book`; read_lorebook reads the same of it."""
    settings: JsonObject = {
        "name": book.name,
        "description": book.description,
        "scan_depth": book.scan_depth,
        "token_budget": book.token_budget,
        "recursive_scanning": book.recursive_scanning,
    }
    return {
        **book.unknown,
        **{name: value for name, value in settings.items() if value not in (None, "")},
        "extensions": book.extensions,
        "entries": [_written(entry) for entry in book.entries],
    }


def _entries(found: Json, warnings: Warnings, place: str) -> Iterator[LoreEntry]:
    listed: list[tuple[str, Json]] = []
    if isinstance(found, dict):
        listed = list(found.items())
    elif isinstance(found, list):
        listed = [("", entry) for entry in found]
    elif found is not None:
        warnings.add(f"{place} is not a list and was left out.")
    if len(listed) > MAX_LORE_ENTRIES:
        raise Invalid(f"The lorebook has {len(listed):,} entries; {MAX_LORE_ENTRIES:,} is the limit.")
    for index, (key, entry) in enumerate(listed):
        if isinstance(entry, dict):
            yield _entry(entry, key, warnings, f"{place}[{index}].")
        else:
            warnings.add(f"{place}[{index}] is not an object and was left out.")


def _entry(found: JsonObject, key: str, warnings: Warnings, place: str) -> LoreEntry:
    fields, extensions, unknown = _gathered(found, _ENTRY_CLAIMS, _SETTING_CLAIMS, warnings, place)
    enabled = fields.flag("enabled")
    return LoreEntry(
        keys=_keys(fields, "keys"),
        content=fields.text("content"),
        secondary_keys=_keys(fields, "secondary_keys"),
        id=_id(fields, key),
        name=fields.text("name"),
        comment=fields.text("comment"),
        enabled=not fields.flag("disable") if enabled is None else enabled,
        constant=bool(fields.flag("constant")),
        selective=bool(fields.flag("selective")),
        selective_logic=_choice(fields, "selective_logic", _LOGICS, {}),
        use_regex=bool(fields.flag("use_regex")),
        case_sensitive=fields.flag("case_sensitive"),
        match_whole_words=fields.flag("match_whole_words"),
        position=_choice(fields, "position", _POSITIONS, _OTHER_POSITIONS),
        depth=fields.whole("depth"),
        role=_choice(fields, "role", _ROLES, {}),
        insertion_order=_or(fields.number("insertion_order"), 100),
        priority=fields.number("priority"),
        probability=_or(fields.number("probability"), 100),
        use_probability=fields.flag("use_probability") is not False,
        scan_depth=fields.whole("scan_depth"),
        group=fields.text("group"),
        group_weight=fields.number("group_weight"),
        group_override=bool(fields.flag("group_override")),
        sticky=fields.whole("sticky"),
        cooldown=fields.whole("cooldown"),
        delay=fields.whole("delay"),
        exclude_recursion=bool(fields.flag("exclude_recursion")),
        prevent_recursion=bool(fields.flag("prevent_recursion")),
        delay_until_recursion=_level(fields),
        extensions=extensions,
        unknown=unknown,
    )


def _written(entry: LoreEntry) -> JsonObject:
    """Write an entry as V3 has it; what only SillyTavern knows goes into its extensions, unless it is the default."""
    settings: JsonObject = {
        "position": _POSITIONS.index(entry.position),
        "selectiveLogic": _LOGICS.index(entry.selective_logic),
        "role": _ROLES.index(entry.role),
    }
    defaults: JsonObject = {"position": 0, "selectiveLogic": 0, "role": 0}
    for name in _SETTINGS.keys() - {"position", "selective_logic", "role"}:
        written = _SETTINGS[name][0]
        settings[written], defaults[written] = getattr(entry, name), getattr(_USUAL, name)
    kept: JsonObject = {name: settings[name] for name in sorted(settings) if settings[name] != defaults[name]}
    known: JsonObject = {
        "keys": list[Json](entry.keys),
        "content": entry.content,
        "extensions": {**entry.extensions, **kept},
        "enabled": entry.enabled,
        "insertion_order": entry.insertion_order,
        "use_regex": entry.use_regex,
        "constant": entry.constant,
        "selective": entry.selective,
        "secondary_keys": list[Json](entry.secondary_keys),
        "position": "before_char" if entry.position == "before_char" else "after_char",
    }
    optional: JsonObject = {
        "case_sensitive": entry.case_sensitive,
        "id": entry.id,
        "name": entry.name or None,
        "comment": entry.comment or None,
        "priority": entry.priority,
    }
    return {**entry.unknown, **known, **{name: value for name, value in optional.items() if value is not None}}


def _gathered(
    found: JsonObject, names: _Claims, settings: _Claims, warnings: Warnings, place: str
) -> tuple[Fields, JsonObject, JsonObject]:
    """Return the known fields under their own names, the extensions that are left, and what is not known."""
    known: dict[str, tuple[int, Json]] = {}
    extensions = _claimed(Fields(found, place, warnings).object("extensions") or {}, settings, 0, known)
    beside: JsonObject = {key: value for key, value in found.items() if key != "extensions"}
    unknown = _claimed(_claimed(beside, names, 0, known), settings, 10, known)
    return Fields({name: value for name, (_, value) in known.items()}, place, warnings), extensions, unknown


def _claimed(holder: JsonObject, claims: _Claims, after: int, known: dict[str, tuple[int, Json]]) -> JsonObject:
    """Move to `known` what goes by a claimed name, of several the first in order, and return the rest."""
    rest: JsonObject = {}
    for key, value in holder.items():
        claim = claims.get(key)
        if claim is None:
            rest[key] = value
        elif value is not None:
            name, rank = claim
            if name not in known or rank + after < known[name][0]:
                known[name] = (rank + after, value)
    return rest


def _keys(fields: Fields, name: str) -> tuple[str, ...]:
    """Return a list of keys; a text is split at its commas, unless it is a regular expression."""
    value = fields.raw(name)
    is_regex = isinstance(value, str) and value.lstrip().startswith("/")
    return fields.texts(name, separator=None if is_regex else ",")


def _or(number: float | None, usual: float) -> float:
    return usual if number is None else number


def _choice(fields: Fields, name: str, words: Sequence[_Word], others: Mapping[str, _Word]) -> _Word:
    """Return a word of a list that files write as a word or as its number in the list; the first when it is neither."""
    value = fields.raw(name)
    if isinstance(value, str) and not value.strip().isdecimal():
        word = value.strip().lower()
        known = {**others, **{each: each for each in words}}
        if word in known:
            return known[word]
        fields.warn(name, f"is not known; {words[0]} was used in its place.")
        return words[0]
    number = fields.whole(name)
    if number is not None and not 0 <= number < len(words):
        fields.warn(name, f"is not known; {words[0]} was used in its place.")
        return words[0]
    return words[number or 0]


def _id(fields: Fields, key: str) -> int | str | None:
    value = fields.raw("id")
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    return int(key) if key.isdecimal() and len(key) < 10 else key or None


def _level(fields: Fields) -> int:
    value = fields.raw("delay_until_recursion")
    return int(value) if isinstance(value, bool) else max(0, fields.whole("delay_until_recursion") or 0)
