"""Discord's edit budget, spent fairly: one lane a webhook, ends of replies before their middles.

Discord counts about five requests in two seconds a webhook, and fifty tokenless requests a second an address
(https://discord.com/developers/docs/topics/rate-limits). A lane therefore makes one request at a time, at
least 0.4 s after the last was answered, an intermediate one at least 0.6 s after the last began and 1 s after
the last of its own reply, and all lanes together at most forty a second. What Discord's headers say comes on top.

Of several processes each may have such a scheduler. The forty a second they share, for they count by address:
moments are leased, a few at a time, from whatever `share` was given. Lanes need no sharing: a channel belongs to
one server, a server to one shard, and a shard to one process. What writes to a channel beside that process is
rare and short: a sweeper that finishes a dead process's reply (one or two requests) and two processes with the
same shard while one replaces the other. Then a lane meets Discord's own limit at worst, and `hear` makes it rest.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import TracebackType
from typing import Protocol, Self

import structlog

BETWEEN = 0.4
BETWEEN_EDITS = 0.6
BETWEEN_OWN_EDITS = 1.0
PER_SECOND = 40.0
LEASED_AT_MOST = 8
STALE = 0.1
"""A leased moment is good for so long: many old ones spent at once would be more than the address may make."""
ALONE_SECONDS = 5.0

log = structlog.get_logger()


class Share(Protocol):
    """Where the moments come from that all processes of an address share."""

    async def lease(self, wanted: int) -> Sequence[float] | None:
        """So many moments, in seconds from now and ascending; None, within a second, when nobody answers."""


class Urgency(IntEnum):
    """What goes first in a lane."""

    END = 0
    POST = 1
    EDIT = 2


@dataclass(slots=True)
class Lane:
    """The requests of one webhook; it is kept as long as its pace matters."""

    waiting: list["Ticket"] = field(default_factory=list["Ticket"])
    began: float = float("-inf")
    ended: float = float("-inf")
    blocked_until: float = float("-inf")
    is_busy: bool = False
    alarm: asyncio.TimerHandle | None = None


class Ticket:
    """The right to make one request in a lane: `async with` waits for it, and holds the lane meanwhile."""

    def __init__(self, scheduler: "EditScheduler", lane_key: Hashable, reply: Hashable, urgency: Urgency) -> None:
        self._scheduler = scheduler
        self._granted: asyncio.Future[None] | None = None
        self.lane_key = lane_key
        self.reply = reply
        self.urgency = urgency
        self.number = 0

    def hurry(self) -> None:
        """The reply has ended: what waits here is its end now."""
        self.urgency = Urgency.END
        self._scheduler.look_at(self.lane_key)

    def grant(self) -> None:
        """Wakes whoever waits; one who has just been cancelled leaves the lane by itself."""
        if self._granted is not None and not self._granted.done():
            self._granted.set_result(None)

    async def __aenter__(self) -> Self:
        self._granted = asyncio.get_running_loop().create_future()
        self._scheduler.enter(self)
        try:
            await self._granted
        except asyncio.CancelledError:
            self._scheduler.leave(self)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scheduler.leave(self)


class Moments:
    """When the address may make its next request: by this process's own pace, or by what all lease together."""

    def __init__(self, between: float, on_leased: Callable[[Hashable], None]) -> None:
        self.share: Share | None = None
        self._between = between
        self._on_leased = on_leased
        self._own = float("-inf")
        self._alone_until = float("-inf")
        self._leased: deque[float] = deque()
        self._size = 1
        self._hungry: dict[Hashable, None] = {}
        self._asking: asyncio.Task[None] | None = None

    def next_at(self, now: float) -> float:
        """The earliest moment known; a share that has to be asked first may say a later one."""
        while self._leased and self._leased[0] < now - STALE:
            self._leased.popleft()
            self._size = 1  # fewer are needed than were leased
        return max(self._own, self._leased[0]) if self._leased else self._own

    def take(self, lane_key: Hashable, now: float) -> bool:
        """Spends the moment that is there now; where one has to be leased first, the lane is looked at after that."""
        if self._leased:
            self._leased.popleft()
        elif self.share is not None and now >= self._alone_until:
            self._hungry[lane_key] = None
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask(self.share), name="lease of edits")
            return False
        self._own = now + self._between
        return True

    async def _ask(self, share: Share) -> None:
        wanted = min(max(len(self._hungry), self._size), LEASED_AT_MOST)
        moments = None
        try:
            moments = await share.lease(wanted)
        except Exception:
            log.exception("edits.not_leased")
        now = _now()
        if moments is None:
            self._alone_until = now + ALONE_SECONDS
        else:
            self._size = min(wanted * 2, LEASED_AT_MOST)
            self._leased.extend(now + each for each in moments)
        self._asking = None
        hungry, self._hungry = self._hungry, {}
        for lane_key in hungry:
            self._on_leased(lane_key)


class EditScheduler:
    """Grants turns for requests to Discord; its clock is the event loop's."""

    def __init__(self, *, per_second: float = PER_SECOND, haste: float = 1.0) -> None:
        """`haste` above 1 shortens every pause, for a server that counts no requests."""
        self._lanes: dict[Hashable, Lane] = {}
        self._own_last: dict[Hashable, float] = {}
        self._moments = Moments(1.0 / (per_second * haste), self.look_at)
        self._between = BETWEEN / haste
        self._between_edits = BETWEEN_EDITS / haste
        self._between_own_edits = BETWEEN_OWN_EDITS / haste
        self._number = 0

    def share_with_others(self, share: Share) -> None:
        """From now on the requests a second are shared by all processes of the address."""
        self._moments.share = share

    def turn(self, lane_key: Hashable, reply: Hashable, urgency: Urgency) -> Ticket:
        """A ticket for one request in a lane."""
        return Ticket(self, lane_key, reply, urgency)

    def forget(self, reply: Hashable) -> None:
        """A reply has ended: its pace is no longer kept."""
        self._own_last.pop(reply, None)

    def hear(self, lane_key: Hashable, *, remaining: float, reset_after: float) -> None:
        """What Discord's headers said about a webhook: with nothing left the lane rests."""
        lane = self._lanes.get(lane_key)
        if lane is not None and remaining < 1:
            lane.blocked_until = max(lane.blocked_until, _now() + reset_after)

    @property
    def lanes(self) -> int:
        """How many lanes are remembered now."""
        return len(self._lanes)

    # --- for tickets ------------------------------------------------------------------------------

    def enter(self, ticket: Ticket) -> None:
        """Puts a ticket into its lane."""
        self._number += 1
        ticket.number = self._number
        self._lanes.setdefault(ticket.lane_key, Lane()).waiting.append(ticket)
        self.look_at(ticket.lane_key)

    def leave(self, ticket: Ticket) -> None:
        """Takes a ticket out of its lane, whether it was granted or not."""
        lane = self._lanes[ticket.lane_key]
        if ticket in lane.waiting:
            lane.waiting.remove(ticket)
        else:
            lane.is_busy = False
            lane.ended = self._own_last[ticket.reply] = _now()
        self.look_at(ticket.lane_key)

    def look_at(self, lane_key: Hashable) -> None:
        """Grants what may be granted in a lane now, or sets an alarm for when to look again."""
        lane = self._lanes.get(lane_key)
        if lane is None or lane.is_busy:
            return
        if lane.alarm is not None:
            lane.alarm.cancel()
            lane.alarm = None
        now = _now()
        if lane.waiting:
            at, ticket = self._next(lane, now)
            if at <= now:
                if self._moments.take(lane_key, now):
                    lane.waiting.remove(ticket)
                    lane.is_busy, lane.began = True, now
                    ticket.grant()
                return
        else:
            at = max(lane.began + self._between_edits, lane.ended + self._between, lane.blocked_until)
            if at <= now:
                del self._lanes[lane_key]
                return
        lane.alarm = asyncio.get_running_loop().call_later(at - now, self.look_at, lane_key)

    def _next(self, lane: Lane, now: float) -> tuple[float, Ticket]:
        """The ticket whose turn comes first, and when that is: of those that may go now, the most urgent."""
        at, _, _, ticket = min(
            (max(now, self._earliest(lane, each, now)), each.urgency, each.number, each) for each in lane.waiting
        )
        return at, ticket

    def _earliest(self, lane: Lane, ticket: Ticket, now: float) -> float:
        at = max(lane.ended + self._between, lane.blocked_until, self._moments.next_at(now))
        if ticket.urgency is not Urgency.EDIT:
            return at
        own = self._own_last.get(ticket.reply, float("-inf")) + self._between_own_edits
        return max(at, lane.began + self._between_edits, own)


def _now() -> float:
    return asyncio.get_running_loop().time()
