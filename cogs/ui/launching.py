"""Starting a chat, from a button or a command."""

import discord

from bot.client import services_of
from bot.errors import Invalid, MissingPermission
from bot.permissions import HELPFUL, NEEDED
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, starting_place
from cogs.ui.text import plain

FORUMS_ARE_PUBLIC = (
    "Posts of a forum are for everybody. Start a private chat in a text channel, or in a direct message with me."
)
LACKING = (
    "I cannot open a chat here yet, for I lack:\n{rights}\n"
    "An admin of this server can give me that, for this channel or for all."
)
NOT_A_MEMBER = (
    "I can show you characters here, but chats need me as a member. Start this one in a direct message with me, "
    "or ask an admin to add me to this server."
)
PLAINLY = "-# I lack {rights} here, so some things look plainer than they could. `/help` says more."


class ChatButton(PersistentButton, prefix="character.chat", keys=(ID,), label="Chat"):
    """Starts a chat with a character."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Opens the chat and tells where."""
        await start_chat(interaction, self.keys[0])


async def start_chat(
    interaction: discord.Interaction, wanted: str, *, private: bool = False, version: int | None = None
) -> None:
    """Opens a chat and tells the person where it is."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    require_room(interaction, private=private)
    opened = await services_of(interaction).openings.open(
        caller_of(interaction),
        wanted,
        starting_place(interaction),
        interaction_id=interaction.id,
        private=private,
        version=version,
    )
    name = plain(opened.character_name, 160)
    where = f"in <#{opened.place.id}>" if opened.place.guild_id else "right here"
    plainer = _listed(_lacking(interaction, ("manage_webhooks", "embed_links")))
    words = f"{name} is waiting for you {where}." + (f"\n{PLAINLY.format(rights=plainer)}" if plainer else "")
    await interaction.followup.send(words, ephemeral=True)


def require_room(interaction: discord.Interaction, *, private: bool = False) -> None:
    """Raises, before anything is made, where a thread could not be opened or played in."""
    _require_membership(interaction)
    _require_rights(interaction, private=private)


def _require_membership(interaction: discord.Interaction) -> None:
    """Raises where somebody brought the bot along for themselves: it can show cards there, and open nothing."""
    elsewhere = interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None
    if elsewhere or interaction.context.private_channel:
        raise Invalid(NOT_A_MEMBER)


def _require_rights(interaction: discord.Interaction, *, private: bool) -> None:
    """Raises before anything is made: a thread that could not be filled could not be removed either."""
    channel = interaction.channel
    above = channel.parent if isinstance(channel, discord.Thread) else channel
    in_forum = isinstance(above, discord.ForumChannel)
    if in_forum and private:
        raise Invalid(FORUMS_ARE_PUBLIC)
    opens = "send_messages" if in_forum else "create_private_threads" if private else "create_public_threads"
    missing = _lacking(interaction, ("view_channel", opens, "send_messages_in_threads", "attach_files"))
    if missing:
        reasons = NEEDED | HELPFUL
        rights = "\n".join(f"- {_listed([right])}, to {reasons[right]}" for right in missing)
        raise MissingPermission(LACKING.format(rights=rights))


def _lacking(interaction: discord.Interaction, rights: tuple[str, ...]) -> list[str]:
    if interaction.guild_id is None:
        return []
    return [right for right in rights if not getattr(interaction.app_permissions, right)]


def _listed(rights: list[str]) -> str:
    return " and ".join(f"**{right.replace('_', ' ').title()}**" for right in rights)
