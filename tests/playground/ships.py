"""A bot with one of everything that the page has to show, and the words that tests of the page share."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands, ui
from playwright.async_api import Locator, Page

from playground import Channel
from tests.playground.conftest import Client


class Form(ui.Modal, title="A new ship"):
    name = ui.Label(text="Name", component=ui.TextInput(min_length=3, max_length=20))
    kind = ui.Label(
        text="Kind",
        component=ui.Select(options=[discord.SelectOption(label="Brig"), discord.SelectOption(label="Sloop")]),
    )
    chart = ui.Label(text="Chart", description="Any file.", component=ui.FileUpload(required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, kind, chart = self.name.component, self.kind.component, self.chart.component
        assert isinstance(name, ui.TextInput)
        assert isinstance(kind, ui.Select)
        assert isinstance(chart, ui.FileUpload)
        files = [file.filename for file in chart.values]
        await interaction.response.send_message(f"{name.value}, a {kind.values[0]}, {files}", ephemeral=True)


class Panel(ui.View):
    @ui.button(label="Whisper")
    async def whisper(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.send_message("A word for you alone.", ephemeral=True)

    @ui.button(label="Open a thread", style=discord.ButtonStyle.primary)
    async def thread(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.defer()
        assert isinstance(interaction.channel, discord.TextChannel)
        thread = await interaction.channel.create_thread(name="The chart room", type=discord.ChannelType.public_thread)
        await thread.send("Mind the lamp.")

    @ui.button(label="Ponder")
    async def ponder(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert isinstance(interaction.client, Bot)
        await interaction.client.released.wait()
        await interaction.followup.send("I have thought.", ephemeral=True)

    @ui.select(
        placeholder="Flags",
        min_values=1,
        max_values=2,
        options=[discord.SelectOption(label=name) for name in ("Red", "Blue", "White")],
    )
    async def flags(self, interaction: discord.Interaction, chosen: ui.Select[Panel]) -> None:
        await interaction.response.send_message(f"Flags: {', '.join(chosen.values)}")


class Card(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        inside = ui.Container(ui.TextDisplay("## Ships in harbour"), ui.Separator(), accent_colour=0x336699)
        button: ui.Button[Card] = ui.Button(label="Board")
        inside.add_item(ui.Section(ui.TextDisplay("**The Heron**\n-# a brig"), accessory=button))
        self.add_item(inside)


class Bot(Client):
    """A bot with one of everything that the page has to show."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()
        ship = app_commands.Group(name="ship", description="Ships")

        @ship.command(name="greet", description="Greets a ship.")
        async def greet(interaction: discord.Interaction, name: str, guns: int | None = None) -> None:
            await interaction.response.send_message(f"Ahoy {name} with {guns} guns")

        @greet.autocomplete("name")
        async def names(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            ships = {"The Heron": "heron-1", "The Otter": "otter-2"}
            return [app_commands.Choice(name=k, value=v) for k, v in ships.items() if typed.lower() in k.lower()]

        @ship.command(name="build", description="Opens a form.")
        async def build(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form())

        @ship.command(name="load", description="Takes a file.")
        async def load(interaction: discord.Interaction, cargo: discord.Attachment) -> None:
            await interaction.response.send_message(f"{cargo.filename}: {(await cargo.read()).decode()}")

        @ship.command(name="panel", description="Shows the panel.")
        async def panel(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("The panel", view=Panel(timeout=None))

        @self.tree.context_menu(name="Log this")
        async def log(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"Logged: {message.content}", ephemeral=True)

        self.tree.add_command(ship)

    def place(self, channel: Channel) -> discord.TextChannel:
        """Returns the client's own view of a channel."""
        found = self.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        return found


class Tall(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*(ui.TextDisplay(f"Ship {number}\n" + "a mast\n" * 8) for number in range(9))))


def message(page: Page, text: str) -> Locator:
    """Returns the newest message on the page that holds the text."""
    return page.locator("[data-message-id]", has_text=text).last


async def use(page: Page, command: str) -> None:
    """Writes a command, chooses it from the list and sends it without options."""
    await page.fill("#composer", f"/{command}")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
