"""Puts a prompt together: the character, the people, lore, memory and the path become messages within a budget.

Pure: the same reading gives the same bytes. Order: main instruction, lore before the character, persona, description,
personality, scenario, other characters, lore after, memory, example dialogue, history with whatever stands at a depth
woven in, post-history instructions. Empty parts vanish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.llm import Message
from bot.lore import Timer
from bot.macros import Expander
from bot.prompt import wording
from bot.prompt.budget import Budget, Piece
from bot.prompt.depths import Deep, deep_people, depth_prompt, note_is_due, woven
from bot.prompt.examples import example_blocks, take_examples
from bot.prompt.history import ALWAYS, History, spoken
from bot.prompt.lore_pieces import LorePieces, fire_lore, said_by_people
from bot.prompt.reading import AuthorsNote, Line, Reading, Role
from bot.prompt.remembered import take_facts, take_recalled, take_summary
from bot.prompt.report import Part, Report
from bot.prompt.scripts import meanings, opening, replaced


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model, the report of it, and what the path remembers of it.

    `variables` are those that changed; `timers` are those of lore, as they are after this reply.
    """

    messages: tuple[Message, ...]
    report: Report
    variables: Mapping[str, str]
    timers: Mapping[str, Timer]

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the messages, by our own count."""
        return self.report.used


@dataclass(slots=True)
class _Draft:
    """The pieces of a prompt while they are chosen."""

    opening: list[Piece]
    lore: LorePieces
    blocks: list[list[Message]]
    people: list[Deep]
    depth_prompt: list[Deep]
    note: list[Deep]
    closing: Piece
    ending: list[Piece]
    history: History
    memory: list[Piece]
    examples: list[Piece]


def build_prompt(reading: Reading) -> Prompt:
    """Return the prompt for the character's next reply to `reading.persona`.

    Invalid if the fixed parts, or the newest line, do not fit.
    """
    budget = Budget(reading.settings.context_tokens - reading.settings.reply_tokens, reading.model)
    lines = spoken(reading.path)
    expander = Expander(meanings(reading, lines), reading.variables)
    draft = _drafted(reading, lines, expander, budget)
    _choose(draft, reading, budget)
    unread = draft.history.unread
    report = Report(
        parts=tuple(_parts(draft, reading)),
        lore=draft.lore.told,
        limit=budget.limit,
        used=budget.used,
        model=reading.model,
        counted_by=budget.counted_by,
        unread=len(unread),
        unread_to=unread[-1].message_id if unread else None,
        notes=tuple(expander.notes),
    )
    messages = tuple(_merged(_messages(draft, reading)))
    return Prompt(messages, report, dict(expander.changed), draft.lore.timers(reading.timers))


def _drafted(reading: Reading, lines: list[Line], expander: Expander, budget: Budget) -> _Draft:
    """Everything that may go in. Macros are expanded in one order: opening, lore, examples, depth prompt, closing."""
    begun = opening(reading, expander)
    lore = fire_lore(reading, lines, expander, budget)
    blocks = example_blocks(reading, expander)
    deep = depth_prompt(reading, expander)
    closing = replaced(
        reading.character.post_history_instructions, wording.POST_HISTORY, expander, "post-history instructions"
    )
    return _Draft(
        opening=begun,
        lore=lore,
        blocks=blocks,
        people=deep_people(reading),
        depth_prompt=deep,
        note=_note(reading.note, said_by_people(reading, lines)),
        closing=Piece("post-history instructions", closing),
        ending=_ending(lines, reading),
        history=History(lines, reading, budget),
        memory=[],
        examples=[],
    )


def _choose(draft: _Draft, reading: Reading, budget: Budget) -> None:
    """Decides what goes in: what must, then in the order in which things matter."""
    deep = [each.piece for each in (*draft.people, *draft.depth_prompt, *draft.note) if not each.piece.why]
    budget.fix([*draft.opening, *deep, draft.closing, *draft.ending])
    lore, history, memory = draft.lore, draft.history, reading.memory
    history.take_newest()
    lore.admit(budget, constant=True)
    summary, facts = take_summary(memory, budget), take_facts(memory, budget)
    history.take(ALWAYS)
    lore.admit(budget, constant=False)
    draft.memory = [summary, facts, take_recalled(memory, budget)]
    history.take()
    lore.admit_the_modest(budget)
    draft.examples = take_examples(draft.blocks, budget)


def _note(note: AuthorsNote | None, said: int) -> list[Deep]:
    if note is None or not note.text.strip():
        return []
    piece = Piece("author's note", note.text.strip(), note.role)
    if not note_is_due(note, said):
        often = f"every {note.frequency} messages, and this is number {said}" if note.frequency > 0 else "never"
        piece.why = f"it is wanted {often}"
    return [Deep(piece, note.depth)]


def _ending(lines: Sequence[Line], reading: Reading) -> list[Piece]:
    if reading.continue_from:
        # An assistant's message at the end is continued by some endpoints, answered by others and refused by yet
        # others; a request to go on is understood by all.
        so_far = Piece("reply so far", reading.continue_from, "assistant")
        return [so_far, Piece("ending", wording.CONTINUE, "user")]
    if reading.wants_reply and (not lines or lines[-1].role != "person"):  # many endpoints answer nothing but a user
        is_story = reading.settings.mode == "story" and lines
        asked = wording.NEXT_IN_STORY if is_story else wording.NEXT.format(name=reading.character.called)
        return [Piece("ending", asked, "user")]
    return []


# --- the messages, and the report of them -----------------------------------------------------------


def _messages(draft: _Draft, reading: Reading) -> list[Message]:
    mode = reading.settings.mode
    scene = woven(draft.history.messages, _deep(draft, reading), mode)
    examples = [
        message
        for block, piece in zip(draft.blocks, draft.examples, strict=True)
        if piece.included
        for message in block
    ]
    at = draft.lore.at
    # Instructions after the history and at a depth stay system messages where they stand, for their place is
    # their effect. What can lead is one message, because some endpoints heed the first system message alone.
    return [
        *(_as_message(piece) for piece in _leading(draft) if piece.included),
        *(_as_message(piece) for piece in at.get("em_top", ()) if piece.included),
        *examples,
        *(_as_message(piece) for piece in at.get("em_bottom", ()) if piece.included),
        *([Message("system", wording.CHAT_BEGINS)] if examples else []),
        *([_as_story(scene)] if mode == "story" and scene else scene),
        *(_as_message(piece) for piece in (draft.closing, *draft.ending)),
    ]


def _leading(draft: _Draft) -> list[Piece]:
    main, *about = draft.opening
    at = draft.lore.at
    return [main, *at.get("before_char", ()), *about, *at.get("after_char", ()), *draft.memory]


def _deep(draft: _Draft, reading: Reading) -> list[Deep]:
    """What is woven in; of two at one place, the person's note stands nearer to the end."""
    note = reading.note or AuthorsNote("")
    above, below = (
        [Deep(piece, note.depth) for piece in draft.lore.at.get(position, ())] for position in ("an_top", "an_bottom")
    )
    deep = [*draft.people, *draft.lore.deep, *draft.depth_prompt, *above, *draft.note, *below]
    return sorted(deep, key=lambda each: not each.from_start)  # what wants to be first is first of those at its place


def _as_message(piece: Piece) -> Message:
    return Message(piece.role, piece.text)


def _as_story(scene: Sequence[Message]) -> Message:
    """Return the scene as one piece of prose, in which directions stand in brackets."""
    return Message("user", "\n\n".join(message.content for message in scene))


def _merged(messages: Sequence[Message]) -> list[Message]:
    """Leave out empty messages and join neighbours of one role, for some endpoints insist that roles alternate."""

    def role(message: Message) -> Role:
        return message.role

    neighbours = groupby((message for message in messages if message.content), key=role)
    return [Message(one, "\n\n".join(message.content for message in group)) for one, group in neighbours]


def _parts(draft: _Draft, reading: Reading) -> list[Part]:
    """The report's parts in order of standing; what stands among the messages comes after the history."""
    at = draft.lore.at
    before = [*_leading(draft), *at.get("em_top", ()), *draft.examples, *at.get("em_bottom", ())]
    after = [*(each.piece for each in _deep(draft, reading)), draft.closing, *draft.ending, *draft.lore.homeless]
    return [
        *(piece.part for piece in before if piece.tokens or piece.why),
        *draft.history.parts(),
        *(piece.part for piece in after if piece.tokens or piece.why),
    ]
