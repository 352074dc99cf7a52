"""The database alone, as it is: for commands that look after what is stored and need neither cache nor model."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot import embedded
from bot.cli.stores import own_master_key
from bot.errors import SettingsError
from bot.settings import Settings
from storage.vault import MasterKey, Vault

NO_KEYS = (
    "MASTER_KEYS is not set, and the database named by DATABASE_URL is sealed by a key that stands there. Set it to "
    "what the bot's processes have."
)


@dataclass(frozen=True, slots=True)
class AtRest:
    """The address of a database, whatever its revision, and the vault of the settings' master keys."""

    url: str
    vault: Vault


@asynccontextmanager
async def at_rest(settings: Settings) -> AsyncGenerator[AtRest]:
    """The database of the settings, or the embedded one, which runs inside the block; its tables are left alone."""
    own = settings.database_url is None
    async with embedded.running(settings.data_dir, postgres=own, valkey=False, model=False) as engines:
        texts = [key.get_secret_value() for key in settings.master_keys]
        if not texts and own:
            texts = [own_master_key(settings.data_dir)]
        if not texts:
            raise SettingsError(NO_KEYS)
        url = settings.database_url.get_secret_value() if settings.database_url else engines.database_url
        assert url is not None  # noqa: S101 - named or embedded
        yield AtRest(url, Vault([MasterKey.from_text(text) for text in texts]))
