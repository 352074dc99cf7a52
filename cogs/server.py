"""/server: what the admins of a server decide."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.bans import Bans
from bot.characters.catalogue import Characters
from bot.characters.listings import Listings
from bot.client import CharacterBot
from cogs.ui.audit import AUDIT_ITEMS, AuditView
from cogs.ui.callers import caller_of
from cogs.ui.dockets import SERVER_DOCKET_ITEMS, show_reports
from cogs.ui.pickers import names_as_choices
from cogs.ui.queue import QUEUE_ITEMS, show_queue
from cogs.ui.server_key import SERVER_KEY_ITEMS, show_server_key
from cogs.ui.server_own import GiveButton, publish_here
from cogs.ui.server_settings import POLICIES, SETTINGS_ITEMS, SHIPPED, SHIPPED_NAME, show_policy, show_settings
from cogs.ui.usage import DAYS, USUAL_DAYS, show_usage
from cogs.ui.verdicts import banned_words, block_words, feature_words, lifted_words, list_of_bans, manages

Choices = list[app_commands.Choice[str]]
Reason = app_commands.Range[str, 0, 500]
POLICY_CHOICES = [app_commands.Choice(name=f"{name}: {about}", value=key) for key, (name, about) in POLICIES.items()]
MOST_CHOICES = 25


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class ServerCommands(commands.GroupCog, group_name="server", group_description="For the admins of this server"):
    """What this server shows and plays, and who may."""

    def __init__(self, listings: Listings, bans: Bans, characters: Characters) -> None:
        self._listings = listings
        self._bans = bans
        self._characters = characters

    @app_commands.command()
    @app_commands.describe(assistant="Who stands first in the picker")
    async def settings(self, interaction: discord.Interaction, assistant: str | None = None) -> None:
        """See and change how I work in this server."""
        await show_settings(interaction, assistant)

    @app_commands.command()
    @app_commands.describe(policy="Which characters may be shown and played")
    @app_commands.choices(policy=POLICY_CHOICES)
    async def policy(self, interaction: discord.Interaction, policy: str) -> None:
        """Open this server to all characters, to approved ones, or to its own alone."""
        await show_policy(interaction, policy)

    @app_commands.command()
    @app_commands.describe(character="Look at this one now; any public character")
    async def queue(self, interaction: discord.Interaction, character: str | None = None) -> None:
        """Approve or reject what waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_queue(interaction, character)

    @app_commands.command()
    @app_commands.describe(character="One of your own, or one of the server's")
    async def publish(self, interaction: discord.Interaction, character: str) -> None:
        """Publish a character that belongs to the server itself."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await publish_here(interaction, character)

    @app_commands.command()
    @app_commands.describe(character="Which one", off="Put it back into line")
    async def feature(self, interaction: discord.Interaction, character: str, off: bool = False) -> None:
        """Show a character at the front of the picker."""
        featured = await self._listings.feature(caller_of(interaction), character, on=not off)
        await interaction.response.send_message(feature_words(featured), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(character="Which one", off="Let it back in")
    async def block(self, interaction: discord.Interaction, character: str, off: bool = False) -> None:
        """Keep a character out of this server; running chats stop."""
        blocked = await self._listings.block(caller_of(interaction), character, on=not off)
        await interaction.response.send_message(block_words(blocked), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(person="Whom", reason="They read it")
    async def ban(self, interaction: discord.Interaction, person: discord.User, reason: Reason = "") -> None:
        """Keep a person from using me in this server."""
        caller = caller_of(interaction)
        added = await self._bans.ban(caller, person.id, person.name, reason, manages=manages(person))
        await interaction.response.send_message(banned_words(person.name, added=added), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(person="Whom")
    async def unban(self, interaction: discord.Interaction, person: discord.User) -> None:
        """Let a person use me here again."""
        lifted = await self._bans.unban(caller_of(interaction), person.id)
        await interaction.response.send_message(lifted_words(person.name, lifted=lifted), ephemeral=True)

    @app_commands.command()
    async def bans(self, interaction: discord.Interaction) -> None:
        """See who may not use me here."""
        banned = await self._bans.banned(caller_of(interaction))
        await interaction.response.send_message(list_of_bans(banned), ephemeral=True, suppress_embeds=True)

    @app_commands.command()
    async def reports(self, interaction: discord.Interaction) -> None:
        """Look at what people of this server have reported."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_reports(interaction)

    @app_commands.command()
    async def audit(self, interaction: discord.Interaction) -> None:
        """See who decided what in this server."""
        page = await self._listings.audit(caller_of(interaction))
        await interaction.response.send_message(view=AuditView(page), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(days="How far back")
    @app_commands.choices(days=DAYS)
    async def usage(self, interaction: discord.Interaction, days: int = USUAL_DAYS) -> None:
        """See what this server used: replies, tokens and cost by day, character, person and model."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_usage(interaction, "server", days)

    @app_commands.command()
    async def key(self, interaction: discord.Interaction) -> None:
        """Have characters speak here with this server's own key for the model endpoint."""
        await show_server_key(interaction)

    @settings.autocomplete("assistant")
    async def _assistants(self, interaction: discord.Interaction, typed: str) -> Choices:
        found = await self._characters.names(caller_of(interaction), typed)
        shipped = [(SHIPPED_NAME, SHIPPED)] if typed.lower() in SHIPPED_NAME.lower() else []
        return names_as_choices([*shipped, *found][:MOST_CHOICES])

    @queue.autocomplete("character")
    async def _everywhere(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.hidden_names(caller_of(interaction), typed))

    @publish.autocomplete("character")
    async def _owned(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed, owned_only=True))

    @feature.autocomplete("character")
    async def _here(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed))

    @block.autocomplete("character")
    async def _anything(self, interaction: discord.Interaction, typed: str) -> Choices:
        caller = caller_of(interaction)
        found = await self._listings.blocked_names(caller, typed)
        if not interaction.namespace.off:
            found += await self._characters.hidden_names(caller, typed)
        return names_as_choices(_each_once(found))


async def setup(bot: CharacterBot) -> None:
    """Adds the commands and what they leave behind."""
    bot.add_dynamic_items(*SETTINGS_ITEMS, *QUEUE_ITEMS, *SERVER_DOCKET_ITEMS, *AUDIT_ITEMS)
    bot.add_dynamic_items(*SERVER_KEY_ITEMS, GiveButton)
    services = bot.services
    await bot.add_cog(ServerCommands(services.listings, services.bans, services.characters))


def _each_once(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    by_id: dict[str, str] = {}
    for name, value in found:
        by_id.setdefault(value, name)
    return [(name, value) for value, name in by_id.items()][:MOST_CHOICES]
