"""Discord's rate limits: buckets a route, the limit a second of an address, and old edits."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass

from playground.clock import Clock

HOUR = 3600.0
GLOBAL_A_SECOND = 50
# Requests and seconds by the kind of route: what Discord's headers showed in practice.
RULES = {
    "webhook": (5, 2.0),
    "messages": (5, 5.0),
    "edits": (5, 5.0),
    "deletes": (5, 1.0),
    "reactions": (1, 0.25),
    "channel": (5, 15.0),
    "old-edits": (3, 20.0),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, with the headers to answer with."""

    passed: bool
    headers: dict[str, str]
    retry_after: float = 0.0
    everywhere: bool = False


class RateLimits:
    """Counts requests; `on` may be switched at any time."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self._clock = clock
        self.on = on
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self._recent: deque[float] = deque()

    def ask(self, kind: str | None, major: str, *, exempt: bool) -> Verdict:
        """Counts one request against its bucket; `exempt` requests skip the limit of the address."""
        if not self.on:
            return Verdict(True, {})
        if not exempt:
            wait = self._address()
            if wait > 0:
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                return Verdict(False, headers, wait, everywhere=True)
        return self._bucket(kind, major) if kind is not None else Verdict(True, {})

    def old_edit(self, channel_id: int) -> float:
        """Counts an edit of a message over an hour old; returns the seconds to wait, 0 to pass."""
        if not self.on:
            return 0.0
        return self._bucket("old-edits", str(channel_id)).retry_after

    def _address(self) -> float:
        now = self._clock.now()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= GLOBAL_A_SECOND:
            return self._recent[0] + 1 - now
        self._recent.append(now)
        return 0.0

    def _bucket(self, kind: str, major: str) -> Verdict:
        most, seconds = RULES[kind]
        now = self._clock.now()
        began, used = self._windows.get((kind, major), (now, 0))
        if began + seconds <= now:
            began, used = now, 0
        left = max(0.0, began + seconds - now)
        passed = used < most
        used += passed
        self._windows[kind, major] = (began, used)
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(most - used),
            "X-RateLimit-Reset": f"{began + seconds:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(kind.encode()).hexdigest()[:32],
        }
        if not passed:
            headers["X-RateLimit-Scope"] = "user"
        return Verdict(passed, headers, 0.0 if passed else left)
