"""The process that reads one stranger's file: data on stdin, the answer on stdout.

Started by bot.cards.worker; bot.cards.worker_answer says how the answer is written.
"""

import io
import json
import sys
from pathlib import Path

from bot.cards.worker_answer import CPU_SECONDS, DONE, FAILED, PART, REFUSED, write_part
from bot.errors import Invalid

_MEBIBYTE = 2**20
# What a task may take on top of the interpreter with its modules loaded.
_FILE_MEMORY = 64 * _MEBIBYTE
_PICTURE_MEMORY = 384 * _MEBIBYTE


def main(task: str, argument: str) -> None:
    """Do the task that the command line names, once."""
    out = sys.stdout.buffer
    try:
        _file(argument) if task == "file" else _picture(int(argument))
        write_part(out, DONE, b"")
    except Invalid as error:
        write_part(out, REFUSED, str(error).encode())
    except MemoryError:
        return  # an answer without its end
    except Exception as error:  # a bug, for the parent to report without a word of the file in it
        write_part(out, FAILED, _where(error).encode())
    out.flush()


def _file(filename: str) -> None:
    """Write notes (kind, warnings and the like), then the pictures, then the document, in as many parts as it takes."""
    from bot.cards.card import write_card  # noqa: PLC0415 - a picture needs none of this
    from bot.cards.card_containers import LoreFile, read_file  # noqa: PLC0415
    from bot.cards.lorebook import write_lorebook  # noqa: PLC0415

    _limit(_FILE_MEMORY)
    data = sys.stdin.buffer.read()
    read = read_file(data, filename)
    if isinstance(read, LoreFile):
        _note({"kind": "lorebook", "warnings": read.warnings})
        _document(write_lorebook(read.lorebook))
        return
    picture = "none" if read.picture is None else "file" if read.picture is data else "part"
    _note(
        {
            "kind": "card",
            "warnings": read.warnings,
            "spec": read.card.spec,
            "spec_version": read.card.spec_version,
            "picture": picture,
            "assets": [{"uri": asset.uri, "name": asset.name, "kind": asset.kind} for asset in read.assets],
        }
    )
    if picture == "part" and read.picture is not None:
        write_part(sys.stdout.buffer, PART, read.picture)
    for asset in read.assets:
        write_part(sys.stdout.buffer, PART, asset.content)
    _document(write_card(read.card, "chara_card_v3"))


def _note(notes: dict[str, object]) -> None:
    write_part(sys.stdout.buffer, PART, json.dumps(notes).encode())


def _document(value: object) -> None:
    """Write a JSON document piece by piece: whole, it would be in memory twice more."""
    gathered = io.BytesIO()
    for text in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        gathered.write(text.encode())
        if gathered.tell() > _MEBIBYTE:
            write_part(sys.stdout.buffer, PART, gathered.getvalue())
            gathered = io.BytesIO()
    write_part(sys.stdout.buffer, PART, gathered.getvalue())


def _picture(side: int) -> None:
    from bot.cards.pictures import load_decoders, reencode_avatar  # noqa: PLC0415 - a card needs no decoders

    load_decoders()
    _limit(_PICTURE_MEMORY)
    write_part(sys.stdout.buffer, PART, reencode_avatar(sys.stdin.buffer.read(), side))


def _limit(memory: int) -> None:
    """Limit the processor's time, and the memory on top of what is in use, where the system can."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - other systems have none

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
