"""Servers: their policy and settings, and what they think of a person who wants something."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import Ban, Guild, User

Policy = Literal["open", "review", "closed"]


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What a server's admins decided; empty channels and roles mean all of them.

    `channels` are where chats may be started, `player_roles` who may play, `publisher_roles` who may offer
    characters to this server, `model` which of the operator's models speaks, `tokens_a_day` how much may be used.
    """

    policy: Policy = "open"
    default_assistant_id: UUID | None = None
    channels: frozenset[int] = frozenset()
    player_roles: frozenset[int] = frozenset()
    publisher_roles: frozenset[int] = frozenset()
    model: str | None = None
    tokens_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """What stands between a person and the bot: bans with their reasons (None: not banned), and the server's rules.

    `username` is the one they had when they were last here, None for a stranger.
    """

    username: str | None
    banned_everywhere: str | None
    banned_here: str | None
    settings: GuildSettings


def _admission() -> sa.Select[*tuple[Any, ...]]:
    user_id, guild_id = sa.bindparam("user_id", type_=sa.BigInteger()), sa.bindparam("guild_id", type_=sa.BigInteger())
    banned = sa.select(Ban.reason).where(Ban.user_id == user_id)
    return (
        sa.select(
            sa.select(User.username).where(User.id == user_id).scalar_subquery().label("username"),
            banned.where(Ban.guild_id.is_(None)).scalar_subquery().label("everywhere"),
            banned.where(Ban.guild_id == guild_id).scalar_subquery().label("here"),
            Guild.policy,
            Guild.default_assistant_id,
            Guild.settings,
        )
        .select_from(sa.select(sa.literal(1).label("one")).subquery())
        .outerjoin(Guild, Guild.id == guild_id)
    )


ADMISSION = _admission()


async def touch_guild(session: Session, guild_id: int) -> None:
    """Makes sure that a server has a row."""
    await session.execute(insert(Guild).values(id=guild_id).on_conflict_do_nothing())


async def find_settings(session: Session, guild_id: int | None, *, lock: bool = False) -> GuildSettings:
    """A server's settings; the usual ones where it has none, or where there is no server."""
    query = sa.select(Guild.policy, Guild.default_assistant_id, Guild.settings).where(Guild.id == guild_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return _settings(row) if row else GuildSettings()


async def save_settings(session: Session, guild_id: int, settings: GuildSettings) -> None:
    """Replaces a server's settings."""
    row = insert(Guild).values(
        id=guild_id,
        policy=settings.policy,
        default_assistant_id=settings.default_assistant_id,
        settings={
            "channels": sorted(settings.channels),
            "player_roles": sorted(settings.player_roles),
            "publisher_roles": sorted(settings.publisher_roles),
            "model": settings.model,
            "tokens_a_day": settings.tokens_a_day,
        },
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[Guild.id],
            set_={
                "policy": row.excluded.policy,
                "default_assistant_id": row.excluded.default_assistant_id,
                "settings": row.excluded.settings,
            },
        )
    )


async def find_admission(session: Session, *, user_id: int, guild_id: int | None) -> Admission:
    """In one query: is this person banned, and what does the server ask of those who play."""
    row = (await session.execute(ADMISSION, {"user_id": user_id, "guild_id": guild_id})).one()
    settings = _settings(row) if row.policy is not None else GuildSettings()
    return Admission(row.username, row.everywhere, row.here, settings)


def _settings(row: sa.Row[*tuple[Any, ...]]) -> GuildSettings:
    said: dict[str, Any] = row.settings
    usual = GuildSettings(policy=row.policy, default_assistant_id=row.default_assistant_id, model=said.get("model"))
    return replace(
        usual,
        channels=frozenset(said.get("channels", ())),
        player_roles=frozenset(said.get("player_roles", ())),
        publisher_roles=frozenset(said.get("publisher_roles", ())),
        tokens_a_day=said.get("tokens_a_day"),
    )
