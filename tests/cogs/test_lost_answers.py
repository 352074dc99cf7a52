"""A post whose answer is lost on the way stands on Discord all the same: it is found again, not posted twice."""

import pytest

from tests.theatre import Theatre, until


@pytest.mark.parametrize("status", [None, 502], ids=["connection breaks", "bad gateway"])
@pytest.mark.parametrize("after", [0, 3], ids=["at the first word", "in the middle"])
async def test_a_lost_answer_makes_no_second_post(theatre: Theatre, status: int | None, after: int) -> None:
    thread = await theatre.chat_with("Cue")
    await theatre.alice.sees("Cue")
    greeted = len([each for each in theatre.alice.messages(thread) if each.webhook_id])
    lost = theatre.playground.faults.lose_answer("POST", "/webhooks/*", status=status, times=1)
    held = theatre.model.says("One two three four five six", hold_after=after)
    await theatre.alice.say("Count.")
    await theatre.playground.world.pulse.until(lambda: lost.struck == 1, 10)
    held.release()
    await theatre.reply("One two three four five six")
    # What discord.py posted a second time goes when the reply stands.
    await until(lambda: len([each for each in theatre.alice.messages(thread) if each.webhook_id]) == greeted + 1)
