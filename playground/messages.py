"""Messages of the playground, as people read them and press on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.world import Channel, World

JsonObject = dict[str, Any]
EPHEMERAL, LOADING, COMPONENTS_V2, SUPPRESS_EMBEDS = 1 << 6, 1 << 7, 1 << 15, 1 << 2
SELECT_TYPES = (3, 5, 6, 7, 8)


@dataclass(slots=True, eq=False)
class Attachment:
    """A file of a message, or one sent with a command or a form; the bytes lie in the file store."""

    id: int
    filename: str
    size: int
    content_type: str
    url: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button as a person sees it."""

    label: str
    emoji: str
    custom_id: str | None
    disabled: bool
    style: int
    url: str | None

    def matches(self, wanted: str) -> bool:
        """Returns whether a person would call the button that."""
        return wanted in (self.label, self.emoji, self.custom_id, f"{self.emoji} {self.label}".strip())


@dataclass(frozen=True, slots=True)
class Select:
    """A select menu as a person sees it; `options` are Discord's objects, of string selects alone."""

    custom_id: str
    placeholder: str
    options: list[JsonObject]
    disabled: bool
    min_values: int
    max_values: int
    type: int


def walk(components: list[JsonObject]) -> Iterator[JsonObject]:
    """Yields components and those inside them, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for inner in (component.get("accessory"), component.get("component")):
            if inner:
                yield from walk([inner])


@dataclass(slots=True, eq=False)
class Message:
    """A message; it stays the same object while it is edited."""

    world: World = field(repr=False)
    id: int
    channel_id: int
    author_id: int
    content: str = ""
    created: float = 0.0
    type: int = 0
    webhook_id: int | None = None
    webhook_name: str | None = None
    webhook_avatar: str | None = None
    application_id: int | None = None
    embeds: list[JsonObject] = field(default_factory=list)
    components: list[JsonObject] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    reply_to_id: int | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    edits: int = 0
    edited: float | None = None
    pinned: bool = False
    tts: bool = False
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    interaction: JsonObject | None = None
    ephemeral_to: int | None = None
    thread_id: int | None = None
    nonce: str | int | None = None
    deleted: bool = False

    @property
    def channel(self) -> Channel:
        """Where it stands."""
        return self.world.channels[self.channel_id]

    @property
    def reply_to(self) -> Message | None:
        """The message it replies to, unless that was deleted."""
        if self.reply_to_id is None:
            return None
        return self.world.messages.get(self.channel_id, {}).get(self.reply_to_id)

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.ephemeral_to is not None

    @property
    def loading(self) -> bool:
        """Whether it is still the bot's "thinking"."""
        return bool(self.flags & LOADING)

    @property
    def author_name(self) -> str:
        """The name that stands over it."""
        if self.webhook_name is not None:
            return self.webhook_name
        return self.world.users[self.author_id].display_name

    @property
    def author_avatar_url(self) -> str | None:
        """The address of the picture beside it, or None for the default picture."""
        if self.webhook_id is not None:
            return self.webhook_avatar
        user = self.world.users[self.author_id]
        return f"{self.world.cdn_url}/avatars/{user.id}/{user.avatar}.png" if user.avatar else None

    @property
    def text(self) -> str:
        """Everything readable in order: content, embeds, text displays."""
        parts = [self.content] if self.content else []
        if not self.flags & SUPPRESS_EMBEDS:
            for embed in self.embeds:
                parts += _embed_texts(embed)
        parts += [part["content"] for part in walk(self.components) if part["type"] == 10]
        return "\n".join(parts)

    @property
    def buttons(self) -> list[Button]:
        """The buttons, in reading order."""
        return [
            Button(
                part.get("label") or "",
                (part.get("emoji") or {}).get("name") or "",
                part.get("custom_id"),
                bool(part.get("disabled")),
                part["style"],
                part.get("url"),
            )
            for part in walk(self.components)
            if part["type"] == 2
        ]

    @property
    def selects(self) -> list[Select]:
        """The select menus, in reading order."""
        return [
            Select(
                part["custom_id"],
                part.get("placeholder") or "",
                part.get("options") or [],
                bool(part.get("disabled")),
                1 if part.get("min_values") is None else part["min_values"],
                part.get("max_values") or 1,
                part["type"],
            )
            for part in walk(self.components)
            if part["type"] in SELECT_TYPES
        ]

    def __str__(self) -> str:
        shown = f"{self.author_name}: {self.text}" + (" (only you)" if self.ephemeral else "")
        labels = [f"[{button.label or button.emoji}]" for button in self.buttons]
        return " ".join([shown, *labels])


def _embed_texts(embed: JsonObject) -> list[str]:
    """Returns the readable parts of an embed in the order in which they are drawn."""
    parts = [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
    for one in embed.get("fields") or []:
        parts += [one["name"], one["value"]]
    parts.append((embed.get("footer") or {}).get("text"))
    return [part for part in parts if part]
