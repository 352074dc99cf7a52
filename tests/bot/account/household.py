"""A person with everything that one can have, in scenes with others; every word of theirs begins with `planted`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

import storage.audit
import storage.bans
import storage.chat_lore
import storage.chats
import storage.guilds
import storage.lorebooks
import storage.memories
import storage.messages
import storage.notes
import storage.notices
import storage.personas
import storage.preferences
import storage.readings
import storage.reports
import storage.shown
import storage.usage
import storage.users
from bot.account.courier import Ticket
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.changes import Change
from bot.chat.stage import Place
from storage.chats import Chat
from storage.database import Database
from storage.files import FileStore
from storage.ids import new_id
from storage.messages import Message, Speaker
from storage.notes import Note
from storage.personas import Persona
from storage.shown import Shown
from storage.usage import Spent
from tests.cogs.workshop import PICTURE, picture

ALICE = Caller(500_000_000_000_000_001, "plantedalice", "Alice")
BOB = Caller(500_000_000_000_000_002, "bob", "Bob")
GUILD, CHANNEL = 70, 80
TICKET = Ticket(9, "token-of-an-interaction", 10_000_000)


@dataclass
class Post:
    """A courier who keeps what it was given; the ticket is over where `is_late`."""

    is_late: bool = False
    refuses: bool = False
    files: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    answers: list[str] = field(default_factory=list[str])
    messages: list[str] = field(default_factory=list[str])
    removed: list[int] = field(default_factory=list[int])

    async def update(self, ticket: Ticket, text: str) -> bool:
        assert ticket == TICKET
        if not self.is_late:
            self.answers.append(text)
        return not self.is_late

    async def hand_over(self, ticket: Ticket | None, user_id: int, text: str, *, name: str, content: bytes) -> bool:
        if not self.refuses:
            self.files.append((name, content))
        return not self.refuses

    async def tell(self, ticket: Ticket | None, user_id: int, text: str) -> bool:
        if ticket is None or not await self.update(ticket, text):
            self.messages.append(text)
        return True

    async def remove(self, place: Place, shown: Sequence[Shown]) -> int:
        self.removed += [each.discord_message_id for each in shown]
        return len(shown)


class Household:
    """Alice with a chat that Bob visits, and a part in a chat of Bob's; her characters, one of which he plays."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.store = FileStore(folder)
        self.avatars = Avatars(database, self.store)
        self.characters = Characters(database, self.avatars)
        self.posts = 1_000
        self.pictures: list[str] = []

    async def furnish(self) -> None:
        """Everything."""
        self.nova = await self._character("plantednova", PICTURE)
        self.played = await self._character("plantedplayed", picture(9))
        async with self.database.transaction() as session:
            await storage.users.touch_user(session, BOB.user_id, BOB.username)
            await storage.guilds.touch_guild(session, GUILD)
        self.own = await self.chat(ALICE, self.nova)
        self.bobs = await self.chat(BOB, self.played)
        self.said = await self.say(self.own, None, "plantedsaying", ALICE)
        self.other_branch = await self.say(self.own, None, "plantedbranch", ALICE)
        reply = await self.say(self.own, self.said, "The reply of the character.")
        await self.say(self.own, reply, "Bob visits.", BOB)
        line = await self.say(self.bobs, None, "Bob begins.", BOB)
        self.elsewhere = await self.say(self.bobs, line, "plantedelsewhere", ALICE)
        self.answer = await self.say(self.bobs, self.elsewhere, "An answer.")
        await self._belongings()
        await self._traces()

    async def chat(self, owner: Caller, character_id: UUID) -> Chat:
        """A chat in the server."""
        async with self.database.transaction() as session:
            chat = await storage.chats.add_chat(
                session,
                chat_id=new_id(),
                owner_id=owner.user_id,
                guild_id=GUILD,
                channel_id=CHANNEL,
                character_id=character_id,
                title="plantedtitle" if owner is ALICE else "Bob's title",
                interaction_id=None,
            )
            assert chat is not None
            self.posts += 1
            await storage.chats.place_chat(session, chat.id, self.posts)
            found = await storage.chats.find_chat(session, chat.id)
        assert found is not None
        return found

    async def say(self, chat: Chat, parent: Message | None, text: str, by: Caller | None = None) -> Message:
        """Something said, and the post that shows it."""
        async with self.database.transaction() as session:
            self.posts += 1
            if by is not None:
                await storage.chats.join(session, chat_id=chat.id, user_id=by.user_id, username=by.username)
            message = await storage.messages.add_message(
                session,
                message_id=new_id(),
                tree_id=chat.tree_id,
                chat_id=chat.id,
                parent=parent,
                role="person" if by else "character",
                speaker=Speaker("plantedname" if by is ALICE else "Somebody"),
                text=text,
                status="complete",
                author_user_id=by.user_id if by else None,
                idempotency_key=f"discord:{self.posts}",
            )
            assert message is not None
            webhook_id = None if by is BOB else 5
            shown = Shown(self.posts, message.id, 0, chat.place_id or 0, webhook_id)
            await storage.shown.show(session, chat.id, shown)
            await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
        return message

    async def _character(self, name: str, avatar: bytes) -> UUID:
        change = Change(name=name, first_mes="plantedgreeting", short_description="plantedline", age_rating="teen")
        made = await self.characters.create(ALICE, change, avatar=avatar)
        published = (await self.characters.publish(ALICE, str(made.id))).character
        assert published.avatar
        self.pictures.append(published.avatar)
        return made.id

    async def _belongings(self) -> None:
        face = await self.avatars.keep(picture(10))
        self.pictures.append(face)
        async with self.database.transaction() as session:
            persona = Persona(new_id(), "plantedpersona", "planteddescription", personality="plantedwarm", avatar=face)
            await storage.personas.add_persona(session, owner_id=ALICE.user_id, persona=persona)
            await storage.personas.use_persona(
                session, chat_id=self.bobs.id, user_id=ALICE.user_id, persona_id=persona.id
            )
            book = await storage.lorebooks.add_lorebook(
                session,
                owner_user_id=ALICE.user_id,
                name="plantedbook",
                frame=b'{"description": "plantedframe"}',
                entries=[orjson.dumps({"keys": ["sea"], "content": "plantedentry"})],
            )
            await storage.chat_lore.use_lorebook(
                session, chat_id=self.bobs.id, lorebook_id=book, added_by=ALICE.user_id
            )
            await storage.notes.save_note(session, self.own, Note("plantednote"))
            await storage.notices.add_notice(session, ALICE.user_id, "plantednews")
            await storage.preferences.save_time_zone(session, ALICE.user_id, "Europe/Berlin")
            for chat, message in ((self.own, self.said), (self.bobs, self.answer)):
                await storage.memories.add_memory(
                    session, tree_id=chat.tree_id, message_id=message.id, kind="summary", text="plantedsummary"
                )
                await storage.readings.keep_reading(session, message, b"plantedreading")

    async def _traces(self) -> None:
        stranger = await self.characters.create(BOB, Change(name="Rusty", first_mes="Hello."))
        async with self.database.transaction() as session:
            await storage.reports.add_report(
                session, character_id=stranger.id, reporter_id=ALICE.user_id, guild_id=GUILD, reason="plantedreason"
            )
            await storage.audit.add_event(session, guild_id=GUILD, actor_id=ALICE.user_id, kind="policy", detail="open")
            await storage.audit.add_event(
                session, guild_id=GUILD, actor_id=BOB.user_id, kind="ban", user_id=ALICE.user_id
            )
            await storage.guilds.touch_guild(session, 71)
            await storage.bans.add_ban(session, user_id=BOB.user_id, guild_id=71, reason="", decided_by=ALICE.user_id)
            spent = Spent(
                generation_id=new_id(),
                kind="reply",
                user_id=ALICE.user_id,
                guild_id=GUILD,
                chat_id=self.own.id,
                character_id=self.nova,
                model="m",
                prompt_tokens=7,
                completion_tokens=3,
            )
            day = (await session.execute(sa.text("SELECT current_date"))).scalar_one()
            await storage.usage.settle(session, spent, cost=None, day=day)

    async def ban(self) -> None:
        """The operator bans Alice."""
        async with self.database.transaction() as session:
            await storage.bans.add_ban(
                session, user_id=ALICE.user_id, guild_id=None, reason="Rude.", decided_by=BOB.user_id
            )

    async def rows(self, query: str, **given: Any) -> list[Any]:
        """What a query finds."""
        async with self.database.transaction() as session:
            return [tuple(row) for row in await session.execute(sa.text(query), given)]
