"""The stage of the matrix of who may play: seven people, and scenes to act upon that are made behind the bot's back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

import storage.bans
import storage.chat_lore
import storage.chats
import storage.events
import storage.guilds
import storage.lorebooks
import storage.memories
import storage.messages
import storage.notes
import storage.personas
import storage.shown
import storage.users
import storage.wishes
from bot.chat.path_state import joined
from playground import Answer, Channel, Guild, Person, posting, threads
from playground.permissions import bits
from playground.posting import Author
from storage.characters import Character
from storage.chats import Chat
from storage.database import Session
from storage.ids import new_id
from storage.messages import Message, Role, Speaker
from storage.personas import Persona
from storage.shown import Shown
from storage.wishes import Wishes
from tests.cogs.acts import FORGED, Act, Props, Slash, Submit, begin, key_of, words_of
from tests.cogs.workshop import Workshop, open_workshop
from tests.theatre import Theatre, open_theatre

ROLES = ("owner", "guest", "moderator", "admin", "reader", "foreign")
"""Beside the banned one. The moderator manages threads, the admin the server alone, the reader may not write in the
tavern's threads; `foreign` acts from a chat of their own in another server."""
TREE: dict[str, tuple[str, Role, str]] = {
    "greeting": ("", "character", ""),
    "asked": ("greeting", "person", "owner"),
    "told": ("asked", "character", ""),
    "other": ("asked", "character", ""),
    "line": ("told", "person", "guest"),
    "before": ("line", "character", ""),
    "reply": ("line", "character", ""),
    "after": ("line", "character", ""),
}
"""Each scene's messages: what each follows, its role, and who said it. The scene stands at `reply`."""
PATH = ("greeting", "asked", "told", "line", "reply")
ANSWERS = ("before", "reply", "after")
TABLES = (
    "chats", "messages", "hidden_messages", "shown_messages", "chat_participants", "trees", "personas",
    "chat_lorebooks", "lorebooks", "memories",
)  # fmt: skip
SNAPSHOT = sa.text(
    # Whatever is inserted or updated carries the number of a newer transaction; what is deleted is missing.
    " UNION ALL ".join(f"SELECT '{table}', count(*), max(xmin::text::bigint)::text FROM {table}" for table in TABLES)
    # A lease is renewed every few seconds; that is nobody's doing.
    + " UNION ALL SELECT 'generations', count(*), md5(string_agg(concat(id, status, stop_requested), ' ' ORDER BY id))"
    " FROM generations"
    " UNION ALL SELECT 'users', count(*), md5(string_agg(concat(id, preferences), ' ' ORDER BY id)) FROM users"
    " WHERE preferences::text <> '{}'"
)
SETTLED = sa.text("SELECT NOT EXISTS (SELECT FROM generations WHERE chat_id = :chat AND lease_until IS NOT NULL)")
WRITING = sa.text(
    "INSERT INTO generations (id, chat_id, reply_id, answers_id, kind, status, fence, owner, lease_until)"
    " VALUES (:id, :chat, :reply, :line, 'reply', 'streaming', 1, 'another process', now() + interval '1 hour')"
)
TAKE_DOWN = sa.text("UPDATE characters SET taken_down_at = CASE WHEN :down THEN now() END WHERE id = :id")
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A chat in a thread of its own, and its ids, posts and words by the names in TREE."""

    thread: Channel
    props: Props

    @property
    def chat_id(self) -> UUID:
        """The chat."""
        return UUID(self.props["chat"])

    @property
    def posts(self) -> list[str]:
        """What everybody reads in its thread, but for the messages on which somebody forges a press."""
        posts = self.thread.world.messages[self.thread.id].values()
        return [each.text for each in posts if each.ephemeral_to is None and each.text != FORGED]


@dataclass(slots=True)
class SceneStage:
    """The harbour with its tavern, and an island on which somebody else has a chat."""

    theatre: Theatre
    workshop: Workshop
    island: Guild
    people: dict[str, Person]
    character: Character
    guest_star: Character
    webhook: Author
    masks: dict[str, UUID]
    """A persona of everybody's, by role."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    unspoilt: dict[tuple[str, str], Scene] = field(default_factory=dict[tuple[str, str], Scene])

    # --- acting --------------------------------------------------------------------------------------

    async def act(self, act: Act, role: str, scene: Scene, *, here: Channel | None = None) -> Answer:
        """Does it to that scene, from its thread or from another place, and waits for the first answer."""
        person = self.people[role]
        person.here = here or await self.place_of(role, scene)
        opened_in = scene.thread if isinstance(act, Submit) else None
        started = await begin(act, person, scene.props, self.people, opened_in=opened_in)
        return await Answer.wait(person, started, PATIENCE)

    async def said(self, act: Act, role: str, scene: Scene, words: str, *, here: Channel | None = None) -> str:
        """All that the answer to it says, once it says these words."""
        return await words_of(await self.act(act, role, scene, here=here), words)

    async def place_of(self, role: str, scene: Scene) -> Channel:
        """Where somebody acts upon a scene: in its thread, or in a chat of their own."""
        return (await self.scene("played", role)).thread if role == "foreign" else scene.thread

    async def snapshot(self) -> tuple[Any, ...]:
        """All that a refusal must leave as it was, the requests to the model included."""
        async with self.workshop.database.transaction() as session:
            rows = sorted(tuple(row) for row in await session.execute(SNAPSHOT))
        return (*rows, len(self.theatre.model.requests))

    async def quiet(self) -> tuple[Any, ...]:
        """The snapshot, once nothing has changed for a moment: posts of what was done before are still noted."""
        before, same = await self.snapshot(), 0
        while same < 3:
            await asyncio.sleep(0.04)
            now = await self.snapshot()
            before, same = now, same + 1 if now == before else 0
        return before

    async def holds(self, query: str, person: Person, scene: Scene) -> bool:
        """Whether a condition on the database is true; `:me`, `:chat`, `:reply` and the rest are the scene's."""
        known: dict[str, object] = {"me": person.id}
        ids = ("chat", "generation", "book", "spare", "summary", "fact", *TREE)
        known |= {name: UUID(scene.props[name]) for name in ids if name in scene.props}
        bound = {name: value for name, value in known.items() if f":{name}" in query}
        async with self.workshop.database.transaction() as session:
            return bool((await session.execute(sa.text(f"SELECT {query}"), bound)).scalar_one())

    async def comes_to_hold(self, query: str, person: Person, scene: Scene) -> bool:
        """The same, after some patience: a press is often acknowledged before it is done."""
        return await self._patiently(lambda: self.holds(query, person, scene))

    async def settles(self, scene: Scene) -> bool:
        """Waits until no reply is on its way in a chat."""

        async def is_settled() -> bool:
            async with self.workshop.database.transaction() as session:
                return bool((await session.execute(SETTLED, {"chat": scene.chat_id})).scalar_one())

        return await self._patiently(is_settled)

    async def _patiently(self, asked: Any) -> bool:
        until = asyncio.get_running_loop().time() + PATIENCE
        while not await asked():
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(0.01)
        return True

    # --- what is acted upon --------------------------------------------------------------------------

    async def scene(self, kind: str, role: str) -> Scene:
        """A scene for somebody to act upon, the same until it is `spoilt`; the foreign one's are on the island."""
        if (kind, role) not in self.unspoilt:
            self.unspoilt[kind, role] = await self.make(kind, role)
        return self.unspoilt[kind, role]

    def spoilt(self, kind: str, role: str) -> None:
        """It has been acted upon."""
        self.unspoilt.pop((kind, role), None)

    async def make(self, kind: str, role: str = "owner") -> Scene:
        """A scene, for instance `played`, `unanswered`, `remembered`, or `drafted` for the guest."""
        number = next(self.numbers)
        abroad = role == "foreign"
        owner = self.people["foreign" if abroad else "owner"]
        parent = self.island.channel("beach") if abroad else self.theatre.tavern
        thread = threads.start(parent, owner.play.bot_user_id, f"Scene {number}")
        words = {name: f"{name.title()} {number:03}." for name in TREE}
        props: Props = {f"words_{name}": text for name, text in words.items()}
        async with self.workshop.database.transaction() as session:
            chat = await storage.chats.add_chat(
                session, chat_id=new_id(), owner_id=owner.id, guild_id=parent.guild_id, channel_id=parent.id,
                character_id=self.character.id, title=f"Scene {number:03}", interaction_id=None,
            )  # fmt: skip
            assert chat is not None
            await storage.chats.place_chat(session, chat.id, thread.id)
            names = [name for name in TREE if kind != "unanswered" or name not in ANSWERS]
            made = await self._messages(session, chat, {name: words[name] for name in names}, abroad=abroad)
            stands_at = "line" if kind == "unanswered" else "reply"
            await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=made[stands_at].id)
            for name in PATH[: len(PATH) - (kind == "unanswered")]:
                post_id, webhook_id = self._post(thread, TREE[name], words[name], abroad=abroad)
                await storage.shown.show(session, chat.id, Shown(post_id, made[name].id, 0, thread.id, webhook_id))
                props[f"post_{name}"] = str(post_id)
            ids = {name: made[name].id if name in made else new_id() for name in TREE}
            ids |= {"chat": chat.id, "generation": new_id()}
            if kind == "writing":
                writing = {"id": ids["generation"], "chat": chat.id, "reply": ids["reply"], "line": ids["line"]}
                await session.execute(WRITING, writing)
            if kind == "tuned":
                await storage.wishes.save_of_chat(session, chat.id, Wishes(mode="story"))
            if kind == "company":
                come = joined(self.guest_star.id, depth=made["reply"].depth, knows_before=True)
                await storage.events.add_events(
                    session, tree_id=chat.tree_id, message_id=made["reply"].id, events=[come]
                )
            ids |= {"nova": self.character.id, "mask": self.masks["guest"]}
            if kind in ("masked", "held"):
                for masked, mask in self.masks.items():
                    by = self.people[masked].id
                    await storage.personas.use_persona(session, chat_id=chat.id, user_id=by, persona_id=mask)
            if kind in ("fixed", "held"):
                await storage.wishes.save_of_chat(session, chat.id, Wishes(personas="owner"))
            if kind == "lored":
                ids |= await self._lore(session, chat, owner.id)
            if kind == "remembered":
                ids |= await self._memories(session, made["told"], number)
            if kind == "ended":
                await storage.chats.set_status(session, chat.id, "ended")
        made_so = Scene(thread, props | {name: each.hex for name, each in ids.items()} | {"number": f"{number:03}"})
        if kind == "drafted":
            made_so.props["draft"] = key_of(await self.act(Slash("chat draft"), "guest", made_so), "draft.change")
        return made_so

    @staticmethod
    async def _memories(session: Session, message: Message, number: int) -> dict[str, UUID]:
        """A summary that reaches to that message, and a fact."""
        words: dict[storage.memories.Kind, str] = {"summary": f"Summary {number:03}.", "fact": f"Fact {number:03}."}
        return {
            kind: await storage.memories.add_memory(
                session, tree_id=message.tree_id, message_id=message.id, kind=kind, text=text
            )
            for kind, text in words.items()
        }

    async def _lore(self, session: Session, chat: Chat, owner_id: int) -> dict[str, UUID]:
        """A note, a book that is read along, and one that is not."""
        await storage.notes.save_note(session, chat, storage.notes.Note("It rains."))
        books = {
            name: await storage.lorebooks.add_lorebook(session, owner_user_id=owner_id, name=name, frame=b"{}")
            for name in ("book", "spare")
        }
        await storage.chat_lore.use_lorebook(session, chat_id=chat.id, lorebook_id=books["book"], added_by=owner_id)
        return books

    @asynccontextmanager
    async def taken_down(self) -> AsyncIterator[None]:
        """The operator has taken the character down."""
        await self._take_down(True)
        try:
            yield
        finally:
            await self._take_down(False)

    async def _take_down(self, down: bool) -> None:
        async with self.workshop.database.transaction() as session:
            await session.execute(TAKE_DOWN, {"id": self.character.id, "down": down})

    async def _messages(
        self, session: Session, chat: Chat, words: dict[str, str], *, abroad: bool
    ) -> dict[str, Message]:
        made: dict[str, Message] = {}
        for name, text in words.items():
            parent, role, by = TREE[name]
            person = self.people["foreign" if abroad else by] if by else None
            message = await storage.messages.add_message(
                session, message_id=new_id(), tree_id=chat.tree_id, chat_id=chat.id, parent=made.get(parent), role=role,
                speaker=Speaker(person.display_name if person else self.character.name, None), text=text,
                status="complete", author_user_id=person.id if person else None, character_id=self.character.id,
            )  # fmt: skip
            assert message is not None
            made[name] = message
        return made

    def _post(
        self, thread: Channel, what: tuple[str, Role, str], words: str, *, abroad: bool
    ) -> tuple[int, int | None]:
        by = what[2]
        if by:
            # Out of the story, or the bot would take it in once more.
            author, words = Author(self.people["foreign" if abroad else by].id), f"// {words}"
        else:
            author = Author(self.people["owner"].play.bot_user_id) if abroad else self.webhook
        return posting.post(thread, author, {"content": words}).id, author.webhook_id


@asynccontextmanager
async def open_scene_stage(
    database_url: str, redis_url: str, master_key: str, folder: Path
) -> AsyncIterator[SceneStage]:
    """Opens a theatre with everybody in it."""
    options: dict[str, Any] = {"fallback_models": "bigger", "stock_characters": False}
    prefix = f"test-{uuid4().hex[:12]}"
    async with (
        open_theatre(database_url, redis_url, prefix, master_key, folder, **options) as theatre,
        open_workshop(theatre) as workshop,
    ):
        yield await _furnished(theatre, workshop)
        assert not theatre.playground.violations, theatre.playground.violations


async def _furnished(theatre: Theatre, workshop: Workshop) -> SceneStage:
    play, harbour, tavern = theatre.playground, theatre.guild, theatre.tavern
    island = play.add_guild("Island")
    island.add_text_channel("beach")
    names = {"moderator": "mia", "admin": "carol", "reader": "rita", "banned": "mallory"}
    people = {"owner": theatre.alice, "guest": theatre.bob}
    people |= {role: play.add_person(name, guilds=[harbour]) for role, name in names.items()}
    people["foreign"] = play.add_person("eve", guilds=[island])
    wardens, managers = (harbour.add_role(each, bits(each)) for each in ("manage_threads", "manage_guild"))
    # Whoever is banned may do all the rest, so that nothing but the ban can be what stops them.
    for role, given in (("moderator", wardens), ("admin", managers), ("banned", wardens), ("banned", managers)):
        harbour.give_role(people[role], given)
    island.give_role(people["foreign"], play.admin_role(island))
    harbour.deny(people["reader"], "send_messages_in_threads", channel=tavern)
    # One chat is begun as people begin one: the tavern then has the webhook through which characters speak.
    nova = await workshop.published(theatre.alice, "Nova")
    rigel = await workshop.published(theatre.alice, "Rigel")
    await theatre.chat_with("Nova")
    await theatre.alice.sees("Nova greets you.")
    (hook,) = play.webhooks(tavern)
    async with workshop.database.transaction() as session:
        await storage.guilds.touch_guild(session, island.id)
        for person in people.values():
            await storage.users.touch_user(session, person.id, person.name)
        masks = {role: new_id() for role in people}
        for role, mask in masks.items():
            persona = Persona(mask, "Mask", "Nobody knows.")
            await storage.personas.add_persona(session, owner_id=people[role].id, persona=persona)
        mallory = people["banned"].id
        await storage.bans.add_ban(session, user_id=mallory, guild_id=harbour.id, reason="Rude.", decided_by=1)
    webhook = Author(hook.user_id, hook.id, nova.name, None, hook.application_id)
    return SceneStage(theatre, workshop, island, people, nova, rigel, webhook, masks)
