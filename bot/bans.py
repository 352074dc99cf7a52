"""Bans: who may use the bot, here and at all, and who may play in a server."""

import storage.audit
import storage.bans
import storage.characters
import storage.guilds
import storage.users
from bot.caller import Caller, require_admin
from bot.characters.reports import require_operator
from bot.errors import Invalid, MissingPermission
from storage.bans import Ban
from storage.database import Database, Session
from storage.guilds import Admission

BANNED = "The operator of this bot has banned you{why}"
BANNED_HERE = "The admins of this server have banned you from using me here{why}"
READ_ONLY = "You may read here, but not write, so you cannot play. Ask an admin of this server."
NO_PLAYER = "In this server only people with certain roles play; ask its admins."
WRONG_CHANNEL = "In this server chats are started in {channels} alone."
NOT_YOURSELF = "You cannot ban yourself."
NOT_OPERATOR = "An operator of this bot cannot be banned."
NOT_AN_ADMIN = "They manage this server themselves, so I cannot keep them out of it."
REASON_LETTERS = 500


class Banned(MissingPermission):
    """The person may not use the bot, here or at all."""


class Bans:
    """Keeps people out who may not use the bot, and lets them back in."""

    def __init__(self, database: Database, *, operator_ids: frozenset[int]) -> None:
        self._database = database
        self._operator_ids = operator_ids

    async def admit(self, *, user_id: int, username: str, guild_id: int | None) -> None:
        """Raises Banned when a person may not use the bot, here or everywhere; keeps up with their username."""
        async with self._database.transaction() as session:
            admission = await require_welcome(session, user_id=user_id, guild_id=guild_id)
            if admission.username not in (None, username):
                await storage.users.touch_user(session, user_id, username)
                await storage.characters.rename_owner(session, user_id, username)

    async def ban(self, caller: Caller, user_id: int, username: str, reason: str, *, manages: bool = False) -> bool:
        """Bans a person from this server; False when they were banned already. `manages`: they hold Manage Server."""
        guild_id = require_admin(caller)
        if manages and user_id != caller.user_id:
            raise Invalid(NOT_AN_ADMIN)
        added, _ = await self._ban(caller, user_id, username, reason, guild_id)
        return added

    async def unban(self, caller: Caller, user_id: int) -> bool:
        """Lets a person back into this server; False when they were not banned."""
        return await self._lift(caller, user_id, require_admin(caller))

    async def banned(self, caller: Caller) -> list[Ban]:
        """Who is banned from this server, the newest first."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            return await storage.bans.list_bans(session, guild_id)

    async def ban_everywhere(self, caller: Caller, user_id: int, username: str, reason: str) -> tuple[bool, int]:
        """Bans a person from the whole program, and takes back what they published: was that new, how many."""
        require_operator(caller)
        return await self._ban(caller, user_id, username, reason, None)

    async def unban_everywhere(self, caller: Caller, user_id: int) -> bool:
        """Lets a person use the program again; False when they were not banned."""
        require_operator(caller)
        return await self._lift(caller, user_id, None)

    async def _ban(
        self, caller: Caller, user_id: int, username: str, reason: str, guild_id: int | None
    ) -> tuple[bool, int]:
        if user_id == caller.user_id:
            raise Invalid(NOT_YOURSELF)
        if user_id in self._operator_ids:
            raise Invalid(NOT_OPERATOR)
        reason = " ".join(reason.split())[:REASON_LETTERS]
        async with self._database.transaction() as session:
            # In one order, or two who ban each other would wait for each other.
            for touched, name in sorted(((user_id, username), (caller.user_id, caller.username))):
                await storage.users.touch_user(session, touched, name)
            if guild_id is not None:
                await storage.guilds.touch_guild(session, guild_id)
            added = await storage.bans.add_ban(
                session, user_id=user_id, guild_id=guild_id, reason=reason, decided_by=caller.user_id
            )
            if added:
                await storage.audit.add_event(
                    session, guild_id=guild_id, actor_id=caller.user_id, kind="ban", user_id=user_id, detail=reason
                )
            taken_back = await storage.bans.unpublish_all(session, user_id) if guild_id is None else 0
        return added, taken_back

    async def _lift(self, caller: Caller, user_id: int, guild_id: int | None) -> bool:
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            lifted = await storage.bans.lift_ban(session, user_id=user_id, guild_id=guild_id)
            if lifted:
                await storage.audit.add_event(
                    session, guild_id=guild_id, actor_id=caller.user_id, kind="unban", user_id=user_id
                )
        return lifted


async def require_welcome(session: Session, *, user_id: int, guild_id: int | None) -> Admission:
    """What the server asks of those who play; Banned when this person may not use the bot."""
    admission = await storage.guilds.find_admission(session, user_id=user_id, guild_id=guild_id)
    if admission.banned_everywhere is not None:
        raise Banned(BANNED.format(why=_why(admission.banned_everywhere)))
    if admission.banned_here is not None:
        raise Banned(BANNED_HERE.format(why=_why(admission.banned_here)))
    return admission


async def require_player(session: Session, caller: Caller, *, starting: bool = False) -> Admission:
    """The same for somebody who plays; where chats may be started counts only for `starting` one.

    Whoever goes on with one must be able to write there.
    """
    admission = await require_welcome(session, user_id=caller.user_id, guild_id=caller.guild_id)
    if not (starting or caller.may_write):
        raise MissingPermission(READ_ONLY)
    settings = admission.settings
    if caller.may_manage:
        return admission
    if settings.player_roles and not settings.player_roles & caller.role_ids:
        raise MissingPermission(NO_PLAYER)
    if starting and settings.channels and caller.channel_id not in settings.channels:
        where = ", ".join(f"<#{channel}>" for channel in sorted(settings.channels))
        raise MissingPermission(WRONG_CHANNEL.format(channels=where))
    return admission


def _why(reason: str) -> str:
    return f": {reason}" if reason else "."
