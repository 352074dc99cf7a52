"""The tree of a chat: a picture of its branches, and a menu that goes to the end of any of them."""

import asyncio
import io
from uuid import UUID

import discord

from bot.chat.records import TreeView
from bot.chat.tree_layout import TreeNode
from bot.chat.tree_picture import draw_tree
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.message_menu import REWOUND
from cogs.ui.text import gist, plain, plural
from storage.messages import Message

LABEL = 100
EXCERPT = 120
NOTHING_WRITTEN = "(nothing was written)"
ABOUT = (
    "### {title}\n{branches}; the bright line is where the scene stands. Choose the end of a branch to go on from it; "
    "nothing is lost."
)


class JumpSelect(PersistentSelect, prefix="tree.jump"):
    """Goes to the end of a branch."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Has the scene go on from there, and shows the tree anew."""
        await interaction.response.defer()
        chosen = UUID(self.chosen(interaction)[0])
        await services_of(interaction).branches.rewind(caller_of(interaction), place_of(interaction), chosen)
        words, picture, view = await _drawn(interaction, None)
        await interaction.edit_original_response(content=f"{words}\n**{REWOUND}**", attachments=[picture], view=view)


class OlderLeavesButton(PersistentButton, prefix="tree.older", keys=(ID,), label="Older branches"):
    """Goes on with older branches."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Sends the next page."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_tree(interaction, UUID(self.keys[0]))


TREE_ITEMS = (JumpSelect, OlderLeavesButton)


async def show_tree(interaction: discord.Interaction, before: UUID | None = None) -> None:
    """Sends the picture and the menu, after a deferral."""
    words, picture, view = await _drawn(interaction, before)
    await interaction.followup.send(words, file=picture, view=view, ephemeral=True)


async def _drawn(interaction: discord.Interaction, before: UUID | None) -> tuple[str, discord.File, discord.ui.View]:
    seen = await services_of(interaction).records.tree(caller_of(interaction), place_of(interaction), before=before)
    picture = await asyncio.to_thread(draw_tree, tree_nodes(seen), path=seen.path, leaf=seen.leaf_id)
    view = discord.ui.View(timeout=None)
    view.add_item(JumpSelect(options=_options(seen), placeholder="Go to the end of a branch"))
    if seen.older:
        view.add_item(OlderLeavesButton(seen.older))
    branches = plural(seen.branches, "branch", "branches")
    words = ABOUT.format(title=plain(seen.title, 100), branches=branches)
    return words, discord.File(io.BytesIO(picture), "tree.png", description=f"A tree of {branches}"), view


def tree_nodes(seen: TreeView) -> list[TreeNode]:
    """The outline as the picture takes it: the leaves of this page are numbered."""
    numbers = {message.id: number for number, message in enumerate(seen.leaves, seen.first_number)}
    messages = {message.id: message for message in seen.shown}
    nodes: list[TreeNode] = []
    for each in seen.outline:
        message = messages.get(each.id)
        name = message.speaker.name if message else ""
        words = gist(message.text or "", EXCERPT) if message else ""
        number = numbers.get(each.id)
        nodes.append(TreeNode(each.id, each.parent_id, each.depth, each.role, name, words, each.status, number))
    return nodes


def _options(seen: TreeView) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{number}. {gist(message.text or '', LABEL - 8) or NOTHING_WRITTEN}",
            value=message.id.hex,
            description=_whose(message, is_here=message.id == seen.leaf_id),
        )
        for number, message in enumerate(seen.leaves, seen.first_number)
    ]


def _whose(message: Message, *, is_here: bool) -> str:
    return gist(message.speaker.name, 60) + (" · the scene stands here" if is_here else "")
