"""CHARX: a zip archive with a card and its pictures (character-card-spec-v3, "CHARX")."""

from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from bot.cards.assets import EMBEDDED, MAX_ASSETS
from bot.cards.card import ReadCard, parse_card
from bot.cards.card_fields import shown
from bot.cards.packed_text import Damaged, TooLarge
from bot.cards.untrusted_json import MAX_DOCUMENT, Json, JsonObject
from bot.cards.zip_entries import Archive
from bot.errors import Invalid

CARD = "card.json"

_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"))
# The folders that programs sort pictures into, and the types that the specification has for them.
_TYPES = {
    "emotion": "emotion",
    "emotions": "emotion",
    "expression": "emotion",
    "expressions": "emotion",
    "background": "background",
    "backgrounds": "background",
    "user_icon": "user_icon",
}


class Charx:
    """An archive's card, and its pictures by their address."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the archive's directory; raises Invalid when it cannot be trusted or has no card.json."""
        self.warnings: list[str] = []
        self._archive = Archive(data, name)
        if CARD not in self._archive.entries:
            raise Invalid(f"{name} is an archive without a {CARD} at its root, so it is not a character card.")

    def read(self) -> ReadCard:
        """Return the card; pictures that it forgot to list are listed, those in folders of a known type."""
        try:
            document, is_whole = self._archive.read(self._archive.entries[CARD], MAX_DOCUMENT)
        except TooLarge:
            raise Invalid(f"The archive's {CARD} inflates to more than 16 MiB. Shorten it and try again.") from None
        except Damaged:
            raise Invalid(f"The archive's {CARD} is damaged: it does not inflate. Download it again.") from None
        if not is_whole:
            self.warnings.append(f"The archive's {CARD} has a wrong checksum.")
        read = parse_card(document)
        forgotten = self._forgotten(read.card.assets)
        return replace(read, card=replace(read.card, assets=(*read.card.assets, *forgotten)))

    def open(self, uri: str, limit: int) -> bytes | None:
        """Return the content that an `embeded://` address names."""
        if not uri.startswith(EMBEDDED):
            return None
        path = uri.removeprefix(EMBEDDED).removeprefix("./").lstrip("/")
        entry = self._archive.entries.get(path) or self._archive.entries.get(unquote(path))
        if entry is None:
            self.warnings.append(f"A picture that the card lists is not in the archive: {shown(uri, 80)}.")
            return None
        content, is_whole = self._archive.read(entry, limit)
        if not is_whole:
            raise Damaged
        return content

    def _forgotten(self, listed: tuple[Json, ...]) -> list[JsonObject]:
        addresses = {str(entry.get("uri")) for entry in listed if isinstance(entry, dict)}
        paths = {unquote(address.partition("://")[2].lstrip("/")) for address in addresses}
        forgotten: list[JsonObject] = []
        for path in self._archive.entries:
            steps = PurePosixPath(path)
            kind = _TYPES.get(steps.parts[1].lower()) if len(steps.parts) > 2 and steps.parts[0] == "assets" else None
            if kind and path not in paths and steps.suffix.lower() in _PICTURES:
                ending = steps.suffix.lower().removeprefix(".")
                forgotten.append({"type": kind, "uri": EMBEDDED + path, "name": steps.stem[:80], "ext": ending})
        if forgotten:
            names = ", ".join(shown(str(each["name"]), 30) for each in forgotten[:3])
            more = f" and {len(forgotten) - 3:,} more" if len(forgotten) > 3 else ""
            self.warnings.append(
                f"The card does not list all pictures of its archive; these were added: {names}{more}."
            )
        return forgotten[:MAX_ASSETS]
