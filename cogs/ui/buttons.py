"""Buttons and menus that survive restarts: ids alone in the custom id, authority looked up at each press."""

import re
from typing import Any, ClassVar, Self
from uuid import UUID

import discord
from discord.ui.item import Item

from bot.client import admitted
from bot.error_replies import explain

ID = "[0-9a-f]{32}"


class _Explained:
    """Tells whoever pressed what went wrong: discord.py itself would only log it."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """What a press does."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction) -> None:
        """Does it, and explains where it cannot be done."""
        try:
            if await admitted(interaction):
                await self.pressed(interaction)
        except Exception as error:
            await explain(interaction, error)


class PersistentButton(_Explained, discord.ui.DynamicItem[discord.ui.Button[Any]], template="-"):
    """A button of which one class stands for all that carry its custom id: `prefix:key[:key…]`.

    `keys` are the parts behind the prefix, as regular expressions.
    """

    prefix: ClassVar[str]
    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init_subclass__(cls, *, prefix: str, keys: tuple[str, ...] = (), label: str = "", **_: object) -> None:
        cls.prefix, cls.label = prefix, label
        super().__init_subclass__(template=re.compile(":".join((re.escape(prefix), *(f"({key})" for key in keys)))))

    def __init__(self, *keys: UUID | str, label: str | None = None, disabled: bool = False) -> None:
        self.keys = tuple(key.hex if isinstance(key, UUID) else key for key in keys)
        super().__init__(
            discord.ui.Button(
                label=label or self.label,
                style=self.style,
                disabled=disabled,
                custom_id=":".join((self.prefix, *self.keys)),
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: Item[Any], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        return cls(*match.groups())


class PersistentSelect(_Explained, discord.ui.DynamicItem[discord.ui.Select[Any]], template="-"):
    """A menu like PersistentButton; `values` are what was chosen."""

    prefix: ClassVar[str]

    def __init_subclass__(cls, *, prefix: str, keys: tuple[str, ...] = (), **_: object) -> None:
        cls.prefix = prefix
        super().__init_subclass__(template=re.compile(":".join((re.escape(prefix), *(f"({key})" for key in keys)))))

    def __init__(
        self,
        *keys: UUID | str,
        options: list[discord.SelectOption] | None = None,
        placeholder: str | None = None,
    ) -> None:
        self.keys = tuple(key.hex if isinstance(key, UUID) else key for key in keys)
        super().__init__(
            discord.ui.Select(
                custom_id=":".join((self.prefix, *self.keys)),
                placeholder=placeholder,
                options=options or [discord.SelectOption(label="-")],
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: Item[Any], match: re.Match[str], /) -> Self:
        """The menu in which something was chosen."""
        return cls(*match.groups())

    @staticmethod
    def chosen(interaction: discord.Interaction) -> list[str]:
        """The values that the person chose."""
        return list((interaction.data or {}).get("values", []))


class Form(discord.ui.Modal):
    """A form in a window of its own; what goes wrong is told, and what was typed stays with Discord."""

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Keeps out who was banned while they typed."""
        return await admitted(interaction)

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:
        """Tells the person."""
        await explain(interaction, error)
