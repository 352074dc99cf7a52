"""Titles: a chat is called by what it is about, until a person calls it otherwise."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

import storage.chats
import storage.jobs
import storage.titles
from bot.chat.titles import JOB, cleaned
from playground import Channel
from storage.database import Database
from storage.ids import new_id
from storage.tables import Chat
from storage.vault import MasterKey, Vault
from tests.scripted_model import Reply
from tests.theatre import Theatre, open_theatre, until

TITLED = [
    ("The Lamp in the Fog", "The Lamp in the Fog"),
    ('"The Lamp in the Fog."', "The Lamp in the Fog"),
    ("„Die Lampe im Nebel“", "Die Lampe im Nebel"),
    ("Title: **The Lamp**", "The Lamp"),
    ("<think>Let me see.\nA lamp…</think>\n\n# The Lamp\n\nIt is about a lamp.", "The Lamp"),
    ("One two three four five six seven", "One two three four five six"),
    ("The Lamp https://evil.example/x www.evil.example evil.gg/abc", "The Lamp"),
    ("Ask <@123456789012345678> and @everyone", "Ask and everyone"),
    ("霧の中の灯台" * 12, ("霧の中の灯台" * 12)[:60]),
    ("Supercalifragilistic " * 6, "Supercalifragilistic Supercalifragilistic"),
    ("Lamp\u200b\u202eFog", "LampFog"),
    ("🌊 The Deep", "🌊 The Deep"),
    ("", None),
    ("   \n\n", None),
    ("…", None),
    ("<think>never closed", None),
    ("https://evil.example", None),
    ("I am sorry, but I can not help with giving a title to this scene.", None),
]


@pytest.mark.parametrize(("said", "title"), TITLED, ids=[said[:20] for said, _ in TITLED])
def test_what_a_model_says_becomes_a_title_or_nothing(said: str, title: str | None) -> None:
    assert cleaned(said) == title


@pytest.fixture
async def titled(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre in which chats get titles."""
    told = (database_url, redis_url, cache_prefix, master_key, tmp_path)
    async with open_theatre(*told, chat_titles=True, jobs_at_once=4) as theatre:
        yield theatre
    assert theatre.playground.violations == []


class Behind:
    """What the tests do and see behind the scenes: the queue and the rows of the running bot."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def chat(self) -> UUID:
        """The one chat that there is."""
        async with self.database.transaction() as session:
            return (await session.execute(sa.select(Chat.id))).scalar_one()

    async def ask_again(self, chat_id: UUID) -> None:
        """Enqueues the job once more."""
        async with self.database.transaction() as session:
            await storage.jobs.enqueue(session, JOB, {"chat": str(chat_id)})

    async def done(self) -> None:
        """Waits until no job is left."""
        async with asyncio.timeout(10):
            while await self._left():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _left(self) -> list[storage.jobs.Tally]:
        async with self.database.transaction() as session:
            return await storage.jobs.count_by_name(session)

    async def title(self, chat_id: UUID) -> str:
        async with self.database.transaction() as session:
            chat = await storage.chats.find_chat(session, chat_id)
        assert chat
        return chat.title

    async def rename(self, chat_id: UUID, title: str) -> None:
        """As a person does."""
        async with self.database.transaction() as session:
            chat = await storage.chats.find_chat(session, chat_id, lock=True)
            assert chat
            await storage.chats.rename(session, chat, title)


@pytest.fixture
async def behind(titled: Theatre, master_key: str) -> AsyncIterator[Behind]:
    """The database beside the running bot."""
    assert titled.settings.database_url
    url = titled.settings.database_url.get_secret_value()
    database = Database.connect(url, Vault([MasterKey.from_text(master_key)]), pool_size=2)
    yield Behind(database)
    await database.close()


async def played(theatre: Theatre, *, title: str, hold: bool = False) -> tuple[Channel, Reply]:
    """A chat with one reply, after which the model says the title (held back, if wanted)."""
    thread = await theatre.chat_with("Cue")
    theatre.model.says("The lamp turns, and the fog answers.", pause=0)
    reply = theatre.model.says(title, pause=0, hold_after=0 if hold else None)
    await theatre.alice.say("I knock on the door of the lighthouse. " * 40)
    await theatre.reply("the fog answers")
    return thread, reply


async def test_after_its_first_reply_a_chat_is_called_by_what_it_is_about(titled: Theatre, behind: Behind) -> None:
    thread, _ = await played(titled, title='"Knocking at the Lighthouse"')
    chat_id = await behind.chat()
    await until(lambda: thread.name == "Knocking at the Lighthouse")
    await behind.done()
    assert await behind.title(chat_id) == "Knocking at the Lighthouse"
    asked = titled.model.requests[-1]
    assert "at most six words" in titled.model.prompt
    assert "the fog answers" in titled.model.prompt
    assert sum(len(each["content"]) for each in asked["messages"]) < 2500
    async with behind.database.transaction() as session:
        rows = await session.execute(sa.text("SELECT kind, prompt_tokens FROM usage_events WHERE kind = 'title'"))
        assert [tuple(row) for row in rows] == [("title", 7)]
        dump = await session.execute(
            sa.text("SELECT row_to_json(chats)::text, row_to_json(pgqueuer_log)::text FROM chats, pgqueuer_log")
        )
        assert "Knocking" not in str(dump.all())

    # Done twice, as a job may be, the model is asked once, and so is Discord.
    count, thread.name = len(titled.model.requests), "As a moderator calls it"
    await behind.ask_again(chat_id)
    await behind.done()
    assert len(titled.model.requests) == count
    assert thread.name == "As a moderator calls it"

    # Nor is the model asked again where the process ended between the two.
    async with behind.database.transaction() as session:
        await session.execute(sa.update(Chat).values(settings=Chat.settings.op("-")(storage.titles.IS_SHOWN)))
    await behind.ask_again(chat_id)
    await until(lambda: thread.name == "Knocking at the Lighthouse")
    await behind.done()
    assert len(titled.model.requests) == count


async def test_what_a_person_chose_stays(titled: Theatre, behind: Behind) -> None:
    thread, held = await played(titled, title="Knocking", hold=True)
    chat_id = await behind.chat()
    await until(lambda: "at most six words" in titled.model.prompt)
    await behind.rename(chat_id, "Alice's night")
    held.release()
    await behind.done()
    assert await behind.title(chat_id) == "Alice's night"
    assert thread.name != "Knocking"
    count = len(titled.model.requests)
    await behind.ask_again(chat_id)
    await behind.done()
    assert len(titled.model.requests) == count


async def test_an_answer_that_is_no_title_changes_nothing(titled: Theatre, behind: Behind) -> None:
    thread, _ = await played(titled, title="https://evil.example")
    before = thread.name
    await behind.done()
    assert await behind.title(await behind.chat()) == thread.name == before


async def test_a_chat_that_is_gone_has_no_title(titled: Theatre, behind: Behind) -> None:
    async with behind.database.transaction() as session:
        await storage.jobs.enqueue(session, JOB, {"chat": str(new_id())})
    await behind.done()
    assert titled.model.requests == []
