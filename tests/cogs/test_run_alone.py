"""`python -m bot run` with a token and a model, and nothing else: the stores come along."""

from pathlib import Path

import pytest

from playground import Playground
from tests.program import environment, running, spawn
from tests.scripted_model import ScriptedModel

pytestmark = pytest.mark.long


async def test_a_token_and_a_model_are_enough(tmp_path: Path) -> None:
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        alice = playground.add_person("alice", guilds=[guild]).at(guild.add_text_channel("tavern"))
        told = environment(playground, model.url, tmp_path / "data")
        async with running(playground, told, tmp_path / "bot.log"):
            await alice.slash("character start", character="Cobb")
            alice.here = guild.threads[-1]
            model.says("It is very high up here.")
            await alice.say("How is the view?")
            await alice.sees("very high up")
            doctor = await spawn(told, "doctor", log=tmp_path / "doctor.log")
            assert await doctor.wait() == 0, (tmp_path / "doctor.log").read_text()
        assert "embedded" in (tmp_path / "doctor.log").read_text()
        async with running(playground, told, tmp_path / "bot.log"):
            model.says("Still very high.")
            await alice.say("And now?")
            await alice.sees("Still very high.")
    assert playground.violations == []
