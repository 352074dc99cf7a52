"""The help card: made of the place, the person's rights and what the bot is allowed to do."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.client import CharacterBot, services_of
from bot.permissions import HELPFUL, NEEDED
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT

START = (
    "## Dramatis\nShared characters to play with, one thread a scene.\n"
    "- `/character pick` shows who is there; *Chat* under a card opens a scene.\n"
    "- `/character create` and `/character import` make characters of your own; `/character manage` has them all.\n"
    "- `/workbench` has a model improve their texts, says what they lack; `/character export` takes them along.\n"
    "- `/chat list` leads back to your scenes."
)
IN_CHAT = (
    "### In this scene\nWrite what you say or do. `//` or `((` at the start keeps a message out of the story.\n"
    "- *Regenerate* has a reply written again, ◀ ▶ goes between its versions, *Continue* lets it go on.\n"
    "- `⋯`, or Apps on any message, edits, branches, rewinds, deletes. Replying to an older message branches there.\n"
    "- `/chat draft` and `/chat suggest` help with your own line; `/chat undo` takes back the newest.\n"
    "- `/chat tree` shows every branch, `/chat history` reads back, `/chat settings` changes how replies are written."
)
FOR_ADMINS = (
    "### For you, who manage this server\n"
    "- `/server settings` and `/server policy` say where, who and which characters; `/server queue` has what waits.\n"
    "- `/server block`, `/server ban` and `/server reports` keep order; `/server audit` shows who decided what."
)
WITHOUT_CONTENT = (
    "### How to speak here\nI may not read messages in this installation: use `/say`, the *Say* button, or mention me."
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What matters for help: is a chat played here, what may the bot not do, and may it read messages."""

    in_chat: bool
    may_manage: bool
    missing: tuple[str, ...]
    helpful: tuple[str, ...]
    reads_messages: bool
    privacy_url: str | None
    terms_url: str | None


async def look_around(interaction: discord.Interaction, bot: CharacterBot) -> Situation:
    """The situation in which somebody asks for help."""
    services = services_of(interaction)
    caller, place = caller_of(interaction), place_of(interaction)
    granted = interaction.app_permissions
    in_guild = caller.guild_id is not None
    return Situation(
        in_chat=await services.chats.owner_of(place) is not None,
        may_manage=caller.may_manage,
        missing=tuple(f"{_title(name)}, to {why}" for name, why in NEEDED.items() if not getattr(granted, name))
        if in_guild
        else (),
        helpful=tuple(f"{_title(name)}, to {why}" for name, why in HELPFUL.items() if not getattr(granted, name))
        if in_guild
        else (),
        reads_messages=bot.intents.message_content or not in_guild,
        privacy_url=services.privacy_url,
        terms_url=services.terms_url,
    )


class HelpView(discord.ui.LayoutView):
    """What can be done, what is missing, and where the small print is."""

    def __init__(self, situation: Situation) -> None:
        super().__init__(timeout=None)
        texts = [START]
        if situation.in_chat:
            texts.append(IN_CHAT)
        if situation.may_manage:
            texts.append(FOR_ADMINS)
        if not situation.reads_messages:
            texts.append(WITHOUT_CONTENT)
        if situation.missing:
            texts.append("### What I lack here\nAn admin can give it to me:\n" + _listed(situation.missing))
        if situation.helpful:
            texts.append("-# Helpful, not needed: " + "; ".join(situation.helpful))
        links = [
            f"[{name}]({url})"
            for name, url in (("Privacy", situation.privacy_url), ("Terms", situation.terms_url))
            if url
        ]
        if links:
            texts.append("-# " + " · ".join(links))
        items = (discord.ui.TextDisplay[Any](text) for text in texts)
        self.add_item(discord.ui.Container[Any](*items, accent_colour=ACCENT))


def _listed(items: tuple[str, ...]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _title(name: str) -> str:
    return f"**{name.replace('_', ' ').title()}**"
