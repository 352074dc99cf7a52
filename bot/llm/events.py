"""What goes to a model and what comes back."""

from dataclasses import dataclass
from typing import Literal

from bot.errors import Invalid, Unavailable


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt; `name` tells people of one role apart, where the endpoint heeds it."""

    role: Literal["system", "user", "assistant"]
    content: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the reply, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the reply cost, in the model's tokens; near the end, and not from every endpoint."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The reply is whole; the reason is the endpoint's word: "stop", "length", "content_filter", …"""

    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply: what was said, by which model, and what it cost where the endpoint told it."""

    text: str
    model: str
    tokens: Usage | None


@dataclass(frozen=True, slots=True)
class Speaks:
    """Which model answers; comes before whatever it says, where several may."""

    model: str


Event = Text | Usage | Finish


class NoAnswer(Unavailable):
    """The model is silent or asked too much; the same request may succeed in a moment."""


class UnknownModel(Unavailable):
    """The provider does not have this model, or not for the bot's account."""


class KeyRefused(Unavailable):
    """The provider refuses the key with which it was asked, or its account is used up."""


class Declined(Invalid):
    """The provider will not have this prompt answered, by whichever model, for what stands in it."""


class TooLong(Invalid):
    """The prompt is longer than the model can read."""


class StreamBroken(Unavailable):
    """A reply was cut off after its first text, which has been yielded and may be kept."""

    def __init__(self) -> None:
        super().__init__("The reply was cut off; press *Continue* to go on from here, or *Regenerate* to try anew.")
