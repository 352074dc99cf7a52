"""What a writer left that is no longer there: ended with what a person had seen of it, or written after all."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

import storage.chats
import storage.generations
import storage.messages
import storage.shown
from bot.chat.generation import Writers
from bot.chat.notes import note_for
from bot.chat.scene import Scene, place_of
from bot.chat.scenes import Scenes
from bot.chat.stage import CLOCKS_APART, Face, Post, Stage
from bot.chat.standing import row_of
from bot.chat.writer import Draft, Writer, reply_of
from bot.errors import Unavailable, UserError
from storage.chats import Chat
from storage.database import Database, Session
from storage.generations import Generation
from storage.messages import Message
from storage.shown import Shown
from storage.streams import Left, Streams

STILL_WANTED = timedelta(minutes=2)
"""For so long a reply of which nothing was said yet is written by whoever takes it up."""
MOST_TRIES = 3

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is of a reply: its row, what Redis has, what Discord shows of the words."""

    reply: Message
    left: Left | None
    shown: str

    @property
    def begins(self) -> str:
        """The words that were there before anything was written: those that are continued."""
        return self.reply.text or ""

    @property
    def text(self) -> str:
        """All that a person may have seen."""
        if self.left is not None:
            return self.left.text
        # While a reply is continued, its posts show the old words first, as Discord has them: stripped and split.
        return self.begins if _bare(self.begins).startswith(_bare(self.shown)) else self.shown


class Recovery:
    """Ends what others began, exactly once."""

    def __init__(self, *, database: Database, streams: Streams, stage: Stage, scenes: Scenes, writers: Writers) -> None:
        self._database = database
        self._streams = streams
        self._stage = stage
        self._scenes = scenes
        self._writers = writers
        self._tries: Counter[UUID] = Counter()

    async def take_up(self, expired: Generation) -> None:
        """Takes a generation over whose lease ran out, unless somebody else was quicker, and ends it in a task."""
        asked_at = time.monotonic()
        async with self._database.transaction() as session:
            taken = await storage.generations.take_over(session, expired, self._writers.owner)
            if taken is None:
                return
            chat = await storage.chats.find_chat(session, taken.chat_id)
            reply = await storage.messages.find_message(session, reply_of(taken))
            answered = await storage.messages.find_message(session, taken.answers_id) if taken.answers_id else None
            if chat is None or reply is None:
                return
            key = await session.key("tree", chat.tree_id)
        face = Face(reply.speaker.name, reply.speaker.avatar)
        asked_by = answered.author_user_id if answered else None
        writer = Writer(taken, chat, key, face, reply.character_id, asked_by=asked_by)
        writer.lease.renew(asked_at)
        self._writers.adopt(writer)
        self._writers.run(self._end_or_leave(writer, reply), name=f"recover {taken.id}")

    async def answer_waiting(self, chat_id: UUID) -> None:
        """Begins what waits in a chat that perhaps another process has been talking in."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_chat(session, chat_id)
        if chat is not None:
            await self._stage.look_at(place_of(chat))
        await self._writers.start_queued(chat_id)

    async def _end_or_leave(self, writer: Writer, reply: Message) -> None:
        generation_id = writer.generation.id
        self._tries[generation_id] += 1
        try:
            await self._end(writer, reply)
            del self._tries[generation_id]
        except Unavailable:
            log.warning("generation.not_recovered", generation=str(generation_id))
        except Exception:
            # Its lease runs out, and the next sweep tries again; but a chat must not be blocked for ever.
            log.exception("generation.not_recovered", generation=str(generation_id), tries=self._tries[generation_id])
            if self._tries[generation_id] >= MOST_TRIES:
                await self._give_up(writer)
        finally:
            self._writers.let_go(writer)

    async def _give_up(self, writer: Writer) -> None:
        """The reply has failed, and the chat goes on."""
        del self._tries[writer.generation.id]
        try:
            async with self._database.transaction() as session:
                await storage.generations.abandon(session, writer.generation)
            await self._writers.start_queued(writer.chat.id)
        except Unavailable:
            return  # then once more from the beginning

    async def _end(self, writer: Writer, reply: Message) -> None:
        await self._stage.look_at(place_of(writer.chat))
        posts = await self._adopt(writer, reply)
        if writer.generation.is_done:
            await self._show_again(writer, reply)
            return
        left = await self._streams.read(writer.generation.id, writer.key)
        found = _Found(reply, left, "\n\n".join(post.content for post in posts))
        scene = await self._scene_of(writer, found)
        if scene is not None:
            log.info("generation.begun_again", generation=str(writer.generation.id))
            await self._streams.clear(writer.generation.id)
            await self._writers.write(writer, scene)
            return
        draft = _draft(writer, found)
        log.info(
            "generation.recovered",
            chat=str(writer.chat.id),
            character=str(writer.speaker_id),
            generation=str(writer.generation.id),
            model=draft.model,
            letters=len(draft.text),
        )
        await self._writers.end(writer, draft)

    async def _show_again(self, writer: Writer, reply: Message) -> None:
        """It was stored, but perhaps not shown."""
        async with self._database.transaction() as session:
            row = await row_of(session, writer.chat, reply)
        text = reply.text or ""
        await self._writers.show_end(writer, text, note_for(reply.status, is_empty=not text), row)
        await self._writers.release(writer)
        await self._writers.start_queued(writer.chat.id)

    async def _scene_of(self, writer: Writer, found: _Found) -> Scene | None:
        """The scene, where not a word was said and somebody still waits for one; None where it ends as it is."""
        generation, chat = writer.generation, writer.chat
        made_at = found.reply.created_at
        is_fresh = made_at is not None and datetime.now(UTC) - made_at < STILL_WANTED
        has_more = _bare(found.text) != _bare(found.begins)
        if has_more or not is_fresh or generation.stop_requested or generation.answers_id is None:
            return None
        if chat.status != "open" or self._writers.is_closing:
            return None
        try:
            async with self._database.transaction() as session:
                scene = await self._scenes.load(
                    session,
                    chat,
                    answers=generation.answers_id,
                    continues=found.begins,
                    speaker_id=writer.speaker_id,
                )
        except Unavailable:
            raise
        except UserError:
            return None
        writer.scene, writer.asked_by = scene, writer.asked_by or scene.asked_by
        return scene

    async def _adopt(self, writer: Writer, reply: Message) -> list[Post]:
        """Claims posts of the reply whose row was never written; returns its posts, and the writer knows them."""
        chat, place = writer.chat, place_of(writer.chat)
        async with self._database.transaction() as session:
            shown = await _every_post(session, reply, chat)
        # A post whose answer was lost may stand before those that are known, and before what was said meanwhile.
        since = reply.created_at - CLOCKS_APART if reply.created_at else None
        posts = await self._posts(writer, chat, after=shown[0].discord_message_id - 1 if shown else None, since=since)
        known = {each.discord_message_id for each in shown}
        async with self._database.transaction() as session:
            claimed = await storage.shown.list_claimed(session, [post.discord_message_id for post in posts])
            part = len(shown)
            for post in posts:
                if post.discord_message_id not in claimed:
                    known.add(post.discord_message_id)
                    new = Shown(post.discord_message_id, reply.id, part, place.id, post.webhook_id)
                    await storage.shown.show(session, chat.id, new)
                    part += 1
            writer.shown = tuple(await _every_post(session, reply, chat))
        return [post for post in posts if post.discord_message_id in known]

    async def _posts(self, writer: Writer, chat: Chat, *, after: int | None, since: datetime | None) -> list[Post]:
        try:
            return await self._stage.list_own_posts(place_of(chat), after=after, since=since)
        except UserError:
            return []
        except Exception:
            # Without them a reply may stand there twice; but a chat must not be blocked for it.
            if self._tries[writer.generation.id] < MOST_TRIES:
                raise
            log.exception("generation.posts_unknown", generation=str(writer.generation.id))
            return []


async def _every_post(session: Session, reply: Message, chat: Chat) -> list[Shown]:
    """All posts of a reply in a chat, the oldest first: those too that were about to give way to new ones."""
    posts = (await storage.shown.list_shown_anywhere(session, reply.id)).get(chat.id, [])
    return sorted(posts, key=lambda post: post.discord_message_id)


def _draft(writer: Writer, found: _Found) -> Draft:
    left, began = found.left, found.reply.created_at
    status = "stopped" if writer.generation.stop_requested else "interrupted"
    draft = Draft(found.text, continues=len(found.begins), status=status)
    draft.note = note_for(status, is_empty=not found.text.strip())
    if left is not None and left.spoken_by is not None:
        draft.model, draft.asked_tokens = left.spoken_by.model, left.spoken_by.asked_tokens
    if left is not None and began is not None:
        # As Redis and Postgres tell the time, which is near enough.
        draft.first_token_ms = _ms(left.spoke_at - began) if left.spoke_at else None
        draft.duration_ms = _ms(left.last_at - began)
    else:
        draft.duration_ms = 0
    return draft


def _ms(time: timedelta) -> int:
    return max(0, round(time.total_seconds() * 1000))


def _bare(text: str) -> str:
    """A text without the spaces, which Discord and splitting change."""
    return "".join(text.split())
