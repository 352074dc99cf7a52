"""What holds at a place of the tree beside the words: the cast, variables of cards, timers of lore.

It is the fold of the events on the path to it: another branch, another state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from pydantic import BaseModel, JsonValue

from bot.chat.cast import Cast, Stay
from bot.lore import Timer, Timers, timers_from_json, timers_to_json
from storage.events import SNAPSHOT, Event, PathEvent
from storage.messages import Message

MOST_VARIABLES = 200


@dataclass(frozen=True, slots=True)
class Said:
    """How many messages of a path, up to the one at `depth`, are people's, and how many characters'."""

    depth: int = -1
    by_people: int = 0
    by_characters: int = 0

    def on(self, path: Sequence[Message]) -> "Said | None":
        """The same for a path whose newest messages these are, oldest first; None where some between are missing."""
        new = [message for message in path if message.depth > self.depth]
        if new and new[0].depth != self.depth + 1:
            return None
        people = sum(message.role == "person" for message in new)
        characters = sum(message.role == "character" for message in new)
        depth = new[-1].depth if new else self.depth
        return Said(depth, self.by_people + people, self.by_characters + characters)


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class PathState:
    """The cast of the scene, what its cards' variables hold, which lore stays or rests, and how much was said."""

    cast: Cast
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    timers: Timers = field(default_factory=dict[str, Timer])
    said: Said = NOTHING_SAID
    greeting: int | None = None
    """Which of the character's greetings the path begins with, from 0; None where that was not noted."""


class _Joined(BaseModel):
    character_id: UUID
    depth: int
    knows_before: bool


class _Left(BaseModel):
    character_id: UUID
    depth: int


class _Greeting(BaseModel):
    number: int


class _Variables(BaseModel):
    changed: dict[str, str]


class _Timers(BaseModel):
    timers: dict[str, JsonValue]


class _Stay(BaseModel):
    character_id: UUID
    since: int
    until: int | None


class _Snapshot(BaseModel):
    stays: list[_Stay]
    variables: dict[str, str]
    timers: dict[str, JsonValue]
    depth: int
    by_people: int
    by_characters: int
    greeting: int | None = None


def greeted(number: int) -> Event:
    """The path begins with this greeting of the character, counted from 0."""
    return _event("greeting", _Greeting(number=number))


def joined(character_id: UUID, *, depth: int, knows_before: bool) -> Event:
    """A character came into the scene with the message at this depth."""
    return _event("cast.joined", _Joined(character_id=character_id, depth=depth, knows_before=knows_before))


def left(character_id: UUID, *, depth: int) -> Event:
    """A character left the scene; the message at this depth is the last that it heard."""
    return _event("cast.left", _Left(character_id=character_id, depth=depth))


def consequences(before: PathState, *, variables: Mapping[str, str], timers: Timers) -> list[Event]:
    """The events of a reply for which the prompt changed these variables and left these timers."""
    events: list[Event] = []
    changed = {name: value for name, value in variables.items() if before.variables.get(name) != value}
    if changed:
        events.append(_event("variables", _Variables(changed=changed)))
    if dict(timers) != dict(before.timers):
        events.append(_event("lore.timers", _Timers(timers=timers_to_json(timers))))
    return events


def snapshot(state: PathState) -> bytes:
    """The state as it is kept, so that reading a path can end there."""
    kept = _Snapshot(
        stays=[_Stay(character_id=stay.character_id, since=stay.since, until=stay.until) for stay in state.cast.stays],
        variables=dict(state.variables),
        timers=timers_to_json(state.timers),
        depth=state.said.depth,
        by_people=state.said.by_people,
        by_characters=state.said.by_characters,
        greeting=state.greeting,
    )
    return kept.model_dump_json().encode()


def fold(events: Sequence[PathEvent], *, begun_with: UUID | None) -> PathState:
    """The state after these events of a path, oldest first; the chat began with that character."""
    state = PathState(Cast.of(begun_with))
    for event in events:
        state = _after(state, event)
    return state


def _after(state: PathState, event: PathEvent) -> PathState:
    match event.kind:
        case "cast.joined":
            come = _Joined.model_validate_json(event.payload)
            cast = state.cast.joined(come.character_id, depth=come.depth, knows_before=come.knows_before)
            return replace(state, cast=cast)
        case "cast.left":
            gone = _Left.model_validate_json(event.payload)
            return replace(state, cast=state.cast.left(gone.character_id, depth=gone.depth))
        case "greeting":
            return replace(state, greeting=_Greeting.model_validate_json(event.payload).number)
        case "variables":
            changed = _Variables.model_validate_json(event.payload).changed
            kept = list({**state.variables, **changed}.items())[-MOST_VARIABLES:]
            return replace(state, variables=dict(kept))
        case "lore.timers":
            return replace(state, timers=timers_from_json(_Timers.model_validate_json(event.payload).timers))
        case kind if kind == SNAPSHOT:
            return _restored(_Snapshot.model_validate_json(event.payload))
        case _:
            return state


def _restored(kept: _Snapshot) -> PathState:
    return PathState(
        cast=Cast(tuple(Stay(stay.character_id, stay.since, stay.until) for stay in kept.stays)),
        variables=kept.variables,
        timers=timers_from_json(kept.timers),
        said=Said(kept.depth, kept.by_people, kept.by_characters),
        greeting=kept.greeting,
    )


def _event(kind: str, payload: BaseModel) -> Event:
    return Event(kind, payload.model_dump_json().encode())
