"""What a person reads for each kind of exception."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands
from structlog.testing import capture_logs

from bot.error_replies import in_words
from bot.errors import Invalid, NotFound, Unavailable


def refusal(code: int) -> discord.HTTPException:
    """What discord.py raises where Discord refuses with a code."""
    answer: Any = SimpleNamespace(status=400, reason="Bad Request")
    return discord.HTTPException(answer, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotFound("It is not there."), "It is not there."),
        (app_commands.NoPrivateMessage(), "in servers only"),
        (app_commands.MissingPermissions(["manage_guild"]), "You need the right “Manage Server” here"),
        (
            commands.BotMissingPermissions(["send_messages", "attach_files"]),
            "I need the right “Send Messages, Attach Files”",
        ),
        (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 9), 3.2), "again in 3 seconds"),
        (app_commands.CommandNotFound("gone", []), "Reload Discord"),
    ],
)
def test_what_is_known_is_said_without_an_incident(error: Exception, words: str) -> None:
    with capture_logs() as logged:
        said = in_words(error)
    assert words in said
    assert "incident" not in said
    assert logged == []


def test_a_provider_that_is_away_is_told_and_logged() -> None:
    with capture_logs() as logged:
        assert in_words(Unavailable("The model does not answer. Try again in a moment.")).startswith("The model")
    assert [each["event"] for each in logged] == ["unavailable"]


@pytest.mark.parametrize(
    ("error", "words", "event"),
    [
        (refusal(40060), "Discord gave up waiting", "interaction.over"),
        (refusal(10062), "Discord gave up waiting", "interaction.over"),
        (aiohttp.ServerDisconnectedError(), "Discord did not answer me", "discord.away"),
    ],
)
def test_what_discord_tells_twice_or_not_at_all_is_no_bug(error: Exception, words: str, event: str) -> None:
    with capture_logs() as logged:
        assert words in in_words(error)
    assert [each["event"] for each in logged] == [event]


def test_a_bug_is_logged_under_the_incident_that_the_person_reads() -> None:
    bug = commands.CommandInvokeError(ValueError("secret words"))
    with capture_logs() as logged:
        said = in_words(bug)
    assert "secret words" not in said
    assert f"`{logged[0]['incident']}`" in said
    assert logged[0]["exc_info"] is bug.original


def test_our_own_words_come_through_whatever_is_wrapped_around_them() -> None:
    inner = Invalid("That is too long.")
    assert in_words(commands.CommandInvokeError(commands.CommandInvokeError(inner))) == "That is too long."
