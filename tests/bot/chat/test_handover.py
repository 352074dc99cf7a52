"""Several processes and one chat: whoever writes, whoever dies, whoever is late, each reply ends once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

import storage.messages
from bot.services import Services
from storage.database import Database
from tests.bot.chat.board import ALICE, PLACE, Board, BoardPost, World
from tests.theatre import until

WORDS = "One two three four five six."


async def rows(database: Database, query: str) -> list[Any]:
    async with database.transaction() as session:
        return list((await session.execute(sa.text(query))).all())


async def let_leases_run_out(database: Database) -> None:
    """As ten seconds without a renewal do."""
    async with database.transaction() as session:
        await session.execute(
            sa.text("UPDATE generations SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL")
        )


async def freeze(services: Services, database: Database) -> None:
    """The process stands still: it renews, flushes and sweeps no more, and its leases run out."""
    await services.caretaker.close()
    await let_leases_run_out(database)


async def replied(board: Board, text: str, number: int = 1) -> BoardPost:
    """Waits until so many replies have ended, and the last one says this."""
    await until(lambda: len(board.replies) == number and all(each.is_over for each in board.replies))
    assert text in board.replies[-1].text
    return board.replies[-1]


async def half_a_reply(world: World, services: Services) -> Any:
    """Half of a reply stands on the board; what is returned lets the rest come."""
    await world.open_chat(services)
    held = world.model.says(WORDS, hold_after=3, pause=0)
    await world.say(services, "Count.")
    await until(lambda: bool(world.board.replies) and world.board.replies[0].text == "One two three")
    return held


async def test_of_several_who_sweep_one_takes_over_and_the_late_writer_changes_nothing(
    world: World, database: Database
) -> None:
    async with world.process() as first, world.process() as second, world.process() as third:
        held = await half_a_reply(world, first)
        await freeze(first, database)
        await asyncio.gather(*(each.caretaker.sweep() for each in (second, third) for _ in range(3)))
        post = await replied(world.board, "One two three")
        assert "Interrupted" in post.note
        edits = post.edits
        held.release()
        await until(lambda: held.ended_at is not None)
        await first.caretaker.renew()
        await world.say(second, "And now?")
        await replied(world.board, "Indeed.", 2)
        assert (post.text, post.edits) == ("One two three", edits)
    kept = await rows(database, "SELECT status FROM messages WHERE role = 'character' AND depth = 2")
    assert [status for (status,) in kept] == ["interrupted"]


async def test_a_writer_that_cannot_renew_shows_nothing_until_it_can(world: World, database: Database) -> None:
    async with world.process() as first:
        held = await half_a_reply(world, first)
        (writer,) = first.caretaker.writers.running.values()
        writer.lease.until = 0.0
        post, edits = world.board.replies[0], world.board.replies[0].edits
        held.release()
        await until(lambda: held.ended_at is not None)
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert post.edits <= edits + 1
        await first.caretaker.renew()
        assert (await replied(world.board, "four five six.")).note == ""


async def test_who_dies_before_the_first_word_has_its_reply_written_by_another(
    world: World, database: Database
) -> None:
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        held = world.model.says("Never said.", hold_after=0)
        await world.say(first, "Hello?")
        await until(lambda: len(world.model.requests) == 1)
        await freeze(first, database)
        world.model.says("Here I am.")
        await second.caretaker.sweep()
        post = await replied(world.board, "Here I am.")
        assert post.note == ""
        assert world.model.requests[1]["messages"] == world.model.requests[0]["messages"]
        held.release()


async def test_what_nobody_waits_for_any_more_is_not_written_again(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        held = world.model.says("Never said.", hold_after=0)
        await world.say(first, "Hello?")
        await until(lambda: len(world.model.requests) == 1)
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE messages SET created_at = now() - interval '3 minutes'"))
        await freeze(first, database)
        await second.caretaker.sweep()
        post = await replied(world.board, "")
        assert "before the first word" in post.note
        assert len(world.model.requests) == 1
        held.release()


@pytest.mark.parametrize("cache_lost", [False, True])
async def test_a_continuation_that_is_taken_up_keeps_the_old_words(
    world: World, database: Database, cache_lost: bool
) -> None:
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        world.model.says("Once upon")
        await world.say(first, "Tell me.")
        post = await replied(world.board, "Once upon")
        held = world.model.says(" a time there was", hold_after=3)
        assert post.controls is not None
        await first.swipes.go_on(ALICE, PLACE, post.controls.message_id)  # type: ignore[union-attr]
        await until(lambda: world.board.replies[0].text.endswith("a time"))
        await freeze(first, database)
        if cache_lost:
            async for key in second.cache.client.scan_iter(second.cache.key("*")):
                await second.cache.client.delete(key)
        await second.caretaker.sweep()
        assert (await replied(world.board, "Once upon a time")).text == "Once upon a time"
        held.release()


async def test_an_end_that_was_stored_but_not_shown_is_shown_by_another(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        world.board.open_for_posts.clear()
        held.release()
        await until_row(database, "SELECT 1 FROM generations WHERE status = 'done'")
        await world.say(first, "And on.")
        await freeze(first, database)
        await second.caretaker.sweep()
        await first.caretaker.renew()  # it wakes, and hears that it has lost
        world.model.says("On we go.")
        world.board.open_for_posts.set()
        await replied(world.board, "On we go.", 2)
        assert world.board.replies[0].text == WORDS
        assert len(world.model.requests) == 2


async def until_row(database: Database, query: str) -> None:
    for _ in range(500):
        if await rows(database, query):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"no row: {query}")


async def test_a_release_that_was_lost_costs_time_and_nothing_else(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        world.model.says("The first.")
        await world.say(first, "Hello.")
        post = await replied(world.board, "The first.")
        await until_row(database, "SELECT 1 FROM generations WHERE lease_until IS NULL")
        async with database.transaction() as session:
            await session.execute(
                sa.text("UPDATE generations SET lease_until = now() + interval '9 s', owner = 'gone'")
            )
        await world.say(first, "And now?")
        assert len(world.model.requests) == 1
        world.model.says("The second.")
        await let_leases_run_out(database)
        await second.caretaker.sweep()
        await replied(world.board, "The second.", 2)
        assert post.text == "The first."
        assert "And now?" in world.model.prompt


async def test_whatever_is_said_around_the_end_of_a_reply_is_answered(world: World, database: Database) -> None:
    # No sweeper helps here: neither line of the code may look away at the wrong moment.
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        for number in range(12):
            said = f"Saying {number}."
            before = len(world.model.requests)
            world.model.says("Yes.", pause=0)
            await world.say(first, f"Begin {number}.")
            await until(lambda before=before: len(world.model.requests) > before)
            await asyncio.sleep(number * 0.012)
            world.model.says("And yes.", pause=0)
            await world.say((first, second)[number % 2], said)
            await until(lambda said=said: said in str(world.model.requests[-1]["messages"]))
            await until(lambda: all(each.is_over for each in world.board.replies))
            world.model.replies.clear()


@pytest.mark.parametrize("aged", ["created_at", "lease_until"])
async def test_what_waits_behind_a_dead_writer_is_answered_after_it(
    world: World, database: Database, aged: str
) -> None:
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        await world.say(first, "One thing more.")
        await world.say(second, "And another.")
        world.model.says("Both heard.")
        if aged == "created_at":  # it died between the release and the start of what waits
            await first.caretaker.close()
            async with database.transaction() as session:
                await session.execute(
                    sa.text(
                        "UPDATE generations SET lease_until = NULL, owner = NULL, status = 'done', "
                        "created_at = now() - interval '9 s' WHERE status = 'streaming'"
                    )
                )
                await session.execute(sa.text("UPDATE generations SET created_at = now() - interval '9 s'"))
        else:
            await freeze(first, database)
        await asyncio.gather(*(second.caretaker.sweep() for _ in range(3)))
        await until(lambda: any("Both heard." in each.text and each.is_over for each in world.board.replies))
        assert len(world.model.requests) == 2
        assert "One thing more." in world.model.prompt
        assert "And another." in world.model.prompt
        held.release()


async def test_stop_works_from_any_process(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        ((generation_id,),) = await rows(database, "SELECT id FROM generations")
        await second.chats.stop(ALICE, generation_id, PLACE)
        post = await replied(world.board, "One two three")
        assert "Stopped" in post.note
        held.release()
        await until(lambda: world.model.hung_up == 1)


async def test_a_stop_that_the_cache_lost_comes_with_the_lease(world: World, database: Database) -> None:
    async with world.process() as first:
        held = await half_a_reply(world, first)
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE generations SET stop_requested = true"))
        await first.caretaker.renew()
        assert "Stopped" in (await replied(world.board, "One two three")).note
        held.release()


async def test_a_reply_whose_writer_died_after_stop_was_pressed_is_stopped(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE generations SET stop_requested = true"))
        await freeze(first, database)
        await second.caretaker.sweep()
        assert "Stopped" in (await replied(world.board, "One two three")).note
        held.release()


async def test_a_process_that_closes_lets_replies_end_for_a_while(world: World, database: Database) -> None:
    async with world.process(close_seconds=5) as first:
        held = await half_a_reply(world, first)
        asyncio.get_running_loop().call_later(0.1, held.release)
    post = await replied(world.board, "four five six.")
    assert post.note == ""


async def test_what_is_said_to_a_process_that_closes_is_answered_by_another(world: World, database: Database) -> None:
    async with world.process() as second:
        async with world.process(close_seconds=5) as first:
            held = await half_a_reply(world, first)
            await world.say(first, "While it is written.")
            closing = asyncio.create_task(first.caretaker.writers.close())
            await until(lambda: first.caretaker.writers.is_closing)
            held.release()
            await closing
            await replied(world.board, "four five six.")
            assert len(world.model.requests) == 1
            await world.say(first, "After it.")
            assert len(world.model.requests) == 1
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE generations SET created_at = now() - interval '9 s'"))
        world.model.says("Heard.")
        await second.caretaker.sweep()
        await until(lambda: any("Heard." in each.text and each.is_over for each in world.board.replies))
        assert "After it." in world.model.prompt
        assert "While it is written." in world.model.prompt


async def test_what_a_closing_process_cannot_show_is_handed_over_at_once(world: World, database: Database) -> None:
    async with world.process() as first:
        await half_a_reply(world, first)
        world.board.open_for_posts.clear()
    assert await rows(database, "SELECT 1 FROM generations WHERE lease_until < now() AND owner IS NULL")
    async with world.process() as second:
        world.board.open_for_posts.set()
        await second.caretaker.sweep()
        post = await replied(world.board, "One two three")
        assert "Interrupted" in post.note


async def test_whoever_starts_too_late_leaves_it_to_the_sweeper(world: World, database: Database) -> None:
    async with world.process() as first, world.process() as second:
        await world.open_chat(first)
        begin = first.chats._writers.begin

        async def slowly(*given: Any, **more: Any) -> Any:
            writer = await begin(*given, **more)
            writer.lease.until = 0.0  # as if drawing a line across the thread had taken ten seconds
            return writer

        first.chats._writers.begin = slowly  # type: ignore[method-assign]
        await world.say(first, "Hello?")
        assert world.model.requests == []
        await let_leases_run_out(database)
        world.model.says("Here.")
        await second.caretaker.sweep()
        await replied(world.board, "Here.")


async def test_a_reply_that_nobody_can_end_does_not_block_its_chat(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.process() as first, world.process() as second:
        held = await half_a_reply(world, first)
        await world.say(first, "One thing more.")
        await freeze(first, database)
        world.model.says("On we go.")
        real, failures = storage.messages.finish_message, iter(range(9))  # thrice at each of three tries

        async def fail(*given: Any) -> None:
            if next(failures, None) is not None:
                raise RuntimeError("a bug")
            await real(*given)

        monkeypatch.setattr(storage.messages, "finish_message", fail)
        for _ in range(3):
            await let_leases_run_out(database)
            await second.caretaker.sweep()
            await until(lambda: held.released.is_set() or "recover" not in str(asyncio.all_tasks()))
        await until(lambda: any("On we go." in each.text and each.is_over for each in world.board.replies))
        ended = await rows(database, "SELECT status FROM messages WHERE role = 'character' AND depth = 2")
        assert [status for (status,) in ended] == ["failed"]
        held.release()


@pytest.mark.parametrize("how", ["complete", "stopped", "recovered", "failed"])
async def test_each_message_knows_its_model_its_times_and_its_tokens(
    world: World, database: Database, how: str
) -> None:
    async with world.process() as first, world.process() as second:
        if how == "failed":
            await world.open_chat(first)
            for _ in range(3):
                world.model.says("no", status=500)
            await world.say(first, "Count.")
        else:
            held = await half_a_reply(world, first)
            if how == "stopped":
                ((generation_id,),) = await rows(database, "SELECT id FROM generations")
                await first.chats.stop(ALICE, generation_id, PLACE)
            elif how == "recovered":
                await freeze(first, database)
                await second.caretaker.sweep()
            held.release()
        await until(lambda: len(world.board.replies) == 1 and world.board.replies[0].is_over)
        ((model, prompt, completion, first_ms, ms),) = await rows(
            database,
            "SELECT model, prompt_tokens, completion_tokens, first_token_ms, duration_ms FROM messages "
            "WHERE role = 'character' AND depth = 2",
        )
        assert model == "scripted"
        spent = await rows(database, "SELECT user_id, model, prompt_tokens, completion_tokens FROM usage_events")
        noted = [(ALICE.user_id, "scripted", prompt, completion)]
        assert [tuple(each) for each in spent] == ([] if how == "failed" else noted)
        if how == "failed":
            assert (prompt, completion, first_ms) == (None, None, None)
        else:
            assert 0 <= first_ms <= ms < 20_000
            assert (prompt, completion) == (7, 6) if how == "complete" else completion > 2
            assert prompt > 5
        assert await rows(database, "SELECT 1 FROM usage_reservations") == []
        titles = await rows(database, "SELECT 1 FROM pgqueuer WHERE entrypoint = 'chat.title'")
        assert len(titles) == (how in ("complete", "stopped"))
