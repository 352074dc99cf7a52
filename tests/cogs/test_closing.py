"""What is being handled when the program is told to stop is still answered."""

import asyncio

import pytest

from tests.theatre import Theatre


async def test_a_command_that_is_being_handled_is_answered(theatre: Theatre, capfd: pytest.CaptureFixture[str]) -> None:
    await theatre.chat_with("Cue")
    slow = theatre.playground.faults.slow(0.3, method="POST", path="/interactions/*")
    asked = asyncio.create_task(theatre.alice.slash("chat history"))
    await theatre.playground.world.pulse.until(lambda: slow.struck == 1, 5)
    await theatre.stop()
    assert "Cue" in (await asked).text
    assert "bug" not in capfd.readouterr().err
