"""A chat as files to keep: Markdown, plain text, or the JSON lines that SillyTavern reads."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypedDict

import orjson

from storage.messages import Message, Role, Status

Format = Literal["markdown", "jsonl", "text"]
MOST_BYTES = 8_000_000
"""Of one file: Discord takes ten megabytes from anybody, with everything around them."""
SUFFIXES: dict[Format, str] = {"markdown": "md", "jsonl": "jsonl", "text": "txt"}
LONGEST_NAME = 60
REMOVED = "(removed)"
NOBODY: dict[Role, str] = {"person": "User", "character": "Character", "narration": "Narrator"}
_MARKS = re.compile(r"([\\`*_~|\[\]<>#])")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)$")  # Windows opens devices under these names


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One message of the path: `text` is None when it was removed.

    `swipes` holds what may stand in this place, in the order in which it was written, the text itself among them;
    it may be empty where there is nothing else.
    """

    role: Role
    name: str
    text: str | None
    created_at: datetime | None
    status: Status
    swipes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file for somebody to download."""

    name: str
    content: bytes


class _Header(TypedDict):
    user_name: str
    character_name: str
    create_date: str
    chat_metadata: dict[str, str]


class _Entry(TypedDict, total=False):
    name: str
    is_user: bool
    is_system: bool
    send_date: str
    mes: str
    extra: dict[str, str | bool]
    swipe_id: int
    swipes: list[str]


def transcribed(message: Message, beside: Sequence[Message]) -> TranscriptLine:
    """A message as a line of a transcript; `beside` are its siblings and itself, in their order."""
    return TranscriptLine(
        role=message.role,
        name=message.speaker.name,
        text=None if message.status == "removed" else message.text,
        created_at=message.created_at,
        status=message.status,
        swipes=tuple(each.text for each in beside if each.text),
    )


def export(title: str, lines: Iterable[TranscriptLine], format: Format) -> list[ExportFile]:
    """The path of a chat as one file, or as numbered ones of at most MOST_BYTES each, split between messages.

    `lines` run from the first message to the last. Replies that came to nothing are left out.
    """
    told = [line for line in lines if line.text or line.status not in ("queued", "streaming", "failed")]
    called = _in_line(title) or "Chat"
    if format == "jsonl":
        head = _header(title, told)
        parts = list(_parts(head, (_json_line(line, len(head)) for line in told)))
    else:
        write = _markdown if format == "markdown" else _plain
        head = f"# {_escaped(called)}\n" if format == "markdown" else f"{called}\n{'=' * min(len(called), 80)}\n"
        room = MOST_BYTES - len(head.encode())
        parts = list(_parts(head.encode(), (piece for line in told for piece in _cut(write(line), room))))
    stem, suffix = file_stem(title), SUFFIXES[format]
    if len(parts) == 1:
        return [ExportFile(f"{stem}.{suffix}", parts[0])]
    return [ExportFile(f"{stem}-{number}.{suffix}", part) for number, part in enumerate(parts, start=1)]


def file_stem(title: str) -> str:
    """A name that every system takes, as near to the title as can be; without a suffix."""
    letters = "".join(
        letter if letter.isalnum() or unicodedata.category(letter) in ("Mn", "Mc") else "-"
        for letter in unicodedata.normalize("NFKC", title)
    )
    short = re.sub("-+", "-", letters)[:LONGEST_NAME].strip("-")
    if not short or not any(letter.isalnum() for letter in short):
        return "chat"
    return f"{short}-chat" if _RESERVED.match(short) else short


def _parts(head: bytes, entries: Iterable[bytes]) -> Iterator[bytes]:
    """Files that each begin with the head, and hold as many entries as they can."""
    pieces, size = [head], len(head)
    for entry in entries:
        if size + len(entry) > MOST_BYTES and len(pieces) > 1:
            yield b"".join(pieces)
            pieces, size = [head], len(head)
        pieces.append(entry)
        size += len(entry)
    yield b"".join(pieces)


def _cut(entry: bytes, most: int) -> Iterator[bytes]:
    """An entry in pieces, cut between letters; it is one piece unless it is larger than a file."""
    at = 0
    while len(entry) - at > most:
        end = at + most
        while entry[end] & 0xC0 == 0x80:  # the middle of a letter
            end -= 1
        yield entry[at:end]
        at = end
    yield entry[at:] if at else entry


# --- one message ----------------------------------------------------------------------------------


def _markdown(line: TranscriptLine) -> bytes:
    when = f" · {_moment(line.created_at)}" if line.created_at else ""
    text = f"*{REMOVED}*" if line.text is None else line.text
    return f"\n**{_escaped(_name(line))}**{when}\n\n{text}\n".encode()


def _plain(line: TranscriptLine) -> bytes:
    when = f"[{_moment(line.created_at)}] " if line.created_at else ""
    return f"\n{when}{_name(line)}:\n{REMOVED if line.text is None else line.text}\n".encode()


def _json_line(line: TranscriptLine, head: int) -> bytes:
    text = line.text or ""
    entry = _Entry(
        name=_name(line),
        is_user=line.role == "person",
        is_system=False,  # there it means: not read by the model
        send_date=_date(line.created_at),
        mes=text,
        extra=_extra(line),
    )
    swipes = list(line.swipes) if text in line.swipes else [text, *line.swipes]
    if len(swipes) > 1 and line.text is not None:
        whole = orjson.dumps({**entry, "swipe_id": swipes.index(text), "swipes": swipes}) + b"\n"
        if len(whole) + head <= MOST_BYTES:
            return whole
    return orjson.dumps({**entry, "swipe_id": 0, "swipes": [text]}) + b"\n"


def _extra(line: TranscriptLine) -> dict[str, str | bool]:
    if line.text is None:
        return {"removed": True}
    return {"type": "narrator"} if line.role == "narration" else {}


def _header(title: str, lines: list[TranscriptLine]) -> bytes:
    """The first line, as SillyTavern writes it (public/script.js, saveChat)."""
    called = {role: next((_name(line) for line in lines if line.role == role), NOBODY[role]) for role in NOBODY}
    header = _Header(
        user_name=called["person"],
        character_name=called["character"],
        create_date=_date(lines[0].created_at if lines else None),
        chat_metadata={"title": title},
    )
    return orjson.dumps(header) + b"\n"


def _name(line: TranscriptLine) -> str:
    return _in_line(line.name) or NOBODY[line.role]


def _in_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _date(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z" if moment else ""
