"""Discord refuses, and the reply is shown all the same; or it stands in the history, and the chat goes on."""

import asyncio

import discord
import pytest

from cogs.ui import display
from playground import Message, Refused, posting
from tests.cogs.showing import ended, find_ended, posts, refused, until_in_history
from tests.theatre import Theatre, until

WORDS = "One two three four five six."


async def hold(theatre: Theatre) -> asyncio.Event:
    """Alice speaks, and half of a reply stands; what is returned lets the rest come."""
    held = theatre.model.says(WORDS, hold_after=3, pause=0)
    await theatre.alice.say("Count.")
    await theatre.alice.sees("One two three")
    return held.released


async def goes_on(theatre: Theatre) -> Message:
    """Makes sure that the chat is not blocked."""
    words = f"On we go, {len(theatre.model.requests)}."
    theatre.model.says(words, pause=0)
    await theatre.alice.say("Go on.")
    return await ended(theatre.alice, words)


async def delete_webhooks(theatre: Theatre) -> None:
    """A moderator deletes the channel's webhooks."""
    for webhook in theatre.playground.webhooks(theatre.tavern):
        await theatre.playground.delete_webhook(webhook.id)


async def test_a_webhook_deleted_between_replies_is_made_anew(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("The first.", pause=0)
    await alice.say("Hello.")
    first = await ended(alice, "The first.")
    await delete_webhooks(theatre)
    second = await goes_on(theatre)
    assert first.webhook_id != second.webhook_id
    theatre.model.says("The first again.", pause=0)
    await delete_webhooks(theatre)
    await alice.click("Regenerate", on=second)
    third = await ended(alice, "The first again.")
    await until(lambda: second.deleted)
    assert third.webhook_id == theatre.playground.webhooks(theatre.tavern)[0].id
    assert len(theatre.playground.webhooks(theatre.tavern)) == 1


async def test_a_webhook_deleted_in_the_middle_is_mended_while_the_reply_is_written(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("One two three four five six seven eight nine.", hold_after=6, pause=0.03)
    await alice.say("Count.")
    half = await alice.sees("One two")
    await delete_webhooks(theatre)
    await alice.sees("One two three four five six")
    await until(lambda: half.deleted)
    held.release()
    whole = await ended(alice, "seven eight nine.")
    assert [each for each in posts(alice) if "One two" in each.text] == [whole]
    await goes_on(theatre)


@pytest.mark.parametrize("when", ["before", "between", "middle"])
async def test_without_the_right_to_webhooks_the_bot_speaks_itself(theatre: Theatre, when: str) -> None:
    alice, guild = theatre.alice, theatre.guild
    if when == "before":
        guild.revoke_from_bot("manage_webhooks")
    await theatre.chat_with("Cue")
    if when == "middle":
        released = await hold(theatre)
        guild.revoke_from_bot("manage_webhooks")
        await delete_webhooks(theatre)
        released.set()
    else:
        if when == "between":
            guild.revoke_from_bot("manage_webhooks")
            await delete_webhooks(theatre)
        theatre.model.says(WORDS, pause=0)
        await alice.say("Count.")
    reply = await ended(alice, "six.")
    assert reply.webhook_id is None
    assert reply.content.startswith("**Cue**\n")
    await until(lambda: [each for each in posts(alice) if "One two three" in each.text] == [reply])
    theatre.model.says("Another way.", pause=0)
    await alice.click("Regenerate", on=reply)
    assert (await ended(alice, "Another way.")).id == reply.id
    assert [each for each in refused(theatre) if each.path.endswith(f"/channels/{theatre.tavern.id}/webhooks")] == []


async def test_a_right_that_comes_back_brings_the_face_back(theatre: Theatre) -> None:
    alice, guild = theatre.alice, theatre.guild
    guild.revoke_from_bot("manage_webhooks")
    await theatre.chat_with("Cue")
    theatre.model.says(WORDS, pause=0)
    await alice.say("Count.")
    plain = await ended(alice, "six.")
    guild.grant_to_bot("manage_webhooks")
    theatre.model.says("With a face.", pause=0)
    await alice.click("Regenerate", on=plain)
    faced = await ended(alice, "With a face.")
    assert faced.webhook_id
    await until(lambda: plain.deleted)


@pytest.mark.parametrize("right", ["send_messages_in_threads", "view_channel"])
async def test_where_the_bot_may_not_speak_the_words_are_in_the_history(theatre: Theatre, right: str) -> None:
    alice, guild = theatre.alice, theatre.guild
    guild.revoke_from_bot("manage_webhooks")
    await theatre.chat_with("Cue")
    released = await hold(theatre)
    for channel in (None, theatre.tavern):
        guild.revoke_from_bot(right, channel=channel)
    since = len(theatre.playground.requests)
    theatre.guild.allow(alice, right, channel=theatre.tavern)
    theatre.guild.allow(alice, "send_messages_in_threads", channel=theatre.tavern)
    released.set()
    if right == "send_messages_in_threads":
        # What stands may still be edited.
        await ended(alice, "six.")
        theatre.model.says("Unseen words.", pause=0)
        await alice.say("Go on.")
        await until(lambda: len(theatre.model.requests) == 2)
        await until(lambda: refused(theatre, since=since) != [])
        await alice.slash("chat history")
        await until_in_history(theatre.alice, "Unseen words.")
    else:
        await until_in_history(theatre.alice, "four five six.")
    assert len(refused(theatre, since=since)) <= 10
    for channel in (theatre.tavern,):
        guild.grant_to_bot(right, channel=channel)
    guild.grant_to_bot(right)
    await goes_on(theatre)


async def test_an_archived_thread_is_woken_and_the_reply_goes_on(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    released = await hold(theatre)
    await theatre.playground.archive(thread)
    released.set()
    reply = await ended(theatre.alice, "six.")
    assert not thread.archived
    assert len([each for each in posts(theatre.alice) if "One two three" in each.text]) == 1
    assert reply.webhook_id
    await theatre.playground.archive(thread)
    await goes_on(theatre)


@pytest.mark.parametrize("manages", [True, False])
async def test_a_locked_thread_keeps_what_it_may(theatre: Theatre, manages: bool) -> None:
    thread = await theatre.chat_with("Cue")
    if not manages:
        theatre.guild.revoke_from_bot("manage_threads")
    long = " ".join(["word"] * 500)
    held = theatre.model.says(f"{long}\n\nThe second part. The end.", hold_after=501, pause=0)
    await theatre.alice.say("At length.")
    await theatre.alice.sees("word word")
    await theatre.playground.lock(thread)
    since = len(theatre.playground.requests)
    held.release()
    if manages:
        await ended(theatre.alice, "The end.")
    else:
        await until(lambda: len(refused(theatre, since=since)) >= 2)
    thread.locked = False
    if not manages:
        await until_in_history(theatre.alice, "word word")
    await goes_on(theatre)
    assert len(refused(theatre, since=since)) <= 10


async def test_a_deleted_thread_blocks_nothing(theatre: Theatre) -> None:
    alice = theatre.alice
    thread = await theatre.chat_with("Cue")
    released = await hold(theatre)
    await theatre.playground.delete_channel(thread)
    since = len(theatre.playground.requests)
    released.set()
    alice.here = theatre.tavern
    await theatre.chat_with("Cue")
    await goes_on(theatre)
    assert len([each for each in refused(theatre, since=since) if each.status == 404]) <= 4
    listed = await alice.slash("chat list")
    assert listed.text.count("https://") == 2


async def test_a_part_that_a_moderator_deleted_comes_back_with_the_rest(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("first " * 300 + "\n\n" + "second " * 200, pause=0)
    await alice.say("At length.")
    last = await ended(alice, "second second")
    first = posts(alice)[-2]
    posting.delete(first)
    theatre.model.says("third " * 300 + "\n\n" + "fourth " * 200, pause=0)
    await alice.click("Regenerate", on=last)
    await ended(alice, "fourth fourth")
    await until(lambda: last.deleted)
    assert [each.text.split()[0] for each in posts(alice)[-2:]] == ["third", "fourth"]


async def test_a_part_that_was_deleted_while_it_is_written_comes_back(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("One two three " + "four " * 5 + "five.", hold_after=7, pause=0.03)
    await alice.say("Count.")
    half = await alice.sees("One two")
    posting.delete(half)
    again = await alice.sees("One two three")
    assert again.id != half.id
    held.release()
    assert (await ended(alice, "five.")).id == again.id


async def test_messages_older_than_an_hour_are_posted_anew(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("The old way.", pause=0)
    await alice.say("Which way?")
    old = await ended(alice, "The old way.")
    theatre.playground.clock.advance(56 * 60)
    let_time_pass(monkeypatch, minutes=56)
    since = len(theatre.playground.requests)
    theatre.model.says("The new way.", pause=0)
    await alice.click("Regenerate", on=old)
    new = await ended(alice, "The new way.")
    assert new.id != old.id
    await until(lambda: old.deleted)
    edits = [
        each for each in theatre.playground.requests[since:] if each.method == "PATCH" and str(old.id) in each.path
    ]
    assert edits == []
    theatre.model.says("A third way.", pause=0)
    await alice.click("Regenerate", on=new)
    assert (await ended(alice, "A third way.")).id == new.id
    assert find_ended(alice, "The new way.") is None


def let_time_pass(monkeypatch: pytest.MonkeyPatch, *, minutes: float) -> None:
    """Moves the bot's clock, as the playground's was moved."""
    real = discord.utils.utcnow
    monkeypatch.setattr(discord.utils, "utcnow", lambda: real() + display.timedelta(minutes=minutes))


async def test_what_discord_refuses_to_show_is_said_in_words(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    await theatre.chat_with("Cue")
    real = posting.checks.message

    def refuse(body: dict[str, object], **options: int) -> None:
        if str(body.get("content")).startswith("These are forbidden"):
            raise Refused(240000, "This message contains links that are harmful", status=400)
        real(body, **options)

    monkeypatch.setattr(posting.checks, "message", refuse)
    theatre.model.says("These are forbidden words.", pause=0)
    await theatre.alice.say("Say them.")
    await ended(theatre.alice, "does not let me show this reply")
    await until_in_history(theatre.alice, "forbidden words")
    await goes_on(theatre)


async def test_an_avatar_that_is_lost_is_uploaded_again(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    card = next(each for each in thread.messages if each.attachments)
    first = await goes_on(theatre)
    posting.delete(card)
    await goes_on(theatre)
    last = await goes_on(theatre)
    assert first.webhook_avatar != last.webhook_avatar
    assert last.webhook_avatar
    copy = await theatre.alice.sees("A face for the scene.")
    assert last.webhook_avatar == copy.attachments[0].url
    assert refused(theatre)[0].path.endswith(f"/messages/{card.id}")
