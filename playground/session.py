"""A session of the bot at the gateway: what it gets to hear, kept for a while in case the connection breaks."""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

import orjson

from playground import wire
from playground.messages import Message
from playground.permissions import may
from playground.world import Event

if TYPE_CHECKING:
    from playground.connection import Connection
    from playground.guilds import Guild
    from playground.server import Playground

JsonObject = dict[str, Any]
KEPT_EVENTS = 1000
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


def shard_of(guild_id: int | None, count: int) -> int:
    """Returns the shard that hears of a server; direct messages are shard 0's."""
    return (guild_id >> 22) % count if guild_id is not None else 0


class Session:
    """What one IDENTIFY began; `shard` is its number and how many there are, `connection` None while it is broken.

    Events get their sequence numbers here, whether or not there is a connection, and the last 1,000
    are kept for RESUME.
    """

    def __init__(self, play: Playground, intents: int, shard: tuple[int, int]) -> None:
        self._play = play
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.connection: Connection | None = None
        self.broken_at = 0.0
        self.sequence = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_EVENTS)

    @property
    def ready(self) -> bool:
        """Whether the bot is connected."""
        return self.connection is not None

    def dispatch(self, name: str, data: object) -> None:
        """Numbers an event, keeps it and sends it where there is a connection."""
        self.sequence += 1
        raw = orjson.dumps({"op": 0, "d": data, "s": self.sequence, "t": name})
        self._kept.append((self.sequence, raw))
        if self.connection is not None:
            self.connection.send_raw(raw)

    def can_resume(self, sequence: int) -> bool:
        """Returns whether that number was sent, and everything after it is still kept."""
        oldest = self._kept[0][0]
        return oldest - 1 <= sequence <= self.sequence

    def resume(self, connection: Connection, sequence: int) -> None:
        """Goes on over another connection: sends what came after that number, and then RESUMED."""
        self.connection = connection
        connection.session = self
        for number, raw in self._kept:
            if number > sequence:
                connection.send_raw(raw)
        self.dispatch("RESUMED", {"_trace": ["playground"]})

    def begin(self, connection: Connection) -> None:
        """Sends READY and the servers of this shard."""
        play, world = self._play, self._play.world
        self.connection = connection
        connection.session = self
        guilds = [one for one in world.guilds.values() if world.bot_id in one.members and self._on_shard(one.id)]
        ready: JsonObject = {
            "v": 10,
            "user": wire.user_json(world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
            "private_channels": [],
            "session_id": self.id,
            "session_type": "normal",
            "resume_gateway_url": play.gateway_url,
            "shard": list(self.shard),
            "application": {"id": str(world.application_id), "flags": play.application_flags},
            "relationships": [],
            "presences": [],
            "_trace": ["playground"],
        }
        self.dispatch("READY", ready)
        if self.intents & GUILDS:
            for guild in guilds:
                self.dispatch("GUILD_CREATE", self._guild_json(guild) | {"unavailable": False})

    def join(self, guild: Guild) -> None:
        """Tells of a server that the bot has just joined."""
        if self._on_shard(guild.id) and self.intents & GUILDS:
            self.dispatch("GUILD_CREATE", self._guild_json(guild))

    def hears(self, event: Event) -> bool:
        """Returns whether this session gets that event."""
        world = self._play.world
        bot_id = world.bot_id
        if not self._on_shard(event.guild_id) or event.only not in (None, bot_id) or not self._wants(event):
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
        if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(self._play.world.bot_id):
            return bool(self.intents & GUILDS)
        for prefix, intents in _INTENTS.items():
            if event.name.startswith(prefix):
                wanted = intents[event.guild_id is None]
                return wanted is None or bool(self.intents & wanted)
        return False

    def _on_shard(self, guild_id: int | None) -> bool:
        number, count = self.shard
        return number == shard_of(guild_id, count)

    def tell(self, event: Event) -> None:
        """Sends an event, without the contents of messages where the intent is missing."""
        data = event.data
        message = event.subject
        bare = not self.intents & MESSAGE_CONTENT
        if bare and isinstance(message, Message) and "author" in data:
            data = withhold(data, message, self._play.world.bot_id)
        self.dispatch(event.name, data)

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


def _names(data: JsonObject, user_id: int) -> bool:
    added = [one["user_id"] for one in data.get("added_members", [])]
    return str(user_id) in [*added, *data.get("removed_member_ids", [])]
