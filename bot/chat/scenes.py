"""Loads what replies are made from, decides who speaks, and refuses where a character may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID

import storage.events
import storage.messages
from bot.characters.playing import Played, load_played, require_played
from bot.chat.cast import Actor, next_speaker
from bot.chat.choices import Choices, ModelChoice, choices_of
from bot.chat.identities import Identity, load_identities
from bot.chat.path_state import PathState, fold
from bot.chat.scene import Scene, place_of
from bot.chat.shelf import Shelf
from bot.chat.stage import Face, Place, Stage
from bot.chat.surroundings import sketch_of, talkativeness_of, what_surrounds
from bot.errors import NotFound
from storage.chats import Chat
from storage.database import Session
from storage.ids import new_id
from storage.messages import Message

NOBODY_THERE = "No character is in this scene any more. `/chat invite` brings one in."


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a reply begins: the path to what it answers, what holds there, and the characters that may speak.

    `played` holds those of several; of one alone it is asked once it speaks.
    """

    path: tuple[Message, ...]
    choices: Choices
    state: PathState
    needs_snapshot: bool
    actors: tuple[Actor, ...]
    played: dict[UUID, Played]

    def whose_turn(self, *, besides: UUID | None = None) -> UUID | None:
        """Who is next to answer, by the order of turns; None when everybody has, or nobody does unasked."""
        said = _prompting(self.path)
        after = self.path[said + 1 :] if said is not None else self.path
        before = self.path[:said] if said is not None else ()
        words, seed = (self.path[said].text or "", str(self.path[said].id)) if said is not None else ("", "")
        spoke = {each for each in (*(message.character_id for message in after), besides) if each}
        lately = [message.character_id for message in reversed(before) if message.character_id]
        return next_speaker(self.choices.turns, self.actors, said=words, seed=seed, spoke=spoke, lately=lately)

    def silent_longest(self) -> UUID | None:
        """Who of those that are there has not spoken for the longest time."""
        spoke = {message.character_id: number for number, message in enumerate(self.path)}
        return min((actor.id for actor in self.actors), key=lambda each: spoke.get(each, -1), default=None)

    @property
    def asked_by(self) -> int | None:
        """Whose words are answered."""
        said = _prompting(self.path)
        return self.path[said].author_user_id if said is not None else None


class Scenes:
    """Loads what replies are made from, and refuses where a character may not speak."""

    def __init__(self, stage: Stage, *, adults: bool, model: ModelChoice) -> None:
        self._stage = stage
        self._adults = adults
        self._model = model
        self._shelf = Shelf()

    def shows_adults(self, place: Place) -> bool:
        """Whether 18+ characters may speak in a place: the operator allows them, and the channel is age-restricted."""
        return self._adults and self._stage.is_age_restricted(place)

    async def load(
        self, session: Session, chat: Chat, *, answers: UUID, continues: str = "", speaker_id: UUID | None = None
    ) -> Scene:
        """The scene of a reply that somebody asked for, and that follows the message `answers`.

        `continues` is the text that the reply goes on from. Without a `speaker_id` that character speaks whose turn
        it is, or who was silent longest. Invalid or NotFound when the character may not speak here any more.
        """
        ground = await self.look(session, chat, answers)
        speaker_id = speaker_id or ground.whose_turn() or ground.silent_longest()
        if speaker_id is None:
            raise NotFound(NOBODY_THERE)
        return await self._scene(session, chat, ground, speaker_id, continues=continues)

    async def load_next(
        self, session: Session, chat: Chat, *, answers: UUID, identities: dict[int, Identity] | None = None
    ) -> Scene | None:
        """The same for whoever speaks next by the order of turns; None when nobody does unasked.

        `identities` saves asking again.
        """
        ground = await self.look(session, chat, answers)
        if not ground.actors:
            raise NotFound(NOBODY_THERE)
        speaker_id = ground.whose_turn()
        return await self._scene(session, chat, ground, speaker_id, identities=identities) if speaker_id else None

    async def look(self, session: Session, chat: Chat, answers: UUID) -> Ground:
        """Where a reply to this message would begin, and who may speak there."""
        choices = choices_of(chat, self._model)
        # One more than is read, so that the report tells whether the path goes on.
        path = await storage.messages.list_path(
            session, tree_id=chat.tree_id, leaf_id=answers, limit=choices.history_limit + 1
        )
        events = await storage.events.list_path_events(session, tree_id=chat.tree_id, leaf_id=answers)
        state = fold(events.events, begun_with=chat.character_id)
        actors, played = await _company(session, chat, state.cast.present)
        return Ground(tuple(reversed(path)), choices, state, events.needs_snapshot, actors, played)

    async def _scene(
        self,
        session: Session,
        chat: Chat,
        ground: Ground,
        speaker_id: UUID,
        *,
        continues: str = "",
        identities: dict[int, Identity] | None = None,
    ) -> Scene:
        adults = self.shows_adults(place_of(chat))
        played = await require_played(session, speaker_id, **_version(chat, speaker_id), adults=adults)
        if identities is None:
            identities = await load_identities(session, chat, adults=adults)
        around = await what_surrounds(session, chat, ground.path, asked_by=ground.asked_by)
        others = [each for each in ground.played.values() if each.character.id != speaker_id]
        return Scene(
            speaker_id=speaker_id,
            card=played.card,
            books=self._shelf.books(played),
            face=Face(played.called, played.character.avatar),
            choices=ground.choices,
            path=ground.path,
            identities=identities,
            continues=continues,
            state=ground.state,
            needs_snapshot=ground.needs_snapshot,
            sketches=tuple([await sketch_of(session, each, guild_id=chat.guild_id) for each in others]),
            around=around,
            asked_by=ground.asked_by,
            goes_on=not continues and ground.whose_turn(besides=speaker_id) is not None,
            at=datetime.now(around.time_zone or UTC),
            seed=str(new_id()),
        )


class _Version(TypedDict):
    version_id: UUID | None
    guild_id: int | None


def _version(chat: Chat, character_id: UUID) -> _Version:
    """Which version of a character a chat plays: whom it began with may be pinned, guests are played as they are."""
    pinned = chat.pinned_version_id if character_id == chat.character_id else None
    return {"version_id": pinned, "guild_id": chat.guild_id}


async def _company(
    session: Session, chat: Chat, present: Sequence[UUID]
) -> tuple[tuple[Actor, ...], dict[UUID, Played]]:
    """Who is there; only of several it is asked who they are."""
    if len(present) < 2:
        return tuple(Actor(each, "") for each in present), {}
    found = {each: await load_played(session, each, **_version(chat, each)) for each in present}
    played = {each: known for each, known in found.items() if known is not None}
    return tuple(Actor(each, it.called, talkativeness_of(it.card)) for each, it in played.items()), played


def _prompting(path: Sequence[Message]) -> int | None:
    """Where on a path the newest message stands that is not a character's: what is being answered."""
    return next((at for at in range(len(path) - 1, -1, -1) if path[at].role != "character"), None)
