"""Times in words, in English whatever the machine's locale: `3:45 PM`, `November 21, 2026`, `5 minutes`."""

from datetime import datetime, timedelta

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_MONTH = _DAY * 146_097 / 4_800  # the mean of four hundred years
# A unit's length in seconds, the words for one, for several, and from how many on the next unit is used; as
# moment.js words a duration, which those who write cards know.
_UNITS = (
    (_MINUTE, "a minute", "minutes", 45),
    (_HOUR, "an hour", "hours", 22),
    (_DAY, "a day", "days", 26),
    (_MONTH, "a month", "months", 11),
    (_MONTH * 12, "a year", "years", None),
)
_FEW_SECONDS = 45


def time(now: datetime) -> str:
    """Return the time as `3:45 PM`."""
    return f"{now.hour % 12 or 12}:{now.minute:02} {'AM' if now.hour < 12 else 'PM'}"


def date(now: datetime) -> str:
    """Return the date as `November 21, 2026`."""
    return f"{_MONTHS[now.month - 1]} {now.day}, {now.year}"


def weekday(now: datetime) -> str:
    """Return the name of the day."""
    return _WEEKDAYS[now.weekday()]


def iso_time(now: datetime) -> str:
    """Return the time as `15:45`."""
    return f"{now.hour:02}:{now.minute:02}"


def iso_date(now: datetime) -> str:
    """Return the date as `2026-11-21`."""
    return now.date().isoformat()


def duration(passed: timedelta | None) -> str:
    """Return roughly how long something lasted; without a duration, `just now`."""
    if passed is None:
        return "just now"
    seconds = max(0.0, passed.total_seconds())
    if _half_up(seconds) < _FEW_SECONDS:
        return "a few seconds"
    for length, one, several, most in _UNITS:
        count = _half_up(seconds / length)
        if count <= 1:
            return one
        if most is None or count < most:
            return f"{count} {several}"
    raise AssertionError  # the last unit has no most


def _half_up(number: float) -> int:
    return int(number + 0.5)
