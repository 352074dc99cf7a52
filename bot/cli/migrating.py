"""`migrate`: the database's tables as this program needs them."""

from bot.cli.stores import with_engines
from bot.settings import Settings
from storage import schema


async def migrate(settings: Settings) -> None:
    """Upgrades the database of the settings, or the embedded one."""
    if settings.database_url is not None:
        await schema.upgrade(settings.database_url.get_secret_value())
    else:
        async with with_engines(settings):
            pass  # the embedded database is always brought up to date
    print("The database is up to date.")
