"""Several characters in a scene: who comes, who goes, who speaks."""

import discord
from discord import app_commands

from bot.chat.cast import Actor
from bot.chat.casting import SceneCast, chosen_from
from bot.chat.chats import Saying
from bot.client import services_of
from bot.errors import UserError
from cogs.ui.callers import caller_of, place_of
from cogs.ui.message_menu import narrated
from cogs.ui.reply_buttons import AnswerButton
from cogs.ui.say import posted
from cogs.ui.text import plain
from storage.wishes import Turns

ORDERS: dict[Turns, str] = {
    "natural": "who is spoken to answers, else whoever feels like it",
    "list": "everybody answers, in the order in which they came",
    "pooled": "one answers, drawn from those who have not spoken lately",
    "manual": "nobody answers before you choose who does",
}
ORDER_CHOICES = [app_commands.Choice(name=f"{order}: {words}", value=order) for order, words in ORDERS.items()]
MOST_CHOICES = 25


async def invite_here(interaction: discord.Interaction, wanted: str, *, stranger: bool) -> None:
    """Brings a character into the scene of this place, by a line that everybody sees."""
    caller, place, casting = caller_of(interaction), place_of(interaction), services_of(interaction).casting
    name = await casting.find_guest(caller, place, wanted)
    words = f"{plain(name, 80)} joins the scene."
    async with posted(interaction, narrated(words)) as post_id:
        saying = Saying(place, interaction.id, post_id, words, to_us=True, role="narration")
        message_id = await casting.invite(caller, saying, wanted, knows_before=not stranger)
    view = discord.ui.View(timeout=None)
    view.add_item(AnswerButton(message_id))
    await interaction.edit_original_response(view=view)


async def dismiss_here(interaction: discord.Interaction, wanted: str) -> None:
    """Sends a character away from the scene of this place, by a line that everybody sees."""
    caller, place, casting = caller_of(interaction), place_of(interaction), services_of(interaction).casting
    actor = await casting.find_present(caller, place, wanted)
    words = f"{plain(actor.name, 80)} leaves the scene."
    async with posted(interaction, narrated(words)) as post_id:
        saying = Saying(place, interaction.id, post_id, words, to_us=True, role="narration")
        await casting.dismiss(caller, saying, str(actor.id))


async def show_turns(interaction: discord.Interaction, order: str | None, speaker: str | None) -> None:
    """Says who is in the scene and how turns are taken, after choosing otherwise or having somebody speak."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    caller, place, services = caller_of(interaction), place_of(interaction), services_of(interaction)
    if order is not None:
        await services.tuning.change(caller, place, turns=order)
    scene = await services.casting.look(place)
    words = told(scene)
    if speaker is not None:
        actor = chosen_from(scene.actors, speaker)
        await services.swipes.speak(caller, place, actor.id)
        words = f"{plain(actor.name, 80)} speaks."
    await interaction.followup.send(words, ephemeral=True)


def told(scene: SceneCast) -> str:
    """Who is there, in which order they speak, and what can be done about it."""
    names = "\n".join(f"- {plain(actor.name, 80)}" for actor in scene.actors)
    order, words = next((order, words) for order, words in ORDERS.items() if order == scene.turns.value)
    return (
        f"**In this scene**\n{names}\n"
        f"**Turns**: {order} ({words}); chosen by: {scene.turns.origin}.\n"
        "-# `/chat invite` and `/chat dismiss` change who is there; `/chat turns` with an order or a speaker, "
        "how turns are taken, and who speaks now."
    )


async def present_as_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The characters of the scene, for a command's option; none where no chat is played."""
    try:
        actors: tuple[Actor, ...] = (await services_of(interaction).casting.look(place_of(interaction))).actors
    except UserError:
        return []
    found = [actor for actor in actors if typed.casefold() in actor.name.casefold()]
    return [app_commands.Choice(name=actor.name[:100], value=str(actor.id)) for actor in found[:MOST_CHOICES]]
