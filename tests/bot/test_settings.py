"""Settings: documented, checked, and named when they are wrong."""

import re
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, read_settings
from tests.program import REPOSITORY

DOCUMENTED = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))

LIMITS = ("LIMIT_PERSON", "LIMIT_CHAT", "LIMIT_SERVER", "LIMIT_PROGRAM")


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert {name.upper() for name in Settings.model_fields} == DOCUMENTED


def test_what_the_example_shows_as_default_is_the_default() -> None:
    text = (REPOSITORY / ".env.example").read_text()
    defaults = read_settings(_env_file=None)
    for name in (
        "CONTEXT_TOKENS",
        "REPLY_TOKENS",
        "HISTORY_LIMIT",
        "TEMPERATURE",
        "CACHE_PREFIX",
        "LOG_FORMAT",
        *LIMITS,
    ):
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
        ({"limit_person": "5"}, "LIMIT_PERSON cannot be used: it must say how many requests in which time."),
        ({"limit_chat": "0/minute"}, "A good value looks like this: 120/minute"),
        ({"limit_server": "5/minute;"}, "LIMIT_SERVER"),
        ({"limit_program": "5/month"}, "LIMIT_PROGRAM"),
        ({"model_prices": "gpt=0.15"}, "MODEL_PRICES cannot be used: 'gpt=0.15' is no price."),
        ({"model_prices": "gpt=-1/2"}, "A good value looks like this: gpt-4o-mini=0.15/0.60,gpt-4o=2.50/10"),
        ({"shard_count": "0"}, "SHARD_COUNT cannot be used"),
        ({"shard_ids": "0"}, "SHARD_IDS cannot be used: SHARD_COUNT must say how many shards there are in all."),
        ({"shard_count": "4", "shard_ids": "1,4"}, "with SHARD_COUNT=4 the shards are 0 to 3, and there is no 4."),
        ({"shard_count": "4", "shard_ids": "3-1"}, "SHARD_IDS cannot be used"),
        ({"shard_count": "4", "shard_ids": "-1"}, "SHARD_IDS cannot be used"),
        ({"shard_count": "4", "shard_ids": "one"}, "A good value looks like this: 0,1 or 0-7"),
    ],
)
def test_a_wrong_value_is_named_with_a_good_example(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as told:
        read_settings(_env_file=None, **given)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("shard_ids", "means"), [("", []), ("0", [0]), ("2, 0", [0, 2]), ("0-2,5", [0, 1, 2, 5]), ("1,0-1", [0, 1])]
)
def test_shards_are_named_one_by_one_or_from_to(shard_ids: str, means: list[int]) -> None:
    assert read_settings(_env_file=None, shard_count="8", shard_ids=shard_ids).shard_ids == means


def test_a_wrong_count_of_shards_is_named_alone() -> None:
    with pytest.raises(SettingsError) as told:
        read_settings(_env_file=None, shard_count="none", shard_ids="0")
    assert "SHARD_IDS" not in str(told.value)


def test_blank_means_unset_and_lists_are_split() -> None:
    settings = read_settings(_env_file=None, discord_token=" ", metrics_port="", operator_ids=" 1, 2 ,")
    assert settings.discord_token is None
    assert settings.metrics_port is None
    assert settings.operator_ids == [1, 2]


def test_prices_are_read_by_model_and_a_blank_limit_is_none() -> None:
    settings = read_settings(_env_file=None, model_prices="a/b:free=0/0, gpt-4o = 2.50/10 ,", limit_chat=" ")
    assert settings.model_prices == {"a/b:free": (0, 0), "gpt-4o": (Decimal("2.5"), 10)}
    assert settings.limit_chat == ""


def test_secrets_do_not_show() -> None:
    settings = read_settings(_env_file=None, discord_token="very-secret", database_url="postgresql://u:hunter2@h/d")
    assert "very-secret" not in repr(settings)
    assert "hunter2" not in repr(settings)
