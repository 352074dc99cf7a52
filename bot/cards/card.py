"""A character card: one value for what the V1, V2 and V3 formats hold, read from JSON and written to it.

Sources: the public documents character-card-spec-v2 and character-card-spec-v3; for the names of Pygmalion
and text-generation-webui, their own exports.
"""

from dataclasses import dataclass, field
from typing import Literal

from bot.cards.card_fields import Fields, Warnings
from bot.cards.untrusted_json import Json, JsonObject, read_json
from bot.errors import Invalid

Spec = Literal["chara_card_v1", "chara_card_v2", "chara_card_v3"]

MAX_NAME = 80
MAX_LORE_ENTRIES = 4_000

_WRITTEN_SPECS: tuple[Spec, ...] = ("chara_card_v2", "chara_card_v3")
_VERSIONS: dict[Spec, str] = {"chara_card_v1": "1.0", "chara_card_v2": "2.0", "chara_card_v3": "3.0"}

# The names that other systems give to a V1 field, first choice first.
_OTHER_NAMES = {
    "name": ("char_name",),
    "description": ("char_persona", "context"),
    "scenario": ("world_scenario",),
    "first_mes": ("char_greeting", "greeting"),
    "mes_example": ("example_dialogue",),
    "creator_notes": ("creatorcomment",),
}
_TEXTS = (
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "system_prompt",
    "post_history_instructions",
    "creator",
    "creator_notes",
    "character_version",
)
_LISTS = ("alternate_greetings", "group_only_greetings", "tags", "source")
_OTHERS = (
    "name",
    "nickname",
    "creation_date",
    "modification_date",
    "creator_notes_multilingual",
    "assets",
    "character_book",
    "extensions",
)
_KNOWN = frozenset((*_TEXTS, *_LISTS, *_OTHERS))
_CLAIMED = _KNOWN | {"spec", "spec_version", "data"}
# What must be there for a JSON object without a `spec` to be a character at all.
_TELLING = (_KNOWN - {"name", "description", "extensions", "source", "tags", "assets"}) | {
    other for names in _OTHER_NAMES.values() for other in names
}


@dataclass(frozen=True, slots=True)
class DepthPrompt:
    """An instruction that stands `depth` messages above the newest one, spoken by `role`."""

    prompt: str
    depth: int
    role: Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Card:
    """A character as its card tells it; the names are V3's, and an absent text is empty.

    Dates are Unix seconds. `character_book`, `assets` and `extensions` are kept as they came. `unknown` holds
    the fields beside the known ones, `outside` those around the card's `data` object; both return on writing.
    """

    name: str
    nickname: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    alternate_greetings: tuple[str, ...] = ()
    group_only_greetings: tuple[str, ...] = ()
    system_prompt: str = ""
    post_history_instructions: str = ""
    creator: str = ""
    creator_notes: str = ""
    creator_notes_multilingual: dict[str, str] = field(default_factory=dict[str, str])
    character_version: str = ""
    tags: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    creation_date: int | None = None
    modification_date: int | None = None
    assets: tuple[Json, ...] = ()
    character_book: JsonObject | None = None
    extensions: JsonObject = field(default_factory=dict[str, Json])
    unknown: JsonObject = field(default_factory=dict[str, Json])
    outside: JsonObject = field(default_factory=dict[str, Json])
    spec: Spec = "chara_card_v3"
    spec_version: str = "3.0"

    @property
    def depth_prompt(self) -> DepthPrompt | None:
        """Return SillyTavern's `extensions.depth_prompt`, if it says anything; 4 and system by default."""
        found = self.extensions.get("depth_prompt")
        if not isinstance(found, dict):
            return None
        prompt, depth, role = found.get("prompt"), found.get("depth"), found.get("role")
        if not isinstance(prompt, str) or not prompt.strip():
            return None
        if isinstance(depth, str) and depth.strip().isdecimal() and len(depth) < 9:
            depth = int(depth)
        return DepthPrompt(
            prompt=prompt,
            depth=max(0, int(depth)) if isinstance(depth, int | float) else 4,
            role="user" if role == "user" else "assistant" if role == "assistant" else "system",
        )


@dataclass(frozen=True, slots=True)
class ReadCard:
    """A card, and what its author should know about how it was read, each naming its field."""

    card: Card
    warnings: tuple[str, ...]


def parse_card(document: bytes | str) -> ReadCard:
    """Return the card that a JSON document of any known format holds.

    Raises Invalid when the document is no card, or one past the limits: names of 1–80 characters, 1 MiB a
    text, 4,000 lore entries.
    """
    warnings = Warnings()
    root = read_json(document, warnings.add)
    return card_in(root, warnings)


def card_in(root: Json, warnings: Warnings) -> ReadCard:
    """Return the card that a parsed and repaired JSON value holds, as parse_card does."""
    if not isinstance(root, dict):
        raise Invalid("This JSON is not a character card: a card is an object in curly braces.")
    if is_lorebook(root):
        raise Invalid(
            "This file is a lorebook (world info), not a character. "
            "Import a character card; its own lorebook comes along with it."
        )
    data, spec = root.get("data"), _spec_of(root, warnings)
    version = _version_of(root, spec, warnings)
    if isinstance(data, dict):
        fields = Fields(_with_mirrors(data, root, warnings), "data.", warnings)
        outside = {key: value for key, value in root.items() if key not in _CLAIMED | {"creatorcomment"}}
        unknown = fields.besides(_KNOWN)
    else:
        fields = Fields(_with_other_names(root), "", warnings)
        outside, unknown = fields.besides(_CLAIMED), {}
    card = _read(fields, spec=spec, spec_version=version, outside=outside, unknown=unknown)
    return ReadCard(card=card, warnings=warnings.told())


def is_lorebook(root: Json) -> bool:
    """Whether a JSON value is a lorebook that stands alone: V3's, or SillyTavern's world info."""
    if not isinstance(root, dict):
        return False
    entries = isinstance(root.get("entries"), list | dict)
    return root.get("spec") == "lorebook_v3" or (entries and "data" not in root and not _TELLING & root.keys())


def write_card(card: Card, spec: Literal["chara_card_v2", "chara_card_v3"]) -> JsonObject:
    """Return the card as a JSON object of that format.

    Fields that only V3 knows stand in a V2 card's `data` too, where V2 readers pass over them, so that
    nothing is lost on the way back.
    """
    data: JsonObject = {**card.unknown, "name": card.name}
    data.update({name: getattr(card, name) for name in _TEXTS})
    data["alternate_greetings"] = list[Json](card.alternate_greetings)
    data["tags"] = list[Json](card.tags)
    if card.group_only_greetings or spec == "chara_card_v3":
        data["group_only_greetings"] = list[Json](card.group_only_greetings)
    optional: JsonObject = {
        "nickname": card.nickname,
        "creator_notes_multilingual": dict[str, Json](card.creator_notes_multilingual),
        "source": list[Json](card.source),
        "assets": list[Json](card.assets),
    }
    data.update({name: value for name, value in optional.items() if value})
    if card.creation_date is not None:
        data["creation_date"] = card.creation_date
    if card.modification_date is not None:
        data["modification_date"] = card.modification_date
    if card.character_book is not None:
        data["character_book"] = card.character_book
    data["extensions"] = card.extensions
    version = card.spec_version if card.spec == spec else _VERSIONS[spec]
    return {**card.outside, "spec": spec, "spec_version": version, "data": data}


def _spec_of(root: JsonObject, warnings: Warnings) -> Spec:
    spec, data = root.get("spec"), root.get("data")
    for known in _WRITTEN_SPECS:
        if spec == known:
            if not isinstance(data, dict):
                warnings.add("data is missing; the fields beside spec were read in its place.")
            return known
    if isinstance(data, dict):
        said = "is missing" if spec is None else f"is {str(spec)[:40]!r}, which is not known"
        warnings.add(f"spec {said}; the card was read as chara_card_v2.")
        return "chara_card_v2"
    if not _TELLING & root.keys() and not {"name", "description"} <= root.keys():
        raise Invalid("This JSON is not a character card: it has none of a card's fields, such as name and first_mes.")
    return "chara_card_v1"


def _version_of(root: JsonObject, spec: Spec, warnings: Warnings) -> str:
    known, version = _VERSIONS[spec], root.get("spec_version")
    if version == known or spec == "chara_card_v1":
        return known
    said = "is missing" if version is None else f"is {str(version)[:40]!r}, where {known!r} belongs"
    warnings.add(f"spec_version {said}; the card was read as {known}.")
    return known


def _with_mirrors(data: JsonObject, root: JsonObject, warnings: Warnings) -> JsonObject:
    """Add what only the root says: V1 readers find their fields there, and some writers forget `data`'s."""
    mirrors = {key: value for key, value in root.items() if key in _KNOWN}
    for key in sorted(mirrors.keys() & data.keys()):
        if mirrors[key] != data[key]:
            warnings.add(f"{key} differs from data.{key}; data.{key} was used.")
    if "creatorcomment" in root:  # SillyTavern's mirror of the notes
        mirrors.setdefault("creator_notes", root["creatorcomment"])
    return {**mirrors, **data}


def _with_other_names(root: JsonObject) -> JsonObject:
    """Move what stands under another system's name to the card's own, where that is empty."""
    moved = dict(root)
    for name, others in _OTHER_NAMES.items():
        for other in others:
            if other in moved and moved.get(name) in (None, "", moved[other]):
                moved[name] = moved.pop(other)
    return moved


def _read(fields: Fields, *, spec: Spec, spec_version: str, outside: JsonObject, unknown: JsonObject) -> Card:
    book = fields.object("character_book")
    entries = (book or {}).get("entries")
    if isinstance(entries, list | dict) and len(entries) > MAX_LORE_ENTRIES:
        raise Invalid(
            f"The lorebook in character_book has {len(entries):,} entries; {MAX_LORE_ENTRIES:,} is the limit."
        )
    return Card(
        name=_name(fields),
        nickname=_nickname(fields),
        **{name: fields.text(name) for name in _TEXTS},
        alternate_greetings=fields.texts("alternate_greetings"),
        group_only_greetings=fields.texts("group_only_greetings"),
        tags=fields.texts("tags", separator=","),
        source=fields.texts("source"),
        creation_date=fields.moment("creation_date"),
        modification_date=fields.moment("modification_date"),
        creator_notes_multilingual=fields.texts_by_key("creator_notes_multilingual"),
        assets=fields.list("assets"),
        character_book=book,
        extensions=fields.object("extensions") or {},
        outside=outside,
        unknown=unknown,
        spec=spec,
        spec_version=spec_version,
    )


def _name(fields: Fields) -> str:
    name = fields.line("name")
    if not name:
        raise Invalid("The card has no name. Fill in its name and try again.")
    if len(name) > MAX_NAME:
        raise Invalid(f"The card's name is {len(name):,} characters long; {MAX_NAME} is the limit.")
    return name


def _nickname(fields: Fields) -> str:
    nickname = fields.line("nickname")
    if len(nickname) > MAX_NAME:
        fields.warn("nickname", f"is longer than {MAX_NAME} characters and was left out.")
        return ""
    return nickname
