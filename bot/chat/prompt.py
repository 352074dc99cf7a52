"""Puts a prompt together: the character, the people and the path become messages, within a budget of tokens.

Pure: the same input gives the same bytes. Order: main instruction, persona, description, personality, scenario,
example dialogue, history with the depth prompt woven in, post-history instructions. Empty parts vanish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from bot.chat.budget import Budget, Part
from bot.chat.examples import read_examples
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
NEXT = "[Write {{char}}'s next message.]"
CONTINUE = "[Go on with your last message, exactly from where it stops. Repeat nothing of it.]"


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
    with it. Invalid if the fixed parts, or the newest line, do not fit.
    """
    names = Names(character.called, persona.name)
    budget = Budget(settings.context_tokens - settings.reply_tokens, model)
    opening = _opening(character, persona, others, names, settings.mode)
    lines = [line for line in path if line.text.strip()]
    depth = _depth_prompt(character, names)
    closing = _replaced(character.post_history_instructions, POST_HISTORY, names)
    ending = _ending(lines, continue_from, names)
    budget.fix(
        [
            *opening,
            ("depth prompt", depth.content if depth else ""),
            ("post-history instructions", closing),
            *(("reply so far" if message.role == "assistant" else "ending", message.content) for message in ending),
        ]
    )
    history = _history(lines, persona, character, settings, budget)
    examples = _examples(character, names, budget)
    scene = _woven(history, depth, character.depth_prompt)
    messages = [
        Message("system", "\n\n".join(text for _, text in opening if text)),
        *examples,
        *([_as_story(scene)] if settings.mode == "story" and scene else scene),
        # Instructions after the history and at a depth stay system messages where they stand, for their place is
        # their effect. What can lead is one message, because some endpoints heed the first system message alone.
        Message("system", closing),
        *ending,
    ]
    return Prompt(tuple(_merged(messages)), tuple(budget.parts), budget.used)


def _opening(
    character: CharacterFields, persona: Persona, others: Sequence[Persona], names: Names, mode: Mode
) -> list[tuple[str, str]]:
    main = MAIN_STORY if mode == "story" else MAIN_GROUP if others else MAIN
    personality = expand(character.personality, names).strip()
    scenario = expand(character.scenario, names).strip()
    return [
        ("main instruction", _replaced(character.system_prompt, main, names)),
        ("persona", "\n\n".join(filter(None, map(_about, (persona, *others))))),
        ("description", expand(character.description, names).strip()),
        ("personality", personality and f"{names.char}'s personality: {personality}"),
        ("scenario", scenario and f"Scenario: {scenario}"),
    ]


def _replaced(written: str, default: str, names: Names) -> str:
    """Return an instruction of the card, or the default if it has none; `{{original}}` is the default."""
    default = expand(default, names)
    return expand(written, replace(names, original=default)).strip() if written.strip() else default


def _about(person: Persona) -> str:
    """Return who a person is, in their own words, where no macro means anything."""
    extras = (f"{title}: {text.strip()}" for title, text in person.extras.items() if text.strip())
    told = "\n".join(filter(None, (person.description.strip(), *extras)))
    return told and f"About {person.name}:\n{told}"


def _depth_prompt(character: CharacterFields, names: Names) -> Message | None:
    given = character.depth_prompt
    text = expand(given.prompt, names).strip() if given else ""
    return Message(given.role, text) if given and text else None


def _ending(lines: Sequence[Line], continue_from: str | None, names: Names) -> list[Message]:
    if continue_from:
        # An assistant's message at the end is continued by some endpoints, answered by others and refused by yet
        # others; a request to go on is understood by all.
        return [Message("assistant", continue_from), Message("user", CONTINUE)]
    if not lines or lines[-1].role != "person":  # many endpoints answer nothing but a user
        return [Message("user", expand(NEXT, names))]
    return []


def _history(
    lines: Sequence[Line], persona: Persona, character: CharacterFields, settings: PromptSettings, budget: Budget
) -> list[Message]:
    """Return the newest lines that fit, oldest first."""
    allowed = lines[-settings.history_limit :] if settings.history_limit > 0 else ()
    chosen: list[Message] = []
    spent = 0
    for line in reversed(allowed):
        message = _said(line, persona, character, settings.mode)
        cost = budget.cost(message.content)
        if not budget.fits(spent + cost):
            break
        spent += cost
        chosen.append(message)
    if allowed and not chosen:
        cost = budget.cost(allowed[-1].text)
        words = f"The newest message is {cost:,} tokens long, and {budget.limit - budget.used:,} are left for it"
        message = f"{words}: write a shorter one, or choose a model that reads more."
        raise Invalid(message)
    budget.take("history", spent, f"the newest {len(chosen)} of {len(lines)} messages")
    if len(chosen) < len(lines):
        why = "it does not fit" if len(chosen) < len(allowed) else f"the limit is {settings.history_limit} messages"
        budget.leave_out("older history", 0, why)
    return chosen[::-1]


def _said(line: Line, persona: Persona, character: CharacterFields, mode: Mode) -> Message:
    own = (character.name, character.called) if line.role == "character" else (persona.name,)
    foreign = line.role != "narration" and line.speaker_name and line.speaker_name not in own
    text = f"{line.speaker_name}: {line.text}" if foreign else line.text
    match line.role:
        case "character":
            return Message("assistant", text)
        case "person":
            return Message("user", f"[{text}]" if mode == "story" else text)
        case "narration":
            return Message("system", text)


def _examples(character: CharacterFields, names: Names, budget: Budget) -> list[Message]:
    """Return the blocks that still fit, whole, between marks that set them apart from what happened."""
    begins, ends = Message("system", expand(EXAMPLE_BEGINS, names)), Message("system", CHAT_BEGINS)
    chosen: list[Message] = []
    blocks = read_examples(character.mes_example, names, also_char=character.name)
    for number, block in enumerate(blocks, 1):
        # Marks in system messages: a `name` of example_user, as OpenAI once advised, is refused by some endpoints
        # and ignored by most.
        turns = [begins, *(Message(turn.role, turn.text) for turn in block)]
        cost = sum(budget.cost(turn.content) for turn in (turns if chosen else [*turns, ends]))
        if budget.fits(cost):
            budget.take(f"example dialogue {number}", cost)
            chosen += turns
        else:
            budget.leave_out(f"example dialogue {number}", cost, "it does not fit beside the history")
    return [*chosen, ends] if chosen else []


def _woven(history: list[Message], prompt: Message | None, given: DepthPrompt | None) -> list[Message]:
    if prompt is None or given is None:
        return history
    place = max(0, len(history) - max(0, given.depth))
    return [*history[:place], prompt, *history[place:]]


def _as_story(scene: Sequence[Message]) -> Message:
    """Return the scene as one piece of prose, in which directions stand in brackets."""
    return Message("user", "\n\n".join(message.content for message in scene))


def _merged(messages: Sequence[Message]) -> list[Message]:
    """Leave out empty messages and join neighbours of one role, for some endpoints insist that roles alternate."""
    merged: list[Message] = []
    for message in messages:
        if merged and message.content and merged[-1].role == message.role:
            merged[-1] = replace(merged[-1], content=f"{merged[-1].content}\n\n{message.content}")
        elif message.content:
            merged.append(message)
    return merged
