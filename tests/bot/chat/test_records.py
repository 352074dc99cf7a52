"""The tree of a chat as it is looked at: which words come with it."""

import storage.chats
from bot.caller import Caller
from bot.chat.records import Records
from bot.chat.stage import Place
from storage.database import Database
from storage.messages import Message
from tests.storage.test_tree import ALICE, say, start

PLACE = Place(None, 1)


async def test_the_words_come_with_ends_beginnings_and_where_ways_part(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        await storage.chats.place_chat(session, chat.id, PLACE.id)
        message: Message | None = None
        said: list[Message] = []
        for number in range(10):
            message = await say(session, chat, message, f"line {number}")
            assert message
            said.append(message)
        other = await say(session, chat, said[4], "another way")
        await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=said[-1].id)
    assert other
    seen = await Records(database).tree(Caller(ALICE, "alice", "Alice"), PLACE)
    assert [each.text for each in seen.leaves] == ["another way", "line 9"]
    assert seen.path == {each.id for each in said}
    assert len(seen.outline) == 11
    # Lines 1 to 4 and 6 to 8 lie between, and stand as one each.
    assert [each.text for each in seen.shown] == ["line 0", "line 5", "line 9", "another way"]
