"""Who somebody is in the chat of a place: what they read about it, and what makes them somebody else."""

import discord

from bot.chat.identities import Identity
from bot.chat.switching import FIXED, Standing
from bot.client import services_of
from bot.personas import NOBODY
from cogs.ui.buttons import ID, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.text import plain
from storage.personas import Persona

NAME_ROOM, OPTIONS = 160, 24
MYSELF = "-"
HELP = "-# `/persona use`, `/persona play-as` and `/persona clear` switch, for you in this chat alone."
NOBODY_PLAYS = "No chat is played here."
LOOK_OFF = "Your messages here stay as you write them."
LACKING = (
    "\nI lack **{rights}** here, though, so they stay as you write them until an admin of this server gives me that."
)
LOOK_ON = (
    "What you write is shown under the name and face of {name} {where}. Begin a message with `\\` to say one as it is; "
    "anybody can react with ❓ to learn who wrote a message, and you with ❌ to delete one of yours."
)


class UseButton(PersistentButton, prefix="identity.use", keys=(ID,), label="Use here"):
    """Makes somebody one of their personas in the chat of this place."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Switches, and says so."""
        await use_here(interaction, self.keys[0])


class PlayAsButton(PersistentButton, prefix="identity.as", keys=(ID,), label="Play as"):
    """Makes somebody a character in the chat of this place."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Switches, and says so."""
        await play_as_here(interaction, self.keys[0])


class IdentitySelect(PersistentSelect, prefix="identity.choose"):
    """Whom of one's personas to be in the chat of this place, or oneself."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Switches, and shows who one is now."""
        chosen = self.chosen(interaction)[0]
        switching, caller, place = services_of(interaction).switching, caller_of(interaction), place_of(interaction)
        if chosen == MYSELF:
            await switching.clear(caller, place)
        else:
            await switching.use(caller, place, chosen)
        words, view = await _standing(interaction)
        await interaction.response.edit_message(content=words, view=view)


IDENTITY_ITEMS = (UseButton, PlayAsButton, IdentitySelect)


async def show_who(interaction: discord.Interaction) -> None:
    """Tells the caller who they are here, after a deferral."""
    words, view = await _standing(interaction)
    await interaction.followup.send(words, view=view or discord.utils.MISSING, ephemeral=True)


async def use_here(interaction: discord.Interaction, wanted: str) -> None:
    """Makes the caller one of their personas in the chat of this place, and says so."""
    identity = await services_of(interaction).switching.use(caller_of(interaction), place_of(interaction), wanted)
    await interaction.response.send_message(_switched(identity), ephemeral=True)


async def play_as_here(interaction: discord.Interaction, wanted: str) -> None:
    """Makes the caller a character in the chat of this place, and says so."""
    identity = await services_of(interaction).switching.play_as(caller_of(interaction), place_of(interaction), wanted)
    await interaction.response.send_message(_switched(identity), ephemeral=True)


async def clear_here(interaction: discord.Interaction) -> None:
    """Makes the caller themselves in the chat of this place, and says so."""
    await services_of(interaction).switching.clear(caller_of(interaction), place_of(interaction))
    await interaction.response.send_message("You are yourself here from now on.", ephemeral=True)


async def set_default(interaction: discord.Interaction, wanted: str) -> None:
    """Decides who the caller is in chats that they come to from now on, and says so."""
    persona = await services_of(interaction).personas.set_default(caller_of(interaction), wanted)
    whom = plain(persona.name, NAME_ROOM) if persona else "yourself"
    words = f"In chats that you come to from now on you are {whom}. Where you are already, nothing changes."
    await interaction.response.send_message(words, ephemeral=True)


async def look_here(interaction: discord.Interaction, *, on: bool) -> None:
    """Decides whether the caller's messages are shown under another name, and says what that does."""
    switching = services_of(interaction).switching
    identity = await switching.look(caller_of(interaction), place_of(interaction), on=on)
    if not on:
        await interaction.response.send_message(LOOK_OFF, ephemeral=True)
        return
    where = "wherever you are them" if identity.persona else "in this chat"
    words = LOOK_ON.format(name=plain(identity.name, NAME_ROOM), where=where)
    may = interaction.app_permissions
    lacking = [
        name
        for name, held in (("Manage Messages", may.manage_messages), ("Manage Webhooks", may.manage_webhooks))
        if not held
    ]
    words += LACKING.format(rights=" and ".join(lacking)) if lacking else ""
    await interaction.response.send_message(words, ephemeral=True)


def default_choices(found: list[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """The caller's personas, and nobody, as far as that was typed."""
    nobody = [("None: myself", NOBODY)] if typed.casefold() in "none: myself" else []
    return [*nobody, *found][:25]


async def _standing(interaction: discord.Interaction) -> tuple[str, discord.ui.View | None]:
    services, caller = services_of(interaction), caller_of(interaction)
    standing = await services.switching.who(caller, place_of(interaction))
    words = _told(standing)
    if standing.identity is None or not standing.may_switch:
        return words, None
    view = discord.ui.View(timeout=None)
    view.add_item(_menu(standing.identity, (await services.personas.mine(caller)).personas))
    return words, view


def _menu(identity: Identity, personas: tuple[Persona, ...]) -> IdentitySelect:
    options = [discord.SelectOption(label="Myself", value=MYSELF, default=identity.is_oneself)]
    now = identity.persona.id if identity.persona else None
    options += [
        discord.SelectOption(label=each.name, value=str(each.id), default=each.id == now) for each in personas[:OPTIONS]
    ]
    return IdentitySelect(options=options, placeholder="Who I am here")


def _told(standing: Standing) -> str:
    default = f"**{plain(standing.default_name, NAME_ROOM)}**" if standing.default_name else "yourself"
    later = f"In chats that you come to you are {default}."
    identity = standing.identity
    if identity is None:
        return f"{NOBODY_PLAYS} {later}"
    lines = [_here(identity, standing.name), later]
    lines.append(HELP if standing.may_switch else f"-# {FIXED}")
    return "\n".join(lines)


def _here(identity: Identity, name: str) -> str:
    called = f"**{plain(name, NAME_ROOM)}**"
    shown = "; what you write is shown under that name" if identity.look else ""
    if identity.persona is not None:
        return f"Here you are {called}, a persona of yours{shown}."
    if identity.played is not None:
        return f"Here you are {called}, a character that you play as{shown}."
    return f"Here you are yourself: {called}."


def _switched(identity: Identity) -> str:
    shown = " What you write is shown under that name." if identity.look else ""
    return f"You are {plain(identity.name, NAME_ROOM)} here from now on.{shown} What was said before stays as it was."
