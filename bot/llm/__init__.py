"""Talks to a language model over any OpenAI-compatible endpoint: streaming chat completions, moderation."""

from bot.llm.client import Llm
from bot.llm.events import (
    Answer,
    Declined,
    Event,
    Finish,
    Message,
    NoAnswer,
    Speaks,
    StreamBroken,
    Text,
    TooLong,
    UnknownModel,
    Usage,
)
from bot.llm.standins import StandIns

__all__ = [
    "Answer",
    "Declined",
    "Event",
    "Finish",
    "Llm",
    "Message",
    "NoAnswer",
    "Speaks",
    "StandIns",
    "StreamBroken",
    "Text",
    "TooLong",
    "UnknownModel",
    "Usage",
]
