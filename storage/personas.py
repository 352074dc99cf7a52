"""Personas: who people are in scenes, in their own sealed words; and who of them is somebody else where."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import ChatParticipant, User
from storage.tables import Persona as Row
from storage.vault import Place, to_json

LISTS = frozenset({"alternate_greetings", "tags"})


@dataclass(frozen=True, slots=True)
class Persona:
    """Who somebody is in a scene: the fields of a card, a face (a file's sha256), and whether words are shown so."""

    id: UUID
    name: str
    description: str
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    alternate_greetings: tuple[str, ...] = ()
    system_prompt: str = ""
    post_history_instructions: str = ""
    creator_notes: str = ""
    tags: tuple[str, ...] = ()
    avatar: str | None = None
    look: bool = False


@dataclass(frozen=True, slots=True)
class Active:
    """Who a participant is in a chat: a persona of theirs, a character, or (neither) themselves.

    `look` is whether what they say as that character is shown under its face.
    """

    user_id: int
    username: str
    persona: Persona | None = None
    character_id: UUID | None = None
    look: bool = False


SEALED = tuple(
    each.name for each in fields(Persona) if each.name not in ("id", "name", "description", "avatar", "look")
)
"""The fields that are sealed together."""
COLUMNS = (Row.id, Row.name, Row.description, Row.fields, Row.avatar, Row.look)


def _active() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Who is who in a chat; whoever has not been there yet is who they are by default."""
    chat_id = sa.bindparam("chat_id", type_=ChatParticipant.chat_id.type)
    newcomer = sa.bindparam("newcomer", type_=sa.BigInteger)
    there = sa.select(ChatParticipant.user_id).where(
        ChatParticipant.chat_id == chat_id, ChatParticipant.user_id == newcomer
    )
    participants = (
        sa.select(
            ChatParticipant.user_id,
            User.username,
            ChatParticipant.active_impersonated_character_id,
            ChatParticipant.look.label("shown"),
            *COLUMNS,
        )
        .join(User, User.id == ChatParticipant.user_id)
        .outerjoin(Row, Row.id == ChatParticipant.active_custom_persona_id)
        .where(ChatParticipant.chat_id == chat_id)
    )
    new = (
        sa.select(User.id, User.username, sa.null(), sa.false(), *COLUMNS)
        .join(Row, Row.id == User.default_persona_id)
        .where(User.id == newcomer, ~there.exists())
    )
    return participants.union_all(new)


ACTIVE = _active()


async def add_persona(session: Session, *, owner_id: int, persona: Persona) -> None:
    """Keeps a persona under its owner's key."""
    await session.execute(
        sa.insert(Row).values(id=persona.id, owner_id=owner_id, **await _sealed(session, owner_id, persona))
    )


async def save_persona(session: Session, *, owner_id: int, persona: Persona) -> None:
    """Replaces what a persona is."""
    await session.execute(
        sa.update(Row)
        .where(Row.id == persona.id, Row.owner_id == owner_id)
        .values(**await _sealed(session, owner_id, persona), updated_at=sa.func.now())
    )


async def find_persona(session: Session, persona_id: UUID, *, owner_id: int, lock: bool = False) -> Persona | None:
    """One of somebody's own personas."""
    query = sa.select(*COLUMNS).where(Row.id == persona_id, Row.owner_id == owner_id)
    found = await _opened(session, (await session.execute(query.with_for_update() if lock else query)).all())
    return found[0] if found else None


async def list_personas(session: Session, owner_id: int) -> list[Persona]:
    """Everybody somebody can be, the one made last first."""
    query = sa.select(*COLUMNS).where(Row.owner_id == owner_id).order_by(Row.id.desc())
    return await _opened(session, (await session.execute(query)).all())


async def count_personas(session: Session, owner_id: int) -> int:
    """How many personas somebody has."""
    query = sa.select(sa.func.count()).select_from(Row).where(Row.owner_id == owner_id)
    return int((await session.execute(query)).scalar_one())


async def delete_persona(session: Session, persona_id: UUID, *, owner_id: int) -> None:
    """Removes a persona; whoever was it is themselves again."""
    await session.execute(sa.delete(Row).where(Row.id == persona_id, Row.owner_id == owner_id))


async def set_default(session: Session, *, user_id: int, persona_id: UUID | None) -> None:
    """Who somebody is in chats that they come to from now on."""
    await session.execute(sa.update(User).where(User.id == user_id).values(default_persona_id=persona_id))


async def find_default(session: Session, user_id: int) -> UUID | None:
    """Who somebody is in new chats."""
    query = sa.select(User.default_persona_id).where(User.id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def use_persona(session: Session, *, chat_id: UUID, user_id: int, persona_id: UUID | None) -> None:
    """Makes a persona, or none, the one that somebody is in a chat, whether they have spoken there or not."""
    await _become(session, chat_id=chat_id, user_id=user_id, persona_id=persona_id, character_id=None)


async def play_as(session: Session, *, chat_id: UUID, user_id: int, character_id: UUID) -> None:
    """Makes a character the one that somebody is in a chat."""
    await _become(session, chat_id=chat_id, user_id=user_id, persona_id=None, character_id=character_id)


async def set_look(session: Session, *, chat_id: UUID, user_id: int, look: bool) -> None:
    """Whether what somebody says as a character is shown under its face in a chat."""
    await session.execute(
        sa.update(ChatParticipant)
        .where(ChatParticipant.chat_id == chat_id, ChatParticipant.user_id == user_id)
        .values(look=look)
    )


async def list_active(session: Session, chat_id: UUID, *, newcomer: int | None = None) -> list[Active]:
    """Who each participant of a chat is there, and who `newcomer` would be who has not been there yet."""
    rows = (await session.execute(ACTIVE, {"chat_id": chat_id, "newcomer": newcomer})).all()
    personas = {each.id: each for each in await _opened(session, [row[4:] for row in rows if row.id])}
    return [
        Active(
            row.user_id,
            row.username,
            personas.get(row.id),
            row.active_impersonated_character_id,
            row.look if row.id in personas else row.shown,
        )
        for row in rows
    ]


async def _become(
    session: Session, *, chat_id: UUID, user_id: int, persona_id: UUID | None, character_id: UUID | None
) -> None:
    chosen = {"active_custom_persona_id": persona_id, "active_impersonated_character_id": character_id, "look": False}
    row = insert(ChatParticipant).values(chat_id=chat_id, user_id=user_id, **chosen)
    await session.execute(
        row.on_conflict_do_update(index_elements=[ChatParticipant.chat_id, ChatParticipant.user_id], set_=chosen)
    )


async def _sealed(session: Session, owner_id: int, persona: Persona) -> dict[str, Any]:
    key = await session.key("user", owner_id)
    told = {name: getattr(persona, name) for name in SEALED if getattr(persona, name)}
    texts = {"name": persona.name.encode(), "description": persona.description.encode(), "fields": to_json(told)}
    sealed = {name: key.seal(Place("personas", name, persona.id), text) for name, text in texts.items()}
    return {**sealed, "avatar": persona.avatar, "look": persona.look}


async def _opened(session: Session, rows: Sequence[Any]) -> list[Persona]:
    """Rows of COLUMNS as personas; those whose key is gone are left out."""
    await session.vault.load(session, (row[1] for row in rows))
    personas: list[Persona] = []
    for persona_id, sealed_name, sealed_description, sealed_fields, avatar, look in rows:
        name = session.opened(Place("personas", "name", persona_id), sealed_name)
        description = session.opened(Place("personas", "description", persona_id), sealed_description)
        if name is None or description is None:
            continue
        told = session.opened(Place("personas", "fields", persona_id), sealed_fields) if sealed_fields else None
        read: dict[str, Any] = orjson.loads(told) if told else {}
        given: dict[str, Any] = {
            name: tuple(value) if name in LISTS else value for name, value in read.items() if name in SEALED
        }
        personas.append(Persona(persona_id, name.decode(), description.decode(), avatar=avatar, look=look, **given))
    return personas
