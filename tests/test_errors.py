"""What a person reads for each kind of exception."""

import pytest
from discord import app_commands
from discord.ext import commands
from structlog.testing import capture_logs

from bot.error_replies import in_words
from bot.errors import Invalid, NotFound, Unavailable


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
