"""A model that never says the same word twice, so that each can be looked for afterwards."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.chaos.ledger import MARK, Ledger
from tests.scripted_model import Reply, ScriptedModel

WORDS = (4, 70)
PAUSE = (0.004, 0.05)


@dataclass(slots=True)
class Improvised(Reply):
    """A reply for the chat in a thread; one that breaks off is cut in the middle, without its end."""

    place: int | None = None
    breaks_off: bool = False


class Improviser(ScriptedModel):
    """Answers in words such as r7w0 r7w1 …; `is_moody` makes it fail, break off and repeat nothing now and then."""

    def __init__(self, ledger: Ledger, chance: random.Random) -> None:
        super().__init__()
        self._ledger = ledger
        self._chance = chance
        self._number = 0
        self.is_moody = True
        self.replies: deque[Reply] = _Endless(self._improvise)

    def _improvise(self) -> Reply:
        chance, self._number = self._chance, self._number + 1
        words = [f"r{self._number}w{number}" for number in range(chance.randint(*WORDS))]
        reply = Improvised(" ".join(words), pause=chance.uniform(*PAUSE), place=self._place_of(self.requests[-1]))
        if self.is_moody:
            reply.status = chance.choices((200, 500, 429), (0.94, 0.04, 0.02))[0]
            reply.finish = chance.choices(("stop", "length"), (0.85, 0.15))[0]
            reply.breaks_off = chance.random() < 0.04
        return reply

    async def _stream(self, response: web.StreamResponse, reply: Reply) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        assert isinstance(reply, Improvised)
        self._ledger.phase(reply.place, "being written")
        if reply.breaks_off:
            reply.text = reply.text[: len(reply.text) // 2]
            await super()._stream(response, reply)
            raise ConnectionError
        await super()._stream(response, reply)
        self._ledger.phase(reply.place, "written, its end not shown")

    def _place_of(self, asked: dict[str, Any]) -> int | None:
        """Whose chat a request is for, told by the last saying in it."""
        said = [mark for each in asked["messages"] for mark in MARK.findall(str(each["content"]))]
        self._ledger.heard(said)
        return self._ledger.place_of(said[-1]) if said else None


class _Endless(deque[Reply]):
    """As long as anybody asks there is another reply."""

    def __init__(self, improvise: Any) -> None:
        super().__init__()
        self._improvise = improvise

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Reply:
        return self._improvise()
