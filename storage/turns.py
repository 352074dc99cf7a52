"""A turn of the talk: what somebody says, and the beginning of the reply to it, each written in one statement.

Between a person's message and the request to the model every question to the database is waited for, so these two,
which every saying needs, ask once what would else be asked eight times.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from storage.chats import Chat
from storage.database import Session
from storage.generations import LEASE, Generation, Kind
from storage.ids import new_id
from storage.messages import Message, Node, Role, Speaker, seal_words

SAY = sa.text(
    """
    WITH known AS (
        INSERT INTO users (id, username) VALUES (CAST(:user_id AS bigint), CAST(:username AS text))
        ON CONFLICT (id) DO UPDATE SET username = excluded.username WHERE users.username <> excluded.username
    ), joined AS (
        INSERT INTO chat_participants (chat_id, user_id, active_custom_persona_id)
        SELECT CAST(:chat_id AS uuid), CAST(:user_id AS bigint),
               (SELECT default_persona_id FROM users WHERE id = CAST(:user_id AS bigint))
        ON CONFLICT DO NOTHING
    ), said AS (
        INSERT INTO messages (id, tree_id, chat_id, parent_id, depth, role, author_user_id, status, idempotency_key,
                              speaker, parts)
        VALUES (CAST(:id AS uuid), CAST(:tree_id AS uuid), CAST(:chat_id AS uuid), CAST(:parent_id AS uuid),
                CAST(:depth AS bigint), CAST(:role AS text), CAST(:user_id AS bigint), 'complete',
                CAST(:event AS text), :speaker, :parts)
        ON CONFLICT (chat_id, idempotency_key) DO NOTHING
        RETURNING id, created_at
    ), shown AS (
        INSERT INTO shown_messages (discord_message_id, chat_id, message_id, part, channel_id)
        SELECT CAST(:post_id AS bigint), CAST(:chat_id AS uuid), id, 0, CAST(:place_id AS bigint) FROM said
        WHERE CAST(:post_id AS bigint) IS NOT NULL
        ON CONFLICT (discord_message_id) DO UPDATE SET message_id = excluded.message_id, part = 0
    )
    SELECT created_at FROM said
    """
).bindparams(sa.bindparam("speaker", type_=BYTEA), sa.bindparam("parts", type_=BYTEA))
BEGIN = sa.text(
    """
    WITH raised AS (
        UPDATE chats SET fence = fence + 1, leaf_id = CAST(:reply_id AS uuid), updated_at = now()
        WHERE id = CAST(:chat_id AS uuid)
        RETURNING fence
    ), reply AS (
        INSERT INTO messages (id, tree_id, chat_id, parent_id, depth, role, character_id, status, speaker, parts)
        VALUES (CAST(:reply_id AS uuid), CAST(:tree_id AS uuid), CAST(:chat_id AS uuid), CAST(:parent_id AS uuid),
                CAST(:depth AS bigint), 'character', CAST(:character_id AS uuid), 'streaming', :speaker, :parts)
    )
    INSERT INTO generations AS waiting (id, chat_id, reply_id, answers_id, kind, status, fence, owner, lease_until)
    SELECT CAST(:id AS uuid), CAST(:chat_id AS uuid), CAST(:reply_id AS uuid), CAST(:parent_id AS uuid),
           CAST(:kind AS text), 'streaming', fence, CAST(:owner AS text),
           clock_timestamp() + CAST(:lease AS double precision) * interval '1 second'
    FROM raised
    ON CONFLICT (id) DO UPDATE SET
        status = 'streaming', reply_id = excluded.reply_id, fence = excluded.fence, owner = excluded.owner,
        lease_until = excluded.lease_until
    RETURNING fence
    """
).bindparams(sa.bindparam("speaker", type_=BYTEA), sa.bindparam("parts", type_=BYTEA))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said: `event` is Discord's id of it, `post_id` the post that shows it (None: none does yet)."""

    user_id: int
    username: str
    speaker: Speaker
    text: str
    event: int
    post_id: int | None
    place_id: int
    role: Role = "person"


async def add_saying(session: Session, chat: Chat, said: Said, *, parent: Node | None) -> Message | None:
    """Stores what somebody said, who they are, that they belong to the chat, and which post shows it.

    None when this very event was stored before.
    """
    message = Message(
        id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent_id=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
        role=said.role,
        author_user_id=said.user_id,
        character_id=None,
        speaker=said.speaker,
        text=said.text,
        status="complete",
    )
    given = {
        "id": message.id,
        "tree_id": chat.tree_id,
        "chat_id": chat.id,
        "parent_id": message.parent_id,
        "depth": message.depth,
        "role": said.role,
        "user_id": said.user_id,
        "username": said.username,
        "event": f"discord:{said.event}",
        "post_id": said.post_id,
        "place_id": said.place_id,
        **await seal_words(session, message, text=said.text, speaker=said.speaker),
    }
    return message if (await session.execute(SAY, given)).first() is not None else None


async def begin_reply(
    session: Session,
    chat: Chat,
    *,
    generation_id: UUID,
    parent: Message,
    kind: Kind,
    character_id: UUID | None,
    speaker: Speaker,
    text: str,
    owner: str,
    lease: timedelta = LEASE,
) -> Generation:
    """A reply's row, at which the chat then stands, under a new fence, and who writes it; the chat must be locked.

    `generation_id` may be one that waits, which then begins. `text` is what the reply goes on from. With a lease of
    nothing whoever sweeps writes it.
    """
    reply = Message(
        id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent_id=parent.id,
        depth=parent.depth + 1,
        role="character",
        author_user_id=None,
        character_id=character_id,
        speaker=speaker,
        text=text,
        status="streaming",
    )
    given = {
        "id": generation_id,
        "chat_id": chat.id,
        "tree_id": chat.tree_id,
        "reply_id": reply.id,
        "parent_id": parent.id,
        "depth": reply.depth,
        "character_id": character_id,
        "kind": kind,
        "owner": owner,
        "lease": lease.total_seconds(),
        **await seal_words(session, reply, text=text, speaker=speaker),
    }
    fence = (await session.execute(BEGIN, given)).scalar_one()
    return Generation(generation_id, chat.id, reply.id, parent.id, kind, fence)
