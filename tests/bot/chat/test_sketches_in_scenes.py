"""In a scene of several the others are told in short, once that was made."""

import asyncio

import orjson

import storage.jobs
from bot.characters.changes import Change
from bot.characters.sketching import JOB
from bot.chat.chats import Saying
from storage.database import Database
from tests.bot.chat.board import ALICE, PLACE, World
from tests.theatre import until


async def sketched(database: Database) -> None:
    """Waits until nobody waits for a sketch."""
    async with asyncio.timeout(5):
        while True:
            async with database.transaction() as session:
                tallies = await storage.jobs.count_by_name(session)
            if not any(each.waiting + each.running for each in tallies if each.name == JOB):
                return
            await asyncio.sleep(0.01)


async def test_the_others_of_a_scene_are_sketched_once_and_told_from_then_on(world: World, database: Database) -> None:
    async with world.process(chat_titles="false") as services:
        await world.open_chat(services)
        about = Change(name="Ebb", description="Ebb hides a map.", short_description="A pilot.", age_rating="teen")
        ebb = await services.characters.create(ALICE, about)
        await services.casting.invite(ALICE, Saying(PLACE, next(world.events), None, "Ebb joins."), str(ebb.id))

        world.model.says("I see.", pause=0)
        await world.say(services, "Wake, who is that?")
        await until(lambda: world.board.posts[-1].is_over and "I see." in world.board.posts[-1].text)
        assert "- Ebb: A pilot" in world.model.prompt
        world.model.says(orjson.dumps({"appearance": "grey coat", "summary": "Ebb pilots ships."}).decode(), pause=0)
        services.jobs.open()
        await sketched(database)
        assert "Ebb hides a map." in world.model.prompt

        world.model.says("I see it all.", pause=0)
        await world.say(services, "Wake, and now?")
        await until(lambda: world.board.posts[-1].is_over and "I see it all." in world.board.posts[-1].text)
        assert "Ebb pilots ships" in world.model.prompt
        assert "grey coat" in world.model.prompt
        assert "A pilot" not in world.model.prompt
        assert len(world.model.requests) == 3
