"""The engines that every benchmark shares."""

from dataclasses import dataclass
from pathlib import Path

from playground import Playground
from tests.program import environment


@dataclass(frozen=True, slots=True)
class Stores:
    """Addresses of a migrated database and of a cache, and the key that seals."""

    database_url: str
    redis_url: str
    key: str

    def told(self, playground: Playground, model_url: str, folder: Path) -> dict[str, str]:
        """What the bot is told to run on these stores."""
        folder.mkdir(parents=True, exist_ok=True)
        stores = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "MASTER_KEYS": self.key}
        return environment(playground, model_url, folder, **stores)
