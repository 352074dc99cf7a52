"""Several models of one endpoint: where one is away, the next stands in for it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.errors import UserError
from bot.llm.client import Llm
from bot.llm.events import Answer, Event, Finish, Message, NoAnswer, Speaks, Text, UnknownModel, Usage

REST_SECONDS = 30.0


class StandIns:
    """Asks one model after the other until one speaks.

    Only silence and an unknown model bring on the next: what one provider refuses for its content, or a prompt
    that is too long, would fare no better there. A model that was silent rests for half a minute: meanwhile it
    is asked last, so that nobody waits for what others have waited for in vain.
    """

    def __init__(self, llm: Llm, models: Sequence[str], *, patience: float = 90.0) -> None:
        self._llm = llm
        self._models = tuple(models)
        self._patience = patience
        self._resting: dict[str, float] = {}

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Event | Speaks]:
        """Yield the reply of `model` or of a stand-in, led by a Speaks; raises what `Llm.stream` does.

        All tries together end within the patience, unless a model has begun to answer.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        order = self._order(model, clock())
        first: UserError | None = None
        for number, name in enumerate(order):
            answers = False
            share = (deadline - clock()) / (len(order) - number)
            events = self._llm.stream(
                messages, model=name, temperature=temperature, max_tokens=max_tokens, patience=share
            )
            try:
                async with aclosing(events):
                    async for event in events:
                        if not answers:
                            answers = True
                            yield Speaks(name)
                        yield event
            except (NoAnswer, UnknownModel) as error:
                self._resting[name] = clock() + REST_SECONDS
                first = first or error
            else:
                self._resting.pop(name, None)
                return
        assert first is not None  # noqa: S101 - there is one model at least
        raise first

    async def answer(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> Answer:
        """Return the whole reply of `model` or of a stand-in; raises what `stream` does."""
        said, speaks, usage = "", model, None
        stream = self.stream(messages, model=model, temperature=temperature, max_tokens=max_tokens)
        async with aclosing(stream) as events:
            async for event in events:
                match event:
                    case Text(text):
                        said += text
                    case Usage():
                        usage = event
                    case Speaks(name):
                        speaks = name
                    case Finish():
                        pass
        return Answer(said, speaks, usage)

    def _order(self, model: str, now: float) -> list[str]:
        """The chosen model and then the others, those that rest last."""
        names = list(dict.fromkeys((model, *self._models)))
        return sorted(names, key=lambda name: self._resting.get(name, 0.0) > now)
