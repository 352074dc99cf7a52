"""Discord's edit budget, spent fairly: one lane a webhook, ends of replies before their middles.

Discord counts about five requests in two seconds a webhook, and fifty tokenless requests a second an address
(https://discord.com/developers/docs/topics/rate-limits). A lane therefore makes one request at a time, at
least 0.6 s after the last one (0.4 s for an end), an intermediate one of the same reply at least 1 s after its
last, and all lanes together at most forty a second. What Discord's headers say comes on top.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum

BETWEEN_EDITS = 0.6
BETWEEN_ENDS = 0.4
BETWEEN_OWN_EDITS = 1.0
PER_SECOND = 40.0


class Urgency(IntEnum):
    """What goes first in a lane."""

    END = 0
    POST = 1
    EDIT = 2


@dataclass(slots=True, eq=False)
class Ticket:
    """Somebody's wish to make one request in a lane."""

    urgency: Urgency
    number: int
    not_before: float
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class Lane:
    """The requests of one webhook."""

    waiting: list[Ticket] = field(default_factory=list[Ticket])
    last: float = 0.0
    blocked_until: float = 0.0
    busy: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    runner: asyncio.Task[None] | None = None


class EditScheduler:
    """Grants turns for requests to Discord."""

    def __init__(self, *, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic) -> None:
        self._lanes: dict[Hashable, Lane] = {}
        self._own_last: dict[Hashable, float] = {}
        self._between = 1.0 / per_second
        self._free_at = 0.0
        self._number = 0
        self._clock = clock

    @asynccontextmanager
    async def turn(self, lane_key: Hashable, reply: Hashable, urgency: Urgency) -> AsyncGenerator[None]:
        """Waits until one request may be made in this lane, and holds the lane meanwhile."""
        lane = self._lanes.setdefault(lane_key, Lane())
        self._number += 1
        own_last = self._own_last.get(reply, 0.0) if urgency is Urgency.EDIT else 0.0
        ticket = Ticket(urgency, self._number, own_last + BETWEEN_OWN_EDITS if own_last else 0.0)
        lane.waiting.append(ticket)
        lane.wake.set()
        if lane.runner is None:
            lane.runner = asyncio.create_task(self._serve(lane_key, lane), name=f"edits {lane_key}")
        try:
            await ticket.granted
        except asyncio.CancelledError:
            if ticket in lane.waiting:
                lane.waiting.remove(ticket)
            elif ticket.granted.done() and not ticket.granted.cancelled():
                self._done(lane)
            lane.wake.set()
            raise
        try:
            yield
        finally:
            self._own_last[reply] = self._clock()
            self._done(lane)

    def forget(self, reply: Hashable) -> None:
        """A reply has ended: its pace is no longer kept."""
        self._own_last.pop(reply, None)

    def hear(self, lane_key: Hashable, *, remaining: float, reset_after: float) -> None:
        """What Discord's headers said about a webhook: with nothing left the lane rests."""
        lane = self._lanes.get(lane_key)
        if lane is not None and remaining <= 0:
            lane.blocked_until = max(lane.blocked_until, self._clock() + reset_after)

    def _done(self, lane: Lane) -> None:
        lane.last = self._clock()
        lane.busy = False
        lane.wake.set()

    async def _serve(self, lane_key: Hashable, lane: Lane) -> None:
        """Grants the lane's tickets one after the other, until none is left."""
        while lane.waiting or lane.busy:
            lane.wake.clear()
            if lane.busy:
                await lane.wake.wait()
                continue
            ticket, at = min(
                ((each, self._earliest(lane, each)) for each in lane.waiting),
                key=lambda pair: (max(pair[1], self._clock()), pair[0].urgency, pair[0].number),
            )
            delay = at - self._clock()
            if delay > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(lane.wake.wait(), delay)
                continue
            lane.waiting.remove(ticket)
            lane.busy = True
            self._free_at = max(self._free_at, self._clock()) + self._between
            ticket.granted.set_result(None)
        lane.runner = None
        if not lane.waiting and self._clock() >= lane.blocked_until:
            self._lanes.pop(lane_key, None)

    def _earliest(self, lane: Lane, ticket: Ticket) -> float:
        spacing = BETWEEN_EDITS if ticket.urgency is Urgency.EDIT else BETWEEN_ENDS
        since_last = lane.last + spacing if lane.last else 0.0
        return max(since_last, ticket.not_before, lane.blocked_until, self._free_at)
