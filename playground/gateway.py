"""The gateway (version 10, JSON): who connects, begins a session, or goes on with one after a break."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from playground import wire
from playground.connection import Connection
from playground.session import MEMBERS, MESSAGE_CONTENT, PRESENCES, Session
from playground.world import Event

if TYPE_CHECKING:
    from playground.server import Playground

JsonObject = dict[str, Any]
HEARTBEAT_ANSWER = 0.02
HEARTBEAT_MS = 41_250
DAY = 86_400.0
STARTS_A_DAY = 1000
# How long a session waits for its client after a break; Discord names no figure.
RESUMABLE_FOR = 180.0
# Close codes that end the session too: the client's own farewells, and what resuming cannot mend.
FAREWELLS = frozenset((1000, 1001))
FINAL = frozenset((4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014))


@dataclass(frozen=True, slots=True)
class Identify:
    """An IDENTIFY that was let in: the playground's time, the shard and how many shards there are."""

    at: float
    shard: int
    count: int


class Gateway:
    """All connections and sessions, those among them that wait to be resumed too."""

    def __init__(self, play: Playground) -> None:
        self.play = play
        self.sessions: list[Session] = []
        self.connections: list[Connection] = []
        self.identifies: list[Identify] = []
        self._tried: dict[int, float] = {}
        play.world.listeners.append(self._hear)

    @property
    def online(self) -> bool:
        """Whether the bot is connected, with any of its shards."""
        return any(session.ready for session in self.sessions)

    @property
    def shards(self) -> list[int]:
        """The numbers of the shards that are connected, in order; one with two sessions is there twice."""
        return sorted(session.shard[0] for session in self.sessions if session.ready)

    def on_shard(self, shard: int | None) -> list[Connection]:
        """Returns the connections of a shard's sessions, or of all sessions."""
        found = [one.connection for one in self.sessions if shard in (None, one.shard[0])]
        return [one for one in found if one is not None]

    def start_limit(self) -> JsonObject:
        """Returns what `/gateway/bot` tells about sessions that may still be begun."""
        now = self.play.clock.now()
        today = [one.at for one in self.identifies if one.at > now - DAY]
        return {
            "total": STARTS_A_DAY,
            "remaining": max(0, STARTS_A_DAY - len(today)),
            "reset_after": int((today[0] + DAY - now) * 1000) if today else 0,
            "max_concurrency": self.play.max_concurrency,
        }

    def _hear(self, event: Event) -> None:
        if event.name == "BOT_JOINED":
            for session in self.sessions:
                session.join(self.play.world.guilds[event.guild_id or 0])
            return
        hearing = [session for session in self.sessions if session.hears(event)]
        if not hearing:
            return

        def tell() -> None:
            for session in hearing:
                session.tell(event)

        self.play.faults.deliver(event, tell)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection until it closes."""
        if self.play.faults.gateway_refuses():
            return web.Response(status=503)
        compression = request.query.get("compress")
        if compression not in (None, "zlib-stream") or request.query.get("encoding", "json") != "json":
            self.play.violations.append(f"gateway: {request.query_string}: the playground has not built this")
            return web.Response(status=501)
        socket = web.WebSocketResponse(compress=False, max_msg_size=16 * 1024)
        await socket.prepare(request)
        connection = Connection(socket, request.transport, self._over, compressed=compression is not None)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        connection.send(10, {"heartbeat_interval": HEARTBEAT_MS, "_trace": ["playground"]})
        try:
            async for frame in socket:
                if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._receive(connection, frame.data)
        finally:
            writer.cancel()
            connection.over()
        return socket

    def _over(self, connection: Connection) -> None:
        """Lets the session of a connection that ended wait for its client, or ends it too."""
        self.connections.remove(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            if connection.close_code in (FAREWELLS if connection.left else FINAL):
                self.sessions.remove(session)
            else:
                self._wait_for(session)
        self._tell_online()

    def _wait_for(self, session: Session) -> None:
        since = session.broken_at = self.play.clock.now()

        def too_late() -> None:
            if session in self.sessions and session.broken_at == since and not session.ready:
                self.sessions.remove(session)

        self.play.clock.at(since + RESUMABLE_FOR, too_late)

    def _tell_online(self) -> None:
        self.play.world.emit("BOT", {"online": self.online}, only=0)

    async def _receive(self, connection: Connection, raw: str | bytes) -> None:
        try:
            payload = orjson.loads(raw)
            code, data = payload["op"], payload.get("d")
        except (orjson.JSONDecodeError, KeyError, TypeError):
            await connection.close(4002)
            return
        if code == 1:
            # Not sooner than any network would: discord.py notes when it asked only after it has asked.
            asyncio.get_running_loop().call_later(HEARTBEAT_ANSWER, connection.send, 11, None)
        elif code == 2:
            await self._identify(connection, data)
        elif code == 6:
            await self._resume(connection, data)
        elif connection.session is None:
            await connection.close(4003)
        elif code == 8:
            self._members(connection.session, data)
        elif code != 3:
            self.play.violations.append(f"gateway: opcode {code}: the playground has not built this")
            await connection.close(4001)

    def _is_token(self, data: JsonObject) -> bool:
        return secrets.compare_digest(str(data.get("token", "")).encode(), self.play.token.encode())

    async def _identify(self, connection: Connection, data: JsonObject) -> None:
        number, count = data.get("shard") or (0, 1)
        wrong = 4005 if connection.session is not None else self._wrong(data, number, count)
        if wrong is not None:
            await connection.close(wrong)
            return
        if self._too_soon(number):
            connection.send(9, False)
            return
        self.identifies.append(Identify(self.play.clock.now(), number, count))
        session = Session(self.play, data["intents"], (number, count))
        self.sessions.append(session)
        session.begin(connection)
        self._tell_online()

    def _wrong(self, data: JsonObject, shard: int, count: int) -> int | None:
        """Returns the close code of an IDENTIFY that Discord does not take, or None."""
        if not self._is_token(data):
            return 4004
        intents = data.get("intents")
        if not isinstance(intents, int) or intents >= 1 << 26:
            return 4013
        privileged = MEMBERS | PRESENCES | (0 if self.play.message_content else MESSAGE_CONTENT)
        if intents & privileged:
            return 4014
        return None if 0 <= shard < count else 4010

    def _too_soon(self, shard: int) -> bool:
        """Returns whether another shard of the same bucket began too shortly before, and records that."""
        now, bucket = self.play.clock.now(), shard % self.play.max_concurrency
        waited = now - self._tried.get(bucket, 0.0)
        if waited < self.play.identify_seconds:
            words = f"{waited:.2f} s after the one before it in bucket {bucket}"
            self.play.violations.append(f"gateway: IDENTIFY of shard {shard} {words}")
            return True
        self._tried[bucket] = now
        return False

    async def _resume(self, connection: Connection, data: JsonObject) -> None:
        if connection.session is not None:
            await connection.close(4005)
            return
        session, sequence = self._resumable(data), data.get("seq")
        if session is None or not isinstance(sequence, int) or not session.can_resume(sequence):
            connection.send(9, False)
            return
        if session.connection is not None:
            session.connection.cut()
        session.resume(connection, sequence)
        self._tell_online()

    def _resumable(self, data: JsonObject) -> Session | None:
        if not self._is_token(data):
            return None
        return next((one for one in self.sessions if one.id == data.get("session_id")), None)

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
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def invalidate(self, *, resumable: bool, shard: int | None) -> None:
        """Tells a shard's sessions, or all, that they are invalid; those that are not resumable end."""
        for session in [one for one in self.sessions if shard in (None, one.shard[0])]:
            connection = session.connection
            if connection is not None:
                connection.send(9, resumable)
            if not resumable:
                self.sessions.remove(session)
                session.connection = None
                if connection is not None:
                    connection.session = None
        self._tell_online()

    async def disconnect(self, code: int, shard: int | None = None) -> None:
        """Closes every connection, or a shard's, with that code."""
        ending = list(self.connections) if shard is None else self.on_shard(shard)
        for connection in ending:
            await connection.close(code)

    async def close(self) -> None:
        """Ends all sessions because the playground stops."""
        await self.disconnect(WSCloseCode.GOING_AWAY)
