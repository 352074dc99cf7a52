"""Runs the reading of a stranger's file in a process of its own.

A process, not a thread: a decoder written in C that hangs keeps its thread for ever, perhaps with the
interpreter's lock, and memory limits are a process's. One process a file, not a pool: it costs about a tenth
of a second, nothing waits in memory between two imports, and ending it is certain.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Literal

from bot.errors import Invalid

Task = Literal["card", "picture"]

CPU_SECONDS = 2
# The processor's time is the limit; the clock catches a process that waits, and a machine that is very busy.
WALL_SECONDS = 10.0

DONE, REFUSED, FAILED = b"\0", b"\1", b"\2"
_ROOT = Path(__file__).parents[2]


async def run_in_worker(
    task: Task, argument: str, data: bytes, *, too_much: str, seconds: float = WALL_SECONDS
) -> bytes:
    """Return what the task makes of the data.

    Raises Invalid with the task's own sentence, or with `too_much` when it takes more than two seconds of
    processor time, more than `seconds` altogether, or more memory than it is granted. How many run at once
    is the caller's to bound.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.characters.worker_process", task, argument,
        stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate(data)
    except TimeoutError:
        raise Invalid(too_much) from None
    finally:
        await _end(process)
    mark, content = answer[:1], answer[1:]
    if mark == DONE:
        return content
    if mark == REFUSED:
        raise Invalid(content.decode())
    if mark == FAILED:
        raise RuntimeError(f"reading a {task} failed: {content.decode()}")
    raise Invalid(too_much)


def _environment() -> dict[str, str]:
    """The settings, and the secrets among them, stay here: a hostile file's process gets none."""
    system_root = os.environ.get("SYSTEMROOT")  # Windows starts no process without it
    return {"PYTHONPATH": str(_ROOT), **({"SYSTEMROOT": system_root} if system_root else {})}


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
