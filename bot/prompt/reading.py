"""What a prompt is made from: who speaks, who else is there, what was said, what is known and what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from bot.lore import Book, Timer

Mode = Literal["role-play", "story"]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class DepthPrompt:
    """Words that stand `depth` messages above the end; 0 is the very end."""

    prompt: str
    depth: int = 4
    role: Role = "system"


@dataclass(frozen=True, slots=True)
class CharacterFields:
    """What of a card enters prompts, as its author wrote it, macros and all."""

    name: str
    nickname: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    system_prompt: str = ""
    post_history_instructions: str = ""
    mes_example: str = ""
    depth_prompt: DepthPrompt | None = None

    @property
    def called(self) -> str:
        """The name in use."""
        return self.nickname or self.name


@dataclass(frozen=True, slots=True)
class Persona:
    """Who a person is in the chat; `extras` are further fields by their titles. Macros in it mean nothing.

    `at_depth` persons are described two messages above the end, others before the character.
    """

    name: str
    description: str = ""
    extras: Mapping[str, str] = field(default_factory=dict[str, str])
    position: Literal["in_prompt", "at_depth"] = "in_prompt"

    @property
    def told(self) -> str:
        """Everything about the person, in their own words."""
        extras = (f"{title}: {text.strip()}" for title, text in self.extras.items() if text.strip())
        return "\n".join(filter(None, (self.description.strip(), *extras)))


@dataclass(frozen=True, slots=True)
class Sketch:
    """Another character of the scene, in short; `appearance` is a list with commas."""

    name: str
    summary: str = ""
    appearance: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the path, in the words that were said.

    `is_other`: by another character than the one who speaks next; None where only the name tells.
    """

    role: Literal["character", "person", "narration"]
    text: str
    speaker_name: str = ""
    message_id: UUID | None = None
    is_other: bool | None = None


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """The bounds of a prompt: tokens of context and reply together, and lines of history."""

    context_tokens: int
    reply_tokens: int
    history_limit: int
    mode: Mode = "role-play"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of things said before the history begins. Macros in it mean nothing."""

    summary: str = ""
    facts: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    """Passages that were found by their meaning, the best first."""


@dataclass(frozen=True, slots=True)
class AuthorsNote:
    """A person's reminder to the model, `depth` messages above the end. Macros in it mean nothing.

    It goes in when the number of messages that people said is a multiple of `frequency`: 1 is always, 0 never.
    """

    text: str
    depth: int = 4
    frequency: int = 1
    role: Role = "system"


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a prompt may need. The same value gives the same prompt.

    `persona` is who is answered, and `{{user}}`; `others` are the other people, `cast` the other characters. `path` is
    oldest first and holds only what the speaker has heard. The path may be longer than the part that is given:
    `heard_depth`, `said_by_people` and `said_by_characters` count all of it (by default what is given).
    `continue_from` is the reply so far, if the model is to go on with it; without `wants_reply` nothing in the prompt
    asks for the character's words.
    """

    character: CharacterFields
    persona: Persona
    path: tuple[Line, ...]
    settings: PromptSettings
    model: str
    others: tuple[Persona, ...] = ()
    cast: tuple[Sketch, ...] = ()
    continue_from: str | None = None
    wants_reply: bool = True
    books: tuple[Book, ...] = ()
    heard_depth: int | None = None
    said_by_people: int | None = None
    said_by_characters: int | None = None
    timers: Mapping[str, Timer] = field(default_factory=dict[str, Timer])
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    memory: Memory = Memory()
    note: AuthorsNote | None = None
    now: datetime | None = None
    idle: timedelta | None = None
    seed: str = ""
    place_seed: str = ""
    greeting: int | None = None
