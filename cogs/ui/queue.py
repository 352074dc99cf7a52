"""What waits for a server's admins: one version at a time, with what is new in it."""

import io
from typing import Any
from uuid import UUID

import discord

from bot.characters.listings import Waiting
from bot.characters.passages import Passage, as_file, changed_part
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.reasons import ReasonForm
from cogs.ui.text import plain, tame, units
from storage.listings import Review

NOTHING = "### Nothing waits for you\nNew characters and new versions of approved ones come here by themselves."
NOT_REVIEWING = (
    "### Nothing waits for you\nThis server does not review characters now; `/server policy review` changes that."
)
GONE = "The words of this version are gone, so nobody can play it."
FIRST = "-# Version {version}, new here. Nobody plays it in this server until you approve it."
NEXT = "-# Version {version}. Until you decide, version {before} goes on being played here."
SAME = "The texts are the ones of the approved version."
KEPT_BACK = "-# The author keeps some texts to themselves: of those you see how long they are."
IN_FILE = "-# All of it in full:"
FILE = "texts.txt"
PASSAGES_ROOM, PASSAGE_ROOM, BEFORE_ROOM = 2200, 400, 200


class ApproveButton(PersistentButton, prefix="queue.approve", keys=(ID,), label="Approve"):
    """Lets the server play the version."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Approves it, and shows the next."""
        await interaction.response.defer()
        review = await services_of(interaction).listings.approve(caller_of(interaction), UUID(self.keys[0]))
        await _go_on(interaction, f"{_named(review)} is approved: it is played here from now on.")


class RejectButton(PersistentButton, prefix="queue.reject", keys=(ID,), label="Reject…"):
    """Asks why."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        review_id = UUID(self.keys[0])

        async def reject(answer: discord.Interaction, reason: str) -> None:
            await answer.response.defer()
            review = await services_of(answer).listings.reject(caller_of(answer), review_id, reason)
            await _go_on(answer, f"{_named(review)} is rejected; its author reads why.")

        await interaction.response.send_modal(
            ReasonForm("Reject this version", about="The author reads this.", decide=reject)
        )


class SkipButton(PersistentButton, prefix="queue.skip", keys=(ID,), label="Skip"):
    """Leaves the version for later."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the next."""
        waiting = await services_of(interaction).listings.queue(caller_of(interaction), after=UUID(self.keys[0]))
        await interaction.response.edit_message(
            view=QueueView(waiting), attachments=await queue_files(interaction, waiting)
        )


QUEUE_ITEMS = (ApproveButton, RejectButton, SkipButton)


class QueueView(discord.ui.LayoutView):
    """The version that has waited longest; `done` tells what was decided just now."""

    def __init__(self, waiting: Waiting, done: str = "") -> None:
        super().__init__(timeout=None)
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        if done:
            container.add_item(discord.ui.TextDisplay[Any](done))
        review = waiting.review
        if review is None:
            container.add_item(discord.ui.TextDisplay[Any](NOTHING if waiting.is_reviewing else NOT_REVIEWING))
            self.add_item(container)
            return
        container.add_item(discord.ui.TextDisplay[Any](f"## Waiting for you: {waiting.count:,}"))
        if waiting.character is None:
            container.add_item(discord.ui.TextDisplay[Any](f"### {plain(review.character_name, 160)}\n{GONE}"))
        else:
            container.add_item(card(waiting.character))
            container.add_item(discord.ui.TextDisplay[Any](_standing(review)))
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](_passages(waiting.passages)))
        if _written(waiting):
            container.add_item(discord.ui.TextDisplay[Any](IN_FILE))
            container.add_item(discord.ui.File[Any](f"attachment://{FILE}"))
        container.add_item(
            discord.ui.ActionRow[Any](
                ApproveButton(review.id, disabled=waiting.character is None),
                RejectButton(review.id),
                SkipButton(review.id, disabled=waiting.count < 2),
            )
        )
        self.add_item(container)


async def show_queue(interaction: discord.Interaction, wanted: str | None) -> None:
    """Sends the head of the queue, or the character asked for, after a deferral."""
    listings, caller = services_of(interaction).listings, caller_of(interaction)
    asked = await listings.propose(caller, wanted) if wanted else None
    waiting = await listings.queue(caller, review_id=asked.id if asked else None)
    files = await queue_files(interaction, waiting)
    await interaction.followup.send(view=QueueView(waiting), files=files, ephemeral=True)


async def queue_files(interaction: discord.Interaction, waiting: Waiting) -> list[discord.File]:
    """The pictures and the texts that the view shows."""
    if waiting.character is None:
        return []
    files = await avatar_files(services_of(interaction).avatars, [waiting.character])
    if _written(waiting):
        files.append(discord.File(io.BytesIO(as_file(waiting.passages).encode()), FILE))
    return files


async def _go_on(interaction: discord.Interaction, done: str) -> None:
    waiting = await services_of(interaction).listings.queue(caller_of(interaction))
    files = await queue_files(interaction, waiting)
    await interaction.edit_original_response(view=QueueView(waiting, done), attachments=files)


def _named(review: Review) -> str:
    return f"**{plain(review.character_name, 160)}** (version {review.version:,})"


def _standing(review: Review) -> str:
    if review.approved_before is None:
        return FIRST.format(version=review.version)
    return NEXT.format(version=review.version, before=review.approved_before)


def _passages(found: tuple[Passage, ...]) -> str:
    """What is new, as far as a page can hold it."""
    if not found:
        return SAME
    shown, left = "", [each.label for each in found]
    for each in found:
        told = _passage(each)
        if units(shown) + units(told) > PASSAGES_ROOM:
            break
        shown += told
        left.pop(0)
    shown += f"-# And {', '.join(left)}.\n" if left else ""
    return shown + ("" if all(each.is_told for each in found) else KEPT_BACK)


def _passage(passage: Passage) -> str:
    if not passage.before:
        return f"**{passage.label}**\n{tame(passage.after, PASSAGE_ROOM)}\n"
    before, after = changed_part(passage.before, passage.after) if passage.is_told else (passage.before, passage.after)
    now = plain(after, PASSAGE_ROOM) or "*nothing*"
    return f"**{passage.label}**\n-# Before: {_one_line(before)}\n{now}\n"


def _one_line(text: str) -> str:
    return plain(" ".join(text.split()), BEFORE_ROOM) or "nothing"


def _written(waiting: Waiting) -> bool:
    """Whether the texts come as a file too: where the page shows parts of them alone."""
    told = [each for each in waiting.passages if each.is_told]
    if any(each.before or units(each.after) > PASSAGE_ROOM for each in told):
        return True
    return sum(units(_passage(each)) for each in told) > PASSAGES_ROOM
