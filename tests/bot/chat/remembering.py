"""Paths to remember: in memory, and in a database."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import storage.chats
import storage.messages
from storage.chats import Chat
from storage.database import Session
from storage.ids import new_id
from storage.messages import Message, Speaker
from tests.storage.test_tree import ALICE

TREE, NOVA = uuid4(), uuid4()


def path_of(*texts: str) -> list[Message]:
    """A path on which Alice and Nova take turns, oldest first."""
    path: list[Message] = []
    for depth, text in enumerate(texts):
        is_hers, parent = depth % 2 == 0, path[-1].id if path else None
        role, name = ("person", "Alice") if is_hers else ("character", "Nova")
        path.append(
            Message(
                uuid4(), TREE, None, parent, depth, role, ALICE if is_hers else None, None if is_hers else NOVA,
                Speaker(name), text, "complete",
            )  # type: ignore[arg-type]
        )  # fmt: skip
    return path


def ids(path: Sequence[Message], *places: int) -> list[UUID]:
    """The ids of the messages at these places."""
    return [path[place].id for place in places]


async def talk(
    session: Session, chat: Chat, texts: Sequence[str], parent: Message | None = None, *, user_id: int = ALICE
) -> list[Message]:
    """Alice and Nova take turns in a chat, which then stands at the last message; what was said, oldest first."""
    path: list[Message] = []
    for text in texts:
        above = path[-1] if path else parent
        is_hers = above is not None and above.role != "person"
        message = await storage.messages.add_message(
            session, message_id=new_id(), tree_id=chat.tree_id, chat_id=chat.id, parent=above,
            role="person" if is_hers else "character", speaker=Speaker("Alice" if is_hers else "Nova"), text=text,
            status="complete", author_user_id=user_id if is_hers else None, character_id=chat.character_id,
        )  # fmt: skip
        assert message
        path.append(message)
    await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=path[-1].id)
    return path
