"""The bot as a process of its own, as somebody would run it, against a playground in this one."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playground import Playground


@asynccontextmanager
async def running(
    playground: Playground, model_url: str, *, database_url: str, redis_url: str, key: str, data_dir: Path
) -> AsyncGenerator[float]:
    """`python -m bot run` until the end of the block; yields the seconds from its start to READY."""
    data_dir.mkdir(parents=True, exist_ok=True)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "DISCORD_TOKEN": playground.token,
        "DISCORD_API_URL": playground.api_url,
        "DISCORD_GATEWAY_URL": playground.gateway_url,
        "DISCORD_CDN_URL": playground.cdn_url,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MASTER_KEYS": key,
        "DATA_DIR": str(data_dir),
        "OPENAI_BASE_URL": model_url,
        "OPENAI_API_KEY": "none",
        "CHAT_MODEL": "scripted",
    }
    log = (data_dir / "bot.log").open("wb")
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "bot", "run", env=environment, stderr=log, cwd=Path.cwd()
    )
    try:
        await playground.bot_ready(60)
        yield time.perf_counter() - begun
    finally:
        process.terminate()
        await process.wait()
        log.close()
