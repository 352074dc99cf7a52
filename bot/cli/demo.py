"""`demo`: everything on this machine, and one address to open in a browser."""

import asyncio
import errno
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from rich.console import Console

from bot.cli.running import serve
from bot.cli.stores import with_engines
from bot.errors import SettingsError
from bot.settings import Settings
from cogs.ui.assets import mask

if TYPE_CHECKING:
    from playground import Playground

PORT = 7878
SERVER = "The Harbour"
PEOPLE = (("robin", "Robin", False), ("sam", "Sam", False), ("kim", "Kim", True))
# A title by so small a model says little, and the one reply it can write at a time is somebody's.
SMALL_MODEL = {
    "context_tokens": 4096,
    "reply_tokens": 260,
    "temperature": 0.7,
    "history_limit": 40,
    "chat_titles": False,
}
NEXT_STEPS = (
    "To take it to a real server: put a bot token and a model into .env (DISCORD_TOKEN, CHAT_MODEL, OPENAI_API_KEY or "
    "OPENAI_BASE_URL) and run `make run`. The README says how to invite the bot."
)


async def demo(settings: Settings, *, fresh: bool, port: int | None) -> None:
    """Runs the playground, the engines and the bot until Ctrl-C; the data stays for the next time."""
    console = Console(stderr=True)
    folder = settings.data_dir / "demo"
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    own_model = settings.chat_model is None
    async with AsyncExitStack() as stack:
        with console.status("Starting Postgres, Valkey and a language model …"):
            filled = await stack.enter_async_context(with_engines(_alone(settings, folder), model=own_model))
            playground = await stack.enter_async_context(_playground(folder / "playground", port))
            _set_the_scene(playground)
            playground.notes.update(_notes(filled, own_model=own_model))
            bot = asyncio.create_task(serve(_pointed(filled, playground), guild_ready_timeout=0.05))
            stack.push_async_callback(_stopped, bot)
            await _until_ready(bot, playground)
        console.print(f"\n[bold]Open [cyan]{playground.page_url}[/cyan] in a browser.[/bold]", highlight=False)
        console.print("Type [bold]/[/bold] there and choose [bold]/character pick[/bold]. Ctrl-C stops everything.\n")
        await bot


def _alone(settings: Settings, folder: Path) -> Settings:
    """The settings of a demo: engines of its own; for its small model what suits it, unless somebody said otherwise."""
    own: dict[str, object] = {"data_dir": folder, "database_url": None, "redis_url": None, "master_keys": []}
    if settings.chat_model is None:
        own |= {name: value for name, value in SMALL_MODEL.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=own)


def _pointed(settings: Settings, playground: "Playground") -> Settings:
    return settings.model_copy(
        update={
            "discord_token": SecretStr(playground.token),
            "discord_api_url": playground.api_url,
            "discord_gateway_url": playground.gateway_url,
            "discord_cdn_url": playground.cdn_url,
            "message_content_intent": True,
            "metrics_port": None,
            "public_files_url": None,
            "files_channel": None,
            "stock_characters": True,
        }
    )


def _notes(settings: Settings, *, own_model: bool) -> dict[str, str]:
    """What the page tells a newcomer."""
    speaks = f"{settings.chat_model} writes the replies"
    if own_model:
        return {"model": f"{speaks}, on this machine: small and quick, not clever.", "next_steps": NEXT_STEPS}
    elsewhere = f"A local stand-in for Discord. What you write goes to the model at {settings.openai_base_url}."
    return {"model": f"{speaks}.", "next_steps": NEXT_STEPS, "tagline": elsewhere}


@asynccontextmanager
async def _playground(folder: Path, port: int | None) -> "AsyncGenerator[Playground]":
    try:
        from playground import Playground  # noqa: PLC0415 - only the demo needs it, and its extra
    except ImportError:
        raise SettingsError("The demo needs more than the bot does: `make demo` installs it.") from None
    for choice in (port,) if port is not None else (PORT, 0):
        try:
            async with Playground(folder, port=choice, limits=True) as playground:
                yield playground
                return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or choice == 0:
                raise
            if port is not None:
                raise SettingsError(f"Port {port} is taken. Name another with --port.") from None


def _set_the_scene(playground: "Playground") -> None:
    """A server with a few channels and people, unless an earlier demo left one."""
    try:
        playground.find_guild(SERVER)
    except LookupError:
        pass
    else:
        return
    playground.name_bot("Dramatis", avatar=mask())
    guild = playground.add_guild(SERVER)
    guild.add_text_channel("tavern", topic="Pick a character and play: /character pick")
    guild.add_text_channel("library", topic="A quieter room for longer stories")
    guild.add_forum("stories")
    for name, display_name, admin in PEOPLE:
        playground.add_person(name, display_name=display_name, guilds=[guild], admin=admin)


async def _until_ready(bot: asyncio.Task[None], playground: "Playground") -> None:
    ready = asyncio.create_task(playground.bot_ready(30))
    await asyncio.wait((bot, ready), return_when=asyncio.FIRST_COMPLETED)
    if bot.done():
        ready.cancel()
        bot.result()
    await ready


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))
