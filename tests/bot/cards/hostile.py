"""Files that mean harm, each of at most 16 MiB, and what becomes of it: a sentence, or a card."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.cards import png_chunks

LARGEST = 16 * 2**20
CARD = json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", "first_mes": "Hello"}})
HEADER = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
PIXEL = b"".join(
    (
        png_chunks.SIGNATURE,
        png_chunks.write(b"IHDR", HEADER),
        png_chunks.write(b"IDAT", zlib.compress(b"\0\0")),
        png_chunks.write(b"IEND", b""),
    )
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file's name, how it is made, and what its refusal says; None where it is read, being harmless."""

    filename: str
    make: Callable[[], bytes]
    says: str | None


def in_png(*texts: bytes) -> bytes:
    """A picture of one pixel with text chunks; each begins with its kind."""
    chunks = [png_chunks.write(text[:4], text[4:]) for text in texts]
    return b"".join((PIXEL[:33], *chunks, PIXEL[33:]))


def charx(*entries: tuple[str | zipfile.ZipInfo, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as written:
        for name, content in entries:
            written.writestr(name, content)
    return archive.getvalue()


def with_assets(count: int) -> str:
    """A card that lists so many expressions."""
    assets = [{"type": "emotion", "uri": f"embeded://{number}.png", "name": str(number)} for number in range(count)]
    return json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", "assets": assets}})


def largest_json(letter: str) -> bytes:
    """A card of 16 MiB of one letter, in texts as long as they may be."""
    length = len(letter.encode())
    texts = [letter * ((2**20 - 16) // length)] * 15
    return json.dumps({"name": "Ada", "first_mes": "", "extensions": {"x": texts}}, ensure_ascii=False).encode()


def many(parts: str, end: str = "]}}", start: str = '{"name":"Ada","first_mes":"","extensions":{"x":[') -> bytes:
    """A card of as many parts as a file holds."""
    return (start + parts * ((LARGEST - 200) // len(parts)) + "0" + end).encode()


def link(path: str) -> zipfile.ZipInfo:
    """An entry that is a link."""
    entry = zipfile.ZipInfo(path)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return entry


def overlapping() -> bytes:
    """An archive in which many entries share one bomb (David Fifield's idea, simplified)."""
    one = charx(("card.json", CARD), ("assets/emotion/a.png", bytes(60_000_000)))
    end = one.rindex(b"PK\5\6")
    size, start = struct.unpack_from("<LL", one, end + 12)
    directory = one[start : start + size]
    last = directory[directory.rindex(b"PK\1\2") :]
    copies = b"".join(last.replace(b"/a.png", b"/%c.png" % letter) for letter in b"bcdefgh")
    whole = directory + copies
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, len(whole), start, 0)
    return one[:start] + whole + tail


def doubled() -> bytes:
    """An archive with two files of one name."""
    return charx(("card.json", CARD), ("card.jsoN", CARD)).replace(b"card.jsoN", b"card.json")


def encrypted() -> bytes:
    """An archive whose directory says that the card needs a password."""
    data = bytearray(charx(("card.json", CARD)))
    data[data.rindex(b"PK\1\2") + 8] |= 1
    return bytes(data)


def many_entries() -> bytes:
    """An archive of more files than any card has, which its last lines do not count."""
    data = charx(("card.json", CARD), ("00000", b""))
    start, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    entry = data[data.rindex(b"PK\1\2") : end]
    entries = b"".join(entry[:-5] + b"%05d" % number for number in range(1, 90_000))
    directory = data[start:end] + entries
    return data[:start] + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), start, 0)


def exif(tiff: bytes) -> bytes:
    """A JPEG with nothing but EXIF."""
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff + b"\xff\xd9"


def webp(comment: bytes) -> bytes:
    """A WebP with a comment of any length in its EXIF."""
    tiff = struct.pack("<4sLHHHLLL", b"II*\0", 8, 1, 0x9286, 7, len(comment), 26, 0) + comment
    body = b"WEBPEXIF" + struct.pack("<L", len(tiff)) + tiff
    return b"RIFF" + struct.pack("<L", len(body)) + body


def aliases() -> bytes:
    """The billion laughs."""
    lines = ["name: Ada", "first_mes: hi", "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    return "\n".join(lines).encode()


def zipped(content: bytes, *, keyword: bytes = b"chara") -> bytes:
    """A zTXt chunk's kind and content."""
    return b"zTXt" + keyword + b"\0\0" + zlib.compress(content, 9)


HOSTILE = (
    Hostile("zipbomb.charx", lambda: charx(("card.json", bytes(100_000_000))), "inflates to more than 64 MiB"),
    Hostile("liar.charx", lambda: _with_size(charx(("card.json", bytes(60_000_000))), 100), "card.json is damaged"),
    Hostile("long.charx", lambda: charx(("card.json", bytes(20_000_000))), "inflates to more than 16 MiB"),
    Hostile("overlap.charx", overlapping, "overlaps another part"),
    Hostile("parent.charx", lambda: charx(("card.json", CARD), ("../up.png", PIXEL)), "outside the archive"),
    Hostile("link.charx", lambda: charx(("card.json", CARD), (link("a.png"), b"/etc/passwd")), "is a link"),
    Hostile("double.charx", doubled, "holds card.json twice"),
    Hostile("secret.charx", encrypted, "is encrypted"),
    Hostile("entries.charx", many_entries, "its directory cannot be read"),
    Hostile("count.charx", lambda: charx(*((f"{number}", b"") for number in range(5_000))), "holds 5,000 files"),
    Hostile(
        "pictures.charx",
        lambda: charx(
            ("card.json", with_assets(200)), *((f"{number}.png", PIXEL + bytes(300_000)) for number in range(200))
        ),
        None,
    ),
    Hostile(
        "gallery.charx", lambda: charx(("card.json", with_assets(2)), *_pictures(2), method=zipfile.ZIP_STORED), None
    ),
    Hostile("packed_gallery.charx", lambda: charx(("card.json", with_assets(4)), *_pictures(4)), None),
    Hostile("heavy.charx", lambda: charx(("card.json", _padded(with_assets(4), 15 * 2**20)), *_pictures(4)), None),
    Hostile("deep.json", lambda: b"[" * 10_000 + b"]" * 10_000, "nested more than 64 levels"),
    Hostile("deeper.json", lambda: b'{"a":' * 3_000_000, "too many parts"),
    Hostile("lists.json", lambda: many("[],"), "too many parts"),
    Hostile("numbers.json", lambda: many("0,"), "too many parts"),
    Hostile("numbers200k.json", lambda: many("0.25,")[: 5 * 190_000].rstrip(b"0.25,") + b"]}}", None),
    Hostile("texts.json", lambda: _distinct('"{:040}"', "[{}]"), None),
    Hostile("keys.json", lambda: _distinct('"{:040}":0', "{{{}}}"), "fields; 10,000 is the limit"),
    Hostile("ascii.json", lambda: largest_json("a"), None),
    Hostile("chinese.json", lambda: largest_json("中"), None),
    Hostile("emoji.json", lambda: largest_json("🙂"), "too long to be read"),
    Hostile("one_emoji.json", lambda: largest_json("a").replace(b"aaaa", "🙂".encode(), 1), "too long to be read"),
    Hostile("escaped.json", lambda: largest_json("a").replace(b"a" * 12, b"\\ud83d\\ude42", 1), "too long to be read"),
    Hostile("quotes.json", lambda: _padded(CARD, LARGEST - 2**20 * 9, '\\"'), None),
    Hostile("digits.json", lambda: b'{"name":"Ada","first_mes":1' + b"0" * 10_000_000 + b"}", "thousands of digits"),
    Hostile("proto.json", lambda: CARD.replace('"first_mes"', '"__proto__":{"x":1},"first_mes"').encode(), None),
    Hostile("nan.json", lambda: CARD.replace('"Hello"', '"Hello","x":[NaN,Infinity,-Infinity]').encode(), None),
    Hostile("surrogate.json", lambda: CARD.replace("Hello", "\\ud800 \\udfff").encode(), None),
    Hostile("utf16.json", lambda: _padded(CARD, 8 * 2**20).decode().encode("utf-16"), "too long to be read"),
    Hostile("lore.json", lambda: _lore(4_001), "4,001 entries"),
    Hostile("world.json", lambda: _world(4_000), None),
    Hostile("zTXt.png", lambda: in_png(zipped(b"A" * 100_000_000)), "inflates to far more"),
    Hostile("zTXts.png", lambda: in_png(*[zipped(b"A" * 20_000_000)] * 40), "breaks off at line 1"),
    Hostile("largest_zTXt.png", lambda: in_png(zipped(base64.b64encode(largest_json("a")))), None),
    Hostile("largest.png", lambda: in_png(b"tEXtchara\0" + base64.b64encode(_padded(CARD, 11 * 2**20))), None),
    Hostile("cut.png", lambda: in_png(b"tEXtchara\0" + base64.b64encode(CARD.encode()))[:70], "breaks off at byte 33"),
    Hostile("chunks.png", lambda: in_png(*[b"tEXtchara\0"] * 200_000), "breaks off at line 1"),
    Hostile("laughs.yaml", aliases, "has an alias at line 4"),
    Hostile("deep.yaml", lambda: b"a: " + b"[" * 100_000, "nested more than 64 levels"),
    Hostile(
        "deep_lines.yaml", lambda: b"".join(b" " * n + b"a:\n" for n in range(1_000)), "nested more than 64 levels"
    ),
    Hostile("parts.yaml", lambda: b"- a\n" * 500_000, "too many parts"),
    Hostile("long.yaml", lambda: b"name: Ada\n" * 1_000_000, "longer than 2 MiB"),
    Hostile("tag.yaml", lambda: b"name: !!python/object/apply:os.system [id]", "has the tag"),
    Hostile("loop.jpg", lambda: exif(struct.pack("<4sLHHHLL", b"II*\0", 8, 1, 0x8769, 4, 1, 8)), "without a character"),
    Hostile("far.jpg", lambda: exif(b"MM\0*\xff\xff\xff\xff" + bytes(100)), "without a character"),
    Hostile("huge.jpg", lambda: exif(b"II*\0" + b"\xff" * 60_000), "without a character"),
    Hostile("numbers.webp", lambda: webp(b"1," * 8_000_000), "without a character"),
    Hostile("base64.webp", lambda: webp(base64.b64encode(_padded(CARD, 11 * 2**20))), None),
    Hostile("utf16.webp", lambda: webp(b"UNICODE\0" + "🙂".encode("utf-16-le") * 4_000_000), "without a character"),
)


def _with_size(archive: bytes, size: int) -> bytes:
    data = bytearray(archive)
    struct.pack_into("<L", data, data.rindex(b"PK\1\2") + 24, size)
    return bytes(data)


def _padded(card: str, size: int, letter: str = "x") -> bytes:
    texts = [letter * (2**20 // len(letter) - 100)] * (size // 2**20)
    return card.replace("{", '{"pad":' + str(texts).replace("'", '"').replace("\\\\", "\\") + ",", 1).encode()


def _pictures(count: int) -> list[tuple[str, bytes]]:
    return [(f"{number}.png", PIXEL + bytes(7 * 2**20 + 2**19)) for number in range(count)]


def _distinct(part: str, frame: str) -> bytes:
    inner = ",".join(part.format(number) for number in range(190_000))
    return ('{"name":"Ada","first_mes":"","extensions":{"x":' + frame.format(inner) + "}}").encode()


def _lore(count: int) -> bytes:
    return json.dumps({"name": "Ada", "first_mes": "", "character_book": {"entries": [{}] * count}}).encode()


def _world(count: int) -> bytes:
    entry = {
        "key": ["dragon", "wyrm"], "keysecondary": [], "comment": "Dragons", "content": "x" * 500, "constant": False,
        "selective": True, "selectiveLogic": 0, "order": 100, "position": 4, "disable": False, "probability": 100,
        "useProbability": True, "depth": 4, "group": "", "groupOverride": False, "groupWeight": 100, "role": 0,
        "scanDepth": None, "caseSensitive": None, "matchWholeWords": None, "automationId": "", "vectorized": False,
        "sticky": 0, "cooldown": 0, "delay": 0, "displayIndex": 1, "excludeRecursion": True, "preventRecursion": False,
    }  # fmt: skip
    return json.dumps({"entries": {str(number): {"uid": number, **entry} for number in range(count)}}).encode()
