"""What a reply is made from: the path, the character's words, who the people are."""

from dataclasses import dataclass
from uuid import UUID

import storage.messages
import storage.personas
from bot.caller import Caller
from bot.cards.card import Card
from bot.characters.playing import require_played
from bot.chat.choices import Choices, ModelChoice, choices_of
from bot.chat.prompt import CharacterFields, DepthPrompt, Line, Persona, Prompt, PromptSettings, build_prompt
from bot.chat.stage import Face, Place, Stage
from storage.chats import Chat
from storage.database import Session
from storage.messages import Message
from storage.personas import Persona as StoredPersona


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a prompt may need; `path` runs from the root to what is answered."""

    card: Card
    face: Face
    choices: Choices
    path: tuple[Message, ...]
    personas: dict[int, StoredPersona]
    continues: str


class Scenes:
    """Loads what replies are made from, and refuses where a character may not speak."""

    def __init__(self, stage: Stage, *, adults: bool, model: ModelChoice) -> None:
        self._stage = stage
        self._adults = adults
        self._model = model

    def shows_adults(self, place: Place) -> bool:
        """Whether 18+ characters may speak in a place: the operator allows them, and the channel is age-restricted."""
        return self._adults and self._stage.is_age_restricted(place)

    async def load(
        self,
        session: Session,
        chat: Chat,
        *,
        answers: UUID,
        continues: str = "",
        personas: dict[int, StoredPersona] | None = None,
    ) -> Scene:
        """The scene of a reply that follows the message `answers`.

        `continues` is the text that the reply goes on from; `personas` saves asking again.
        Invalid or NotFound when the character may not speak here any more.
        """
        played = await require_played(
            session,
            chat.character_id,
            version_id=chat.pinned_version_id,
            guild_id=chat.guild_id,
            adults=self.shows_adults(place_of(chat)),
        )
        choices = choices_of(chat, self._model)
        path = await storage.messages.list_path(
            session, tree_id=chat.tree_id, leaf_id=answers, limit=choices.history_limit
        )
        return Scene(
            card=played.card,
            face=Face(played.called, played.character.avatar),
            choices=choices,
            path=tuple(reversed(path)),
            personas=personas if personas is not None else await storage.personas.list_active(session, chat.id),
            continues=continues,
        )


def place_of(chat: Chat) -> Place:
    """Where a chat is played."""
    thread = chat.place_id if chat.place_id != chat.channel_id else None
    return Place(chat.guild_id, chat.channel_id, thread)


def prompt_of(scene: Scene) -> Prompt:
    """What the model reads for the next reply; Invalid when not even the fixed parts fit."""
    lines = [line for line in map(_line, scene.path) if line is not None]
    people = _people(scene)
    choices = scene.choices
    return build_prompt(
        character=_fields(scene),
        persona=people[0] if people else Persona("User"),
        others=people[1:],
        path=lines,
        settings=PromptSettings(
            context_tokens=choices.context_tokens,
            reply_tokens=choices.reply_tokens,
            history_limit=choices.history_limit,
            mode=choices.mode,
        ),
        model=choices.model,
        continue_from=scene.continues or None,
    )


def _people(scene: Scene) -> list[Persona]:
    """Who speaks on the path: the person answered first, each once, as they were called when they last spoke."""
    people: dict[int | str, Persona] = {}
    for message in reversed(scene.path):
        if message.role != "person" or message.text is None:
            continue
        active = scene.personas.get(message.author_user_id or 0)
        said_as_active = active is not None and active.id == message.speaker.persona_id
        description = active.description if active is not None and said_as_active else ""
        people.setdefault(message.author_user_id or message.speaker.name, Persona(message.speaker.name, description))
    return list(people.values())


def _line(message: Message) -> Line | None:
    """A message as the model reads it; failed, empty and removed ones are not read."""
    if not message.text or message.status in ("failed", "removed", "queued"):
        return None
    return Line(message.role, message.text, message.speaker.name, message.id)


def _fields(scene: Scene) -> CharacterFields:
    card = scene.card
    depth = card.depth_prompt
    return CharacterFields(
        name=card.name,
        nickname=card.nickname,
        description=card.description,
        personality=card.personality,
        scenario=card.scenario,
        system_prompt=card.system_prompt,
        post_history_instructions=card.post_history_instructions,
        mes_example=card.mes_example,
        depth_prompt=DepthPrompt(depth.prompt, depth.depth, depth.role) if depth else None,
    )


def user_name(caller: Caller, persona: StoredPersona | None) -> str:
    """What `{{user}}` means for somebody: their persona's name, else how they are shown on Discord."""
    return persona.name if persona else caller.display_name
