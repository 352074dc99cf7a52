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
from cogs.ui.message_menu import rewind_here
from cogs.ui.text import plain, plural

LABEL = 90
ABOUT = (
    "### {title}\n{branches}; the bright line is where the scene stands. Choose an end to go on from there; "
    "nothing is lost."
)


class JumpSelect(PersistentSelect, prefix="tree.jump"):
    """Goes to the end of a branch."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Has the scene go on from there."""
        await rewind_here(interaction, UUID(self.chosen(interaction)[0]))


class OlderLeavesButton(PersistentButton, prefix="tree.older", keys=(ID,), label="Older branches"):
    """Goes on with older branches."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Sends the next page."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_tree(interaction, UUID(self.keys[0]))


TREE_ITEMS = (JumpSelect, OlderLeavesButton)


async def show_tree(interaction: discord.Interaction, before: UUID | None = None) -> None:
    """Sends the picture and the menu, after a deferral."""
    seen = await services_of(interaction).records.tree(caller_of(interaction), place_of(interaction), before=before)
    picture = await asyncio.to_thread(draw_tree, tree_nodes(seen), path=seen.path, leaf=seen.leaf_id)
    view = discord.ui.View(timeout=None)
    view.add_item(JumpSelect(options=_options(seen), placeholder="Go to the end of a branch"))
    if seen.older:
        view.add_item(OlderLeavesButton(seen.older))
    branches = plural(seen.branches, "branch", "branches")
    await interaction.followup.send(
        ABOUT.format(title=plain(seen.title, 100), branches=branches),
        file=discord.File(io.BytesIO(picture), "tree.png", description=f"A tree of {branches}"),
        view=view,
        ephemeral=True,
    )


def tree_nodes(seen: TreeView) -> list[TreeNode]:
    """The outline as the picture takes it: the leaves of this page are numbered and say their last words."""
    leaves = {message.id: (seen.first_number + number, message) for number, message in enumerate(seen.leaves)}
    nodes: list[TreeNode] = []
    for each in seen.outline:
        number, message = leaves.get(each.id, (None, None))
        name = message.speaker.name if message else ""
        words = " ".join((message.text or "").split())[:LABEL] if message else ""
        nodes.append(TreeNode(each.id, each.parent_id, each.depth, each.role, name, words, each.status, number))
    return nodes


def _options(seen: TreeView) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{seen.first_number + number}. {message.speaker.name}"[:LABEL] + (" · here" if here else ""),
            value=message.id.hex,
            description=" ".join((message.text or "(nothing was written)").split())[:LABEL] or None,
            default=False,
        )
        for number, message in enumerate(seen.leaves)
        for here in (message.id == seen.leaf_id,)
    ]
