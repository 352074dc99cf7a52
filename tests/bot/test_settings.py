"""Settings: documented, checked, and named when they are wrong."""

import re
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, read_settings
from tests.program import REPOSITORY

DOCUMENTED = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert {name.upper() for name in Settings.model_fields} == DOCUMENTED


def test_what_the_example_shows_as_default_is_the_default() -> None:
    text = (REPOSITORY / ".env.example").read_text()
    defaults = read_settings(_env_file=None)
    for name in ("CONTEXT_TOKENS", "REPLY_TOKENS", "HISTORY_LIMIT", "TEMPERATURE", "CACHE_PREFIX", "LOG_FORMAT"):
        shown = re.search(rf"^#{name}=(.*)$", text, re.MULTILINE)
        default = str(getattr(defaults, name.lower()))
        assert (shown[1] if shown else default) == default


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"discord_api_url": "discord.com"}, "DISCORD_API_URL cannot be used: it must begin with http:// or https://."),
        ({"discord_gateway_url": "http://x"}, "it must begin with ws:// or wss://"),
        ({"redis_url": "localhost:6379"}, "REDIS_URL cannot be used: it must begin with redis://"),
        ({"operator_ids": "1,two"}, "A good value looks like this: 123456789012345678,234567890123456789"),
        ({"operator_ids": "-5"}, "OPERATOR_IDS"),
        ({"log_format": "xml"}, "A good value looks like this: text or json"),
        ({"metrics_port": "70000"}, "METRICS_PORT"),
        ({"temperature": "3"}, "TEMPERATURE"),
        ({"context_tokens": "10"}, "CONTEXT_TOKENS"),
    ],
)
def test_a_wrong_value_is_named_with_a_good_example(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as told:
        read_settings(_env_file=None, **given)
    assert says in str(told.value)


def test_blank_means_unset_and_lists_are_split() -> None:
    settings = read_settings(_env_file=None, discord_token=" ", metrics_port="", operator_ids=" 1, 2 ,")
    assert settings.discord_token is None
    assert settings.metrics_port is None
    assert settings.operator_ids == [1, 2]


def test_secrets_do_not_show() -> None:
    settings = read_settings(_env_file=None, discord_token="very-secret", database_url="postgresql://u:hunter2@h/d")
    assert "very-secret" not in repr(settings)
    assert "hunter2" not in repr(settings)
