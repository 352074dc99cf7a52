"""A character's whole card, as its audience may see it."""

from typing import Any

import discord

from bot.characters.catalogue import Detail
from bot.characters.playing import greetings, sizes
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.identities import PlayAsButton
from cogs.ui.launching import ChatButton
from cogs.ui.reporting import ReportButton
from cogs.ui.text import plain, plural, tame
from storage.characters import Character

GREETING_LETTERS = 1500


class GreetingButton(PersistentButton, prefix="character.greeting", keys=(ID, "[0-9]{1,3}", "[<>]")):
    """Leafs through the greetings."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the greeting of that number."""
        services = services_of(interaction)
        detail = await services.characters.detail(caller_of(interaction), self.keys[0])
        # The face may be another by now than the one that came with the message.
        files = await avatar_files(services.avatars, [detail.character])
        await interaction.response.edit_message(view=DetailsView(detail, int(self.keys[1])), attachments=files)


class DetailsView(discord.ui.LayoutView):
    """The card, its greetings, and what its author says about it."""

    def __init__(self, detail: Detail, greeting: int = 0) -> None:
        super().__init__(timeout=None)
        character = detail.character
        container = discord.ui.Container[Any](card(character), accent_colour=ACCENT)
        container.add_item(discord.ui.TextDisplay[Any](_facts(character, detail)))
        offered = greetings(detail.whole)
        if offered:
            shown = greeting % len(offered)
            words = tame(offered[shown], GREETING_LETTERS)
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](f"-# Greeting {shown + 1} of {len(offered)}\n{words}"))
        buttons: list[discord.ui.Item[Any]] = [ChatButton(character.id), PlayAsButton(character.id)]
        if len(offered) > 1:
            shown, count = greeting % len(offered), len(offered)
            buttons.append(GreetingButton(character.id, str((shown - 1) % count), "<", label="◀"))
            buttons.append(GreetingButton(character.id, str((shown + 1) % count), ">", label="▶"))
        if not detail.is_owner:
            buttons.append(ReportButton(character.id))
        container.add_item(discord.ui.ActionRow[Any](*buttons))
        self.add_item(container)


def _facts(character: Character, detail: Detail) -> str:
    lines = [
        f"-# Version {detail.version}"
        + (f" · {plain(character.category, 40)}" if character.category else "")
        + (f" · Licence {plain(character.licence, 40)}" if character.licence else "")
        + f" · {plural(character.play_count, 'chat')} so far"
    ]
    if detail.card is None:
        lines.append(f"-# The author keeps the definition to themselves: {', '.join(sizes(detail.whole))}.")
    elif detail.card.creator_notes:
        lines.append(plain(detail.card.creator_notes, 700))
    return "\n".join(lines)
