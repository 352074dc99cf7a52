"""How long an entry stays or rests after it fired, counted in messages of the path.

SillyTavern's sticky and cooldown, and `@@keep_activate_after_match` and `@@dont_activate_after_match` of the V3
specification, which remember a match for good. Timers are kept with the reply that they were made for, so a branch
goes on from its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.cards.untrusted_json import Json, JsonObject

_MOST = 10_000  # timers in one path
_FURTHEST = 10**9


@dataclass(frozen=True, slots=True)
class Timer:
    """One entry's: the depth of the path at which it fired, and those before which it stays and before which it rests.

    One that is `for_good` is never over: the entry asks whether it has ever matched.
    """

    fired_at: int
    stays_until: int
    rests_until: int
    for_good: bool = False

    def stays(self, depth: int) -> int:
        """Return for how many more messages the entry stays in, whatever is said."""
        return max(0, self.stays_until - depth)

    def rests(self, depth: int) -> int:
        """Return for how many more messages the entry stays out, whatever is said."""
        return 0 if self.stays(depth) else max(0, self.rests_until - depth)

    def counts(self, depth: int) -> bool:
        """Return whether it says anything at this depth; not on a path that is shorter than when it began."""
        return depth >= self.fired_at and (self.for_good or depth < max(self.stays_until, self.rests_until))


Timers: TypeAlias = Mapping[str, Timer]


def begun(depth: int, *, sticky: int | None, cooldown: int | None, for_good: bool) -> Timer | None:
    """Return the timer of an entry that fires now, or None if nothing follows from that; rest follows the stay."""
    stays_until = depth + min(max(0, sticky or 0), _FURTHEST)
    rests_until = stays_until + min(max(0, cooldown or 0), _FURTHEST)
    return Timer(depth, stays_until, rests_until, for_good) if for_good or rests_until > depth else None


def timers_to_json(timers: Timers) -> JsonObject:
    """Return the timers as an object of plain JSON."""
    return {
        key: {
            "fired_at": timer.fired_at,
            "stays_until": timer.stays_until,
            "rests_until": timer.rests_until,
            "for_good": timer.for_good,
        }
        for key, timer in timers.items()
    }


def timers_from_json(found: JsonObject) -> dict[str, Timer]:
    """Return the timers of what timers_to_json wrote; what is not one is left out."""
    read: dict[str, Timer] = {}
    for key, value in found.items():
        timer = _timer(value)
        if timer is not None and len(read) < _MOST:
            read[key] = timer
    return read


def _timer(value: Json) -> Timer | None:
    if not isinstance(value, dict):
        return None
    numbers = [value.get(name) for name in ("fired_at", "stays_until", "rests_until")]
    whole = [number for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
    return Timer(whole[0], whole[1], whole[2], value.get("for_good") is True) if len(whole) == 3 else None
