"""Puts a prompt together: the character, the people and the path become messages, within a budget of tokens.

Pure: the same input gives the same bytes. Order: main instruction, persona, description, personality, scenario,
example dialogue, history with the depth prompt woven in, post-history instructions. Empty parts vanish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from bot import tokens
from bot.chat.examples import Turn, read_examples
from bot.errors import Invalid
from bot.llm import Message
from bot.macros import Names, expand

Mode = Literal["role-play", "story"]
Role = Literal["system", "user", "assistant"]

MAIN = (
    "You are {{char}}, in a role-play with {{user}}. Write {{char}}'s next reply: in character, in the style of "
    "the scene. {{user}}'s words, deeds and thoughts are theirs alone."
)
MAIN_GROUP = (
    "This is a role-play of several people. Write the next reply of {{char}}, in character and in the style of the "
    "scene. What the others say, do and think is theirs alone."
)
MAIN_STORY = (
    "You tell a story in which {{char}} plays a part. Go on in prose, in the style of what is there. What stands in "
    "brackets is a direction to follow, not a part of the story."
)
POST_HISTORY = ""
EXAMPLE_BEGINS = "[An example of how {{char}} speaks]"
CHAT_BEGINS = "[The chat begins]"
CONTINUE = "[Go on with your last message, exactly from where it stops. Repeat nothing of it.]"

# Tokens that a message costs beside its text (role, separators), with room for what joining two texts may change.
_WRAPPING = 8


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
    """Who a person is in the chat; `extras` are further fields by their titles. Macros in it mean nothing."""

    name: str
    description: str = ""
    extras: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the path, in the words that were said."""

    role: Literal["character", "person", "narration"]
    text: str
    speaker_name: str = ""
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """The bounds of a prompt: tokens of context and reply together, and lines of history."""

    context_tokens: int
    reply_tokens: int
    history_limit: int
    mode: Mode = "role-play"


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one part of the prompt."""

    name: str
    tokens: int
    included: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model, and the report of it."""

    messages: tuple[Message, ...]
    parts: tuple[Part, ...]
    prompt_tokens: int


def build_prompt(
    *,
    character: CharacterFields,
    persona: Persona,
    others: Sequence[Persona] = (),
    path: Sequence[Line],
    settings: PromptSettings,
    model: str,
    continue_from: str | None = None,
) -> Prompt:
    """Return the prompt for the character's next reply to `persona`, who is `{{user}}`; `path` is oldest first.

    `others` are the other people of the chat. With `continue_from`, the reply so far, the model is asked to go on
    with it. Invalid if the fixed parts, or the newest line alone, do not fit.
    """
    names = Names(character.called, persona.name)
    budget = _Budget(settings, model)
    opening = [
        budget.fixed(part, text) for part, text in _opening(character, persona, others, names, settings.mode) if text
    ]
    depth = _depth(character, names)
    if depth:
        budget.fixed("depth prompt", depth.prompt)
    closing = budget.fixed("post-history instructions", _closing(character, names))
    if continue_from:
        budget.fixed("reply so far", continue_from)
        budget.fixed("continue", CONTINUE)
    budget.check()

    history = _history(path, persona, character, budget)
    examples = _examples(character, names, budget)
    told = _as_story(history) if settings.mode == "story" else history
    messages = [Message("system", "\n\n".join(opening)), *examples]
    messages += _woven(told, depth)
    # Post-history instructions (and depth prompts) stay system messages where they stand: their place is their
    # whole effect, and servers that speak the OpenAI protocol take system messages anywhere. What can lead is led
    # by one message, because some heed only the first.
    if closing:
        messages.append(Message("system", closing))
    if continue_from:
        # An assistant's message at the end is gone on with by some servers, answered by others and refused by
        # more; being asked to go on is understood by all.
        messages += [Message("assistant", continue_from), Message("user", CONTINUE)]
    return Prompt(tuple(_merged(messages)), tuple(budget.parts), budget.used)
