"""Words of strangers inside cards of ours: shown as they are, never as markup or links."""

import discord


def plain(text: str, limit: int = 600) -> str:
    """The text with Markdown made harmless, cut with an ellipsis at `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    escaped = discord.utils.escape_markdown(cut, ignore_links=False)
    return escaped.replace("[", "\\[").replace("<", "\\<")


def clipped(text: str, limit: int) -> str:
    """The text as it is, cut with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plural(count: int, one: str, many: str | None = None) -> str:
    """“1 chat”, “2 chats”."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
