"""The engines a command runs on: those of the settings, the embedded ones where none are named."""

import os
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot import embedded
from bot.errors import SettingsError
from bot.settings import Settings
from storage import schema
from storage.vault import MasterKey

MASTER_KEY_FILE = "master.key"


@asynccontextmanager
async def with_engines(
    settings: Settings, *, model: bool = False, on_progress: Callable[[str], None] | None = None
) -> AsyncGenerator[Settings]:
    """The settings with an address for every engine, which runs inside the block, its tables up to date.

    `model` asks for the embedded language model. SettingsError where something can't be had.
    """
    own_database = settings.database_url is None
    async with embedded.running(
        settings.data_dir,
        postgres=own_database,
        valkey=settings.redis_url is None,
        model=model,
        on_progress=on_progress,
    ) as engines:
        found: dict[str, object] = {}
        if engines.database_url:
            found["database_url"] = SecretStr(engines.database_url)
        if engines.redis_url:
            found["redis_url"] = SecretStr(engines.redis_url)
        if engines.model_url:
            found["openai_base_url"] = engines.model_url
            found["openai_api_key"] = SecretStr(engines.model_key or "none")
            found["chat_model"] = engines.model_name
        if own_database and not settings.master_keys:
            found["master_keys"] = [SecretStr(own_master_key(settings.data_dir))]
        filled = settings.model_copy(update=found)
        assert filled.database_url is not None  # noqa: S101 - named or embedded
        if own_database:
            await schema.upgrade(filled.database_url.get_secret_value())
        else:
            await schema.require_newest(filled.database_url.get_secret_value())
        yield filled


def own_master_key(data_dir: Path) -> str:
    """The master key in the data directory, made at first use and readable by its owner alone."""
    path = data_dir / MASTER_KEY_FILE
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SettingsError(f"The master key {path} cannot be read: {error.strerror}.") from None
    half = path.with_suffix(f".{secrets.token_hex(8)}")
    half.touch(mode=0o600)
    half.write_text(MasterKey.new_text())
    try:
        os.link(half, path)  # of two processes that begin together one makes the key
    except FileExistsError:
        pass
    finally:
        half.unlink()
    return path.read_text().strip()
