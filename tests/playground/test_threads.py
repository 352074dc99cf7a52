"""Threads: archived, locked, deleted, private, and posts in forums."""

from __future__ import annotations

import discord
import pytest

from playground import Channel, Guild, Person, Playground, Refused
from tests.playground.conftest import Client, Rest, until


async def test_a_message_has_one_thread_with_its_id(
    play: Playground, bot: Client, tavern: Channel, alice: Person
) -> None:
    said = await alice.say("Once upon a time")
    place = bot.get_channel(tavern.id)
    assert isinstance(place, discord.TextChannel)
    message = await place.fetch_message(said.id)
    thread = await message.create_thread(name="The story")
    assert (thread.id, thread.name) == (said.id, "The story")
    with pytest.raises(discord.HTTPException) as refused:
        await message.create_thread(name="Again")
    assert refused.value.code == 160004
    await thread.send("Chapter one")
    assert (await alice.at(play.world.channels[thread.id]).sees("Chapter one")).channel.parent is tavern


async def test_writing_wakes_an_archived_thread_and_editing_does_not(
    play: Playground, tavern: Channel, alice: Person, rest: Rest
) -> None:
    thread = await alice.start_thread("Night")
    message = (await rest("POST", f"/channels/{thread.id}/messages", {"content": "x"})).body["id"]
    await play.archive(thread)
    for method, path, body in [
        ("PATCH", f"/channels/{thread.id}/messages/{message}", {"content": "y"}),
        ("DELETE", f"/channels/{thread.id}/messages/{message}", None),
        ("PUT", f"/channels/{thread.id}/messages/{message}/reactions/❌/@me", None),
        ("PATCH", f"/channels/{thread.id}", {"name": "Day"}),
        ("PUT", f"/channels/{thread.id}/thread-members/@me", None),
    ]:
        assert (await rest(method, path, body)).code == 50083, (method, path)
    assert (await rest("POST", f"/channels/{thread.id}/messages", {"content": "wake"})).status == 200
    assert not thread.archived


async def test_a_locked_thread_refuses_whoever_does_not_manage_it(
    play: Playground, guild: Guild, tavern: Channel, alice: Person, rest: Rest
) -> None:
    thread = await alice.start_thread("Night")
    hook = (await rest("POST", f"/channels/{tavern.id}/webhooks", {"name": "Actors"})).body
    await play.lock(thread)
    with pytest.raises(Refused) as refused:
        await alice.at(thread).say("let me in")
    assert refused.value.code == 160005
    path = f"/webhooks/{hook['id']}/{hook['token']}?thread_id={thread.id}"
    assert (await rest("POST", path, {"content": "x"})).code == 160005
    assert (await rest("POST", f"/channels/{thread.id}/messages", {"content": "x"})).status == 200
    guild.revoke_from_bot("manage_threads")
    assert (await rest("POST", f"/channels/{thread.id}/messages", {"content": "x"})).code == 160005
    assert (await rest("PATCH", f"/channels/{thread.id}", {"locked": False})).code == 50013


async def test_a_deleted_thread_is_gone_for_everyone(
    play: Playground, bot: Client, tavern: Channel, alice: Person, rest: Rest
) -> None:
    thread = await alice.start_thread("Night")
    said = await alice.at(thread).say("here")
    await play.delete_channel(thread)
    assert said.deleted
    assert (await rest("POST", f"/channels/{thread.id}/messages", {"content": "x"})).code == 10003
    assert alice.messages() == []


async def test_a_forum_takes_posts_and_no_messages(
    play: Playground, guild: Guild, bot: Client, alice: Person, rest: Rest
) -> None:
    stories = guild.add_forum("stories")
    assert (await rest("POST", f"/channels/{stories.id}/messages", {"content": "x"})).code == 50008
    await until(lambda: bot.get_channel(stories.id) is not None)
    forum = bot.get_channel(stories.id)
    assert isinstance(forum, discord.ForumChannel)
    made = await forum.create_thread(name="A tale", content="It began.")
    assert made.thread.id == made.message.id
    post = await alice.at(stories).start_post("Mine", "My own.")
    assert [message.text for message in play.messages(post)] == ["My own."]
    assert play.messages(post)[0].id == post.id


async def test_archived_threads_are_listed(tavern: Channel, play: Playground, alice: Person, rest: Rest) -> None:
    for name in ("one", "two"):
        await play.archive(await alice.start_thread(name))
        play.clock.advance(1)
    reply = await rest("GET", f"/channels/{tavern.id}/threads/archived/public?limit=1")
    assert [thread["name"] for thread in reply.body["threads"]] == ["two"]
    assert reply.body["has_more"] is True


async def test_a_thread_that_nobody_writes_in_goes_to_sleep(play: Playground, alice: Person) -> None:
    thread = await alice.start_thread("Night")
    day = 24 * 3600
    play.clock.advance(day - 60)
    await alice.at(thread).say("still here")
    play.clock.advance(day - 60)
    assert not thread.archived
    play.clock.advance(120)
    assert thread.archived
