"""Help with one's own line: a draft, three things to say next, a line written better; a press says it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import BaseModel

from bot.bans import require_player
from bot.caller import Caller
from bot.characters.previews import Previews
from bot.chat.choices import Choices
from bot.chat.drafting import LONGEST_WISH, TOKENS, Voice, Wanted, instruction, lines_of, nudge
from bot.chat.identities import load_identity, name_of
from bot.chat.scene import Scene, prompt_of
from bot.chat.scenes import Scenes
from bot.chat.stage import Place
from bot.chat.standing import require_open, require_words
from bot.errors import Invalid, NotFound, Unavailable
from bot.llm import Answer, Message, NoAnswer, StandIns, StreamBroken, TooLong
from bot.tokens import count
from bot.usage import Spent, Usage
from storage.chats import Chat
from storage.database import Database
from storage.ids import new_id

TOO_LATE = "This was said already, or is more than a day old. Ask for another: `/chat draft`."
ELSEWHERE = "This was written for another chat. Ask for a line for this one: `/chat draft`."
NOTHING_YET = "Nothing was said in this chat yet. Begin it, then ask for help with your next line."
NO_WORDS = "The model wrote nothing that could be said. Ask once more, or with another hint."
LATER = "The model does not answer right now. Try again in a moment; nothing was said."
CUT_OFF = "The model was cut off in the middle. Try again; nothing was said."
TOO_SLOW = "The model was too slow for this, so it was stopped. Try again later; nothing was said."
TOO_MUCH = "The scene and this wish are longer together than the model can read. Ask with fewer words."


@dataclass(frozen=True, slots=True)
class Draft:
    """Lines that somebody may say, three at most, and what was asked for: `wish` is the hint or the line as it was."""

    id: str
    wanted: Wanted
    wish: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """One of the lines; NotFound where there are not so many."""
        if number >= len(self.lines):
            raise NotFound(TOO_LATE)
        return self.lines[number]


class _Kept(BaseModel):
    """What is sealed until somebody says it."""

    chat_id: UUID
    wanted: Wanted
    wish: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked of the model, and for which chat."""

    chat: Chat
    choices: Choices
    voice: Voice
    messages: tuple[Message, ...]
    prompt_tokens: int


class Drafts:
    """Has a model write what a person might say, for them alone."""

    def __init__(
        self,
        *,
        database: Database,
        previews: Previews,
        scenes: Scenes,
        usage: Usage,
        models: StandIns,
        patience: float = 90.0,
    ) -> None:
        self._database = database
        self._previews = previews
        self._scenes = scenes
        self._usage = usage
        self._models = models
        self._patience = patience

    async def draft(self, caller: Caller, place: Place, hint: str = "") -> Draft:
        """The caller's own next line in the chat of a place, in their persona's voice."""
        return await self._written(caller, place, "draft", hint)

    async def suggest(self, caller: Caller, place: Place) -> Draft:
        """Up to three different things that the caller could say next."""
        return await self._written(caller, place, "suggest", "")

    async def rephrase(self, caller: Caller, place: Place, text: str) -> Draft:
        """A line of the caller's, written better."""
        return await self._written(caller, place, "rephrase", require_words(text, LONGEST_WISH))

    async def again(self, caller: Caller, place: Place, draft_id: str) -> Draft:
        """Another answer to the same wish; the first can still be said."""
        kept = await self._previews.find(caller, draft_id, _Kept, too_late=TOO_LATE)
        return await self._written(caller, place, kept.wanted, kept.wish)

    async def find(self, caller: Caller, draft_id: str) -> Draft:
        """What was written for the caller, for a day and until it was said; NotFound after that."""
        return _draft(draft_id, await self._previews.find(caller, draft_id, _Kept, too_late=TOO_LATE))

    @asynccontextmanager
    async def taken(self, caller: Caller, place: Place, draft_id: str) -> AsyncGenerator[Draft]:
        """The draft, for whoever comes first, to be said in the block; where that fails it can be said again."""
        async with self._previews.taken(caller, draft_id, _Kept, too_late=TOO_LATE) as kept:
            async with self._database.transaction() as session:
                chat = await require_open(session, place.id)
            if chat.id != kept.chat_id:
                raise NotFound(ELSEWHERE)
            yield _draft(draft_id, kept)

    # --- the model ------------------------------------------------------------------------------------

    async def _written(self, caller: Caller, place: Place, wanted: Wanted, wish: str) -> Draft:
        generation_id = new_id()
        task = await self._task(caller, place, wanted, wish, generation_id)
        try:
            answer = await self._asked(task)
        except BaseException:
            await asyncio.shield(self._settle(caller, task, generation_id, None))
            raise
        await asyncio.shield(self._settle(caller, task, generation_id, answer))
        lines = lines_of(answer.text, wanted, task.voice)
        if not lines:
            raise Invalid(NO_WORDS)
        kept = _Kept(chat_id=task.chat.id, wanted=wanted, wish=wish, lines=tuple(lines))
        return _draft(await self._previews.keep(caller, kept), kept)

    async def _task(self, caller: Caller, place: Place, wanted: Wanted, wish: str, generation_id: UUID) -> _Task:
        async with self._database.transaction() as session:
            await require_player(session, caller)
            chat = await require_open(session, place.id)
            if chat.leaf_id is None:
                raise Invalid(NOTHING_YET)
            scene = await self._scenes.load(session, chat, answers=chat.leaf_id)
            adults = self._scenes.shows_adults(place)
            identity = await load_identity(session, chat, caller, adults=adults)
            about = identity.described(facing=scene.face.name).told if identity else ""
            voice = Voice(name_of(caller, identity), scene.face.name, about)
            task = _task_of(chat, scene, voice, wanted, wish)
            await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
            await self._usage.reserve(
                session, generation_id=generation_id, guild_id=chat.guild_id, tokens=task.prompt_tokens + TOKENS
            )
        return task

    async def _asked(self, task: _Task) -> Answer:
        try:
            async with asyncio.timeout(self._patience):
                choices = task.choices
                return await self._models.answer(
                    task.messages,
                    model=choices.model,
                    temperature=choices.temperature,
                    max_tokens=TOKENS,
                    key=choices.key,
                )
        except TimeoutError:
            raise Unavailable(TOO_SLOW) from None
        except NoAnswer:
            raise Unavailable(LATER) from None
        except StreamBroken:
            raise Unavailable(CUT_OFF) from None
        except TooLong:
            raise Invalid(TOO_MUCH) from None

    async def _settle(self, caller: Caller, task: _Task, generation_id: UUID, answer: Answer | None) -> None:
        """Notes what it cost, by our own count where the provider does not tell; gives back what was reserved."""
        read = written = None
        if answer is not None:
            told, model = answer.tokens, answer.model
            read = told.prompt_tokens if told else task.prompt_tokens
            written = told.completion_tokens if told else count(answer.text, model)
        spent = Spent(
            generation_id=generation_id,
            kind="draft",
            user_id=caller.user_id,
            guild_id=task.chat.guild_id,
            chat_id=task.chat.id,
            character_id=task.chat.character_id,
            model=answer.model if answer else task.choices.model,
            prompt_tokens=read,
            completion_tokens=written,
        )
        async with self._database.transaction() as session:
            await self._usage.settle(session, spent)


def _task_of(chat: Chat, scene: Scene, voice: Voice, wanted: Wanted, wish: str) -> _Task:
    """The scene's prompt, in which the last word is not the character's but the person's."""
    told = [Message("system", instruction(wanted, voice, wish)), Message("user", nudge(wanted, voice))]
    choices = scene.choices
    more = sum(count(message.content, choices.model) for message in told)
    shorter = replace(choices, context_tokens=choices.context_tokens - more, reply_tokens=TOKENS)
    prompt = prompt_of(replace(scene, choices=shorter), wants_reply=False)
    return _Task(chat, choices, voice, (*prompt.messages, *told), prompt.prompt_tokens + more)


def _draft(draft_id: str, kept: _Kept) -> Draft:
    return Draft(draft_id, kept.wanted, kept.wish, kept.lines)
