"""The pictures that belong to a card: taken out of its container into one form, and put into another.

A card's list of assets (character-card-spec-v3, `assets`) says where each picture stands. Read cards always say it in
one way: `embeded://assets/{type}/{name}.{ext}`, or nothing for the avatar, so that a card is the same whichever
container it came in.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.cards.card import Card
from bot.cards.card_fields import shown
from bot.cards.packed_text import Damaged, TooLarge, from_base64
from bot.cards.untrusted_json import MAX_TEXT, Json, JsonObject

MAX_ASSETS = 64
MAX_ASSETS_SIZE = 32 * 2**20

EMBEDDED, DEFAULT = "embeded://", "ccdefault:"  # the specification's spelling
_WELL_SPELLED = "embedded://"
_DATA = re.compile(r"data:[\w.+-]{0,40}/?[\w.+-]{0,40}(;[\w.+-]{1,40}=[^;,]{0,200})*;base64,", re.IGNORECASE)
_PIECE = 2**16
_UNSAFE = re.compile(r"[^\w.-]+")
_ICON: JsonObject = {"type": "icon", "uri": DEFAULT, "name": "main", "ext": "png"}

Open = Callable[[str, int], bytes | None]
"""Returns what an address within the container names, None when it names nothing there; raises Damaged or TooLarge."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture beside the avatar: the address that the card's list gives it, and its undecoded bytes."""

    uri: str
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """A card whose list speaks of its pictures in one form; its main icon, and its other pictures."""

    card: Card
    avatar: bytes | None
    assets: tuple[Asset, ...]
    warnings: tuple[str, ...]


def picture_type(content: bytes) -> str | None:
    """Return the usual ending of a picture's file name by how it begins, None when it is no picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "avif" if content[4:12] in (b"ftypavif", b"ftypavis") else None


def take_assets(card: Card, find: Open) -> Taken:
    """Return the card with its pictures, 64 and 32 MiB at most, taken out of where it came from."""
    taker = _Taker(card, find)
    entries = tuple(taker.entries())
    return Taken(replace(card, assets=entries), taker.avatar, tuple(taker.assets), tuple(taker.warnings))


class _Taker:
    def __init__(self, card: Card, find: Open) -> None:
        self._listed = card.assets
        self._find = find
        self._left = MAX_ASSETS_SIZE
        self._found = 0
        self._uris: set[str] = set()
        self.avatar: bytes | None = None
        self.assets: list[Asset] = []
        self.warnings: list[str] = []

    def entries(self) -> Iterator[Json]:
        contents = [self._content(entry, f"assets[{index}]") for index, entry in enumerate(self._listed)]
        self._uris = {_uri(entry) for entry, content in zip(self._listed, contents, strict=True) if content is None}
        main = main_icon(self._listed)
        for index, (entry, content) in enumerate(zip(self._listed, contents, strict=True)):
            taken = entry
            if index == main and isinstance(entry, dict) and (content or _uri(entry).startswith(DEFAULT)):
                self.avatar = content
                taken = {**entry, "uri": DEFAULT, "ext": "png"}
                if taken == _ICON:
                    continue
            elif content and isinstance(entry, dict):
                taken = self._kept(entry, content)
            if len(_uri(taken)) <= MAX_TEXT:
                yield taken

    def _content(self, entry: Json, place: str) -> bytes | None:
        uri = _uri(entry)
        said = f"{place} ({_named(entry)})"
        try:
            content = self._opened(uri)
        except Damaged:
            self.warnings.append(f"{said} was left out: it is damaged.")
            return None
        except TooLarge:
            self.warnings.append(f"{said} was left out: a card's pictures have at most 32 MiB together.")
            return None
        if content is None:
            return None
        if picture_type(content) is None:
            self.warnings.append(f"{said} was left out: it is not a picture.")
            return None
        if self._found == MAX_ASSETS:
            self.warnings.append(f"{said} was left out: a card has at most {MAX_ASSETS} pictures.")
            return None
        self._found += 1
        self._left -= len(content)
        return content

    def _opened(self, uri: str) -> bytes | None:
        data = _DATA.match(uri[:2000])
        if data:
            text = (uri[start : start + _PIECE].encode() for start in range(data.end(), len(uri), _PIECE))
            return from_base64(text, self._left)
        if uri.startswith(_WELL_SPELLED):
            uri = EMBEDDED + uri.removeprefix(_WELL_SPELLED)
        return self._find(uri, self._left)

    def _kept(self, entry: JsonObject, content: bytes) -> JsonObject:
        kind, name = (str(entry.get(key) or "").strip() for key in ("type", "name"))
        uri = self._new_uri(kind, name, picture_type(content) or "")
        self.assets.append(Asset(uri, name, kind, content))
        return {**entry, "uri": uri, "ext": picture_type(content)}

    def _new_uri(self, kind: str, name: str, ending: str) -> str:
        folder, stem = (_UNSAFE.sub("_", text)[:60].strip("._") or "other" for text in (kind, name))
        uri, number = f"{EMBEDDED}assets/{folder}/{stem}.{ending}", 1
        while uri in self._uris:
            number += 1
            uri = f"{EMBEDDED}assets/{folder}/{stem}-{number}.{ending}"
        self._uris.add(uri)
        return uri


def main_icon(entries: Sequence[Json]) -> int | None:
    """Return which entry is the avatar: the first icon named main."""
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("type") == "icon" and entry.get("name") == "main":
            return index
    return None


def placed_assets(card: Card, assets: Sequence[Asset], place: Callable[[Asset], str], *, icon: str) -> Card:
    """Return the card as its container's list says it: each picture where `place` put it, the avatar at `icon`."""
    places: dict[str, JsonObject] = {
        asset.uri: {"uri": place(asset), "ext": picture_type(asset.content) or "png"} for asset in assets
    }
    entries: list[Json] = []
    for entry in card.assets:
        placed = places.get(_uri(entry))
        entries.append({**entry, **placed} if placed and isinstance(entry, dict) else entry)
    main = main_icon(entries)
    avatar = None if main is None else entries[main]
    if main is not None and isinstance(avatar, dict) and _uri(avatar).startswith(DEFAULT):
        entries[main] = {**avatar, "uri": icon}
    elif entries or icon != DEFAULT:
        entries.insert(0, {**_ICON, "uri": icon})
    return replace(card, assets=tuple(entries))


def data_uri(asset: Asset) -> str:
    """Return an address that is the picture itself (RFC 2397)."""
    return f"data:image/{picture_type(asset.content) or 'png'};base64,{base64.b64encode(asset.content).decode()}"


def _uri(entry: Json) -> str:
    uri = entry.get("uri") if isinstance(entry, dict) else None
    return uri if isinstance(uri, str) else ""


def _named(entry: Json) -> str:
    return shown(str(entry.get("name") if isinstance(entry, dict) else ""), 40) or "without a name"
