"""What the metrics port serves beside the avatars."""

import asyncio
import socket
from pathlib import Path

import aiohttp

from tests.theatre import open_theatre


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_a_reply_leaves_its_figures(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    port = free_port()
    told = (database_url, redis_url, cache_prefix, master_key, tmp_path)
    async with open_theatre(*told, metrics_port=port) as theatre, aiohttp.ClientSession() as web:
        await theatre.chat_with("Cue")
        await theatre.alice.say("Hello.")
        await theatre.reply("Indeed.")
        figures = await read(web, port)
        # The last edit is counted when its answer is back, a moment after it is seen.
        while not figures["dramatis_edit_delay_seconds_count"]:
            await asyncio.sleep(0.05)
            figures = await read(web, port)
        async with web.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert await answer.text() == "ready\n"
    assert figures['dramatis_replies_total{kind="reply",model="scripted",status="complete"}'] == 1
    assert figures["dramatis_lock_wait_seconds_count"] >= 1
    assert figures["dramatis_discord_429_total"] == 0
    assert not [name for name in figures if not name.startswith("dramatis_")]


async def read(web: aiohttp.ClientSession, port: int) -> dict[str, float]:
    """What Prometheus would read now: a figure by its name and labels."""
    async with web.get(f"http://127.0.0.1:{port}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        lines = [line for line in (await answer.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
