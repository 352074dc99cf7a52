"""What holds for every prompt."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import tokens
from bot.cards.lorebook import Lorebook, LoreEntry
from bot.errors import Invalid
from bot.lore import Book
from bot.prompt import (
    AuthorsNote,
    CharacterFields,
    DepthPrompt,
    Line,
    Memory,
    Persona,
    Prompt,
    PromptSettings,
    Reading,
    Sketch,
    build_prompt,
)

MACROS = ["{{char}} {{user}} <BOT>", "{{setvar::a::{{char}}}}{{getvar::a}}", "{{random::a::b}}", "{{original}}"]
WORDS = st.text(alphabet=st.sampled_from("ab {}<>:\n'é灯🐙[]"), max_size=60) | st.sampled_from(MACROS)
ROLES = st.sampled_from(["system", "user", "assistant"])
FIELDS = st.builds(
    CharacterFields,
    name=st.just("Captain Mirela"),
    nickname=st.sampled_from(["", "Mirela"]),
    description=WORDS,
    personality=WORDS,
    scenario=WORDS,
    system_prompt=WORDS,
    post_history_instructions=WORDS,
    mes_example=st.lists(WORDS, max_size=4).map("\n<START>\n{{char}}: ".join),
    depth_prompt=st.none() | st.builds(DepthPrompt, WORDS, st.integers(-2, 9), ROLES),
)
NAMES = st.sampled_from(["", "Ann", "Bob", "Mirela", "Polly"])
LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["character", "person", "narration"]),
        WORDS | st.sampled_from(["{{char}} {{user}} <BOT>", "word " * 40]),
        NAMES,
        st.uuids(),
    ),
    max_size=12,
).map(tuple)
PEOPLE = st.builds(
    Persona, NAMES, WORDS, st.dictionaries(st.just("Looks"), WORDS), st.sampled_from(["in_prompt", "at_depth"])
)
ENTRIES = st.builds(
    LoreEntry,
    keys=st.just(("a",)),
    content=st.sampled_from(["@@depth 2\n", "@@reverse_depth 1\n", "@@ignore_on_max_context\n", ""]).flatmap(
        lambda decorator: WORDS.map(lambda text: f"{decorator}LORE {text}")
    ),
    constant=st.booleans(),
    position=st.sampled_from(["before_char", "after_char", "an_top", "an_bottom", "at_depth", "em_top", "em_bottom"]),
    depth=st.none() | st.integers(-1, 5),
    role=ROLES,
    insertion_order=st.integers(0, 3).map(float),
)
BOOKS = st.lists(
    st.builds(
        Book,
        st.uuids().map(str),
        st.just("Book"),
        st.builds(Lorebook, entries=st.lists(ENTRIES, max_size=4).map(tuple)),
    ),
    max_size=2,
).map(tuple)
READINGS = st.builds(
    Reading,
    character=FIELDS,
    persona=PEOPLE,
    path=LINES,
    settings=st.builds(
        PromptSettings,
        st.integers(300, 1500),
        st.just(50),
        st.integers(0, 8),
        st.sampled_from(["role-play", "story"]),
    ),
    model=st.sampled_from(["gpt-4o", "x"]),
    others=st.lists(PEOPLE, max_size=2).map(tuple),
    cast=st.lists(st.builds(Sketch, NAMES, WORDS, WORDS), max_size=2).map(tuple),
    continue_from=st.none() | WORDS,
    books=BOOKS,
    memory=st.builds(Memory, WORDS, st.lists(WORDS, max_size=3).map(tuple), st.lists(WORDS, max_size=2).map(tuple)),
    note=st.none() | st.builds(AuthorsNote, WORDS, st.integers(-1, 6), st.integers(0, 3), ROLES),
    seed=st.just("seed"),
)


def built(reading: Reading) -> Prompt | None:
    try:
        return build_prompt(reading)
    except Invalid:
        return None


def plain(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


@settings(deadline=None, max_examples=60)  # the first call loads a vocabulary
@given(READINGS)
def test_the_budget_always_wins(reading: Reading) -> None:
    prompt = built(reading)
    if prompt is None:
        return
    # An estimate of joined texts in two languages is no sum, so it is made of plain ones here.
    exact = reading.model == "gpt-4o"
    contents = [message.content if exact else plain(message.content) for message in prompt.messages]
    real = sum(tokens.count(content, reading.model) + 4 for content in contents)
    assert real <= prompt.prompt_tokens <= reading.settings.context_tokens - reading.settings.reply_tokens
    assert sum(part.tokens for part in prompt.report.parts if part.included) == prompt.prompt_tokens
    inside = {part.entry for part in prompt.report.parts if part.entry and part.included}
    assert inside == {told.key for told in prompt.report.lore if told.fired}


@settings(deadline=None, max_examples=30)
@given(READINGS)
def test_the_same_reading_gives_the_same_bytes(reading: Reading) -> None:
    one, other = built(reading), built(replace(reading))
    assert one == other
    assert one is None or other is None or one.report.to_json() == other.report.to_json()


@settings(deadline=None, max_examples=30)
@given(READINGS)
def test_messages_are_never_empty_and_their_roles_alternate(reading: Reading) -> None:
    prompt = built(reading)
    if prompt is None:
        return
    assert all(message.content for message in prompt.messages)
    pairs = zip(prompt.messages, prompt.messages[1:], strict=False)
    assert all(one.role != other.role for one, other in pairs)


@settings(deadline=None, max_examples=30)
@given(READINGS)
def test_the_newest_line_is_in_as_it_was_said_and_the_rest_is_told(reading: Reading) -> None:
    prompt = built(reading)
    if prompt is None or reading.settings.history_limit == 0:
        return
    lines = [line for line in reading.path if line.text.strip()]
    read = lines[prompt.report.unread :]
    text = "\n\n".join(message.content for message in prompt.messages)
    assert all(line.text in text for line in read)
    assert len(read) >= min(1, len(lines))
    unread_to = lines[prompt.report.unread - 1].message_id if prompt.report.unread else None
    assert prompt.report.unread_to == unread_to


@settings(deadline=None, max_examples=30)
@given(READINGS, st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 9)), max_size=3))
def test_an_entry_goes_in_once(reading: Reading, more: list[tuple[int, int]]) -> None:
    entries = tuple(
        LoreEntry(constant=True, content=f"UNIQUE{n}", position="at_depth" if n % 2 else "before_char", depth=depth)
        for n, (_, depth) in enumerate(more)
    )
    book = Book(str(UUID(int=1)), "Book", Lorebook(entries=entries))
    prompt = built(replace(reading, books=(book, *reading.books, book)))
    if prompt is None:
        return
    text = "\n\n".join(message.content for message in prompt.messages)
    assert all(text.count(f"UNIQUE{n}") <= 1 for n in range(len(entries)))


@settings(deadline=None, max_examples=30)
@given(READINGS, st.sampled_from(MACROS))
def test_no_macro_in_the_text_of_a_person_is_filled_in(reading: Reading, macro: str) -> None:
    def with_words(words: str) -> Prompt:
        return build_prompt(
            replace(
                reading,
                path=(*reading.path, Line("person", words, "Ann")),
                persona=Persona("Ann", words),
                note=AuthorsNote(words),
                memory=Memory(words, (words,), (words,)),
                settings=PromptSettings(4000, 50, 5),
            )
        )

    said = f"SAID {macro} SAID"
    prompt = with_words(said)
    text = "\n\n".join(message.content for message in prompt.messages)
    assert text.count(said) >= 6
    assert prompt.variables == with_words("SAID").variables
