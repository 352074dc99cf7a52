"""The whole, unmodified bot in a playground: what the tests of commands and flows play in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.cli.running import serve
from bot.settings import Settings, read_settings
from bot.telemetry import set_up_logs
from playground import Channel, Guild, Message, Person, Playground
from tests.scripted_model import ScriptedModel

HASTE = 10.0
"""How much quicker than Discord's budget allows replies are shown where no requests are counted."""


@dataclass(slots=True)
class Theatre:
    """A server with a tavern, two people in it, the bot, and the model that speaks through it."""

    playground: Playground
    guild: Guild
    tavern: Channel
    alice: Person
    bob: Person
    model: ScriptedModel
    settings: Settings
    haste: float = HASTE
    running: "asyncio.Task[None] | None" = None
    started: list[Any] = field(default_factory=list[Any])

    async def start(self) -> None:
        """Starts the bot and waits until it is ready."""
        self.running = asyncio.create_task(serve(self.settings, haste=self.haste, guild_ready_timeout=0.02))
        ready = asyncio.create_task(self.playground.bot_ready(15))
        await asyncio.wait((self.running, ready), return_when=asyncio.FIRST_COMPLETED)
        if self.running.done():
            ready.cancel()
            self.running.result()
        await ready

    async def stop(self) -> None:
        """Stops the bot in order."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.wait((self.running,))
            self.running = None

    async def chat_with(self, name: str, person: Person | None = None) -> Channel:
        """Starts a chat in the tavern and walks into its thread."""
        person = (person or self.alice).at(self.tavern)
        answer = await person.slash("character start", character=name)
        assert "is waiting for you" in answer.text, answer.text
        thread = self.guild.threads[-1]
        person.here = thread
        return thread

    async def reply(self, text: str, person: Person | None = None) -> Message:
        """Waits for a finished reply: one that holds the text and can be regenerated."""
        person = person or self.alice
        message = await person.sees(text)
        await until(lambda: any(button.label == "Regenerate" for button in message.buttons))
        return message


@asynccontextmanager
async def open_theatre(
    database_url: str,
    redis_url: str,
    cache_prefix: str,
    master_key: str,
    folder: Path,
    *,
    limits: bool = False,
    **changes: Any,
) -> AsyncGenerator[Theatre]:
    """Opens the playground, with rate limits or without, and starts the bot; `changes` go to its settings."""
    message_content = bool(changes.get("message_content_intent", True))
    async with ScriptedModel() as model, Playground(message_content=message_content, limits=limits) as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        alice = playground.add_person("alice", display_name="Alice", guilds=[guild]).at(tavern)
        bob = playground.add_person("bob", display_name="Bob", guilds=[guild]).at(tavern)
        given: dict[str, Any] = {
            "_env_file": None,
            "discord_token": playground.token,
            "discord_api_url": playground.api_url,
            "discord_gateway_url": playground.gateway_url,
            "discord_cdn_url": playground.cdn_url,
            "database_url": database_url,
            "redis_url": redis_url,
            "cache_prefix": cache_prefix,
            "master_keys": master_key,
            "data_dir": folder,
            "openai_base_url": model.url,
            "openai_api_key": "x",
            "chat_model": "scripted",
            "limit_person": "",
            "limit_chat": "",  # tests of these limits set their own
            "close_seconds": 0,  # nobody waits for what a test left open
            "chat_titles": False,  # else a title would take the words that a test has the model say next
            "jobs_at_once": 0,  # tests of jobs take some
        }
        told, haste = read_settings(**(given | changes)), 1.0 if limits else HASTE
        theatre = Theatre(playground, guild, tavern, alice, bob, model, told, haste)
        set_up_logs("text")
        await theatre.start()
        try:
            yield theatre
        finally:
            await theatre.stop()


async def until(condition: Any, within: float = 5.0) -> None:
    """Waits for a condition; AssertionError when it does not come true."""
    deadline = asyncio.get_running_loop().time() + within
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "this did not come true in time"
        await asyncio.sleep(0.01)
