"""The lore and the note of a chat, and what those who read along may know of what was sent for a reply."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

import storage.chat_lore
import storage.chats
import storage.lorebooks
import storage.notes
from bot.caller import Caller
from bot.cards.lorebook import Lorebook, LoreEntry
from bot.characters.changes import Change
from bot.characters.lore_shelf import BookSettings, Shelf
from bot.characters.lorebooks import MOST_BOOKS, add_book
from bot.chat.chat_lore import MOST_IN_CHAT
from bot.chat.inspecting import HIDDEN_TITLE, HIDDEN_WHY, UNQUOTED
from bot.errors import Busy, Invalid, NotFound, NotYours, UserError
from bot.services import Services
from storage.ids import new_id
from storage.personas import Persona, add_persona, use_persona
from storage.readings import keep_reading
from tests.bot.chat.board import ALICE, GUILD, PLACE, World
from tests.cogs.workshop import PICTURE as PNG
from tests.theatre import until

BOB = Caller(12, "bob", "Bob", guild_id=GUILD)
MIA = Caller(13, "mia", "Mia", guild_id=GUILD, may_moderate=True)
OWNER = replace(ALICE, may_moderate=False)
WHALE = LoreEntry(keys=("whale",), content="The whale is white.", name="Moby")
SHIP = LoreEntry(keys=("ship",), content="The ship is black.", name="Pequod")
FILE = orjson.dumps({"name": "Seas", "entries": {"0": {"uid": 0, "key": ["whale"], "content": "It sings."}}})


@pytest.fixture
async def services(world: World) -> AsyncIterator[Services]:
    """A process with a chat of Alice's."""
    async with world.process(model_prices="scripted=1/2") as services:
        await world.open_chat(services)
        yield services


async def book(services: Services, *entries: LoreEntry, owner: Caller = OWNER, name: str = "Seas") -> UUID:
    async with services.database.transaction() as session:
        return await add_book(session, owner, Lorebook(name=name, entries=entries))


async def wake(services: Services) -> str:
    """The id of the character that is played."""
    return (await services.characters.names(ALICE, "Wake", owned_only=True))[0][1]


async def answered(world: World, services: Services, text: str) -> None:
    before = len(world.board.replies)
    await world.say(services, text)
    await until(lambda: len(world.board.replies) > before and world.board.replies[-1].is_over)


# --- the lore of a chat -------------------------------------------------------------------------------


async def test_who_governs_adds_their_own_books_and_takes_away_anybodys(services: Services) -> None:
    lore = services.chat_lore
    alices, bobs, mias = [await book(services, WHALE, owner=each, name=each.username) for each in (OWNER, BOB, MIA)]
    cases: list[tuple[Caller, UUID, type[UserError] | None]] = [
        (BOB, bobs, NotYours),  # he only plays along
        (OWNER, bobs, NotYours),  # not hers
        (MIA, alices, NotYours),
        (OWNER, uuid4(), NotFound),
        (OWNER, alices, None),
        (OWNER, alices, None),  # again changes nothing
        (MIA, mias, None),
    ]
    for caller, book_id, refusal in cases:
        if refusal is None:
            await lore.add(caller, PLACE, book_id)
        else:
            with pytest.raises(refusal):
                await lore.add(caller, PLACE, book_id)
    seen = await lore.look(BOB, PLACE)
    assert [(each.name, each.entries, each.owner_user_id) for each in seen.books] == [("alice", 1, 11), ("mia", 1, 13)]
    assert ([each.name for each in seen.mine], seen.may_change) == (["bob"], False)
    with pytest.raises(NotYours):
        await lore.take_away(BOB, PLACE, alices)
    await lore.take_away(MIA, PLACE, alices)
    with pytest.raises(NotFound):
        await lore.take_away(MIA, PLACE, alices)
    assert [each.name for each in (await lore.look(OWNER, PLACE)).mine] == ["alice"]


async def test_a_file_becomes_a_book_once_and_is_read_along(services: Services) -> None:
    with pytest.raises(NotYours):
        await services.chat_lore.add_file(BOB, PLACE, FILE, "seas.json")
    first = await services.chat_lore.add_file(OWNER, PLACE, FILE, "seas.json")
    await services.chat_lore.take_away(OWNER, PLACE, first)
    assert await services.chat_lore.add_file(OWNER, PLACE, FILE, "seas.json") == first
    assert [each.id for each in (await services.chat_lore.look(OWNER, PLACE)).books] == [first]
    with pytest.raises(Invalid, match="holds a character"):
        await services.chat_lore.add_file(OWNER, PLACE, b'{"name": "Wake", "first_mes": "Hello."}', "wake.json")


async def test_there_are_bounds(services: Services) -> None:
    for number in range(MOST_IN_CHAT):
        await services.chat_lore.add_new(OWNER, PLACE, f"Book {number}")
    with pytest.raises(Invalid, match="20 books are read along"):
        await services.chat_lore.add_new(OWNER, PLACE, "One more")
    for _ in range(MOST_BOOKS - MOST_IN_CHAT):
        await book(services)
    with pytest.raises(Invalid, match="You have 50 books"):
        await book(services)
    full = tuple(LoreEntry(keys=(f"k{number}",), content="x") for number in range(4_000))
    (first, *_) = await services.lorebooks.titles(OWNER)
    await services.lorebooks.take_in(OWNER, first.id, Lorebook(entries=full), joins=False)
    with pytest.raises(Invalid, match="room for 4,000 entries"):
        await services.lorebooks.add(OWNER, first.id, WHALE)
    assert len((await services.lorebooks.open(OWNER, first.id)).keys) == 4_000


# --- writing in books ---------------------------------------------------------------------------------

Change_ = Callable[[Shelf, Caller, UUID, str], Awaitable[Any]]
CHANGES: dict[str, Change_] = {
    "open": lambda shelf, caller, book_id, _: shelf.open(caller, book_id),
    "add": lambda shelf, caller, book_id, _: shelf.add(caller, book_id, SHIP),
    "change": lambda shelf, caller, book_id, key: shelf.change(caller, book_id, key, SHIP),
    "remove": lambda shelf, caller, book_id, key: shelf.remove(caller, book_id, key),
    "configure": lambda shelf, caller, book_id, _: shelf.configure(caller, book_id, BookSettings("x", 1, 2, True)),
    "take_in": lambda shelf, caller, book_id, _: shelf.take_in(caller, book_id, Lorebook(), joins=False),
}


@pytest.mark.parametrize("kind", ["book", "card"])
async def test_a_book_is_written_in_by_its_owner_alone(services: Services, kind: str) -> None:
    shelf: Shelf = services.lorebooks if kind == "book" else services.card_lore
    book_id = await book(services) if kind == "book" else UUID(await wake(services))

    async def names() -> list[str]:
        return [entry.name for entry in (await shelf.open(OWNER, book_id)).book.entries]

    await shelf.add(OWNER, book_id, WHALE)
    (key,) = (await shelf.open(OWNER, book_id)).keys
    for what, change in CHANGES.items():
        with pytest.raises(UserError):
            await change(shelf, BOB, book_id, key)
            pytest.fail(f"Bob may {what}")
    await shelf.add(OWNER, book_id, SHIP)
    assert await names() == ["Moby", "Pequod"]
    _, second = (await shelf.open(OWNER, book_id)).keys
    await shelf.change(OWNER, book_id, second, replace(SHIP, name="Rachel", enabled=False))
    assert await names() == ["Moby", "Rachel"]
    first, _ = (await shelf.open(OWNER, book_id)).keys
    await shelf.remove(OWNER, book_id, first)
    with pytest.raises((Invalid, Busy)):
        await shelf.remove(OWNER, book_id, first)
    await shelf.configure(OWNER, book_id, BookSettings("Deep", 7, 300, True))
    await shelf.take_in(OWNER, book_id, Lorebook(name="File", entries=(WHALE,)), joins=True)
    opened = await shelf.open(OWNER, book_id)
    assert (opened.book.name, opened.book.scan_depth, opened.book.token_budget) == ("Deep", 7, 300)
    assert [(entry.name, entry.enabled) for entry in opened.book.entries] == [("Rachel", False), ("Moby", True)]
    await shelf.take_in(OWNER, book_id, Lorebook(name="File", entries=(SHIP,)), joins=False)
    assert await names() == ["Pequod"]
    with pytest.raises(Invalid, match="between 0 and"):
        await shelf.configure(OWNER, book_id, BookSettings("Deep", -1, None, None))


async def test_each_change_of_a_cards_book_is_a_new_version(services: Services) -> None:
    character = await wake(services)
    await services.card_lore.add(OWNER, UUID(character), WHALE)
    await services.characters.edit(OWNER, character, Change(personality="Gruff."))
    definition = await services.characters.definition(OWNER, character)
    assert (definition.version, definition.card.personality) == (3, "Gruff.")
    (key,) = (await services.card_lore.open(OWNER, UUID(character))).keys
    await services.card_lore.remove(OWNER, UUID(character), key)
    assert (await services.characters.definition(OWNER, character)).card.character_book is None


# --- inspecting ---------------------------------------------------------------------------------------


async def test_a_reply_tells_which_lore_fired_and_why(world: World, services: Services) -> None:
    with pytest.raises(NotFound, match="No reply was written"):
        await services.inspections.inspect(OWNER, PLACE)
    await services.chat_lore.add(OWNER, PLACE, await book(services, WHALE, SHIP))
    await services.author_notes.change(OWNER, PLACE, text="Keep it wet.")
    await answered(world, services, "Look, a whale!")
    assert "The whale is white." in world.model.prompt
    assert "Keep it wet." in world.model.prompt
    seen = await services.inspections.inspect(OWNER, PLACE)
    assert seen.report is not None
    told = {each.title: (each.book, each.fired, each.why) for each in seen.report.lore}
    assert told == {
        "Moby": ("Seas", True, 'key "whale" in the newest message'),
        "Pequod": ("Seas", False, 'its key "ship" was not said'),
    }
    parts = {part.name: part for part in seen.report.parts}
    assert {"main instruction", "history", "lore: Moby", "author's note"} <= parts.keys()
    assert all(parts[name].tokens > 0 for name in ("main instruction", "history", "lore: Moby"))
    assert (seen.is_cut, seen.kept_back, seen.making.model) == (False, 0, "scripted")
    making = seen.making
    assert (making.prompt_tokens, making.completion_tokens, making.cost) == (7, 1, 9_000)
    assert making.first_token_ms is not None
    assert making.duration_ms is not None
    with pytest.raises(NotFound):
        await services.inspections.inspect(OWNER, PLACE, uuid4())
    reply, line, greeting = (await services.records.history(OWNER, PLACE)).messages
    for message in (line, greeting):
        with pytest.raises(Invalid, match="not written by a model"):
            await services.inspections.inspect(OWNER, PLACE, message.id)
    async with services.database.transaction() as session:
        await keep_reading(session, reply, b"{}")
    with pytest.raises(Invalid, match="can no longer be read"):
        await services.inspections.inspect(OWNER, PLACE)


async def test_others_learn_of_hidden_lore_its_length_alone(world: World, services: Services) -> None:
    character = await wake(services)
    change = Change(short_description="A keeper.", character_book=Lorebook(entries=(WHALE, SHIP)))
    await services.characters.edit(OWNER, character, change, avatar=PNG)
    await services.characters.publish(OWNER, character)
    await services.chat_lore.add(OWNER, PLACE, await book(services, replace(WHALE, name="Whalebone"), name="Alice's"))
    await answered(world, services, "A whale!")
    hidden = (HIDDEN_TITLE, True, HIDDEN_WHY)
    everything = {"Moby", "Pequod", "Whalebone"}
    cases: list[tuple[Any, Caller, set[str], int, int]] = [
        # who may read, who asks, the titles they read, hidden entries that fired, and that did not
        ("public", OWNER, everything, 0, 0),
        ("public", BOB, {"Moby", "Pequod"}, 1, 0),
        ("public", MIA, {"Moby", "Pequod"}, 1, 0),
        ("author", OWNER, everything, 0, 0),
        ("author", BOB, set(), 2, 1),
        ("author", MIA, set(), 2, 1),
    ]
    for visibility, caller, titles, fired, silent in cases:
        await services.characters.edit(OWNER, character, Change(definition_visibility=visibility))
        seen = await services.inspections.inspect(caller, PLACE)
        assert seen.report is not None
        told = [(each.title, each.fired, each.why) for each in seen.report.lore]
        assert {title for title, *_ in told} - {HIDDEN_TITLE} == titles
        assert (told.count(hidden), seen.kept_back, seen.is_cut) == (fired, silent, bool(fired))
        assert sum(part.name == "lore" for part in seen.report.parts) == fired
        words = seen.report.to_json().decode()
        unread = everything - titles
        assert not any(word in words for word in unread)
        if visibility == "author" and caller is not OWNER:
            assert not any(word in words for word in ("whale", "ship", "Alice's"))


async def test_nobody_reads_of_anothers_persona_through_a_key(world: World, services: Services) -> None:
    bobs, told = Persona(new_id(), "Ishmael", "Secretly a harpooner"), "Secretly"
    entries = (LoreEntry(keys=("{{persona}}",), content="x", name="Spy"), LoreEntry(keys=("sea",), content="y"))
    await services.chat_lore.add(OWNER, PLACE, await book(services, *entries))
    async with services.database.transaction() as session:
        chat = await storage.chats.find_latest_chat(session, PLACE.id)
        assert chat is not None
        await storage.chats.join(session, chat_id=chat.id, user_id=ALICE.user_id, username="alice")
        await add_persona(session, owner_id=ALICE.user_id, persona=bobs)
        await use_persona(session, chat_id=chat.id, user_id=ALICE.user_id, persona_id=bobs.id)
    await answered(world, services, "The sea.")
    seen = await services.inspections.inspect(OWNER, PLACE)
    assert seen.report is not None
    assert {each.title: each.why for each in seen.report.lore} == {
        "Spy": UNQUOTED, "sea": 'key "sea" in the newest message',
    }  # fmt: skip
    assert told not in seen.report.to_json().decode()


# --- the note -----------------------------------------------------------------------------------------


async def test_the_note_is_set_by_who_governs_and_read_by_all(services: Services) -> None:
    notes = services.author_notes
    with pytest.raises(Invalid, match="no author's note here yet"):
        await notes.change(OWNER, PLACE, depth=2)
    with pytest.raises(NotYours):
        await notes.change(BOB, PLACE, text="Be loud.")
    set_ = await notes.change(OWNER, PLACE, text=" Be brief. ", depth=2)
    assert set_.note == storage.notes.Note("Be brief.", 2, 1, "system")
    await notes.change(MIA, PLACE, frequency=3, role="user")
    seen = await notes.look(BOB, PLACE)
    assert seen.note == storage.notes.Note("Be brief.", 2, 3, "user")
    assert not seen.may_change
    for wrong in ({"text": "x" * 2_001}, {"depth": 1_001}, {"depth": -1}, {"frequency": 101}, {"role": "cook"}):
        with pytest.raises(Invalid):
            await notes.change(OWNER, PLACE, **wrong)  # pyright: ignore[reportArgumentType]
    assert (await notes.change(OWNER, PLACE, text="")).note is None
    assert (await notes.look(OWNER, PLACE)).note is None


async def test_a_fork_takes_note_and_books_along(world: World, services: Services) -> None:
    book_id = await services.chat_lore.add_new(OWNER, PLACE, "Seas")
    await services.author_notes.change(OWNER, PLACE, text="Be brief.", role="user")
    await answered(world, services, "Hello.")
    (reply, *_) = (await services.records.history(OWNER, PLACE)).messages
    await services.openings.fork(OWNER, PLACE, reply.id, interaction_id=4_711)
    async with services.database.transaction() as session:
        found = await storage.chats.find_chat_of_interaction(session, 4_711)
        assert found is not None
        note = await storage.notes.find_note(session, found)
        assert note == storage.notes.Note("Be brief.", role="user")
        assert [each.id for each in await storage.chat_lore.list_in_use(session, found.id)] == [book_id]
