"""What a reply is made from: the path, the character's words, who the people are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bot.cards.card import Card
from bot.chat.choices import Choices
from bot.chat.identities import Identity
from bot.chat.path_state import PathState
from bot.chat.stage import Face, Place
from bot.chat.surroundings import Surroundings
from bot.lore import Book
from bot.prompt import Line, Persona, Prompt, PromptSettings, Reading, Sketch, build_prompt, fields_of
from storage.chats import Chat
from storage.messages import Message

HEAVY_ENTRIES = 400


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a prompt may need; `path` runs from the root to what is answered.

    `books` are the character's own. `state` is what holds at the path's end, `sketches` are the other characters
    there, `asked_by` is whose words are answered. `goes_on`: somebody else speaks after this reply. `at` is
    when it begins, `seed` decides its chances.
    """

    speaker_id: UUID
    card: Card
    books: tuple[Book, ...]
    face: Face
    choices: Choices
    path: tuple[Message, ...]
    identities: dict[int, Identity]
    continues: str
    state: PathState
    needs_snapshot: bool
    sketches: tuple[Sketch, ...]
    around: Surroundings
    asked_by: int | None
    goes_on: bool
    at: datetime
    seed: str

    @property
    def is_heavy(self) -> bool:
        """Whether its prompt takes long to build: more than a few milliseconds."""
        return sum(len(book.book.entries) for book in (*self.books, *self.around.books)) > HEAVY_ENTRIES


def place_of(chat: Chat) -> Place:
    """Where a chat is played."""
    thread = chat.place_id if chat.place_id != chat.channel_id else None
    return Place(chat.guild_id, chat.channel_id, thread)


def prompt_of(scene: Scene, *, wants_reply: bool = True) -> Prompt:
    """What the model reads for the next reply; Invalid when not even the fixed parts fit.

    Without `wants_reply` nothing in it asks for the character's words: somebody else asks for other ones.
    """
    people = _people(scene)
    choices = scene.choices
    newest = scene.path[-1] if scene.path else None
    said = scene.state.said.on(scene.path)
    heard = [message for message in scene.path if scene.state.cast.heard(scene.speaker_id, message.depth)]
    return build_prompt(
        Reading(
            character=fields_of(scene.card),
            persona=people[0] if people else Persona("User"),
            others=tuple(people[1:]),
            cast=scene.sketches,
            path=tuple(line for line in (_line(message, scene) for message in heard) if line is not None),
            settings=PromptSettings(
                context_tokens=choices.context_tokens,
                reply_tokens=choices.reply_tokens,
                history_limit=choices.history_limit,
                mode=choices.mode,
            ),
            model=choices.model,
            continue_from=scene.continues or None,
            wants_reply=wants_reply,
            books=(*scene.books, *scene.around.books),
            heard_depth=newest.depth + 1 if newest else 0,
            said_by_people=said.by_people if said else None,
            said_by_characters=said.by_characters if said else None,
            timers=scene.state.timers,
            variables=scene.state.variables,
            memory=scene.around.memory_of(scene.state.cast, scene.speaker_id),
            note=scene.around.note,
            now=scene.at,
            idle=_idle(scene),
            seed=scene.seed,
            place_seed=str(newest.tree_id) if newest else "",
            greeting=scene.state.greeting,
        )
    )


def _idle(scene: Scene) -> timedelta | None:
    """How long nobody had said anything before what is answered."""
    said = [message.created_at for message in scene.path if message.role == "person" and message.created_at]
    return scene.at - said[-2] if len(said) > 1 else None


def _people(scene: Scene) -> list[Persona]:
    """Who speaks on the path: the person answered first, each once, as who they are now."""
    people: dict[int | str, Persona] = {}
    for message in reversed(scene.path):
        key = message.author_user_id or message.speaker.name
        if message.role == "person" and message.text is not None and key not in people:
            people[key] = _person(scene, message)
    return list(people.values())


def _person(scene: Scene, message: Message) -> Persona:
    """Who somebody is now that said this; who is gone is known by what they were called."""
    now = scene.identities.get(message.author_user_id or 0)
    if now is None:
        return Persona(message.speaker.name)
    if not now.is_oneself:
        return now.described(facing=scene.face.name)
    own = (each.speaker for each in reversed(scene.path) if each.author_user_id == message.author_user_id and each.text)
    return Persona(next((each.name for each in own if each.is_oneself), now.name))


def _line(message: Message, scene: Scene) -> Line | None:
    """A message as the model reads it; failed, empty and removed ones are not read."""
    if not message.text or message.status in ("failed", "removed", "queued"):
        return None
    is_other = message.role == "character" and message.character_id not in (None, scene.speaker_id)
    return Line(message.role, message.text, message.speaker.name, message.id, is_other)
