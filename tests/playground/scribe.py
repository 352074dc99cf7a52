"""A bot whose messages carry files, long lists and rows of buttons, with forms in its message menus."""

from __future__ import annotations

import io

import discord
from discord import ui
from PIL import Image

from playground import Channel
from tests.playground.conftest import Client

DAYS = [f"Day {number}" for number in range(1, 26)]
ROW = ("◀", "3/12 ▶", "Regenerate", "Have it answered", "⋯")
WORDS = {"log.md": "# A log\nCalm seas.", "log.jsonl": '{"role": "user"}\n', "log.txt": "Calm seas."}


class Rewrite(ui.Modal, title="Rewrite a message"):
    """A form that begins with what the message says."""

    def __init__(self, message: discord.Message) -> None:
        super().__init__()
        style = discord.TextStyle.paragraph
        self.words: ui.TextInput[Rewrite] = ui.TextInput(style=style, default=message.content, max_length=2000)
        self.add_item(ui.Label(text="Its words", component=self.words))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"It would say: {self.words.value}", ephemeral=True)


class Row(ui.View):
    """A row of five buttons, each of which tells its label."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for label in ROW:
            self.add_item(Said(label))


class Said(ui.Button[Row]):
    """A button that tells its label."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Pressed {self.label}", ephemeral=True)


class Calendar(ui.View):
    """A select menu with as many options as there may be."""

    @ui.select(placeholder="Which day?", options=[discord.SelectOption(label=day) for day in DAYS])
    async def day(self, interaction: discord.Interaction, chosen: ui.Select[Calendar]) -> None:
        await interaction.response.send_message(f"Chosen: {chosen.values[0]}", ephemeral=True)


class Scribe(Client):
    """A client with a form and an answer in its message menus."""

    def __init__(self) -> None:
        super().__init__()

        @self.tree.context_menu(name="Rewrite")
        async def rewrite(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_modal(Rewrite(message))

        @self.tree.context_menu(name="Count words")
        async def count(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"{len(message.content.split())} words", ephemeral=True)

    def place(self, channel: Channel) -> discord.TextChannel:
        """Returns the client's own view of a channel."""
        found = self.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        return found

    async def hand_over(self, channel: Channel) -> None:
        """Posts a picture and three files of words."""
        picture = io.BytesIO()
        Image.linear_gradient("L").resize((600, 360)).save(picture, "PNG")
        files = [discord.File(io.BytesIO(words.encode()), name) for name, words in WORDS.items()]
        picture.seek(0)
        await self.place(channel).send("The chart and the log", files=[discord.File(picture, "chart.png"), *files])
