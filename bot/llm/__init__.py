"""Talks to a language model over any OpenAI-compatible endpoint: streaming chat completions."""

from bot.llm.client import Llm
from bot.llm.events import Event, Finish, Message, StreamBroken, Text, Usage

__all__ = ["Event", "Finish", "Llm", "Message", "StreamBroken", "Text", "Usage"]
