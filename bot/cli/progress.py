"""How far long work is: a bar where somebody looks on, a line now and then where it is written to a file."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextmanager
def progress(console: Console, what: str, total: int) -> Generator[Callable[[int], object]]:
    """Shows work of a known size; the function that it gives takes how much more of it is done."""
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda more: bar.advance(task, more)
    else:
        lines = _Lines(console, what, total)
        lines.show()
        yield lines.step


class _Lines:
    """A line at each quarter."""

    def __init__(self, console: Console, what: str, total: int) -> None:
        self._console = console
        self._what = what
        self._total = max(1, total)
        self._done = 0
        self._shown = 0

    def show(self) -> None:
        self._console.print(f"{self._what}: {self._shown * 25} %", highlight=False, soft_wrap=True)

    def step(self, more: int) -> None:
        self._done += more
        quarter = min(4, 4 * self._done // self._total)
        if quarter > self._shown:
            self._shown = quarter
            self.show()
