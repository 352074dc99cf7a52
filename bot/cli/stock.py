"""The characters that ship with the program, and how they come into a database."""

from pathlib import Path

import structlog

from bot.caller import Caller
from bot.cards.card_files import read_card_file
from bot.characters.avatars import name_of
from bot.characters.catalogue import Characters

FOLDER = Path(__file__).parent.parent.parent / "characters"

log = structlog.get_logger()


async def publish_stock(characters: Characters, *, bot_id: int, bot_name: str) -> int:
    """Publishes the shipped characters under the bot's own user, those not yet there; returns how many."""
    owner = Caller(user_id=bot_id, username=bot_name, display_name=bot_name)
    there, new = await characters.list_stock(), 0
    for path in sorted(FOLDER.glob("*.png")):
        if path.stem in there:
            continue
        content = path.read_bytes()
        file = read_card_file(content, path.name)  # our own file: no worker is needed
        await characters.publish_stock(owner, path.stem, file, source_sha256=name_of(content))
        new += 1
    if new:
        log.info("stock.published", characters=new)
    return new
