"""Chats: where somebody stands in a tree, and which posts on Discord show what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from storage.database import Session
from storage.ids import new_id
from storage.messages import Node
from storage.server_keys import ServerKey, opened_key
from storage.tables import Chat as Row
from storage.tables import ChatParticipant, Generation, Guild, Key, Message, Tree, TreeGuest, User
from storage.vault import Place
from storage.wishes import Wishes

ChatStatus = Literal["open", "parked", "ended", "deleted"]


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat; `place_id` is its thread or direct-message channel, None until Discord has made it."""

    id: UUID
    tree_id: UUID
    owner_id: int
    guild_id: int | None
    channel_id: int
    place_id: int | None
    character_id: UUID | None
    pinned_version_id: UUID | None
    title: str
    own: Wishes
    owners: Wishes
    servers: Wishes
    """What the chat chose; what it did not, its owner's choice decides, then that of the server's admins."""
    leaf_id: UUID | None
    fence: int
    status: ChatStatus
    updated_at: datetime
    leaf_depth: int | None = None
    is_writing: bool = False
    is_waiting: bool = False
    """Whether something was said that is answered when the reply under way has ended."""
    is_unsettled: bool = False
    """Whether a reply is being written, or has ended and is not yet shown: what is said meanwhile waits."""
    servers_key: ServerKey | None = None
    """The server's own key for the models, where its admins have set one."""

    @property
    def leaf(self) -> Node | None:
        """Where the chat stands; None before anything was said."""
        return Node(self.leaf_id, self.leaf_depth or 0) if self.leaf_id else None


def _has_generation(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.select(Generation.id).where(Generation.chat_id == Row.id, which).correlate(Row).exists()


COLUMNS = (
    Row.id,
    Row.tree_id,
    Row.owner_id,
    Row.guild_id,
    Row.channel_id,
    Row.place_id,
    Row.character_id,
    Row.pinned_version_id,
    Row.title,
    Row.settings,
    sa.select(User.preferences["chat"])
    .where(User.id == Row.owner_id)
    .correlate(Row)
    .scalar_subquery()
    .label("owners_wishes"),
    sa.select(Guild.settings).where(Guild.id == Row.guild_id).correlate(Row).scalar_subquery().label("servers_wishes"),
    sa.select(Guild.api_key).where(Guild.id == Row.guild_id).correlate(Row).scalar_subquery().label("servers_key"),
    Row.leaf_id,
    Row.fence,
    Row.status,
    Row.updated_at,
    sa.select(Message.depth)
    .where(Message.tree_id == Row.tree_id, Message.id == Row.leaf_id)
    .correlate(Row)
    .scalar_subquery()
    .label("leaf_depth"),
    _has_generation(Generation.status == "streaming").label("is_writing"),
    _has_generation(Generation.status == "queued").label("is_waiting"),
    _has_generation(Generation.lease_until.is_not(None)).label("is_unsettled"),
)


@dataclass(frozen=True, slots=True)
class _Finding:
    """A way to find one chat by a value, built once: building takes longer than asking."""

    lock: sa.Select[*tuple[Any, ...]]
    select: sa.Select[*tuple[Any, ...]]


def _finding(*which: sa.ColumnElement[bool]) -> _Finding:
    return _Finding(sa.select(Row.id).where(*which).with_for_update(), sa.select(*COLUMNS).where(*which))


BY_ID = _finding(Row.id == sa.bindparam("value"))
OPEN_IN_PLACE = _finding(Row.place_id == sa.bindparam("value"), Row.status == sa.literal_column("'open'"))
BY_INTERACTION = _finding(Row.interaction_id == sa.bindparam("value"))


async def add_chat(
    session: Session,
    *,
    chat_id: UUID,
    owner_id: int,
    guild_id: int | None,
    channel_id: int,
    character_id: UUID,
    title: str,
    interaction_id: int | None,
    pinned_version_id: UUID | None = None,
    fork_of: Chat | None = None,
    leaf_id: UUID | None = None,
) -> Chat | None:
    """A chat at the root of a tree of its own, or as a fork at a leaf of another chat's tree, with its settings.

    None when this interaction made one before.
    """
    tree_id = fork_of.tree_id if fork_of else new_id()
    if fork_of is None:
        await session.execute(sa.insert(Tree).values(id=tree_id))
    key = await session.key("tree", tree_id)
    added = await session.execute(
        insert(Row)
        .values(
            id=chat_id,
            tree_id=tree_id,
            owner_id=owner_id,
            guild_id=guild_id,
            channel_id=channel_id,
            character_id=character_id,
            interaction_id=interaction_id,
            pinned_version_id=pinned_version_id,
            leaf_id=leaf_id,
            forked_from_message_id=leaf_id,
            settings=fork_of.own.chosen if fork_of else {},
            title=key.seal(Place("chats", "title", chat_id), title.encode()),
        )
        .on_conflict_do_nothing(index_elements=[Row.interaction_id])
        .returning(Row.id)
    )
    if added.first() is None:
        if fork_of is not None:
            return None
        await session.execute(sa.delete(Tree).where(Tree.id == tree_id))
        await session.execute(sa.delete(Key).where(Key.scope == "tree", Key.subject == str(tree_id)))
        return None
    if fork_of is not None:
        await _bring_along(session, chat_id, fork_of)
    await add_participant(session, chat_id=chat_id, user_id=owner_id)
    return await find_chat(session, chat_id)


async def _bring_along(session: Session, chat_id: UUID, fork_of: Chat) -> None:
    """In a fork everybody is who they were where it began."""
    who = (
        ChatParticipant.user_id,
        ChatParticipant.active_custom_persona_id,
        ChatParticipant.active_impersonated_character_id,
        ChatParticipant.look,
    )
    there = sa.select(sa.literal(chat_id), *who).where(ChatParticipant.chat_id == fork_of.id)
    await session.execute(insert(ChatParticipant).from_select([ChatParticipant.chat_id, *who], there))


async def find_chat(session: Session, chat_id: UUID, *, lock: bool = False) -> Chat | None:
    """One chat; with `lock` nobody else changes it until this transaction ends."""
    return await _one(session, BY_ID, chat_id, lock=lock)


async def find_open_chat(session: Session, place_id: int, *, lock: bool = False) -> Chat | None:
    """The chat that is played in a thread or direct message."""
    return await _one(session, OPEN_IN_PLACE, place_id, lock=lock)


async def find_latest_chat(session: Session, place_id: int) -> Chat | None:
    """The chat that was played last in a thread or direct message, ended ones too."""
    query = sa.select(*COLUMNS).where(Row.place_id == place_id, Row.status != "deleted")
    newest_first = query.order_by(sa.desc(Row.status == "open"), Row.id.desc())
    return next(iter(await _many(session, newest_first.limit(1))), None)


async def find_chat_of_interaction(session: Session, interaction_id: int) -> Chat | None:
    """The chat that an interaction made."""
    return await _one(session, BY_INTERACTION, interaction_id)


async def list_chats(session: Session, owner_id: int, *, limit: int, before: datetime | None) -> list[Chat]:
    """A person's chats, the one played last first."""
    query = sa.select(*COLUMNS).where(Row.owner_id == owner_id, Row.status != "deleted")
    if before is not None:
        query = query.where(Row.updated_at < before)
    return await _many(session, query.order_by(Row.updated_at.desc()).limit(limit))


async def list_unplaced(session: Session) -> list[UUID]:
    """Chats whose thread was never made, though there was a minute for it."""
    rows = await session.execute(
        sa.select(Row.id).where(
            Row.status == "open",
            Row.place_id.is_(None),
            Row.created_at < sa.func.now() - sa.text("interval '1 minute'"),
        )
    )
    return list(rows.scalars())


async def count_running(session: Session, character_id: UUID) -> int:
    """In how many open or parked chats a character is played."""
    is_guest = sa.select(TreeGuest.tree_id).where(
        TreeGuest.tree_id == Row.tree_id, TreeGuest.character_id == character_id
    )
    counted = await session.execute(
        sa.select(sa.func.count())
        .select_from(Row)
        .where(sa.or_(Row.character_id == character_id, is_guest.exists()), Row.status.in_(("open", "parked")))
    )
    return int(counted.scalar_one())


async def place_chat(session: Session, chat_id: UUID, place_id: int) -> None:
    """Remembers where a chat is played."""
    await session.execute(sa.update(Row).where(Row.id == chat_id).values(place_id=place_id))


async def park(session: Session, *, place_id: int) -> None:
    """Parks the chat that is open in a place, so that another may be."""
    await session.execute(sa.update(Row).where(Row.place_id == place_id, Row.status == "open").values(status="parked"))


async def unpark(session: Session, *, place_id: int) -> Chat | None:
    """Opens the chat that was parked last in a place where none is open any more; None when there is none."""
    parked = sa.select(Row.id).where(Row.place_id == place_id, Row.status == "parked").order_by(Row.updated_at.desc())
    newest = (await session.execute(parked.limit(1))).scalar_one_or_none()
    if newest is None:
        return None
    await set_status(session, newest, "open")
    return await find_chat(session, newest)


async def set_status(session: Session, chat_id: UUID, status: ChatStatus) -> None:
    """Opens, parks, ends or deletes a chat."""
    await session.execute(sa.update(Row).where(Row.id == chat_id).values(status=status))


async def move_leaf(session: Session, *, chat_id: UUID, leaf_id: UUID | None) -> None:
    """The chat now stands at this message; None: before anything was said."""
    await session.execute(sa.update(Row).where(Row.id == chat_id).values(leaf_id=leaf_id, updated_at=sa.func.now()))


async def rename(session: Session, chat: Chat, title: str) -> None:
    """Calls a chat by another title, chosen by a person."""
    key = await session.key("tree", chat.tree_id)
    sealed = key.seal(Place("chats", "title", chat.id), title.encode())
    named = Row.settings.op("||")(sa.cast({"named": True}, JSONB))
    await session.execute(sa.update(Row).where(Row.id == chat.id).values(title=sealed, settings=named))


async def delete_chat(session: Session, chat: Chat) -> None:
    """Removes a chat; with its last chat a tree goes too, and the key to it."""
    await session.execute(sa.delete(Row).where(Row.id == chat.id))
    others = sa.select(Row.id).where(Row.tree_id == chat.tree_id)
    gone = await session.execute(sa.delete(Tree).where(Tree.id == chat.tree_id, ~others.exists()).returning(Tree.id))
    if gone.first() is not None:
        await session.execute(sa.delete(Key).where(Key.scope == "tree", Key.subject == str(chat.tree_id)))


async def add_participant(session: Session, *, chat_id: UUID, user_id: int) -> None:
    """Makes sure that somebody who speaks in a chat belongs to it; at first they are who they are by default."""
    await session.execute(_participant(chat_id, user_id))


def _participant(chat_id: UUID, user_id: int) -> Insert:
    default = sa.select(User.default_persona_id).where(User.id == user_id).scalar_subquery()
    row = insert(ChatParticipant).values(chat_id=chat_id, user_id=user_id, active_custom_persona_id=default)
    return row.on_conflict_do_nothing()


async def join(session: Session, *, chat_id: UUID, user_id: int, username: str) -> None:
    """Makes sure that somebody who speaks has a row, with today's username, and belongs to the chat."""
    user = insert(User).values(id=user_id, username=username)
    known = user.on_conflict_do_update(
        index_elements=[User.id],
        set_={"username": user.excluded.username},
        where=User.username != user.excluded.username,
    ).cte("known")
    await session.execute(_participant(chat_id, user_id).add_cte(known))


async def _one(session: Session, find: _Finding, value: UUID | int, *, lock: bool = False) -> Chat | None:
    if lock:
        # A statement of its own: what is asked next is then asked after everybody who held the lock before.
        locked = await session.execute(find.lock, {"value": value})
        if locked.first() is None:
            return None
    found = await _many(session, find.select, {"value": value})
    return found[0] if found else None


async def _many(
    session: Session, query: sa.Select[*tuple[Any, ...]], given: dict[str, UUID | int] | None = None
) -> list[Chat]:
    rows = (await session.execute(query, given or {})).all()
    await session.vault.load(session, [sealed for row in rows for sealed in (row.title, row.servers_key)])
    return [_chat(session, row) for row in rows]


def _chat(session: Session, row: sa.Row[*tuple[Any, ...]]) -> Chat:
    title = session.opened(Place("chats", "title", row.id), row.title)
    return Chat(
        id=row.id,
        tree_id=row.tree_id,
        owner_id=row.owner_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        place_id=row.place_id,
        character_id=row.character_id,
        pinned_version_id=row.pinned_version_id,
        title=title.decode() if title else "removed",
        own=Wishes.read(row.settings),
        owners=Wishes.read(row.owners_wishes),
        servers=Wishes.read(row.servers_wishes),
        leaf_id=row.leaf_id,
        fence=row.fence,
        status=row.status,
        updated_at=row.updated_at,
        leaf_depth=row.leaf_depth,
        is_writing=row.is_writing,
        is_waiting=row.is_waiting,
        is_unsettled=row.is_unsettled,
        servers_key=opened_key(session, row.guild_id, row.servers_key),
    )
