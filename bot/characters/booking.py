"""What the program asks models by itself, in jobs: held to the server's budget, and noted as used."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel

from bot.llm import Answer, Message, StandIns
from bot.tokens import count
from bot.usage import Spent, Usage
from storage.database import Database
from storage.ids import new_id
from storage.server_keys import ServerKey

WRAPPING = 8
"""Tokens of a message beside its text."""


@dataclass(frozen=True, slots=True)
class Purse:
    """In whose name something is booked, and as what."""

    kind: str
    user_id: int | None
    guild_id: int | None
    chat_id: UUID | None
    character_id: UUID | None


class Booked:
    """Asks models for whole answers."""

    def __init__(self, database: Database, usage: Usage, models: StandIns) -> None:
        self._database = database
        self._usage = usage
        self._models = models

    async def answer(
        self,
        messages: Sequence[Message],
        purse: Purse,
        *,
        model: str,
        temperature: float,
        max_tokens: int,
        shape: type[BaseModel],
        key: ServerKey | None = None,
    ) -> Answer:
        """The answer, asked for as JSON of a shape; LimitReached where the server's budget does not allow it.

        With a server's own `key` none other is used. Otherwise raises what StandIns.answer does; what was reserved is
        given back then.
        """
        generation_id = new_id()
        asked = sum(count(message.content, model) + WRAPPING for message in messages)
        async with self._database.transaction() as session:
            await self._usage.reserve(
                session, generation_id=generation_id, guild_id=purse.guild_id, tokens=asked + max_tokens
            )
        answer: Answer | None = None
        try:
            answer = await self._models.answer(
                messages, model=model, temperature=temperature, max_tokens=max_tokens, shape=shape, key=key
            )
            return answer
        finally:
            await asyncio.shield(self._settle(_spent(generation_id, purse, model, asked, answer)))

    async def _settle(self, spent: Spent) -> None:
        async with self._database.transaction() as session:
            await self._usage.settle(session, spent)


def _spent(generation_id: UUID, purse: Purse, model: str, asked: int, answer: Answer | None) -> Spent:
    """What it came to, by our own count where the provider does not tell."""
    read = written = None
    if answer is not None:
        told, model = answer.tokens, answer.model
        read = told.prompt_tokens if told else asked
        written = told.completion_tokens if told else count(answer.text, model)
    return Spent(
        generation_id=generation_id,
        kind=purse.kind,
        user_id=purse.user_id,
        guild_id=purse.guild_id,
        chat_id=purse.chat_id,
        character_id=purse.character_id,
        model=model,
        prompt_tokens=read,
        completion_tokens=written,
    )


class Rest:
    """What led to nothing and is left alone for a while, so that the next reply does not pay for it again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[UUID, float] = {}

    def begin(self, key: UUID) -> None:
        """From now on it rests; what has rested enough is forgotten."""
        now = asyncio.get_running_loop().time()
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[key] = now + self._seconds

    def holds(self, key: UUID) -> bool:
        """Whether it rests still."""
        return self._until.get(key, 0.0) > asyncio.get_running_loop().time()
