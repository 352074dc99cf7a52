"""The panel of one's preferences; each choice is saved at once."""

from typing import Any

import discord

from bot.account.preferences import Preferred
from bot.client import services_of
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain
from storage.wishes import Wishes

HEAD = "## Your preferences\n-# They hold in all servers and in direct messages."
BY_MESSAGE = {
    True: "**News:** in `/character manage`, and by direct message too",
    False: "**News:** in `/character manage`",
}
NAMES = {
    "model": "model",
    "temperature": "temperature",
    "reply_tokens": "tokens of a reply",
    "history_limit": "messages of history",
    "mode": "mode",
    "streaming": "shown as written",
    "turns": "turns",
    "personas": "who may switch personas",
}
NO_REUSED = "**New chats** begin as the server and the operator say.\n-# `/chat settings` can have others reused."
REUSED = "**New chats** begin with: {wishes}"


class NewsButton(PersistentButton, prefix="me.news"):
    """Whether news come by direct message too."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Changes it."""
        preferred = await services_of(interaction).preferences.switch_messages(caller_of(interaction))
        await interaction.response.edit_message(view=PreferencesView(preferred))


class ZoneButton(PersistentButton, prefix="me.zone", label="Change the time zone"):
    """Opens the form for the time zone."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it."""
        preferred = await services_of(interaction).preferences.look(caller_of(interaction))
        await interaction.response.send_modal(ZoneForm(preferred.time_zone))


class ClearReusedButton(PersistentButton, prefix="me.unreuse", label="Reuse nothing"):
    """Forgets the settings that new chats begin with."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Forgets them."""
        preferred = await services_of(interaction).preferences.clear_reused(caller_of(interaction))
        await interaction.response.edit_message(view=PreferencesView(preferred))


class ZoneForm(Form):
    """One name, or nothing."""

    def __init__(self, name: str | None) -> None:
        super().__init__(title="Your time zone")
        self._field = discord.ui.TextInput[Any](
            default=name, placeholder="Europe/Berlin", max_length=60, required=False
        )
        about = "By it characters know what time it is where you are. Blank: UTC."
        self.add_item(discord.ui.Label[Any](text="Time zone", description=about, component=self._field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves it."""
        preferred = await services_of(interaction).preferences.choose_zone(caller_of(interaction), self._field.value)
        await interaction.response.edit_message(view=PreferencesView(preferred))


PREFERENCES_ITEMS = (NewsButton, ZoneButton, ClearReusedButton)


class PreferencesView(discord.ui.LayoutView):
    """What is chosen, each above the button that changes it."""

    def __init__(self, preferred: Preferred) -> None:
        super().__init__(timeout=None)
        news = NewsButton(label="Only there" if preferred.by_message else "By direct message too")
        reused = preferred.reused.chosen
        parts: list[tuple[str, PersistentButton | None]] = [
            (HEAD, None),
            (BY_MESSAGE[preferred.by_message], news),
            (f"**Time zone:** {preferred.time_zone or 'UTC'}", ZoneButton()),
            (_reused(preferred.reused) if reused else NO_REUSED, ClearReusedButton() if reused else None),
        ]
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        for text, button in parts:
            container.add_item(discord.ui.TextDisplay[Any](text))
            if button is not None:
                container.add_item(discord.ui.ActionRow[Any](button))
        self.add_item(container)


async def show_preferences(interaction: discord.Interaction) -> None:
    """Answers with the panel."""
    preferred = await services_of(interaction).preferences.look(caller_of(interaction))
    await interaction.response.send_message(view=PreferencesView(preferred), ephemeral=True)


def _reused(wishes: Wishes) -> str:
    told = [f"{NAMES.get(name, name)} {plain(_in_words(value), 100)}" for name, value in wishes.chosen.items()]
    return REUSED.format(wishes=", ".join(told))


def _in_words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
