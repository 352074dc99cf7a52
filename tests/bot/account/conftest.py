"""Alice's household, and a program that can forget her."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.account.courier import Tickets
from bot.account.deletion import Deletion
from bot.account.exports import AccountExports
from bot.characters.exports import Exports
from bot.services import Services
from storage.views import Views
from tests.bot.account.household import Household, Post
from tests.bot.chat.board import World


@dataclass
class Home:
    """The household, the services of a running program beside it, and what came by post."""

    house: Household
    services: Services
    post: Post
    exports: AccountExports
    deletion: Deletion
    tickets: Tickets


@pytest.fixture
async def home(world: World, tmp_path: Path) -> AsyncIterator[Home]:
    """A furnished household."""
    async with world.process(jobs_at_once=0, limit_person="5/minute") as services:
        house, post = Household(services.database, tmp_path / "files"), Post()
        await house.furnish()
        database, avatars = services.database, house.avatars
        tickets = Tickets(database, Views(services.cache))
        given: dict[str, Any] = {"database": database, "tickets": tickets, "courier": post, "avatars": avatars}
        exports = AccountExports(
            **given, characters=house.characters, exports=Exports(database, house.characters, avatars)
        )
        deletion = Deletion(**given, writers=services.caretaker.writers, usage=services.usage)
        yield Home(house, services, post, exports, deletion, tickets)
