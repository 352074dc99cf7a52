"""From the model's mouth to the stream: what it says, how it ends, and which words that ending gets."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from bot import llm
from bot.chat.choices import Choices
from bot.chat.notes import BROKEN_OFF, CUT, DECLINED, NO_REPLY, NOTHING_ADDED, ONLY_THOUGHT, note_for
from bot.chat.writer import Draft, Writer
from bot.telemetry import Metrics
from storage.streams import SpokenBy, TextStream

MAX_REPLY_LETTERS = 40_000
CENSORED = frozenset(("content_filter", "refusal", "safety", "prohibited_content", "blocklist", "spii", "recitation"))
"""The words of several providers for a reply that they broke off for what it says."""

log = structlog.get_logger()


class Relay:
    """Takes what a model says into a draft and its stream, until it ends or somebody stops it."""

    def __init__(self, models: llm.StandIns, metrics: Metrics) -> None:
        self._models = models
        self._metrics = metrics

    async def fill(
        self, writer: Writer, draft: Draft, stream: TextStream, messages: Sequence[llm.Message], choices: Choices
    ) -> None:
        """Fills the draft; UserError when the model failed, and what came until then stays in the draft."""
        stopped = asyncio.create_task(writer.stop.wait())
        listening = asyncio.create_task(self._listen(draft, stream, messages, choices))
        try:
            await asyncio.wait((listening, stopped), return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
                _judge(draft)
            else:
                draft.status = writer.ends_as
                draft.note = note_for(writer.ends_as, is_empty=not draft.text.strip())
        finally:
            for task in (stopped, listening):
                task.cancel()
            await asyncio.wait((stopped, listening))

    async def _listen(
        self, draft: Draft, stream: TextStream, messages: Sequence[llm.Message], choices: Choices
    ) -> None:
        events = self._models.stream(
            messages,
            model=choices.model,
            temperature=choices.temperature,
            max_tokens=choices.reply_tokens,
            key=choices.key,
        )
        async with contextlib.aclosing(events):
            async for event in events:
                match event:
                    case llm.Text(text):
                        if draft.first_token_ms is None:
                            self._hear(draft, stream)
                        draft.text += text
                        stream.append(text)
                    case llm.Speaks(model):
                        self._turn_to(model, draft, stream, chosen=choices.model)
                    case llm.Usage(prompt_tokens, completion_tokens):
                        draft.prompt_tokens, draft.completion_tokens = prompt_tokens, completion_tokens
                    case llm.Finish(reason):
                        _finish(draft, reason)
                if len(draft.text) > MAX_REPLY_LETTERS:
                    _finish(draft, "length")
                    return

    def _turn_to(self, model: str, draft: Draft, stream: TextStream, *, chosen: str) -> None:
        """This model answers, whether it was the chosen one or stands in for it."""
        draft.model = model
        if model != chosen:
            self._metrics.stood_in(model, instead_of=chosen)
            log.warning("generation.stood_in", generation=str(stream.generation_id), model=model, chosen=chosen)

    def _hear(self, draft: Draft, stream: TextStream) -> None:
        """The first word has come."""
        model = draft.model or ""
        stream.spoken_by = SpokenBy(model, draft.asked_tokens or 0)
        draft.first_token_ms = draft.elapsed_ms
        self._metrics.first_token(model, draft.first_token_ms / 1000)
        log.info("generation.first_token", generation=str(stream.generation_id), model=model, ms=draft.first_token_ms)


def _finish(draft: Draft, reason: str) -> None:
    if reason == "length":
        draft.status, draft.note = "length", CUT
    elif reason.lower() in CENSORED:
        draft.status, draft.note = "interrupted", BROKEN_OFF


def _judge(draft: Draft) -> None:
    """A reply without words has no outcome but a sentence."""
    if draft.written.strip():
        return
    if draft.text.strip():
        draft.status, draft.note = "complete", DECLINED if draft.note == BROKEN_OFF else NOTHING_ADDED
    else:
        draft.note = {CUT: ONLY_THOUGHT, BROKEN_OFF: DECLINED}.get(draft.note, NO_REPLY)
        draft.status, draft.text = "failed", ""
