"""The card at the head of a chat: who this is, how to play, and what becomes of the words."""

from typing import Any

import discord

from bot.chat.stage import Opening
from cogs.ui.cards import ACCENT, card
from cogs.ui.say import SayButton
from cogs.ui.text import plain

HOW = (
    "**Write what you say or do**, and {name} answers. A message that begins with `//` or `((` stays out of the "
    "story. Under each reply: *Regenerate* has it written again beside the old one (◀ ▶ goes between them), "
    "*Continue* lets it go on, `⋯` changes it or branches from it, *Stop* ends it while it is being written."
)
HOW_WITHOUT_CONTENT = (
    "**Press *Say*, use `/say`, or mention me** with what you say or do, and {name} answers: here I may read no other "
    "messages. Under each reply: *Regenerate* has it written again, *Continue* lets it go on, *Stop* ends it."
)
WORDS = (
    "-# What is written here is stored encrypted and sent to the model `{model}`, which writes the replies. "
    "After a week of silence Discord archives a thread: any message wakes it. `/chat end` ends the chat."
)


BRANCHED = "↱ This is a branch: it goes on from [this message]({link}), and what follows there is not known here."


class StarterCard(discord.ui.LayoutView):
    """Who this is, how to play, what becomes of the words."""

    def __init__(self, opening: Opening, *, say_button: bool) -> None:
        super().__init__(timeout=None)
        name = plain(opening.character.nickname or opening.character.name, 80)
        how = HOW_WITHOUT_CONTENT if say_button else HOW
        container = discord.ui.Container[Any](
            card(opening.character),
            *_branched(opening),
            discord.ui.Separator[Any](),
            discord.ui.TextDisplay[Any](how.format(name=name)),
            discord.ui.TextDisplay[Any](WORDS.format(model=opening.model.replace("`", ""))),
            accent_colour=ACCENT,
        )
        self.add_item(container)
        if say_button:
            self.add_item(discord.ui.ActionRow[Any](SayButton()))


def _branched(opening: Opening) -> "list[discord.ui.TextDisplay[Any]]":
    link = opening.branched_from
    return [discord.ui.TextDisplay[Any](BRANCHED.format(link=link))] if link else []
