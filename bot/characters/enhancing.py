"""Having a model rewrite a text of one's own character, to be accepted or not."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from pydantic import BaseModel

from bot.caller import Caller
from bot.characters import rewriting
from bot.characters.catalogue import Characters, Definition
from bot.characters.changes import Change
from bot.characters.previews import Previews
from bot.errors import Busy, Invalid, Unavailable
from bot.llm import Finish, Llm, NoAnswer, StreamBroken, Text, TooLong
from bot.llm import Usage as Tokens
from bot.tokens import count
from bot.usage import Spent, Usage
from storage.characters import Character
from storage.database import Database
from storage.ids import new_id
from storage.locks import LOCK_MS, Locks

ONE_AT_A_TIME = "The model is writing something for you already. Wait until it is done, then ask again."
TOO_LATE = "This proposal is more than a day old. Ask for a new one: `/workbench`."
CHANGED_SINCE = (
    "The {label} was changed since this was proposed, so nothing was saved. Press *Again* for a new proposal."
)
NO_SUCH_TEXT = "There is no such text to rewrite. Choose one of: {labels}."
LATER = "The model does not answer right now. Try again in a moment; nothing was changed."
CUT_OFF = "The model was cut off in the middle. Try again; nothing was changed."
TOO_SLOW = "The model was too slow for this, so it was stopped. Try a shorter text, or try again later."
REFUSED = "The model's provider refused to write this. Try it with another wish."
NOT_READABLE = "This text is longer than {model} can read. Shorten it first, or rewrite it by hand."
WISH_LETTERS = 500

Progress = Callable[[str], Awaitable[None]]
_SLOTS = UUID("6f6a3a5e-6d52-4f5d-9c55-0c7b3f0d9a11")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text as it is and as the model would have it; `version` is the one that it was made from."""

    id: str
    character: Character
    field: str
    wish: str
    before: str
    after: str
    warnings: tuple[str, ...]
    version: int

    @property
    def label(self) -> str:
        """What people call the text."""
        return rewriting.FIELDS[self.field].label


class _Kept(BaseModel):
    """What is sealed until somebody accepts it."""

    character_id: UUID
    field: str
    wish: str
    anew: bool
    before: str
    after: str
    version: int


@dataclass(slots=True)
class _Answer:
    """What the model has written so far, why it ended, and the tokens that its provider told."""

    text: str = ""
    reason: str = "stop"
    tokens: Tokens | None = None


class Enhancer:
    """Asks a model for better texts; what it writes changes nothing until its author accepts it."""

    def __init__(
        self,
        *,
        database: Database,
        usage: Usage,
        previews: Previews,
        locks: Locks,
        characters: Characters,
        model_server: Llm,
        model: str,
        context_tokens: int,
        temperature: float | None = None,
        patience: float = 300.0,
        progress_every: float = 3.0,
    ) -> None:
        self._database = database
        self._usage = usage
        self._previews = previews
        self._locks = locks
        self._characters = characters
        self._llm = model_server
        self._model = model
        self._context_tokens = context_tokens
        self._temperature = temperature
        self._patience = patience
        self._progress_every = progress_every

    @property
    def model(self) -> str:
        """The model to which the texts go."""
        return self._model

    async def propose(
        self,
        caller: Caller,
        wanted: str,
        field: str,
        wish: str = "",
        *,
        anew: bool = False,
        progress: Progress | None = None,
    ) -> Proposal:
        """A better text for one's own character; with `anew`, or where there is none, one from the other texts.

        `progress` hears every few seconds what has been written so far. Raises Busy while the caller waits for
        another one, LimitReached where they or their server have asked for enough, Invalid where the model wrote
        nothing that could be saved, Unavailable where it does not answer.
        """
        if field not in rewriting.FIELDS:
            labels = ", ".join(each.label for each in rewriting.FIELDS.values())
            raise Invalid(NO_SUCH_TEXT.format(labels=labels))
        definition = await self._characters.definition(caller, wanted)
        wish = wish[:WISH_LETTERS]
        task = rewriting.task(
            definition, field, wish=wish, anew=anew, model=self._model, context_tokens=self._context_tokens
        )
        async with self._alone(caller):
            answer = await self._paid(caller, definition.character, task, progress)
        before = rewriting.text_of(definition, field)
        kept = _Kept(
            character_id=definition.character.id,
            field=field,
            wish=wish,
            anew=anew,
            before=before,
            after=rewriting.proposed(answer, before, field),
            version=definition.version,
        )
        return _proposal(await self._previews.keep(caller, kept), kept, definition.character)

    async def proposal(self, caller: Caller, proposal_id: str) -> Proposal:
        """What was proposed, for a day; NotFound after that."""
        kept = await self._previews.find(caller, proposal_id, _Kept, too_late=TOO_LATE)
        definition = await self._characters.definition(caller, str(kept.character_id))
        return _proposal(proposal_id, kept, definition.character)

    async def again(self, caller: Caller, proposal_id: str, *, progress: Progress | None = None) -> Proposal:
        """Another proposal for the same text and wish."""
        kept = await self._previews.find(caller, proposal_id, _Kept, too_late=TOO_LATE)
        return await self.propose(
            caller, str(kept.character_id), kept.field, kept.wish, anew=kept.anew, progress=progress
        )

    async def accept(self, caller: Caller, proposal_id: str) -> Definition:
        """Saves a proposal as a new version; Invalid where the text was changed since. Twice is once."""
        kept = await self._previews.find(caller, proposal_id, _Kept, too_late=TOO_LATE)
        definition = await self._characters.definition(caller, str(kept.character_id))
        now = rewriting.text_of(definition, kept.field)
        if now == kept.after:
            return definition
        if now != kept.before:
            raise Invalid(CHANGED_SINCE.format(label=rewriting.FIELDS[kept.field].label))
        return await self._characters.edit(
            caller,
            str(kept.character_id),
            replace(Change(), **{kept.field: kept.after}),
            made_from=definition.version,
        )

    async def discard(self, caller: Caller, proposal_id: str) -> Proposal:
        """Forgets a proposal of the caller's, and returns it once more."""
        proposal = await self.proposal(caller, proposal_id)
        await self._previews.forget(proposal_id)
        return proposal

    # --- the model -----------------------------------------------------------------------------------

    async def _paid(self, caller: Caller, character: Character, task: rewriting.Task, progress: Progress | None) -> str:
        """What the model writes, within the caller's limits; what it came to is noted however it ends."""
        generation_id, answer = new_id(), _Answer()
        asked = sum(count(message.content, self._model) for message in task.messages)
        async with self._database.transaction() as session:
            await self._usage.admit(user_id=caller.user_id, chat_id=None, guild_id=caller.guild_id)
            await self._usage.reserve(
                session, generation_id=generation_id, guild_id=caller.guild_id, tokens=asked + task.max_tokens
            )
        try:
            await self._write(answer, task, progress)
        finally:
            spent = self._spent(caller, character, generation_id, asked, answer)
            await asyncio.shield(self._settle(spent))
        return answer.text

    def _spent(self, caller: Caller, character: Character, generation_id: UUID, asked: int, answer: _Answer) -> Spent:
        """By our own count where the provider did not tell; nothing where no answer came."""
        told = answer.tokens or (Tokens(asked, count(answer.text, self._model)) if answer.text else None)
        return Spent(
            generation_id=generation_id,
            kind="enhance",
            user_id=caller.user_id,
            guild_id=caller.guild_id,
            chat_id=None,
            character_id=character.id,
            model=self._model,
            prompt_tokens=told.prompt_tokens if told else None,
            completion_tokens=told.completion_tokens if told else None,
        )

    async def _settle(self, spent: Spent) -> None:
        async with self._database.transaction() as session:
            await self._usage.settle(session, spent)

    async def _write(self, answer: _Answer, task: rewriting.Task, progress: Progress | None) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._collect(answer, task, progress)
        except TimeoutError:
            raise Unavailable(TOO_SLOW) from None
        except NoAnswer:
            raise Unavailable(LATER) from None
        except StreamBroken:
            raise Unavailable(CUT_OFF) from None
        except TooLong:
            raise Invalid(NOT_READABLE.format(model=self._model)) from None

    async def _collect(self, answer: _Answer, task: rewriting.Task, progress: Progress | None) -> None:
        clock = asyncio.get_running_loop().time
        told = clock()
        stream = self._llm.stream(
            task.messages, model=self._model, temperature=self._temperature, max_tokens=task.max_tokens
        )
        async with aclosing(stream) as events:
            async for event in events:
                match event:
                    case Text(text):
                        answer.text += text
                    case Finish(reason):
                        answer.reason = reason
                    case Tokens():
                        answer.tokens = event
                if len(answer.text) > task.max_letters:
                    raise Invalid(rewriting.ENDLESS)
                if progress and answer.text and clock() - told >= self._progress_every:
                    await progress(answer.text)
                    told = clock()
        if answer.reason == "content_filter":
            raise Invalid(REFUSED)
        if answer.reason == "length":
            raise Invalid(rewriting.ENDLESS)

    @asynccontextmanager
    async def _alone(self, caller: Caller) -> AsyncGenerator[None]:
        """One at a time for each person, in whichever process they ask."""
        slot = uuid5(_SLOTS, str(caller.user_id))
        if not await self._locks.take(slot):
            raise Busy(ONE_AT_A_TIME)
        keeping = asyncio.create_task(self._keep_slot(slot))
        try:
            yield
        finally:
            keeping.cancel()
            await self._locks.release(slot)

    async def _keep_slot(self, slot: UUID) -> None:
        while True:
            await asyncio.sleep(LOCK_MS / 3000)
            await self._locks.keep([slot])


def _proposal(proposal_id: str, kept: _Kept, character: Character) -> Proposal:
    lost = () if kept.anew else rewriting.lost_macros(kept.before, kept.after)
    return Proposal(
        id=proposal_id,
        character=character,
        field=kept.field,
        wish=kept.wish,
        before=kept.before,
        after=kept.after,
        warnings=(rewriting.LOST.format(macros=", ".join(lost)),) if lost else (),
        version=kept.version,
    )
