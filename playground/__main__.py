"""Runs a playground by itself, for any bot that can be pointed at another Discord."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from playground.server import Playground

DEFAULT_PORT = 8765


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep everything there for next time")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}")
    parser.add_argument("--no-limits", action="store_true", help="keep no rate limits")
    return parser.parse_args()


def furnish(play: Playground) -> None:
    """Makes a server with a few channels and two people where there is none yet."""
    if play.world.guilds:
        return
    guild = play.add_guild("Harbour")
    guild.add_text_channel("tavern", topic="Come in and sit down.")
    guild.add_forum("stories")
    guild.add_text_channel("cellar", nsfw=True)
    play.add_person("alice", display_name="Alice", guilds=[guild], admin=True)
    play.add_person("bob", display_name="Bob", guilds=[guild])


async def serve(folder: Path | None, port: int, *, limits: bool) -> None:
    """Serves a playground until it is cancelled, and says where it is."""
    async with Playground(folder, port=port, limits=limits) as play:
        furnish(play)
        sys.stdout.write(
            f"Page     {play.page_url}\nAPI      {play.api_url}\nGateway  {play.gateway_url}\n"
            f"CDN      {play.cdn_url}\nToken    {play.token}\nCtrl-C stops it.\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Runs the command line."""
    given = _arguments()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.folder, given.port, limits=not given.no_limits))


if __name__ == "__main__":
    main()
