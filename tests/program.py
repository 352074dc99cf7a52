"""The bot as a process of its own, as somebody would run it, against a playground in this one."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playground import Playground

REPOSITORY = Path(__file__).parent.parent


def environment(playground: Playground, model_url: str, data_dir: Path, **more: str) -> dict[str, str]:
    """What `python -m bot run` is told: a token, addresses and a model, and nothing of this shell but its path."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.api_url,
        "DISCORD_GATEWAY_URL": playground.gateway_url,
        "DISCORD_CDN_URL": playground.cdn_url,
        "DATA_DIR": str(data_dir),
        "OPENAI_BASE_URL": model_url,
        "CHAT_MODEL": "scripted",
        "CHAT_TITLES": "false",
        "CLOSE_SECONDS": "0",
        **more,
    }


async def spawn(told: dict[str, str], *arguments: str, log: Path) -> Process:
    """`python -m bot …` with that environment; what it prints goes to a file."""
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-m", "bot", *arguments, env=told, stdout=out, stderr=out, cwd=REPOSITORY
        )


@asynccontextmanager
async def running(playground: Playground, told: dict[str, str], log: Path) -> AsyncGenerator[tuple[Process, float]]:
    """`python -m bot run` until the end of the block; yields the process and its seconds to READY."""
    begun = time.perf_counter()
    process = await spawn(told, "run", log=log)
    try:
        ready = asyncio.create_task(playground.bot_ready(60))
        ended = asyncio.create_task(process.wait())
        await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            ready.cancel()
            raise AssertionError(f"The bot ended at once:\n{log.read_text()}")
        ended.cancel()
        await ready
        yield process, time.perf_counter() - begun
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
