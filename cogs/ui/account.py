"""What is mine: taking it along, and deleting it, which is asked twice."""

from typing import Any

import discord

from bot.account.courier import Ticket
from bot.client import services_of
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.text import plural
from storage.leaving import Holdings

EXPORTING = (
    "I am putting together what is yours. It comes here in a moment, as a zip file that opens without me; "
    "should it take over a quarter of an hour, it comes as a direct message."
)
DELETING = (
    "I am deleting everything of yours: your words are unreadable in a moment, the rest follows. I tell you here, or "
    "by direct message, when it is done."
)
ASKED = (
    "**Delete everything that is yours, everywhere?** This cannot be taken back, by nobody.\n"
    "- {characters} of yours. {played}\n"
    "- {chats} that you opened, with every branch, {others} that others said there, in {servers} and direct messages.\n"
    "- {elsewhere} that you said in chats of others: your words and your name are taken out, the rest goes on.\n"
    "- {personas} and {books}, your preferences, reports and usage (sums stay without you).\n"
    "- Your posts on Discord, as far as I am let; the rest of your threads stays until it is deleted there.\n"
    "- Bans stay, with your id alone.\n"
    "-# `/me export` saves it all first."
)
PLAYED = (
    "No chat of others plays them.",
    "One chat of others plays them, and goes on with them until it is ended; nobody is named as their maker.",
    "{count:,} chats of others play them, and go on with them until they are ended; nobody is named as their maker.",
)


class DeleteMeButton(PersistentButton, prefix="me.delete", label="Delete everything…"):
    """Asks a second time: for the username, in a form."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(DeleteMeForm())


class DeleteMeForm(Form, title="Delete everything of yours"):
    """One field: whoever types their username means it."""

    username: discord.ui.Label[Any] = discord.ui.Label(
        text="Your username",
        description="Type it to have everything deleted, for good. There is no way back.",
        component=discord.ui.TextInput(max_length=40),
    )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Begins to delete."""
        assert isinstance(self.username.component, discord.ui.TextInput)  # noqa: S101 - as declared above
        caller, deletion = caller_of(interaction), services_of(interaction).deletion
        await deletion.require_meant(caller, self.username.component.value)
        # Before the job, which takes the place of this text as it goes.
        await interaction.response.send_message(DELETING, ephemeral=True)
        await deletion.begin(caller, ticket_of(interaction))


ACCOUNT_ITEMS = (DeleteMeButton,)


async def send_export(interaction: discord.Interaction) -> None:
    """Answers that it comes, and has it made."""
    caller, exports = caller_of(interaction), services_of(interaction).account_exports
    await exports.require_free(caller)
    await interaction.response.send_message(EXPORTING, ephemeral=True)
    await exports.begin(caller, ticket_of(interaction))


async def ask_delete_me(interaction: discord.Interaction) -> None:
    """Says in numbers what would go, and asks."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    holdings = await services_of(interaction).deletion.look(caller_of(interaction))
    view = discord.ui.View(timeout=None)
    view.add_item(DeleteMeButton())
    await interaction.followup.send(question(holdings), view=view, ephemeral=True)


def question(holdings: Holdings) -> str:
    """What deleting means, in numbers."""
    played = holdings.played_by_others
    return ASKED.format(
        characters=plural(holdings.characters, "character"),
        played=PLAYED[min(played, 2)].format(count=played),
        chats=plural(holdings.chats, "chat"),
        others=plural(holdings.said_by_others, "message"),
        servers=plural(holdings.servers, "server"),
        elsewhere=plural(holdings.said_elsewhere, "message"),
        personas=plural(holdings.personas, "persona"),
        books=plural(holdings.books, "book of lore", "books of lore"),
    )


def ticket_of(interaction: discord.Interaction) -> Ticket:
    """Where the outcome of a job goes: to the answer of this interaction."""
    return Ticket(interaction.application_id, interaction.token, interaction.filesize_limit)
