"""/server: who may use it, what its settings change at once, whom it keeps out, and that all of it is written down."""

import re
from collections.abc import AsyncIterator

import pytest

from playground import Answer, Guild, Person, Refused, bits
from tests.cogs.test_character_pick import names
from tests.cogs.workshop import Workshop, message_of
from tests.theatre import Theatre, until

ADMINS_ONLY = "Only people with the right Manage Server can do that, in their own server."


@pytest.fixture
async def admin(theatre: Theatre) -> AsyncIterator[Person]:
    """Alice, who manages the harbour."""
    theatre.guild.give_role(theatre.alice, theatre.playground.admin_role(theatre.guild))
    yield theatre.alice


def presets(answer: Answer, custom_id: str) -> list[str]:
    """What a menu of an answer holds already."""
    from playground.messages import walk

    menu = next(part for part in walk(message_of(answer).components) if part.get("custom_id") == custom_id)
    return [one["id"] for one in menu.get("default_values") or []]


async def test_only_those_who_manage_the_server_are_offered_it(theatre: Theatre, admin: Person) -> None:
    with pytest.raises(Refused, match="permissions that you do not have"):
        await theatre.bob.slash("server settings")
    assert (await admin.slash("server settings")).text.startswith("## How I work in this server")
    await admin.open_dm()
    with pytest.raises(Refused, match="not for direct messages"):
        await admin.slash("server settings")


async def test_who_manages_nothing_any_more_is_refused_at_every_press(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    await workshop.published(theatre.bob, "Nova")
    await workshop.published(admin, "Mine")
    panel = await admin.slash("server settings")
    asked = await admin.slash("server publish", character="Mine")
    await admin.slash("server policy", policy="review")
    queue = await admin.slash("server queue", character="Nova")
    audit = await admin.slash("server audit")
    rejection = await queue.click("Reject…")
    theatre.guild.take_role(admin, theatre.playground.admin_role(theatre.guild))
    for answer in (
        await asked.click("Give it to the server"),
        await queue.click("Approve"),
        await rejection.fill({"Why?": "No."}),
        await panel.select("server.policy", ["Open"]),
        await panel.select("server.channels", [theatre.tavern]),
        await panel.select("server.players", []),
        await panel.select("server.publishers", []),
    ):
        assert answer.text == ADMINS_ONLY
    assert "changed the policy" in audit.text
