"""Who decided what in a server, ten decisions a page."""

from typing import Any
from uuid import UUID

import discord

from bot.characters.listings import AuditPage
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain
from storage.audit import Event

NOTHING = "Nothing has been decided here yet."
NAME_ROOM, DETAIL_ROOM = 80, 120
DONE = {
    "settings": "changed the settings",
    "policy": "changed the policy",
    "queue": "proposed",
    "approve": "approved",
    "reject": "rejected",
    "feature": "featured",
    "unfeature": "no longer features",
    "block": "blocked",
    "unblock": "let back in",
    "ban": "banned",
    "unban": "unbanned",
    "report blocked": "blocked after a report",
    "report dismissed": "dismissed a report about",
    "take over": "gave to the server",
    "takedown": "took down",
    "restore": "restored",
    "key": "decided about the server's own key",
}


class OlderButton(PersistentButton, prefix="audit.older", keys=(ID,), label="Older"):
    """Goes back in time."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows what was decided before."""
        page = await services_of(interaction).listings.audit(caller_of(interaction), before=UUID(self.keys[0]))
        await interaction.response.edit_message(view=AuditView(page, newest=False))


class NewestButton(PersistentButton, prefix="audit.newest", label="Newest"):
    """Comes back to today."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows what was decided last."""
        page = await services_of(interaction).listings.audit(caller_of(interaction))
        await interaction.response.edit_message(view=AuditView(page))


AUDIT_ITEMS = (OlderButton, NewestButton)


class AuditView(discord.ui.LayoutView):
    """A page of decisions."""

    def __init__(self, page: AuditPage, *, newest: bool = True) -> None:
        super().__init__(timeout=None)
        lines = [_line(event) for event in page.events] or [NOTHING]
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        container.add_item(discord.ui.TextDisplay[Any]("\n".join(("## Decisions in this server", *lines))))
        buttons: list[PersistentButton] = [] if newest else [NewestButton()]
        if page.older is not None:
            buttons.append(OlderButton(page.older))
        if buttons:
            container.add_item(discord.ui.ActionRow[Any](*buttons))
        self.add_item(container)


def _line(event: Event) -> str:
    about = event.character or event.user
    detail = f": {plain(' '.join(event.detail.split()), DETAIL_ROOM)}" if event.detail else ""
    subject = f" *{plain(about, NAME_ROOM)}*" if about else ""
    return f"<t:{event.when}:f> **{plain(event.actor, 40)}** {DONE.get(event.kind, event.kind)}{subject}{detail}"
