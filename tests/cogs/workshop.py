"""Characters made behind the scenes, for tests that are about something else than making them."""

import io
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from PIL import Image

import storage.characters
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.changes import Change
from bot.services import open_stores
from playground import Answer, Message, Person
from playground.forms import Modal
from playground.messages import walk
from storage.cache import Cache
from storage.characters import Character, CharacterStatus
from storage.database import Database
from storage.files import FileStore
from tests.theatre import Theatre, until


class Workshop:
    """The catalogue on the theatre's own database."""

    def __init__(self, database: Database, characters: Characters) -> None:
        self.database = database
        self.characters = characters

    async def draft(self, person: Person, name: str, **change: Any) -> Character:
        """A draft of that person's, with a greeting unless told otherwise."""
        given: dict[str, Any] = {
            "short_description": f"{name} in a line.",
            "first_mes": f"{name} greets you.",
            "age_rating": "teen",
        }
        return await self.characters.create(caller(person), Change(name=name, **(given | change)), avatar=PICTURE)

    async def published(self, person: Person, name: str, **change: Any) -> Character:
        """A published character of that person's."""
        made = await self.draft(person, name, **change)
        return (await self.characters.publish(caller(person), str(made.id))).character

    async def crowd(self, person: Person, names: Iterable[str], *, status: CharacterStatus = "published") -> None:
        """Many characters without a picture, in that order."""
        for name in names:
            made = await self.characters.create(caller(person), Change(name=name, first_mes="Hello."))
            async with self.database.transaction() as session:
                await storage.characters.set_status(session, made.id, status)


@asynccontextmanager
async def open_workshop(theatre: Theatre) -> AsyncGenerator[Workshop]:
    """Opens the workshop beside the running bot."""
    async with AsyncExitStack() as stack:
        database, _ = await open_stores(theatre.settings, stack)
        files = FileStore(theatre.settings.data_dir / "files")
        yield Workshop(
            database, Characters(database, Avatars(database, files), adults=theatre.settings.adult_characters)
        )


def message_of(answer: Answer) -> Message:
    """The message of an answer, which has one."""
    assert answer.message is not None
    return answer.message


def form_of(answer: Answer) -> Modal:
    """The form that an answer opened."""
    assert answer.modal is not None
    return answer.modal


async def read(answer: Answer, words: str) -> Answer:
    """Waits until an answer that came as an update says this, and returns it."""
    await until(lambda: words in answer.text)
    return answer


async def press_anything(person: Person, message: Message | None, custom_id: str) -> Answer:
    """Presses a button with a custom id of one's choice, as if an old message of the bot had it."""
    assert message is not None
    button = next(part for part in walk(message.components) if part["type"] == 2)
    button["custom_id"], shown = custom_id, message.text
    answer = await Answer.wait(person, person.press(message, custom_id), 5)
    await until(lambda: answer.text not in ("", shown))
    return answer


async def forget_views(theatre: Theatre) -> None:
    """Lets the day pass after which pages are no longer known."""
    assert theatre.settings.redis_url is not None
    cache = Cache.connect(theatre.settings.redis_url.get_secret_value(), theatre.settings.cache_prefix)
    async for key in cache.client.scan_iter(match=cache.key("view", "*")):
        await cache.client.delete(key)
    await cache.close()


def caller(person: Person) -> Caller:
    """The person as a service sees them, outside any server."""
    return Caller(person.id, person.name, person.display_name)


def picture(side: int = 8, kind: str = "PNG") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), (138, 111, 223)).save(out, kind)
    return out.getvalue()


PICTURE = picture()
