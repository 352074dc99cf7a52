"""One reply on its way: who writes it, until when that is certain, and what there is of it so far."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

from bot import tokens
from bot.chat.scene import Scene, place_of
from bot.chat.stage import Display, Face, Showing, Writing
from bot.prompt import Prompt
from storage.chats import Chat
from storage.generations import LEASE, Generation
from storage.messages import Outcome, Status
from storage.shown import Shown
from storage.vault import DataKey

MARGIN = 1.5
"""Seconds by which a writer takes its lease for shorter than it is: a request to Discord may be under way."""


@dataclass(slots=True)
class Lease:
    """How long a writer may be sure that nobody took over, by its process's own clock.

    Whoever cannot renew it falls silent before others may speak, whatever the two clocks say.
    """

    until: float = 0.0

    def renew(self, asked_at: float) -> None:
        """The database was asked at this moment (time.monotonic) and has agreed."""
        self.until = asked_at + LEASE.total_seconds() - MARGIN

    @property
    def holds(self) -> bool:
        """Whether this process is the writer for certain."""
        return time.monotonic() < self.until


@dataclass(slots=True)
class Writer:
    """A generation that this process writes."""

    generation: Generation
    chat: Chat
    key: DataKey
    face: Face
    speaker_id: UUID | None = None
    """The character that speaks."""
    shown: tuple[Shown, ...] = ()
    lock: UUID | None = None
    """What was locked for it in the cache: the message whose button was pressed."""
    asked_by: int | None = None
    """Who asked for it, and in whose name it is booked."""
    scene: Scene | None = None
    """What it is made from; None where what others left is only ended."""
    prompt: Prompt | None = None
    """What the model was given to read."""
    lease: Lease = field(default_factory=Lease)
    display: Display | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ends_as: Status = "stopped"
    lost: bool = False

    def showing(self) -> Showing:
        """The reply as it is to be shown while it is written."""
        return Showing(
            place=place_of(self.chat),
            chat_id=self.chat.id,
            message_id=reply_of(self.generation),
            face=self.face,
            shown=self.shown,
            controls=Writing(self.generation.id),
            is_ours=lambda: self.lease.holds,
        )

    def lose(self) -> None:
        """Somebody else has taken over: nothing more is written, shown or stored."""
        self.lost = True
        if self.display is not None:
            self.display.abandon()
        self.stop.set()


@dataclass(slots=True)
class Draft:
    """What there is of a reply; `continues` letters at its beginning were there before."""

    text: str
    model: str | None = None
    continues: int = 0
    started: float = field(default_factory=time.monotonic)
    first_token_ms: int | None = None
    duration_ms: int | None = None
    asked_tokens: int | None = None
    """What the prompt has by our own count; None where none was sent."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    status: Status = "complete"
    note: str = ""

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since it was begun."""
        return round((time.monotonic() - self.started) * 1000)

    @property
    def written(self) -> str:
        """What the model said this time."""
        return self.text[self.continues :]

    def end(self) -> None:
        """Sets what is known at the end alone: the whole time, and tokens that the provider did not tell."""
        self.text = self.text.strip()
        if self.duration_ms is None:
            self.duration_ms = self.elapsed_ms
        if self.completion_tokens is None and self.written:
            self.completion_tokens = tokens.count(self.written, self.model or "")
        if self.prompt_tokens is None and self.status != "failed":
            self.prompt_tokens = self.asked_tokens

    def outcome(self) -> Outcome:
        """The draft as it is stored."""
        return Outcome(
            status=self.status,
            text=self.text,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            first_token_ms=self.first_token_ms,
            duration_ms=self.duration_ms,
        )


def reply_of(generation: Generation) -> UUID:
    """The message that a generation writes."""
    assert generation.reply_id is not None  # noqa: S101 - a streaming generation has one (a CHECK)
    return generation.reply_id
