"""Talks to a language model over any OpenAI-compatible endpoint: streaming chat completions, moderation."""

from bot.llm.client import Llm
from bot.llm.events import Event, Finish, Message, NoAnswer, StreamBroken, Text, TooLong, Usage

__all__ = ["Event", "Finish", "Llm", "Message", "NoAnswer", "StreamBroken", "Text", "TooLong", "Usage"]
