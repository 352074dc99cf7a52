"""Characters that belong to a server itself: an admin gives one of theirs, and is asked first."""

import discord

from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.text import plain

ASK = (
    "**Give {name} to this server?** It is shown here alone from then on, and every admin of the server can edit, "
    "unpublish and delete it. You cannot take it back by yourself."
)
DONE = "{name} belongs to this server and is published here: `/character pick` shows it."


class GiveButton(PersistentButton, prefix="server.give", keys=(ID,), label="Give it to the server"):
    """Makes the character the server's."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Publishes it here and hands it over: whatever it still lacks is said before anything changes."""
        await interaction.response.defer()
        services, caller = services_of(interaction), caller_of(interaction)
        await services.listings.offer(caller, self.keys[0])
        await services.characters.publish(caller, self.keys[0], here_only=True)
        character = await services.listings.take_over(caller, self.keys[0])
        await interaction.edit_original_response(content=DONE.format(name=plain(character.name, 160)), view=None)


async def publish_here(interaction: discord.Interaction, wanted: str) -> None:
    """After a deferral: asks before a character is given away; what is the server's already is published at once."""
    services, caller = services_of(interaction), caller_of(interaction)
    character = await services.listings.offer(caller, wanted)
    name = plain(character.name, 160)
    if character.owner_guild_id is None:
        view = discord.ui.View(timeout=None)
        view.add_item(GiveButton(character.id))
        await interaction.followup.send(ASK.format(name=name), view=view, ephemeral=True)
        return
    await services.characters.publish(caller, str(character.id), here_only=True)
    await interaction.followup.send(DONE.format(name=name), ephemeral=True)
