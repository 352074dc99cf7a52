"""The process that reads one stranger's file: data on stdin, the answer on stdout.

Started by bot.characters.worker, which says what the answer's first byte means.
"""

import json
import sys
from pathlib import Path

from bot.characters.card import write_card
from bot.characters.card_files import read_card_file
from bot.characters.pictures import load_decoders, reencode_avatar
from bot.characters.worker import CPU_SECONDS, DONE, FAILED, REFUSED
from bot.errors import Invalid

_MEBIBYTE = 2**20
# What a task may take on top of the interpreter with its modules loaded.
_CARD_MEMORY = 256 * _MEBIBYTE
_PICTURE_MEMORY = 512 * _MEBIBYTE


def main(task: str, argument: str) -> None:
    """Do the task that the command line names, once."""
    try:
        mark, content = DONE, _card(argument) if task == "card" else _picture(int(argument))
    except Invalid as error:
        mark, content = REFUSED, str(error).encode()
    except MemoryError:
        mark, content = b"", b""
    except Exception as error:  # a bug, for the parent to report without a word of the file in it
        mark, content = FAILED, _where(error).encode()
    sys.stdout.buffer.write(mark + content)
    sys.stdout.buffer.flush()


def _card(filename: str) -> bytes:
    """Return a line of notes (spec, spec_version, warnings, is_picture) and the card as a V3 document."""
    _limit(_CARD_MEMORY)
    read = read_card_file(sys.stdin.buffer.read(), filename)
    notes = {
        "spec": read.card.spec,
        "spec_version": read.card.spec_version,
        "warnings": read.warnings,
        "is_picture": read.picture is not None,
    }
    document = json.dumps(write_card(read.card, "chara_card_v3"), ensure_ascii=False)
    return json.dumps(notes).encode() + b"\n" + document.encode()


def _picture(side: int) -> bytes:
    load_decoders()
    _limit(_PICTURE_MEMORY)
    return reencode_avatar(sys.stdin.buffer.read(), side)


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
