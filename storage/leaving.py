"""Deleting a person: what is theirs goes, what others play on with stays without them, their id stands nowhere.

Each step may be done again. Rows that hang on the person's own (personas, books, news, reports, what they take part
in) go with it; usage stays without them, so that a server's sums remain what it spent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.exc import IntegrityError

from storage.database import Session
from storage.memories import forget_made_of
from storage.messages import COLUMNS, Message, Speaker, open_messages, seal_words
from storage.search import Meaning, Word, searchable
from storage.shown import SHOWN, Shown
from storage.tables import (
    AuditEvent,
    Ban,
    Character,
    CharacterAsset,
    CharacterVersion,
    Chat,
    File,
    Generation,
    Key,
    Lorebook,
    Persona,
    Report,
    Review,
    SearchWord,
    ShownMessage,
    TreeGuest,
    User,
)
from storage.tables import Message as Row
from storage.vault import Place

SOMEBODY = 0
"""In the place of an id that must be there: no person of Discord has it."""
UNSAID = Speaker(name="someone")

MESSAGES = cast("sa.Table", Row.__table__)
WIPE = (
    sa.update(MESSAGES)
    .where(MESSAGES.c.id == sa.bindparam("message_id"))
    .values(
        status="removed",
        author_user_id=None,
        idempotency_key=None,
        speaker=sa.bindparam("wiped_speaker", type_=BYTEA),
        parts=sa.bindparam("wiped_parts", type_=BYTEA),
    )
)
# What a model made of words may still hold them: it is made anew where the scene goes on.
FORGET_READINGS = sa.text(
    """
    DELETE FROM readings USING messages WHERE messages.id = readings.message_id
    AND messages.tree_id = CAST(:tree_id AS uuid) AND messages.depth >= :depth
    """
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a person has, in numbers.

    `played_by_others` are the running chats of others in which their characters speak; `said_elsewhere` counts what
    they said in others' chats, `said_by_others` what others said in theirs.
    """

    characters: int
    played_by_others: int
    chats: int
    said_elsewhere: int
    said_by_others: int
    servers: int
    personas: int
    books: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A post with words of somebody, and where it stands."""

    guild_id: int | None
    channel_id: int
    place_id: int
    shown: Shown


async def count_holdings(session: Session, user_id: int) -> Holdings:
    """What deleting the person would touch."""
    mine = sa.select(Character.id).where(Character.owner_user_id == user_id, Character.status != "deleted")
    own_trees = sa.select(Chat.tree_id).where(Chat.owner_id == user_id)
    invited = sa.select(TreeGuest.tree_id).where(TreeGuest.character_id.in_(mine))
    running = sa.select(Chat.id).where(
        Chat.owner_id != user_id,
        Chat.status.in_(("open", "parked")),
        sa.or_(Chat.character_id.in_(mine), Chat.tree_id.in_(invited)),
    )
    said = sa.select(Row.id).where(Row.author_user_id == user_id)
    others_said = sa.select(Row.id).where(
        Row.tree_id.in_(own_trees), Row.author_user_id.is_not(None), Row.author_user_id != user_id
    )
    servers = sa.select(Chat.guild_id).where(Chat.owner_id == user_id, Chat.guild_id.is_not(None)).distinct()
    counted = (
        mine,
        running,
        sa.select(Chat.id).where(Chat.owner_id == user_id),
        said.where(Row.tree_id.not_in(own_trees)),
        others_said,
        servers,
        sa.select(Persona.id).where(Persona.owner_id == user_id),
        sa.select(Lorebook.id).where(Lorebook.owner_user_id == user_id),
    )
    query = sa.select(*(sa.select(sa.func.count()).select_from(each.subquery()).scalar_subquery() for each in counted))
    return Holdings(*(await session.execute(query)).one())


async def end_chats(session: Session, user_id: int) -> list[UUID]:
    """Ends the person's chats, and drops what waits there; returns the replies that are being written to them."""
    own = sa.select(Chat.id).where(Chat.owner_id == user_id)
    await session.execute(
        sa.update(Chat).where(Chat.owner_id == user_id, Chat.status.in_(("open", "parked"))).values(status="ended")
    )
    await session.execute(sa.delete(Generation).where(Generation.chat_id.in_(own), Generation.status == "queued"))
    return await list_writing(session, user_id)


async def list_writing(session: Session, user_id: int) -> list[UUID]:
    """The replies that are being written in the person's chats, or to their words."""
    own = sa.select(Chat.id).where(Chat.owner_id == user_id)
    said = sa.select(Row.id).where(Row.id == Generation.answers_id, Row.author_user_id == user_id)
    query = sa.select(Generation.id).where(
        Generation.status == "streaming",
        sa.or_(Generation.chat_id.in_(own), said.correlate(Generation).exists()),
    )
    return list((await session.execute(query)).scalars())


async def destroy_key(session: Session, user_id: int) -> None:
    """Makes all that was sealed for the person unreadable."""
    await session.execute(sa.delete(Key).where(Key.scope == "user", Key.subject == str(user_id)))


async def count_posts(session: Session, user_id: int) -> int:
    """How many posts show words of the person."""
    counted = sa.select(sa.func.count()).select_from(ShownMessage).join(Row, Row.id == ShownMessage.message_id)
    return int((await session.execute(counted.where(Row.author_user_id == user_id))).scalar_one())


async def list_posts(session: Session, user_id: int, *, limit: int) -> list[Posted]:
    """Some posts that show words of the person, place by place, the newest first."""
    query = (
        sa.select(Chat.guild_id, Chat.channel_id, ShownMessage.channel_id.label("place_id"), *SHOWN)
        .join(Row, Row.id == ShownMessage.message_id)
        .join(Chat, Chat.id == ShownMessage.chat_id)
        .where(Row.author_user_id == user_id)
        .order_by(ShownMessage.channel_id, ShownMessage.discord_message_id.desc())
        .limit(limit)
    )
    return [Posted(row[0], row[1], row[2], Shown(*row[3:])) for row in await session.execute(query)]


async def list_own_chats(session: Session, user_id: int, *, limit: int) -> list[UUID]:
    """Some of the person's chats."""
    query = sa.select(Chat.id).where(Chat.owner_id == user_id).order_by(Chat.id).limit(limit)
    return list((await session.execute(query)).scalars())


async def wipe_some(session: Session, user_id: int, *, limit: int) -> int:
    """Takes words of the person out of others' scenes, with their name and id; returns how many messages that were."""
    query = sa.select(*COLUMNS).where(Row.author_user_id == user_id).order_by(Row.id).limit(limit)
    found = await open_messages(session, (await session.execute(query.with_for_update())).all())
    if not found:
        return 0
    await session.execute(WIPE, [await _wiped(session, message) for message in found])
    ids = [message.id for message in found]
    await session.execute(sa.delete(ShownMessage).where(ShownMessage.message_id.in_(ids)))
    for tree_id, depth in _first_depths(found).items():
        await forget_made_of(session, tree_id=tree_id, depth=depth)
        await session.execute(FORGET_READINGS, {"tree_id": tree_id, "depth": depth})
    return len(found)


async def list_own_characters(session: Session, user_id: int, *, limit: int) -> list[UUID]:
    """Some of the person's characters."""
    query = sa.select(Character.id).where(Character.owner_user_id == user_id).order_by(Character.id).limit(limit)
    return list((await session.execute(query)).scalars())


async def list_pictures(session: Session, character_id: UUID) -> list[str]:
    """The files of a character's pictures."""
    avatar = sa.select(Character.avatar).where(Character.id == character_id, Character.avatar.is_not(None))
    assets = sa.select(CharacterAsset.sha256).where(CharacterAsset.character_id == character_id)
    return [each for each in (await session.execute(avatar.union(assets))).scalars() if each is not None]


async def orphan_character(session: Session, character_id: UUID, username: str | None) -> None:
    """Leaves a deleted character to those who still play it, without whoever made it."""
    row = (
        await session.execute(
            sa.select(Character.name, Character.nickname, Character.short_description, Character.tags).where(
                Character.id == character_id
            )
        )
    ).one_or_none()
    if row is None:
        return
    words = searchable(row.name, row.nickname, row.short_description, *row.tags)
    await session.execute(
        sa.update(Character)
        .where(Character.id == character_id)
        .values(owner_user_id=None, source_sha256=None, search=words)
    )
    if username is not None:
        await _forget_creator(session, character_id, username)


async def forget_file(session: Session, sha256: str) -> bool:
    """Removes a file's row unless something else has that picture; whether the file itself may go."""
    try:
        async with session.begin_nested():
            await session.execute(sa.delete(File).where(File.sha256 == sha256))
    except IntegrityError:
        return False
    return True


async def find_left(session: Session, user_id: int) -> bool:
    """Whether chats, characters or words of the person are left, or came meanwhile."""
    own = (
        sa.select(Chat.id).where(Chat.owner_id == user_id).exists(),
        sa.select(Character.id).where(Character.owner_user_id == user_id).exists(),
        sa.select(Row.id).where(Row.author_user_id == user_id).exists(),
    )
    return bool((await session.execute(sa.select(sa.or_(*own)))).scalar_one())


async def forget_person(session: Session, user_id: int) -> list[str]:
    """Removes the person's row with all that hangs on it, their key, and their id wherever it stands but in bans.

    Returns the files of pictures that may be nobody's now.
    """
    username = await session.scalar(sa.select(User.username).where(User.id == user_id).with_for_update())
    pictures = await session.execute(
        sa.select(Persona.avatar).where(Persona.owner_id == user_id, Persona.avatar.is_not(None)).distinct()
    )
    files = [each for each in pictures.scalars() if each is not None]
    for column, instead in (
        (AuditEvent.actor_id, SOMEBODY),
        (AuditEvent.user_id, None),
        (Review.asked_by, SOMEBODY),
        (Review.decided_by, None),
        (Report.server_decided_by, None),
        (Report.operator_decided_by, None),
        (Ban.decided_by, SOMEBODY),
    ):
        await session.execute(
            sa.update(cast("Any", column.class_)).where(column == user_id).values({column.key: instead})
        )
    await session.execute(sa.delete(User).where(User.id == user_id))
    await destroy_key(session, user_id)
    if username:
        await forget_words(session, searchable(username).split())
    return files


async def forget_words(session: Session, words: Collection[str]) -> None:
    """Drops words from those that are searched by, as far as no character has them."""
    for word in words:
        has_it = Meaning(((Word(word),),)).in_index(Character.search)
        found = SearchWord.word == word
        await session.execute(sa.delete(SearchWord).where(found, ~sa.select(Character.id).where(has_it).exists()))


def _first_depths(messages: Sequence[Message]) -> dict[UUID, int]:
    first: dict[UUID, int] = {}
    for message in messages:
        first[message.tree_id] = min(first.get(message.tree_id, message.depth), message.depth)
    return first


async def _wiped(session: Session, message: Message) -> dict[str, Any]:
    nobodys = Message(
        id=message.id,
        tree_id=message.tree_id,
        chat_id=message.chat_id,
        parent_id=message.parent_id,
        depth=message.depth,
        role=message.role,
        author_user_id=None,
        character_id=None,
        speaker=UNSAID,
        text="",
        status="removed",
    )
    sealed = await seal_words(session, nobodys, text="", speaker=UNSAID)
    return {"message_id": message.id, "wiped_speaker": sealed["speaker"], "wiped_parts": sealed["parts"]}


async def _forget_creator(session: Session, character_id: UUID, username: str) -> None:
    """Takes the person's name out of the cards: what is created here names its creator."""
    rows = (
        await session.execute(
            sa.select(CharacterVersion.id, CharacterVersion.card).where(CharacterVersion.character_id == character_id)
        )
    ).all()
    key = await session.key("character", character_id)
    await session.vault.load(session, (row.card for row in rows))
    for row in rows:
        place = Place("character_versions", "card", row.id)
        opened = session.opened(place, row.card)
        card: dict[str, Any] = orjson.loads(opened) if opened else {}
        words: dict[str, Any] = card.get("data") or {}
        if words.get("creator") == username:
            words["creator"] = ""
            sealed = key.seal(place, orjson.dumps(card))
            await session.execute(sa.update(CharacterVersion).where(CharacterVersion.id == row.id).values(card=sealed))
