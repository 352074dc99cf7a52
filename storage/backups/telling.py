"""How long work says how far it is, without knowing who listens."""

from collections.abc import Callable
from contextlib import AbstractContextManager

Step = Callable[[int], object]
Telling = Callable[[str, int], AbstractContextManager[Step]]
"""Takes what is done and how much of it there is; what it gives for the block is told of each bit more."""
