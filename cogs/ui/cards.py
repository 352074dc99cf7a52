"""The one card of a character, in the picker, in the manager and at the head of a chat."""

import io
from collections.abc import Sequence
from typing import Any

import discord

from bot.characters.avatars import Avatars
from cogs.ui.assets import mask
from cogs.ui.text import plain, plural, units
from storage.characters import Character

ACCENT = discord.Colour(0x8A6FDF)
MASK = "mask.png"
# Five cards and a heading share the 4,000 letters that Discord gives the texts of a page.
NAME_ROOM, DESCRIPTION_ROOM, TAGS_ROOM, OWNER_ROOM = 160, 230, 140, 64


def badges(character: Character) -> list[str]:
    """What tells characters apart at a glance."""
    marks = [
        ("Default", character.is_default),
        ("Featured", character.is_featured),
        ("Draft", character.status in ("draft", "unpublished")),
        ("Published", character.status == "published"),
        ("Taken down", character.taken_down is not None),
        ("Server only", character.visibility == "guild"),
        ("18+", character.age_rating == "adult"),
    ]
    return [mark for mark, applies in marks if applies]


def card_text(character: Character) -> str:
    """Name, badges, author, short description and tags, as Markdown."""
    lines = [f"### {plain(character.name, NAME_ROOM)}", _byline(character)]
    if character.short_description:
        lines.append(plain(character.short_description, DESCRIPTION_ROOM))
    if character.tags:
        lines.append(f"-# {_tags(character.tags)}")
    return "\n".join(lines)


def card(character: Character, *, description: str | None = None) -> discord.ui.Section[Any]:
    """The card: text with the avatar beside it; `avatar_files` brings the pictures."""
    thumbnail = discord.ui.Thumbnail[Any](
        f"attachment://{avatar_name(character)}", description=f"Avatar of {character.name}"[:1024]
    )
    return discord.ui.Section[Any](
        discord.ui.TextDisplay[Any](description or card_text(character)), accessory=thumbnail
    )


def avatar_name(character: Character) -> str:
    """The file name under which a card's avatar is attached."""
    return f"{character.avatar}.png" if character.avatar else MASK


async def avatar_files(avatars: Avatars, characters: Sequence[Character]) -> list[discord.File]:
    """The small avatars that these cards show, each once."""
    files: dict[str, discord.File] = {}
    for character in characters:
        name = avatar_name(character)
        if name not in files:
            small = await avatars.thumbnail(character.avatar) if character.avatar else None
            files[name] = discord.File(io.BytesIO(small or mask()), name)
    return list(files.values())


def _tags(tags: Sequence[str]) -> str:
    shown = ""
    for number, tag in enumerate(tags):
        longer = f"{shown} · {plain(tag)}" if shown else plain(tag, TAGS_ROOM - 10)
        if units(longer) > TAGS_ROOM - 10:
            return f"{shown} · {len(tags) - number} more"
        shown = longer
    return shown


def _byline(character: Character) -> str:
    parts = [f"By {plain(character.owner_name, OWNER_ROOM)}" if character.owner_name else "By this server"]
    parts += [f"**{badge}**" for badge in badges(character)]
    if character.play_count:
        parts.append(f"played {plural(character.play_count, 'time')}")
    return "-# " + " · ".join(parts)
