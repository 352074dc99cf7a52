"""The gateway (version 10, JSON): sessions of the bot and what each of them gets to hear."""

from __future__ import annotations

import asyncio
import secrets
import zlib
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from playground import wire
from playground.messages import Message
from playground.permissions import may
from playground.world import Event

if TYPE_CHECKING:
    from playground.guilds import Guild
    from playground.server import Playground

JsonObject = dict[str, Any]
HEARTBEAT_ANSWER = 0.02
HEARTBEAT_MS = 41_250
GUILDS, MEMBERS, WEBHOOKS, PRESENCES = 1 << 0, 1 << 1, 1 << 5, 1 << 8
MESSAGE_CONTENT = 1 << 15
# Intent of an event in a server and in direct messages; None: it needs no intent.
_INTENTS: dict[str, tuple[int | None, int | None]] = {
    "MESSAGE_REACTION": (1 << 10, 1 << 13),
    "MESSAGE": (1 << 9, 1 << 12),
    "TYPING_START": (1 << 11, 1 << 14),
    "GUILD_MEMBER_": (MEMBERS, None),
    "GUILD_": (GUILDS, None),
    "CHANNEL_PINS_UPDATE": (GUILDS, 1 << 12),
    "CHANNEL_": (GUILDS, None),
    "THREAD_": (GUILDS, None),
    "WEBHOOKS_UPDATE": (WEBHOOKS, None),
    "INTERACTION_CREATE": (None, None),
    "USER_UPDATE": (None, None),
}


def withhold(data: JsonObject, message: Message, bot_id: int) -> JsonObject:
    """Returns a message without what the Message Content intent is for, unless the bot may read this one."""
    mine = message.author_id == bot_id or message.application_id == message.world.application_id
    if mine or bot_id in message.mentions or message.channel.guild_id is None:
        return data
    bare = data | {"content": "", "embeds": [], "attachments": [], "components": []}
    replied = message.reply_to
    if bare.get("referenced_message") and replied is not None:
        bare["referenced_message"] = withhold(bare["referenced_message"], replied, bot_id)
    return bare


class Session:
    """One connection of the bot."""

    def __init__(self, gateway: Gateway, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self._gateway = gateway
        self._socket = socket
        self._squeeze = zlib.compressobj() if compressed else None
        self._waiting: asyncio.Queue[tuple[int, str | None, object]] = asyncio.Queue()
        self._sequence = 0
        self.intents = 0
        self.shard: tuple[int, int] = (0, 1)
        self.ready = False
        self.identified = False

    async def write(self) -> None:
        """Sends what is waiting, in order, until it is cancelled."""
        while True:
            code, name, data = await self._waiting.get()
            payload: JsonObject = {"op": code, "d": data, "s": None, "t": name}
            if code == 0:
                self._sequence += 1
                payload["s"] = self._sequence
            raw = orjson.dumps(payload)
            try:
                if self._squeeze is None:
                    await self._socket.send_str(raw.decode())
                else:
                    packed = self._squeeze.compress(raw) + self._squeeze.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(packed)
            except ConnectionError:
                return

    def send(self, code: int, data: object, name: str | None = None) -> None:
        """Queues a payload."""
        self._waiting.put_nowait((code, name, data))

    def hears(self, event: Event) -> bool:
        """Returns whether this session gets that event."""
        world = self._gateway.play.world
        bot_id = world.bot_id
        if not self.ready or not self._on_shard(event.guild_id) or event.only not in (None, bot_id):
            return False
        if not self._wants(event):
            return False
        if event.only == bot_id:
            return True
        if event.guild_id is not None and not world.guilds[event.guild_id].has_bot:
            return False
        if event.name == "THREAD_MEMBERS_UPDATE" and not self.intents & MEMBERS:
            return _names(event.data, bot_id)
        return event.channel is None or may(event.channel, bot_id, "view_channel")

    def _wants(self, event: Event) -> bool:
        """Returns whether the session's intents cover an event; none covers what is the page's alone."""
        if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(self._gateway.play.world.bot_id):
            return bool(self.intents & GUILDS)
        for prefix, intents in _INTENTS.items():
            if event.name.startswith(prefix):
                wanted = intents[event.guild_id is None]
                return wanted is None or bool(self.intents & wanted)
        return False

    def _on_shard(self, guild_id: int | None) -> bool:
        number, count = self.shard
        return number == ((guild_id >> 22) % count if guild_id is not None else 0)

    def tell(self, event: Event) -> None:
        """Queues an event, without the contents of messages where the intent is missing."""
        data = event.data
        message = event.subject
        bare = not self.intents & MESSAGE_CONTENT
        if bare and isinstance(message, Message) and "author" in data:
            data = withhold(data, message, self._gateway.play.world.bot_id)
        self.send(0, data, event.name)

    def begin(self) -> None:
        """Queues READY and the servers of this shard."""
        play = self._gateway.play
        world = play.world
        guilds = [one for one in world.guilds.values() if world.bot_id in one.members and self._on_shard(one.id)]
        ready: JsonObject = {
            "v": 10,
            "user": wire.user_json(world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
            "private_channels": [],
            "session_id": secrets.token_hex(16),
            "session_type": "normal",
            "resume_gateway_url": play.gateway_url,
            "shard": list(self.shard),
            "application": {"id": str(world.application_id), "flags": play.application_flags},
            "relationships": [],
            "presences": [],
            "_trace": ["playground"],
        }
        self.send(0, ready, "READY")
        self.ready = True
        if self.intents & GUILDS:
            for guild in guilds:
                self.send(0, self._guild_json(guild) | {"unavailable": False}, "GUILD_CREATE")

    def join(self, guild: Guild) -> None:
        """Queues a server that the bot has just joined."""
        if self.ready and self._on_shard(guild.id) and self.intents & GUILDS:
            self.send(0, self._guild_json(guild), "GUILD_CREATE")

    def _guild_json(self, guild: Guild) -> JsonObject:
        bot_id = guild.world.bot_id
        shown = guild.members.values() if self.intents & MEMBERS else [guild.members[bot_id]]
        return wire.guild_json(guild) | {
            "joined_at": wire.iso(guild.members[bot_id].joined),
            "large": False,
            "member_count": len(guild.members),
            "members": [wire.member_json(guild, member) for member in shown],
            "channels": [wire.channel_json(one) for one in guild.channels if may(one, bot_id, "view_channel")],
            "threads": [
                wire.channel_json(one) for one in guild.threads if not one.archived and may(one, bot_id, "view_channel")
            ],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    async def close(self, code: int) -> None:
        """Closes the connection with a close code of Discord's."""
        self.ready = False
        await self._socket.close(code=code)


def _names(data: JsonObject, user_id: int) -> bool:
    added = [one["user_id"] for one in data.get("added_members", [])]
    return str(user_id) in [*added, *data.get("removed_member_ids", [])]


class Gateway:
    """All sessions."""

    def __init__(self, play: Playground) -> None:
        self.play = play
        self.sessions: list[Session] = []
        play.world.listeners.append(self._hear)

    @property
    def online(self) -> bool:
        """Whether the bot is connected."""
        return any(session.ready for session in self.sessions)

    def _hear(self, event: Event) -> None:
        for session in self.sessions:
            if event.name == "BOT_JOINED":
                session.join(self.play.world.guilds[event.guild_id or 0])
            elif session.hears(event):
                session.tell(event)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection until it closes."""
        compression = request.query.get("compress")
        if compression not in (None, "zlib-stream") or request.query.get("encoding", "json") != "json":
            self.play.violations.append(f"gateway: {request.query_string}: the playground has not built this")
            return web.Response(status=501)
        socket = web.WebSocketResponse(compress=False, max_msg_size=16 * 1024)
        await socket.prepare(request)
        session = Session(self, socket, compressed=compression is not None)
        self.sessions.append(session)
        writer = asyncio.create_task(session.write())
        session.send(10, {"heartbeat_interval": HEARTBEAT_MS, "_trace": ["playground"]})
        try:
            async for frame in socket:
                if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._receive(session, frame.data)
        finally:
            writer.cancel()
            self.sessions.remove(session)
            self._tell_online()
        return socket

    def _tell_online(self) -> None:
        world = self.play.world
        world.emit("BOT", {"online": self.online}, only=0)

    async def _receive(self, session: Session, raw: str | bytes) -> None:
        try:
            payload = orjson.loads(raw)
            code, data = payload["op"], payload.get("d")
        except (orjson.JSONDecodeError, KeyError, TypeError):
            await session.close(4002)
            return
        if code == 1:
            # Not sooner than any network would: discord.py notes when it asked only after it has asked.
            asyncio.get_running_loop().call_later(HEARTBEAT_ANSWER, session.send, 11, None)
        elif code == 2:
            await self._identify(session, data)
        elif code == 6:
            session.send(9, False)
        elif not session.identified:
            await session.close(4003)
        elif code == 8:
            self._members(session, data)
        elif code != 3:
            self.play.violations.append(f"gateway: opcode {code}: the playground has not built this")
            await session.close(4001)

    async def _identify(self, session: Session, data: JsonObject) -> None:
        if session.identified:
            await session.close(4005)
            return
        if not secrets.compare_digest(str(data.get("token", "")).encode(), self.play.token.encode()):
            await session.close(4004)
            return
        intents = data.get("intents")
        if not isinstance(intents, int) or intents >= 1 << 26:
            await session.close(4013)
            return
        privileged = MEMBERS | PRESENCES | (0 if self.play.message_content else MESSAGE_CONTENT)
        if intents & privileged:
            await session.close(4014)
            return
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            await session.close(4010)
            return
        session.intents, session.shard, session.identified = intents, (number, count), True
        session.begin()
        self._tell_online()

    def _members(self, session: Session, data: JsonObject) -> None:
        """Answers a request for members: by ids, or by the beginning of a name."""
        guild = self.play.world.guilds[int(data["guild_id"])]
        wanted = data.get("user_ids")
        if wanted is not None:
            ids = {int(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
            found = [member for member in guild.members.values() if member.user_id in ids]
        else:
            start = (data.get("query") or "").lower()
            users = self.play.world.users
            named = guild.members.values()
            found = [one for one in named if users[one.user_id].display_name.lower().startswith(start)]
            found = found[: data.get("limit") or None]
        chunk: JsonObject = {
            "guild_id": str(guild.id),
            "members": [wire.member_json(guild, member) for member in found],
            "chunk_index": 0,
            "chunk_count": 1,
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        session.send(0, chunk, "GUILD_MEMBERS_CHUNK")

    async def disconnect(self, code: int) -> None:
        """Closes every session with that code."""
        for session in list(self.sessions):
            await session.close(code)

    async def close(self) -> None:
        """Ends all sessions because the playground stops."""
        await self.disconnect(WSCloseCode.GOING_AWAY)
