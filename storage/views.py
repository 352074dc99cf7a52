"""What a menu or a page of cards was showing, kept for a day under a short id."""

import secrets

from storage.cache import Cache, reachable

DAY_SECONDS = 24 * 3600


class Views:
    """State that does not fit a button's custom id."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def keep(self, state: bytes) -> str:
        """A short id for this state; Unavailable when the cache is away."""
        view_id = secrets.token_urlsafe(9)
        with reachable():
            await self._cache.client.set(self._cache.key("view", view_id), state, ex=DAY_SECONDS)
        return view_id

    async def take(self, view_id: str) -> bytes | None:
        """The state, which is gone with that: of several who take it at the same moment one gets it."""
        with reachable():
            found = await self._cache.client.getdel(self._cache.key("view", view_id))
        return found if isinstance(found, bytes) else None

    async def put_back(self, view_id: str, state: bytes) -> None:
        """Keeps a state that was taken for another day."""
        with reachable():
            await self._cache.client.set(self._cache.key("view", view_id), state, ex=DAY_SECONDS)

    async def forget(self, view_id: str) -> None:
        """Drops a state at once."""
        with reachable():
            await self._cache.client.delete(self._cache.key("view", view_id))

    async def find(self, view_id: str) -> bytes | None:
        """The state, as long as it is not older than a day."""
        with reachable():
            found = await self._cache.client.get(self._cache.key("view", view_id))
        return found if isinstance(found, bytes) else None
