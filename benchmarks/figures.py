"""One measured figure, and how it stands to its goal."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A time in seconds beside its baseline; `met` is None where the goal is not for this figure."""

    what: str
    seconds: float
    goal: str
    met: bool | None
    baseline: float | None = None

    @property
    def shown(self) -> str:
        """The time as people read it."""
        return time_shown(self.seconds)

    @property
    def baseline_shown(self) -> str:
        """The baseline's time."""
        return time_shown(self.baseline) if self.baseline is not None else ""

    @property
    def ratio_shown(self) -> str:
        """How many times the baseline this is."""
        return f"{self.seconds / self.baseline:.1f}×" if self.baseline else ""


def time_shown(seconds: float) -> str:
    """A time in the unit that suits it."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
