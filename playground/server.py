"""The playground: a Discord of one's own on this machine's loopback address."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from playground import interactions, reactions, snapshot, threads, wire
from playground.channels import Channel
from playground.clock import Clock
from playground.faults import Faults
from playground.files import FileStore, keep_avatar
from playground.gateway import Gateway
from playground.guilds import Guild, Role
from playground.limits import HOUR, RateLimits
from playground.messages import EPHEMERAL, Message
from playground.page import Page
from playground.people import Person
from playground.permissions import ADMIN, EVERYONE
from playground.refusals import Refused
from playground.rest import serving
from playground.rest.serving import Request
from playground.session import withhold
from playground.world import User, Webhook, World

JsonObject = dict[str, Any]
KEPT_REQUESTS = 5000
SAVE_EVERY = 1.0
IDENTIFY_SECONDS = 5.0


class NotLoopback(ValueError):
    """The playground has no accounts worth the name and serves this machine alone."""


def require_loopback(host: str) -> None:
    """Refuses any address that other machines could reach."""
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotLoopback(f"The playground listens on loopback only, such as 127.0.0.1, and not on {host!r}.")


class Playground:
    """A local Discord; `async with` opens it and closes it.

    With a `folder` everything is found again next time. `message_content` is whether the
    application may read what people write; `limits` whether rate limits are kept, with the 5 seconds
    between two IDENTIFYs of one bucket. `shards` is what `/gateway/bot` recommends and
    `max_concurrency` how many buckets of shards there are; `faults` makes things go wrong.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: bool = False,
        message_content: bool = True,
        shards: int = 1,
        max_concurrency: int = 1,
        title: str = "Dramatis playground",
    ) -> None:
        require_loopback(host)
        self.title = title
        self.notes: dict[str, str] = {}
        self.message_content = message_content
        self.clock = Clock()
        self.limits = RateLimits(self.clock, on=limits)
        self.shards = shards
        self.max_concurrency = max_concurrency
        self.identify_seconds = IDENTIFY_SECONDS if limits else 0.0
        self.world = World(self.clock, FileStore(folder))
        self.interactions = interactions.Interactions(self.world)
        self.violations: list[str] = []
        self.requests: list[Request] = []
        self.people: dict[int, Person] = {}
        self.faults = Faults(self)
        self.gateway = Gateway(self)
        self.page = Page(self)
        self._folder = folder
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._saving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Playground:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Listens and, with a folder, finds what is there; a taken port is an OSError."""
        app = web.Application(client_max_size=128 * 1024 * 1024, middlewares=[self.faults.to_requests])
        serving.add_routes(app, self)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        self.page.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self.world.cdn_url = self.cdn_url
        if self._folder is not None:
            if snapshot.read(self._folder, self.world, cdn_url=self.cdn_url):
                self._find_people()
                for thread in [one for one in self.world.channels.values() if one.is_thread]:
                    threads.sleep_when_idle(thread)
            self._saving = asyncio.create_task(self._save_often(self._folder))

    async def close(self) -> None:
        """Disconnects the bot and all pages, saves, and stops listening."""
        if self._saving is not None:
            self._saving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._saving
        await self.gateway.close()
        await self.page.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.clock.stop()
        if self._folder is not None:
            snapshot.write(self._folder, self.world)

    async def _save_often(self, folder: Path) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            if self.world.changed:
                self.world.changed = False
                snapshot.write(folder, self.world)

    def _find_people(self) -> None:
        for user in self.world.users.values():
            if not user.bot:
                self.people[user.id] = Person(self, user)

    @property
    def _address(self) -> str:
        return f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """Where the REST API is."""
        return f"http://{self._address}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://{self._address}/gateway"

    @property
    def cdn_url(self) -> str:
        """Where files are."""
        return f"http://{self._address}/cdn"

    @property
    def page_url(self) -> str:
        """Where the page for people is."""
        return f"http://{self._address}/"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.token

    @property
    def application_id(self) -> int:
        """The application's id."""
        return self.world.application_id

    @property
    def bot_user_id(self) -> int:
        """The bot user's id."""
        return self.world.bot_id

    @property
    def application_flags(self) -> int:
        """The application's flags: whether it may have the Message Content intent."""
        return 1 << 19 if self.message_content else 0

    # Making and finding things

    def add_guild(self, name: str, *, bot: bool = True) -> Guild:
        """Makes a server, which the bot has joined with a role of its own unless `bot` is False."""
        world = self.world
        steward = User(world.new_id(), f"{name.lower()}-owner", bot=True)
        world.users[steward.id] = steward
        guild = Guild(world, world.new_id(), name, steward.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE, 0)
        world.guilds[guild.id] = guild
        guild.add_member(steward.id)
        if bot:
            guild.add_bot()
        world.emit("GUILD_ADDED", {"id": str(guild.id)}, only=0, subject=guild)
        return guild

    def add_person(
        self,
        name: str,
        *,
        display_name: str | None = None,
        avatar: bytes | None = None,
        guilds: list[Guild] | None = None,
        admin: bool = False,
    ) -> Person:
        """Makes a person, a member of those servers; an admin manages them."""
        world = self.world
        user = User(world.new_id(), name, display_name, admin=admin)
        if avatar is not None:
            user.avatar = keep_avatar(world.files, user.id, avatar)
        world.users[user.id] = user
        self.people[user.id] = person = Person(self, user)
        for guild in guilds or []:
            person.join(guild)
        return person

    def name_bot(self, name: str, *, avatar: bytes | None = None) -> None:
        """Gives the bot another name and face."""
        self.world.bot.username = name
        if avatar is not None:
            self.world.bot.avatar = keep_avatar(self.world.files, self.bot_user_id, avatar)

    @staticmethod
    def admin_role(guild: Guild) -> Role:
        """Returns the role that lets its members manage a server, making it at first use."""
        for role in guild.roles.values():
            if role.name == "Admin":
                return role
        return guild.add_role("Admin", ADMIN)

    def find_guild(self, name: str) -> Guild:
        """Returns the server of that name; LookupError names the ones there are."""
        for guild in self.world.guilds.values():
            if guild.name == name:
                return guild
        names = ", ".join(guild.name for guild in self.world.guilds.values())
        raise LookupError(f"No server {name!r}: {names}")

    def find_person(self, name: str) -> Person:
        """Returns the person of that username; LookupError names the ones there are."""
        for person in self.people.values():
            if person.name == name:
                return person
        raise LookupError(f"No person {name!r}: {', '.join(one.name for one in self.people.values())}")

    def messages(self, channel: Channel) -> list[Message]:
        """Returns a channel's messages that are not ephemeral, oldest first."""
        return channel.messages

    def webhooks(self, channel: Channel) -> list[Webhook]:
        """Returns a channel's webhooks, oldest first."""
        return [webhook for webhook in self.world.webhooks.values() if webhook.channel_id == channel.id]

    # What tests do to the world

    async def delete_channel(self, channel: Channel) -> None:
        """Deletes a channel or thread, as a moderator would."""
        threads.delete_channel(channel)

    async def delete_webhook(self, webhook_id: int) -> None:
        """Deletes a webhook, as a moderator would."""
        self.drop_webhook(self.world.webhooks[webhook_id])

    async def archive(self, thread: Channel) -> None:
        """Archives a thread."""
        threads.update(thread, {"archived": True})

    async def lock(self, thread: Channel) -> None:
        """Locks a thread."""
        threads.update(thread, {"locked": True})

    async def bot_ready(self, timeout: float = 10, *, shards: int = 1) -> None:  # noqa: ASYNC109 - a test's patience, in seconds
        """Waits until that many shards are connected and commands are registered."""

        def ready() -> bool:
            connected = len(set(self.gateway.shards)) >= shards
            return connected and (self.world.commands_seen or bool(self.world.commands))

        if not await self.world.pulse.until(ready, timeout):
            raise AssertionError(f"The bot was not ready within {timeout} s; shards online: {self.gateway.shards}.")

    async def disconnect_bot(self, code: int = 4000) -> None:
        """Closes the bot's gateway connections with that close code."""
        await self.gateway.disconnect(code)

    # What the REST API asks of the whole

    def record(self, request: Request) -> None:
        """Keeps a request for tests to look at."""
        self.requests.append(request)
        if len(self.requests) > 2 * KEPT_REQUESTS:
            del self.requests[:KEPT_REQUESTS]
        self.world.changed = True
        self.world.pulse.beat()

    def note_failed(self, method: str, path: str, status: int) -> None:
        """Keeps a request that was not carried out; status 0: it was cut off."""
        self.record(Request(method, path, self.clock.now(), status, None))

    def drop_webhook(self, webhook: Webhook) -> None:
        """Takes a webhook away and tells."""
        del self.world.webhooks[webhook.id]
        data = {"guild_id": str(webhook.guild_id), "channel_id": str(webhook.channel_id)}
        self.world.emit("WEBHOOKS_UPDATE", data, channel=self.world.channels.get(webhook.channel_id))

    def shown_to_bot(self, message: Message) -> JsonObject:
        """Returns a message as the REST API shows it to the application."""
        data = wire.message_json(message)
        return data if self.message_content else withhold(data, message, self.bot_user_id)

    def count_old_edit(self, message: Message) -> None:
        """Refuses an edit (30046) where too many messages over an hour old were edited there."""
        if self.clock.now() - message.created > HOUR:
            wait = self.limits.old_edit(message.channel_id)
            if wait > 0:
                raise Refused(30046, retry_after=wait)

    def react(self, message: Message, user_id: int, emoji: str) -> None:
        """Adds a reaction."""
        reactions.react(message, user_id, emoji)

    def unreact(self, message: Message, user_id: int, emoji: str) -> None:
        """Takes a reaction away."""
        reactions.unreact(message, user_id, emoji)

    def typing(self, channel: Channel, user_id: int) -> None:
        """Shows that a user is writing."""
        reactions.tell_typing(channel, user_id)

    def callback_json(self, interaction: interactions.Interaction) -> JsonObject:
        """Returns what a callback with `with_response` is answered with."""
        shown: JsonObject = {"id": str(interaction.id), "type": interaction.kind}
        answer: JsonObject = {"interaction": shown}
        message = interaction.original
        if message is not None:
            shown |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": bool(message.flags & EPHEMERAL),
            }
        if interaction.callback in (4, 5, 7) and message is not None:
            answer["resource"] = {"type": interaction.callback, "message": wire.message_json(message)}
        elif interaction.callback is not None:
            answer["resource"] = {"type": interaction.callback}
        return answer
