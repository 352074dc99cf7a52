"""Talks to models over any OpenAI-compatible endpoint: streaming chat completions, embeddings, moderation."""

from bot.llm.client import Llm
from bot.llm.events import (
    Answer,
    Declined,
    Event,
    Finish,
    KeyRefused,
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
    "KeyRefused",
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
