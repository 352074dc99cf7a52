"""Several models of one endpoint: where one is away, the next stands in for it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from pydantic import BaseModel

from bot.errors import Unavailable, UserError
from bot.llm.client import Llm
from bot.llm.events import Answer, Event, Finish, KeyRefused, Message, NoAnswer, Speaks, Text, UnknownModel, Usage
from storage.server_keys import ServerKey

REST_SECONDS = 30.0
SERVERS_KEY = (
    "The model's provider refuses this server's own key, or its account is used up. An admin of the server can set "
    "another key, or take it out: `/server key`."
)


class StandIns:
    """Asks one model after the other until one speaks.

    Only silence and an unknown model bring on the next: what one provider refuses for its content, or a prompt
    that is too long, would fare no better there. A model that was silent rests for half a minute: meanwhile it
    is asked last, so that nobody waits for what others have waited for in vain.
    """

    def __init__(
        self,
        llm: Llm,
        models: Sequence[str],
        *,
        patience: float = 90.0,
        on_refused: Callable[[ServerKey], Awaitable[None]] | None = None,
    ) -> None:
        """`on_refused` hears of a server's own key that the provider refuses."""
        self._llm = llm
        self._models = tuple(models)
        self._patience = patience
        self._on_refused = on_refused
        self._resting: dict[tuple[str, int | None], float] = {}

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
        shape: type[BaseModel] | None = None,
        key: ServerKey | None = None,
    ) -> AsyncGenerator[Event | Speaks]:
        """Yield the reply of `model` or of a stand-in, led by a Speaks; raises what `Llm.stream` does.

        With a server's own `key` none other is used: where that is refused, Unavailable says so.
        All tries together end within the patience, unless a model has begun to answer.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        guild_id = key.guild_id if key else None
        order = self._order(model, guild_id, clock())
        first: UserError | None = None
        for number, name in enumerate(order):
            answers = False
            share = (deadline - clock()) / (len(order) - number)
            events = self._llm.stream(
                messages,
                model=name,
                temperature=temperature,
                max_tokens=max_tokens,
                shape=shape,
                patience=share,
                api_key=key.secret if key else None,
            )
            try:
                async with aclosing(events):
                    async for event in events:
                        if not answers:
                            answers = True
                            yield Speaks(name)
                        yield event
            except (NoAnswer, UnknownModel) as error:
                self._resting[name, guild_id] = clock() + REST_SECONDS
                first = first or error
            except KeyRefused:
                if key is None:
                    raise
                if self._on_refused is not None:
                    await self._on_refused(key)
                raise Unavailable(SERVERS_KEY) from None
            else:
                self._resting.pop((name, guild_id), None)
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
        shape: type[BaseModel] | None = None,
        key: ServerKey | None = None,
    ) -> Answer:
        """Return the whole reply of `model` or of a stand-in; raises what `stream` does.

        With a `shape` it is asked for as JSON, which `bot.llm.structured.read` finds in the text.
        """
        said, speaks, usage = "", model, None
        stream = self.stream(
            messages, model=model, temperature=temperature, max_tokens=max_tokens, shape=shape, key=key
        )
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

    def _order(self, model: str, guild_id: int | None, now: float) -> list[str]:
        """The chosen model and then the others, those that rest last; with its own key a server is on its own."""
        for rested in [each for each, until in self._resting.items() if until <= now]:
            del self._resting[rested]
        names = list(dict.fromkeys((model, *self._models)))
        return sorted(names, key=lambda name: (name, guild_id) in self._resting)
