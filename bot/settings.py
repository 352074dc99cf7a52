"""Every setting of the program, read from the environment or `.env` and checked at start.

The names are the users' contract; `.env.example` documents each.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

EXAMPLES = {
    "DISCORD_TOKEN": "the token from the Bot page of your application",
    "DISCORD_API_URL": "https://discord.com/api/v10",
    "DISCORD_GATEWAY_URL": "wss://gateway.discord.gg/",
    "DISCORD_CDN_URL": "https://cdn.discordapp.com",
    "DATABASE_URL": "postgresql://dramatis:password@db.example/dramatis",
    "REDIS_URL": "redis://cache.example:6379/0",
    "OPERATOR_IDS": "123456789012345678,234567890123456789",
    "OPERATOR_GUILD": "123456789012345678",
    "ADULT_CHARACTERS": "true or false",
    "FALLBACK_MODELS": "gpt-4o,llama-3.3-70b",
    "MODERATION_MODEL": "omni-moderation-latest",
    "EMBEDDING_MODEL": "text-embedding-3-small",
    "PUBLIC_FILES_URL": "https://files.example.org/dramatis",
    "FILES_CHANNEL": "123456789012345678",
    "PRIVACY_URL": "https://example.org/privacy",
    "TERMS_URL": "https://example.org/terms",
    "OPENAI_BASE_URL": "https://api.openai.com/v1",
    "CHAT_MODEL": "gpt-4o-mini",
    "LOG_FORMAT": "text or json",
    "METRICS_PORT": "9464",
    "CONTEXT_TOKENS": "8192",
    "REPLY_TOKENS": "600",
    "HISTORY_LIMIT": "200",
    "TEMPERATURE": "0.9",
    "MODEL_PATIENCE": "90",
    "MODEL_SILENCE": "30",
    "CLOSE_SECONDS": "5",
    "MESSAGE_CONTENT_INTENT": "true or false",
    "STOCK_CHARACTERS": "true or false",
    "CHAT_TITLES": "true or false",
    "SERVER_KEYS": "true or false",
    "JOBS_AT_ONCE": "4",
    "LIMIT_PERSON": "30/minute;6000/day",
    "LIMIT_CHAT": "120/minute",
    "LIMIT_SERVER": "600/minute",
    "LIMIT_PROGRAM": "3000/minute",
    "MODEL_PRICES": "gpt-4o-mini=0.15/0.60,gpt-4o=2.50/10",
    "SHARD_COUNT": "2",
    "SHARD_IDS": "0,1 or 0-7",
}


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _blank_is_unset(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _address(*schemes: str) -> AfterValidator:
    def check(value: str | None) -> str | None:
        if value is not None and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"it must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/") if value else value

    return AfterValidator(check)


def _split_ranges(value: object) -> object:
    """`0-2,5` is 0, 1, 2 and 5."""
    if not isinstance(value, str):
        return value
    ids: list[object] = []
    for part in filter(None, map(str.strip, value.split(","))):
        match = re.fullmatch(r"(\d{1,5})\s*-\s*(\d{1,5})", part)
        ids += (match and range(int(match[1]), int(match[2]) + 1)) or [part]
    return ids


def _within_count(ids: list[int], found: ValidationInfo) -> list[int]:
    count = found.data.get("shard_count", 0)  # 0: it is wrong itself, and named already
    if count is None and ids:
        raise ValueError("SHARD_COUNT must say how many shards there are in all")
    if count and ids and max(ids) >= count:
        raise ValueError(f"with SHARD_COUNT={count} the shards are 0 to {count - 1}, and there is no {max(ids)}")
    return sorted(set(ids))


def _secret_database(value: SecretStr | None) -> SecretStr | None:
    if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("it must begin with postgresql://")
    return value


def _secret_redis(value: SecretStr | None) -> SecretStr | None:
    if value and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it must begin with redis:// or rediss://")
    return value


def _limit(value: str) -> str:
    if value.strip() and not _LIMIT.fullmatch(value):
        raise ValueError("it must say how many requests in which time")
    return value.strip()


def _prices(value: object) -> object:
    """Dollars for a million tokens, read and written, by the model's name."""
    if not isinstance(value, str):
        return value
    prices: dict[str, tuple[Decimal, Decimal]] = {}
    for each in filter(str.strip, value.split(",")):
        found = _PRICE.fullmatch(each.strip())
        if found is None:
            raise ValueError(f"{each.strip()!r} is no price")
        prices[found["model"]] = (Decimal(found["read"]), Decimal(found["written"]))
    return prices


_WINDOW = r"\s*[1-9][0-9]{0,8}\s*(/|per)\s*([1-9][0-9]{0,3})?\s*(second|minute|hour|day)s?\s*"
_LIMIT = re.compile(f"{_WINDOW}([;,|]{_WINDOW})*")
_PRICE = re.compile(r"(?P<model>\S.*?)\s*=\s*(?P<read>\d{1,6}(\.\d{1,6})?)/(?P<written>\d{1,6}(\.\d{1,6})?)")
Limit = Annotated[str, AfterValidator(_limit)]
Web = Annotated[str | None, BeforeValidator(_blank_is_unset), _address("http", "https")]
Secret = Annotated[SecretStr | None, BeforeValidator(_blank_is_unset)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1, le=100_000)]
ShardId = Annotated[int, Field(ge=0, lt=100_000)]
DiscordId = Annotated[int, Field(gt=0, lt=2**63)]


class Settings(BaseSettings):
    """What the program is told from outside; frozen."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore", populate_by_name=True
    )

    discord_token: Secret = None
    discord_api_url: Web = None
    discord_gateway_url: Annotated[str | None, BeforeValidator(_blank_is_unset), _address("ws", "wss")] = None
    discord_cdn_url: Web = None
    message_content_intent: bool = True

    database_url: Annotated[Secret, AfterValidator(_secret_database)] = None
    redis_url: Annotated[Secret, AfterValidator(_secret_redis)] = None
    cache_prefix: str = "dramatis"
    data_dir: Path = Path("data")
    master_keys: Annotated[list[SecretStr], NoDecode, BeforeValidator(_split)] = []

    openai_api_key: Secret = None
    openai_base_url: Web = None
    chat_model: Annotated[str | None, BeforeValidator(_blank_is_unset)] = None
    context_tokens: Annotated[int, Field(ge=1024, le=2_000_000)] = 8192
    reply_tokens: Annotated[int, Field(ge=16, le=32_000)] = 600
    history_limit: Annotated[int, Field(ge=1, le=2000)] = 200
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.9

    model_patience: Annotated[float, Field(gt=0, le=3600)] = 90.0
    model_silence: Annotated[float, Field(gt=0, le=3600)] = 30.0

    fallback_models: Annotated[list[str], NoDecode, BeforeValidator(_split)] = []
    moderation_model: Annotated[str | None, BeforeValidator(_blank_is_unset)] = None
    server_keys: bool = True
    embedding_model: Annotated[str | None, BeforeValidator(_blank_is_unset)] = None

    limit_person: Limit = "30/minute;6000/day"
    limit_chat: Limit = "120/minute"
    limit_server: Limit = "600/minute"
    limit_program: Limit = "3000/minute"
    model_prices: Annotated[dict[str, tuple[Decimal, Decimal]], NoDecode, BeforeValidator(_prices)] = {}

    operator_ids: Annotated[list[DiscordId], NoDecode, BeforeValidator(_split)] = []
    operator_guild: Annotated[DiscordId | None, BeforeValidator(_blank_is_unset)] = None
    adult_characters: bool = False
    public_files_url: Web = None
    files_channel: Annotated[DiscordId | None, BeforeValidator(_blank_is_unset)] = None
    privacy_url: Web = None
    terms_url: Web = None
    stock_characters: bool = True
    chat_titles: bool = True
    jobs_at_once: Annotated[int, Field(ge=0, le=64)] = 4

    shard_count: Annotated[Count | None, BeforeValidator(_blank_is_unset)] = None
    shard_ids: Annotated[list[ShardId], NoDecode, BeforeValidator(_split_ranges), AfterValidator(_within_count)] = []
    outgoing_address: str = "one"

    log_format: Literal["text", "json"] = "text"
    close_seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    metrics_port: Annotated[Port | None, BeforeValidator(_blank_is_unset)] = None


def read_settings(**given: object) -> Settings:
    """The settings of the environment, with `given` on top; SettingsError names each wrong variable."""
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        wrong = "\n".join(_sentence(str(item["loc"][0]), item["msg"]) for item in error.errors())
        raise SettingsError(wrong) from None


def _sentence(field: str, what: str) -> str:
    name = field.upper()
    reason = what.removeprefix("Value error, ")
    example = EXAMPLES.get(name)
    return f"{name} cannot be used: {reason}." + (f" A good value looks like this: {example}" if example else "")
