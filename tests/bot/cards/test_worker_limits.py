"""What a hostile file may cost: measured on the process that reads it.

The processor's time and the greatest resident memory (`ru_maxrss`) are the system's own figures for each process; the
memory is compared with that of a process that reads a tiny card, so that the interpreter is not counted. A small
process starts them, for a child is born with the resident memory of its parent.
"""

import json
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cards import png_chunks
from bot.cards.worker_answer import DONE, HEADER, PART, REFUSED
from tests.bot.cards.hostile import CARD, HOSTILE, LARGEST, PIXEL, Hostile

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone"),
]

MEMORY = 64 * 2**20
SECONDS = 2.0
STARTER = """
import json, os, subprocess, sys
for line in sys.stdin:
    task, argument, file, answer = json.loads(line)
    with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as source, open(answer, "wb") as out:
        command = [sys.executable, "-m", "bot.cards.worker_process", task, argument]
        child = subprocess.Popen(command, stdin=source.stdout, stdout=out, stderr=subprocess.DEVNULL)
        source.stdout.close()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    seconds: float
    memory: int
    mark: bytes
    words: str


class Starter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def run(self, task: str, argument: str, content: bytes) -> Outcome:
        file, answer = self._folder / "file", self._folder / "answer"
        file.write_bytes(content)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([task, argument, str(file), str(answer)]) + "\n")
        self._process.stdin.flush()
        seconds, memory = json.loads(self._process.stdout.readline())
        mark, words = last_part(answer.read_bytes())
        return Outcome(seconds, memory, mark, words)

    def close(self) -> None:
        self._process.communicate()


def last_part(answer: bytes) -> tuple[bytes, str]:
    at, mark, length = 0, b"", 0
    while at + HEADER.size <= len(answer):
        mark, length = HEADER.unpack_from(answer, at)
        at += HEADER.size + length
    return mark, "" if mark == PART else answer[at - length : at].decode()


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory):
    made = Starter(tmp_path_factory.mktemp("hostile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def tiny(starter: Starter) -> int:
    return starter.run("file", "tiny.json", CARD.encode()).memory


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.filename)
def test_a_hostile_file_costs_two_seconds_and_64_mebibytes_at_most(
    hostile: Hostile, starter: Starter, tiny: int
) -> None:
    content = hostile.make()
    assert len(content) <= LARGEST
    outcome = starter.run("file", hostile.filename, content)
    assert outcome.seconds < SECONDS
    assert outcome.memory - tiny < MEMORY
    assert outcome.mark == (REFUSED if hostile.says else DONE), outcome
    assert (hostile.says or "") in outcome.words


@pytest.mark.parametrize("size", [(50_000, 50_000), (4_097, 4_096), (2**31 - 1, 1)])
def test_a_huge_picture_is_refused_before_it_is_decoded(size: tuple[int, int], starter: Starter) -> None:
    before = starter.run("picture", "1024", PIXEL)
    rows = zlib.compress(bytes(50_000 * 3 + 1) * 200, 9)
    header = png_chunks.write(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    picture = b"".join((PIXEL[:8], header, png_chunks.write(b"IDAT", rows), png_chunks.write(b"IEND", b"")))
    outcome = starter.run("picture", "1024", picture)
    assert (before.mark, outcome.mark) == (DONE, REFUSED)
    assert f"{size[0]:,} × {size[1]:,} pixels" in outcome.words
    assert outcome.seconds < SECONDS
    assert outcome.memory - before.memory < 4 * 2**20


def test_a_worker_loads_no_more_than_it_needs() -> None:
    code = (
        "import sys, bot.cards.worker_process, bot.cards.card_containers;"
        "sys.exit(' '.join({'PIL', 'pydantic', 'asyncio', 'yaml', 'sqlalchemy', 'discord'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    run = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)
    assert run.stderr.strip() == ""
