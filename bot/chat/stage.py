"""What a chat asks of Discord: a Protocol that cogs/ui/stage.py fulfils, and the values they exchange."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from storage.characters import Character
from storage.shown import Shown

CLOCKS_APART = timedelta(seconds=15)
"""By so much, at the most, Discord's clock and ours may differ."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chat is played: a thread under a channel, or a direct-message channel.

    `guild_id` is None in direct messages; `thread_id` is None there, and before the thread is made.
    """

    guild_id: int | None
    channel_id: int
    thread_id: int | None = None

    @property
    def id(self) -> int:
        """The thread, or the channel where there is none."""
        return self.thread_id or self.channel_id


def link_to(place: Place, discord_message_id: int) -> str:
    """The address of a post."""
    return f"https://discord.com/channels/{place.guild_id or '@me'}/{place.id}/{discord_message_id}"


@dataclass(frozen=True, slots=True)
class Face:
    """Under which name and avatar (a file's sha256) something is said."""

    name: str
    avatar: str | None


@dataclass(frozen=True, slots=True)
class Writing:
    """The buttons of a reply that is being written."""

    generation_id: UUID


@dataclass(frozen=True, slots=True)
class Ended:
    """The buttons of a reply that has ended: which of its siblings it is (from 1), of how many."""

    message_id: UUID
    can_continue: bool
    can_regenerate: bool = True
    position: int = 1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The button that has a person's words, or narration, answered."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that a person sent along: where Discord has it, and how many bytes it has."""

    name: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a person said, to be shown under whom they are there; `original` is the post in which they said it."""

    place: Place
    chat_id: UUID
    message_id: UUID
    face: Face
    text: str
    original: int
    files: tuple[Attached, ...] = ()


Looked = Literal["shown", "not allowed", "not possible"]
"""What became of a look; where it is not shown, the original stands as it was."""
Controls = Writing | Ended | Unanswered | None


@dataclass(frozen=True, slots=True)
class Divider:
    """Where the scene turns: what happened, the post it goes on from, and the words that the reader should recall.

    `speaker` and `words` are empty where the reply itself is shown again below.
    """

    what: Literal["branch", "rewind", "undo", "edit", "delete", "fork"]
    at: Shown | None = None
    speaker: str = ""
    words: str = ""
    controls: Controls = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A chat about to begin: where, with whom, and what the starter card says.

    `branched_from` is the address of the post at which a branch left another thread.
    """

    place: Place
    owner_id: int
    title: str
    private: bool
    character: Character
    model: str
    branched_from: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One of our own posts, as Discord has it."""

    discord_message_id: int
    webhook_id: int | None
    content: str


@dataclass(frozen=True, slots=True)
class Showing:
    """A reply on its way to Discord: `shown` are the posts that it takes over, first part first."""

    place: Place
    chat_id: UUID
    message_id: UUID
    face: Face
    shown: tuple[Shown, ...]
    controls: Controls
    is_ours: Callable[[], bool] = lambda: True
    """Whether nobody else can be showing this reply: asked before each request."""


class Ledger(Protocol):
    """Remembers which post shows what; called right after each post and each deletion."""

    async def record(self, chat_id: UUID, shown: Shown) -> None:
        """A post now shows this part."""
        ...

    async def forget(self, discord_message_ids: Sequence[int]) -> None:
        """These posts are gone."""
        ...

    async def claimed(self, discord_message_ids: Sequence[int]) -> set[int]:
        """Which of these posts are known to show something."""
        ...


class Display(Protocol):
    """The posts of one reply."""

    def show(self, text: str) -> None:
        """Shows this text when Discord's budget allows; a newer one takes the place of one that waits."""
        ...

    async def finish(self, text: str, note: str, controls: Controls) -> bool:
        """Shows the final text, with a note under it and its buttons.

        False when Discord refused for good: then the text is in the history alone.
        """
        ...

    def abandon(self) -> None:
        """Shows nothing more: somebody else does."""
        ...


class Stage(Protocol):
    """A place to play: what a chat may ask of Discord."""

    async def open(self, opening: Opening) -> Place:
        """Opens the thread with its starter card; MissingPermission or NotFound when Discord refuses."""
        ...

    def display(self, showing: Showing, ledger: Ledger) -> Display:
        """Shows a reply from now on; the first post follows as soon as Discord's budget allows."""
        ...

    async def say(self, place: Place, text: str) -> None:
        """Says something in the bot's own voice: a hint."""
        ...

    async def show_look(self, look: Look, ledger: Ledger) -> Looked:
        """Shows a person's words under another name and face, in the place of their own post."""
        ...

    async def reword(self, place: Place, shown: Sequence[Shown], text: str) -> bool:
        """Puts other words into posts that show a person's under another name; False where they do not fit these."""
        ...

    async def divide(self, place: Place, divider: Divider) -> int | None:
        """Draws a line across the thread; the id of that post, None when Discord refused."""
        ...

    async def delete(self, place: Place, shown: Sequence[Shown]) -> None:
        """Deletes posts, where Discord lets us."""
        ...

    async def rename(self, place: Place, title: str) -> None:
        """Calls a thread by another title, as far as Discord lets us."""
        ...

    def is_age_restricted(self, place: Place) -> bool:
        """Whether Discord shows this place to adults alone; never in direct messages, nor where that is not known."""
        ...

    async def look_at(self, place: Place) -> None:
        """Learns what `is_age_restricted` needs to know of a place that is another process's to hear of."""
        ...

    async def list_own_posts(self, place: Place, *, after: int | None, since: datetime | None = None) -> list[Post]:
        """What a character said after a post, or since a moment, whichever came first; oldest first."""
        ...

    async def close(self, place: Place) -> None:
        """Archives a thread whose chat has ended; nothing happens in direct messages."""
        ...
