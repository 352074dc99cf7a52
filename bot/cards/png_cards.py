"""The card that a PNG's text chunks hold (character-card-spec-v2 and -v3, "PNG/APNG")."""

from collections.abc import Iterator

from bot.cards import png_chunks
from bot.cards.card import ReadCard, parse_card
from bot.cards.packed_text import Budget, document_in, from_base64, inflate, pieces
from bot.cards.png_chunks import BrokenOff, Chunk
from bot.errors import Invalid

ASSET_ADDRESS = "__asset:"
ASSET_KEYWORD = b"chara-ext-asset_"

# V3's chunk before V2's: the specification lets ccv3 win.
CARD_KEYWORDS = (b"ccv3", b"chara")
_MOST_CARDS, _MOST_ASSETS = 16, 1_024
_KEYWORD_LENGTH = 79
_TEXT_KINDS = frozenset((b"tEXt", b"zTXt", b"iTXt"))


class PngCard:
    """A PNG's text chunks that matter: those with a card, V3's first, and those with an asset."""

    def __init__(self, data: bytes, name: str) -> None:
        """Walk the chunks; raises Invalid when the file breaks off before any card."""
        self.warnings: list[str] = []
        self._cards: list[Chunk] = []
        self._assets: dict[str, Chunk] = {}
        self._budget = Budget()
        try:
            for chunk in png_chunks.walk(data):
                self._sort(chunk)
        except BrokenOff as error:
            where = f"breaks off at byte {error.start:,}"
            if not self._cards:
                raise Invalid(f"{name} {where}, before any card in it. Download it again.") from None
            self.warnings.append(f"The PNG {where}; its picture may be damaged.")
        self._cards.sort(key=lambda chunk: CARD_KEYWORDS.index(keyword_of(chunk)))

    def read(self) -> ReadCard | None:
        """Return the first card that can be read, None when there is none at all; raises Invalid if none can be.

        Why the ones before it cannot be read becomes a warning.
        """
        refusal: Invalid | None = None
        for chunk in self._cards:
            keyword = keyword_of(chunk).decode()
            try:
                return self._card(chunk, f"PNG's {keyword} chunk")
            except Invalid as error:
                refusal = refusal or Invalid(str(error))  # the error itself holds on to what was read
                self.warnings.append(f"The PNG's {keyword} chunk could not be read: {error}")
        if refusal:
            raise refusal
        return None

    def open(self, uri: str, limit: int) -> bytes | None:
        """Return the asset that an address names, by RisuAI's scheme or as if in an archive."""
        name = uri.removeprefix(ASSET_ADDRESS).removeprefix("embeded://").lstrip(":")
        chunk = self._assets.get(name)
        return from_base64(self._text(chunk), limit) if chunk and name != uri else None

    def _sort(self, chunk: Chunk) -> None:
        keyword = keyword_of(chunk)
        if keyword in CARD_KEYWORDS and len(self._cards) < _MOST_CARDS:
            self._cards.append(chunk)
        elif keyword.startswith(ASSET_KEYWORD) and len(self._assets) < _MOST_ASSETS:
            name = bytes(chunk.content[: _KEYWORD_LENGTH + 1]).partition(b"\0")[0][len(ASSET_KEYWORD) :]
            self._assets.setdefault(name.decode("latin-1").lstrip(":"), chunk)

    def _card(self, chunk: Chunk, where: str) -> ReadCard:
        document, is_bare = document_in(self._text(chunk), where=f"the {where}")
        if is_bare:
            self.warnings.append(f"The {where} is bare JSON, not base64.")
        if not chunk.is_intact:
            self.warnings.append(f"The {where} has a wrong checksum.")
        return parse_card(document)

    def _text(self, chunk: Chunk) -> Iterator[bytes]:
        """Yield a chunk's text (PNG specification, 11.3.3): tEXt plain, zTXt deflated, iTXt as its flag says."""
        content = chunk.content[_end_of(chunk.content, 0) :]
        if chunk.kind == b"zTXt":
            return inflate(content[1:], self._budget)
        if chunk.kind == b"iTXt":
            text = content[_end_of(content, _end_of(content, 2)) :]
            return inflate(text, self._budget) if bytes(content[:1]) == b"\1" else pieces(text)
        return pieces(content)


def keyword_of(chunk: Chunk) -> bytes:
    """Return a text chunk's keyword in small letters, empty for other chunks."""
    if chunk.kind not in _TEXT_KINDS:
        return b""
    return bytes(chunk.content[: _KEYWORD_LENGTH + 1]).partition(b"\0")[0].lower()


def _end_of(text: memoryview, start: int) -> int:
    """Return where the text that begins there and ends with a NUL is over; language tags and keywords are short."""
    found = bytes(text[start : start + 4096]).find(b"\0")
    return start + found + 1 if found >= 0 else len(text)
