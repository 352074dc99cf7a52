"""The server's own key for the model endpoint: whether there is one, and the form that takes another."""

from typing import Any

import discord

from bot.client import services_of
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain
from storage.server_keys import KeyRecord

HEAD = "## The server's own key"
NONE = "No key is set: characters speak here with the operator's."
IS_SET = "A key is set{by}{when}. Characters speak here with it; if the provider refuses it, they say so and rest."
REFUSED = "**The provider refuses it**, since <t:{when}:f>."
ABOUT = (
    "-# It is for the endpoint that the operator has chosen, which nobody else can change. It is stored sealed and "
    "never shown again. The server's budget counts with it as before."
)
REMOVED = "The key is gone. Characters speak here with the operator's again."
WAS_NONE = "There was no key to remove."


class SetKeyButton(PersistentButton, prefix="server.key", label="Set a key"):
    """Opens the form, for admins."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it."""
        await services_of(interaction).server_keys.look(caller_of(interaction))
        await interaction.response.send_modal(KeyForm())


class RemoveKeyButton(PersistentButton, prefix="server.unkey", label="Remove it"):
    """Forgets the key."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Forgets it, and says so."""
        gone = await services_of(interaction).server_keys.remove(caller_of(interaction))
        await interaction.response.send_message(REMOVED if gone else WAS_NONE, ephemeral=True)


SERVER_KEY_ITEMS = (SetKeyButton, RemoveKeyButton)


class KeyForm(Form, title="The server's own key"):
    """One field; what is typed is checked, sealed and never shown again."""

    key: discord.ui.Label[Any] = discord.ui.Label(
        text="Key",
        description="As the model's provider gave it to you. Only the operator's endpoint gets it.",
        component=discord.ui.TextInput(max_length=400),
    )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Checks and saves it: the provider may take its time."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        assert isinstance(self.key.component, discord.ui.TextInput)  # noqa: S101 - as declared above
        record = await services_of(interaction).server_keys.choose(caller_of(interaction), self.key.component.value)
        await interaction.followup.send(view=ServerKeyView(record), ephemeral=True)


class ServerKeyView(discord.ui.LayoutView):
    """Whether a key is set, by whom and when; never the key."""

    def __init__(self, record: KeyRecord | None) -> None:
        super().__init__(timeout=None)
        lines = [HEAD, NONE if record is None else _told(record), ABOUT]
        if record is not None and record.refused_at is not None:
            lines.insert(2, REFUSED.format(when=int(record.refused_at.timestamp())))
        buttons = [SetKeyButton(label="Set another key" if record else None)]
        row = discord.ui.ActionRow[Any](*buttons, *([RemoveKeyButton()] if record else []))
        container = discord.ui.Container[Any](discord.ui.TextDisplay[Any]("\n".join(lines)), accent_colour=ACCENT)
        container.add_item(row)
        self.add_item(container)


async def show_server_key(interaction: discord.Interaction) -> None:
    """Answers with whether the server has a key."""
    record = await services_of(interaction).server_keys.look(caller_of(interaction))
    await interaction.response.send_message(view=ServerKeyView(record), ephemeral=True)


def _told(record: KeyRecord) -> str:
    by = f" by **{plain(record.username, 40)}**" if record.username else ""
    when = f", <t:{int(record.set_at.timestamp())}:f>" if record.set_at else ""
    return IS_SET.format(by=by, when=when)
