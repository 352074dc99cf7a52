"""What was asked of models and what it cost: noted with each generation, summed up by day, held to a server's budget.

The day's row of a server is where those who reserve at the same moment meet, so each check sees what the others took.
Rows are locked in one order everywhere, reservation before day, or two might wait for each other.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Character, UsageDay

Column = Literal["character_id", "user_id", "guild_id", "model"]

RESERVE = sa.text(
    """
    WITH asked AS (
        SELECT id, CAST(settings->>'tokens_a_day' AS bigint) AS budget FROM guilds
        WHERE id = CAST(:guild_id AS bigint) AND settings->>'tokens_a_day' IS NOT NULL
    ), taken AS (
        INSERT INTO budget_days AS today (guild_id, day, taken)
        SELECT id, CAST(:day AS date), CAST(:tokens AS bigint) FROM asked WHERE CAST(:tokens AS bigint) <= budget
        ON CONFLICT (guild_id, day) DO UPDATE SET taken = today.taken + excluded.taken
        WHERE today.taken + excluded.taken <= (SELECT budget FROM asked)
        RETURNING guild_id
    ), held AS (
        INSERT INTO usage_reservations (generation_id, guild_id, day, tokens)
        SELECT CAST(:generation_id AS uuid), guild_id, CAST(:day AS date), CAST(:tokens AS bigint) FROM taken
        RETURNING generation_id
    )
    SELECT budget, EXISTS (SELECT FROM held) AS held FROM asked
    """
)
DROP_STALE = sa.text(
    """
    WITH stale AS (
        DELETE FROM usage_reservations
        WHERE guild_id = CAST(:guild_id AS bigint) AND created_at < now() - interval '1 hour'
        RETURNING day, tokens
    )
    UPDATE budget_days SET taken = taken - (SELECT coalesce(sum(tokens), 0) FROM stale WHERE day = CAST(:day AS date))
    WHERE guild_id = CAST(:guild_id AS bigint) AND day = CAST(:day AS date) AND EXISTS (SELECT FROM stale)
    RETURNING taken
    """
)
SETTLE = sa.text(
    # A person or a server may be going away at this moment: what is no longer there is not named.
    """
    WITH person AS (
        SELECT id FROM users WHERE id = CAST(:user_id AS bigint) FOR KEY SHARE
    ), server AS (
        SELECT id FROM guilds WHERE id = CAST(:guild_id AS bigint) FOR KEY SHARE
    ), freed AS (
        DELETE FROM usage_reservations WHERE generation_id = CAST(:generation_id AS uuid) RETURNING day, tokens
    ), noted AS (
        INSERT INTO usage_events (generation_id, kind, user_id, guild_id, chat_id, character_id, model,
                                  prompt_tokens, completion_tokens, cost)
        SELECT CAST(:generation_id AS uuid), CAST(:kind AS text), (SELECT id FROM person), (SELECT id FROM server),
               CAST(:chat_id AS uuid), CAST(:character_id AS uuid), CAST(:model AS text),
               CAST(:prompt_tokens AS bigint), CAST(:completion_tokens AS bigint), CAST(:cost AS bigint)
        WHERE coalesce(CAST(:prompt_tokens AS bigint), 0) + coalesce(CAST(:completion_tokens AS bigint), 0) > 0
        ON CONFLICT (generation_id) DO NOTHING
        RETURNING user_id, guild_id, character_id, model, coalesce(prompt_tokens, 0) AS prompt_tokens,
                  coalesce(completion_tokens, 0) AS completion_tokens, cost
    ), summed AS (
        INSERT INTO usage_days AS old (id, day, user_id, guild_id, character_id, model, replies,
                                       prompt_tokens, completion_tokens, cost)
        SELECT CAST(:row_id AS uuid), CAST(:day AS date), user_id, guild_id, character_id, model, 1,
               prompt_tokens, completion_tokens, cost
        FROM noted
        ON CONFLICT (user_id, day, guild_id, character_id, model) WHERE user_id IS NOT NULL DO UPDATE SET
            replies = old.replies + 1,
            prompt_tokens = old.prompt_tokens + excluded.prompt_tokens,
            completion_tokens = old.completion_tokens + excluded.completion_tokens,
            cost = coalesce(old.cost + excluded.cost, old.cost, excluded.cost)
    ), difference AS (
        SELECT coalesce((SELECT prompt_tokens + completion_tokens FROM noted), 0)
             - coalesce((SELECT tokens FROM freed WHERE day = CAST(:day AS date)), 0) AS tokens
    )
    INSERT INTO budget_days AS today (guild_id, day, taken)
    SELECT server.id, CAST(:day AS date), difference.tokens FROM server, difference WHERE difference.tokens <> 0
    ON CONFLICT (guild_id, day) DO UPDATE SET taken = today.taken + excluded.taken
    """
)


@dataclass(frozen=True, slots=True)
class Sums:
    """How much was used: replies, tokens read and written, and billionths of a dollar where prices are known."""

    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int | None = None

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Spent:
    """What one generation used; tokens that the provider did not tell are an estimate, or None."""

    generation_id: UUID
    kind: str
    user_id: int | None
    guild_id: int | None
    chat_id: UUID | None
    character_id: UUID | None
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose usage is asked for: a server's, or a person's over all servers; from that day on."""

    since: date
    guild_id: int | None = None
    user_id: int | None = None


async def reserve(session: Session, *, generation_id: UUID, guild_id: int, tokens: int, day: date) -> int | None:
    """Takes an estimate out of a server's budget of a day; the budget when it does not fit, else None.

    One statement, unless the budget is reached: then what dead processes left behind for over an hour is given back.
    """
    given = {"generation_id": generation_id, "guild_id": guild_id, "tokens": tokens, "day": day}
    short = await _short(session, given)
    if short is None:
        return None
    freed = await session.execute(DROP_STALE, {"guild_id": guild_id, "day": day})
    return await _short(session, given) if freed.first() is not None else short


async def settle(session: Session, spent: Spent, *, cost: int | None, day: date) -> None:
    """Notes what a generation used and gives its reservation back, in one statement; again, it changes nothing.

    Without any tokens nothing was used, and nothing is noted. `cost` is in billionths of a dollar, None where the
    model has no price.
    """
    await session.execute(SETTLE, asdict(spent) | {"cost": cost, "day": day, "row_id": new_id()})


async def count_spent(session: Session, guild_id: int, day: date) -> int:
    """The tokens that a server used on a day."""
    tokens = sa.func.sum(UsageDay.prompt_tokens + UsageDay.completion_tokens)
    query = sa.select(tokens).where(UsageDay.guild_id == guild_id, UsageDay.day == day)
    return int((await session.execute(query)).scalar_one() or 0)


async def list_days(session: Session, whose: Whose) -> dict[date, Sums]:
    """The sums of each day on which there was something."""
    rows = await session.execute(sa.select(UsageDay.day, *_SUMS).where(*_of(whose)).group_by(UsageDay.day))
    return {day: _sums(rest) for day, *rest in rows}


async def list_most(session: Session, whose: Whose, column: Column, *, limit: int) -> list[tuple[Any, Sums]]:
    """The characters, people, servers or models with the most tokens, each with its sums; None where there was none."""
    by = getattr(UsageDay, column)
    most = sa.desc(sa.func.sum(UsageDay.prompt_tokens + UsageDay.completion_tokens))
    query = sa.select(by, *_SUMS).where(*_of(whose)).group_by(by).order_by(most, by).limit(limit)
    return [(key, _sums(rest)) for key, *rest in await session.execute(query)]


async def find_names(
    session: Session, character_ids: Sequence[UUID], *, guild_id: int | None, user_id: int
) -> dict[UUID, str]:
    """The names of these characters as far as they may be read.

    A server's admins see published ones, the server's and their own; whoever asks about themselves (no server) sees
    all, for they have played them.
    """
    query = sa.select(Character.id, Character.name).where(Character.id.in_(character_ids))
    if guild_id is not None:
        query = query.where(
            sa.or_(
                Character.status == "published",
                Character.owner_guild_id == guild_id,
                Character.owner_user_id == user_id,
            )
        )
    return {row.id: row.name for row in await session.execute(query)}


async def _short(session: Session, given: dict[str, Any]) -> int | None:
    row = (await session.execute(RESERVE, given)).one_or_none()
    return None if row is None or row.held else int(row.budget)


_SUMS = (
    sa.func.sum(UsageDay.replies),
    sa.func.sum(UsageDay.prompt_tokens),
    sa.func.sum(UsageDay.completion_tokens),
    sa.func.sum(UsageDay.cost),
)


def _sums(row: Sequence[Any]) -> Sums:
    replies, prompt, completion, cost = row
    return Sums(int(replies), int(prompt), int(completion), None if cost is None else int(cost))


def _of(whose: Whose) -> list[sa.ColumnElement[bool]]:
    owner = UsageDay.guild_id == whose.guild_id if whose.user_id is None else UsageDay.user_id == whose.user_id
    return [owner, UsageDay.day >= whose.since]
