"""Runs the reading of a stranger's file in a process of its own.

A process, not a thread: a decoder written in C that hangs keeps its thread for ever, perhaps with the
interpreter's lock, and memory limits are a process's. One process a file, not a pool: it costs about a tenth
of a second, nothing waits in memory between two imports, and ending it is certain.
"""

import asyncio
import contextlib
import os
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Literal

from bot.cards.worker_answer import DONE, FAILED, HEADER, MAX_ANSWER, PART, REFUSED
from bot.errors import Invalid

Task = Literal["file", "picture"]

# The processor's time is the limit; the clock catches a process that waits, and a machine that is very busy.
WALL_SECONDS = 10.0

_ROOT = Path(__file__).parents[2]


async def run_in_worker(
    task: Task, argument: str, data: bytes, *, too_much: str, seconds: float = WALL_SECONDS
) -> list[bytes]:
    """Return the parts that the task makes of the data.

    Raises Invalid with the task's own sentence, or with `too_much` when it takes more than two seconds of
    processor time, more than `seconds` altogether, or more memory than it is granted. How many run at once
    is the caller's to bound.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cards.worker_process", task, argument,
        stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
    feeding = asyncio.create_task(_feed(process.stdin, data))
    try:
        async with asyncio.timeout(seconds):
            return await _answer(process.stdout, task)
    except (TimeoutError, IncompleteReadError):
        raise Invalid(too_much) from None
    finally:
        feeding.cancel()
        await _end(process)


async def _feed(stdin: StreamWriter, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it refused before it had read all
        stdin.write(data)
        await stdin.drain()
        stdin.close()


async def _answer(stdout: StreamReader, task: Task) -> list[bytes]:
    parts: list[bytes] = []
    left = MAX_ANSWER
    while True:
        mark, length = HEADER.unpack(await stdout.readexactly(HEADER.size))
        left -= length
        if left < 0:
            raise IncompleteReadError(b"", length)
        content = await stdout.readexactly(length)
        if mark == PART:
            parts.append(content)
        elif mark == DONE:
            return parts
        elif mark == REFUSED:
            raise Invalid(content.decode())
        else:
            said = content.decode() if mark == FAILED else "its answer has no known mark"
            raise RuntimeError(f"reading a {task} failed: {said}")


def _environment() -> dict[str, str]:
    """The settings, and the secrets among them, stay here: a hostile file's process gets none."""
    system_root = os.environ.get("SYSTEMROOT")  # Windows starts no process without it
    return {"PYTHONPATH": str(_ROOT), **({"SYSTEMROOT": system_root} if system_root else {})}


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
