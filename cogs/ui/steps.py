"""From what Discord shows of a reply to what it should show, one request at a time. Pure: asks nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.stage import Controls


@dataclass(frozen=True, slots=True)
class Wanted:
    """A post as it should be."""

    content: str
    controls: Controls


@dataclass(slots=True)
class Shot:
    """A post as Discord has it; `content` None: what it shows is not known."""

    id: int
    webhook_id: int | None
    content: str | None = None
    controls: Controls = None
    is_recorded: bool = True

    def shows(self, wanted: Wanted) -> bool:
        """Whether it is as it should be."""
        return self.content == wanted.content and self.controls == wanted.controls


@dataclass(frozen=True, slots=True)
class Post:
    """A new post."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Edit:
    """Another text, or other buttons, for a post."""

    shot: Shot
    wanted: Wanted

    @property
    def keeps_buttons(self) -> bool:
        """Whether its buttons are right as they are."""
        return self.shot.content is not None and self.shot.controls == self.wanted.controls


@dataclass(frozen=True, slots=True)
class Delete:
    """One post less."""

    shot: Shot


Step = Post | Edit | Delete


def wanted_posts(parts: Sequence[str], controls: Controls) -> list[Wanted]:
    """The parts of a reply as posts: the buttons stand under the last alone."""
    return [*(Wanted(part, None) for part in parts[:-1]), *(Wanted(part, controls) for part in parts[-1:])]


def next_step(posts: Sequence[Shot], stale: Sequence[Shot], wanted: Sequence[Wanted]) -> Step | None:
    """What to do next, None when all is as it should be.

    `stale` are posts that cannot be used any more: they go when the new ones stand, so that nothing that was
    readable is missing meanwhile.
    """
    for shot, want in zip(posts, wanted, strict=False):
        if not shot.shows(want):
            return Edit(shot, want)
    if len(posts) < len(wanted):
        return Post(wanted[len(posts)])
    if len(posts) > len(wanted):
        return Delete(posts[-1])
    return Delete(stale[-1]) if stale else None
