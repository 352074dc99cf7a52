"""Two bots that tests share: one whose commands go where people take them, one with every way to choose."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands, ui

from tests.playground.conftest import Client

TEXT = discord.ChannelType.text


def told(values: list[Any]) -> str:
    """Returns kinds and names of what was chosen."""
    return ", ".join(f"{type(one).__name__} {one.name}" for one in values)


class Pickers(ui.View):
    def __init__(self, preset: int) -> None:
        super().__init__(timeout=None)
        default = [discord.SelectDefaultValue(id=preset, type=discord.SelectDefaultValueType.user)]
        for picker in (
            ui.UserSelect[Pickers](placeholder="Crew", max_values=2, default_values=default),
            ui.RoleSelect[Pickers](placeholder="Ranks", max_values=3),
            ui.MentionableSelect[Pickers](placeholder="Either", max_values=5),
            ui.ChannelSelect[Pickers](placeholder="Places", channel_types=[TEXT], min_values=0, max_values=2),
        ):
            picker.callback = self._answer(picker)
            self.add_item(picker)

    def _answer(self, picker: Any) -> Any:
        async def answer(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(told(picker.values) or "nothing", ephemeral=True)

        return answer


class Order(ui.Modal, title="An order"):
    who: ui.Label[Order] = ui.Label(text="Who", component=ui.UserSelect(max_values=2))
    rank: ui.Label[Order] = ui.Label(text="Rank", component=ui.RoleSelect(required=False))
    either: ui.Label[Order] = ui.Label(text="Either", component=ui.MentionableSelect(required=False))
    where: ui.Label[Order] = ui.Label(text="Where", component=ui.ChannelSelect(channel_types=[TEXT]))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts: list[Any] = [label.component for label in (self.who, self.rank, self.either, self.where)]
        await interaction.response.send_message(" | ".join(told(part.values) for part in parts))


class Boatswain(Client):
    """A client with one command of each way to choose."""

    def __init__(self) -> None:
        super().__init__()

        @self.tree.command(description="Shows pickers.")
        async def pickers(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("the pickers", view=Pickers(interaction.user.id))

        @self.tree.command(description="Opens an order.")
        async def order(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Order())

        @self.tree.command(description="Names things.")
        async def name(
            interaction: discord.Interaction,
            who: discord.Member | None = None,
            rank: discord.Role | None = None,
            where: discord.TextChannel | None = None,
            either: discord.Member | discord.Role | None = None,
        ) -> None:
            given: list[Any] = [one for one in (who, rank, where, either) if one is not None]
            roles = [role.name for role in who.roles] if who else []
            await interaction.response.send_message(f"{told(given)} {roles}")

        @self.tree.command(description="Weighs someone.")
        async def weigh(interaction: discord.Interaction, who: discord.User) -> None:
            await interaction.response.send_message(told([who]))


class Note(ui.Modal, title="A note"):
    words: ui.Label[Note] = ui.Label(text="Words", component=ui.TextInput())

    async def on_submit(self, interaction: discord.Interaction) -> None:
        field = self.words.component
        assert isinstance(field, ui.TextInput)
        await interaction.response.send_message(f"noted {field.value}", ephemeral=True)


class Desk(ui.View):
    @ui.button(label="Stamp", custom_id="stamp")
    async def stamp(self, interaction: discord.Interaction, button: ui.Button[Desk]) -> None:
        await interaction.response.edit_message(content="stamped")

    @ui.button(label="Note", custom_id="note")
    async def note(self, interaction: discord.Interaction, button: ui.Button[Desk]) -> None:
        await interaction.response.send_modal(Note())


class Porter(Client):
    """A client with a command for everywhere, one for servers that have it, and what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[discord.Interaction] = []
        self.left: list[int] = []
        self.joined: list[int] = []

        @self.tree.command(description="Goes everywhere.")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def desk(interaction: discord.Interaction) -> None:
            self.seen.append(interaction)
            file = discord.File(io.BytesIO(b"ink"), filename="desk.txt")
            await interaction.response.send_message("the desk", view=Desk(timeout=None), file=file)

        @self.tree.command(description="Speaks on.")
        @app_commands.allowed_installs(guilds=False, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=True)
        async def prattle(interaction: discord.Interaction, times: int) -> None:
            await interaction.response.defer()
            await interaction.followup.send("first")
            await interaction.edit_original_response(content="edited")
            for number in range(times):
                await interaction.followup.send(f"more {number}")

        @self.tree.command(description="For servers.")
        @app_commands.allowed_installs(guilds=True, users=False)
        async def home(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("home")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.left.append(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.append(guild.id)
