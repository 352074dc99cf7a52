"""Personas: who people are in scenes, in their own sealed words."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.tables import ChatParticipant
from storage.tables import Persona as Row
from storage.vault import Place

ACTIVE = (
    sa.select(ChatParticipant.user_id, Row.id, Row.name, Row.description)
    .join(Row, Row.id == ChatParticipant.active_custom_persona_id)
    .where(ChatParticipant.chat_id == sa.bindparam("chat_id"))
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who somebody is in a scene."""

    id: UUID
    name: str
    description: str


async def add_persona(session: Session, *, owner_id: int, persona: Persona) -> None:
    """Keeps a persona under its owner's key."""
    key = await session.key("user", owner_id)
    await session.execute(
        sa.insert(Row).values(
            id=persona.id,
            owner_id=owner_id,
            name=key.seal(Place("personas", "name", persona.id), persona.name.encode()),
            description=key.seal(Place("personas", "description", persona.id), persona.description.encode()),
        )
    )


async def use_persona(session: Session, *, chat_id: UUID, user_id: int, persona_id: UUID | None) -> None:
    """Makes a persona, or none, the one that a participant has active in a chat."""
    await session.execute(
        sa.update(ChatParticipant)
        .where(ChatParticipant.chat_id == chat_id, ChatParticipant.user_id == user_id)
        .values(active_custom_persona_id=persona_id, active_impersonated_character_id=None)
    )


async def list_active(session: Session, chat_id: UUID) -> dict[int, Persona]:
    """The own persona that each participant has active, by person."""
    rows = (await session.execute(ACTIVE, {"chat_id": chat_id})).all()
    await session.vault.load(session, (row.name for row in rows))
    active: dict[int, Persona] = {}
    for row in rows:
        name = session.opened(Place("personas", "name", row.id), row.name)
        description = session.opened(Place("personas", "description", row.id), row.description)
        if name is not None and description is not None:
            active[row.user_id] = Persona(row.id, name.decode(), description.decode())
    return active
