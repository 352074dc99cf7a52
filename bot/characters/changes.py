"""What an author changes about a character, checked and applied."""

from dataclasses import dataclass, fields, replace
from typing import Literal

from bot.cards.card import Card
from bot.cards.lorebook import Lorebook, write_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.errors import Invalid
from storage.characters import Character, Frame

NAME_LENGTH = 80
SHORT_DESCRIPTION_LENGTH = 200
TAGS, TAG_LENGTH = 12, 30
WORDS_LENGTH = 40
TEXT_LENGTH = 100_000
AGE_RATINGS = {"everyone": "Everyone", "teen": "Teen (13+)", "adult": "Adult (18+)"}
GREETINGS_RULE = "\n---\n"

TEXTS = (
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "system_prompt",
    "post_history_instructions",
    "creator_notes",
)
"""The card fields that an author may fill with a long text, under their names in the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different; None leaves a field as it is.

    `tags` is one line with commas, `alternate_greetings` one text with a line of `---` between greetings.
    """

    name: str | None = None
    nickname: str | None = None
    short_description: str | None = None
    tags: str | None = None
    avatar: str | None = None
    age_rating: str | None = None
    category: str | None = None
    licence: str | None = None
    definition_visibility: Literal["public", "author"] | None = None
    description: str | None = None
    personality: str | None = None
    scenario: str | None = None
    first_mes: str | None = None
    alternate_greetings: str | None = None
    mes_example: str | None = None
    system_prompt: str | None = None
    post_history_instructions: str | None = None
    depth_prompt: str | None = None
    creator_notes: str | None = None
    character_book: Lorebook | None = None
    """Without entries and settings the card has none."""


def changed(card: Card, frame: Frame, change: Change) -> tuple[Card, Frame]:
    """The card and its frame with a change applied; Invalid says which field cannot be so."""
    given = {each.name: getattr(change, each.name) for each in fields(change)}
    texts = {name: _text(name, given[name]) for name in TEXTS if given[name] is not None}
    card = replace(card, **texts)
    if change.alternate_greetings is not None:
        greetings = _text("text of the other greetings", change.alternate_greetings).split(GREETINGS_RULE)
        card = replace(card, alternate_greetings=tuple(each.strip() for each in greetings if each.strip()))
    if change.depth_prompt is not None:
        card = replace(card, extensions=_with_depth_prompt(card, change.depth_prompt))
    if change.character_book is not None:
        card = replace(card, character_book=_book(change.character_book))
    frame = replace(
        frame,
        name=frame.name if change.name is None else _name(change.name),
        nickname=frame.nickname if change.nickname is None else _nickname(change.nickname),
        short_description=frame.short_description
        if change.short_description is None
        else _line("short description", change.short_description, SHORT_DESCRIPTION_LENGTH),
        tags=frame.tags if change.tags is None else read_tags(change.tags),
        avatar=change.avatar or frame.avatar,
        age_rating=frame.age_rating if change.age_rating is None else _age_rating(change.age_rating),
        category=frame.category if change.category is None else _line("category", change.category, WORDS_LENGTH),
        licence=frame.licence if change.licence is None else _line("licence", change.licence, WORDS_LENGTH),
        definition_visibility=change.definition_visibility or frame.definition_visibility,
    )
    return replace(card, name=frame.name, nickname=frame.nickname, tags=frame.tags), frame


def frame_of_card(card: Card) -> Frame:
    """The readable columns that a card brings along, made to fit."""
    ours = card.extensions.get("dramatis")
    said: JsonObject = ours if isinstance(ours, dict) else {}
    rating = str(said.get("age_rating", ""))
    return Frame(
        name=card.name.strip()[:NAME_LENGTH],
        nickname=card.nickname.strip()[:NAME_LENGTH],
        short_description=" ".join(str(said.get("short_description", "")).split())[:SHORT_DESCRIPTION_LENGTH],
        tags=_fitting_tags(card.tags),
        category=str(said.get("category", ""))[:WORDS_LENGTH],
        licence=str(said.get("licence", ""))[:WORDS_LENGTH],
        age_rating=rating if rating in AGE_RATINGS else "unrated",
    )


def frame_of(character: Character) -> Frame:
    """The readable columns of a character as they are."""
    return Frame(
        name=character.name,
        nickname=character.nickname,
        short_description=character.short_description,
        tags=character.tags,
        category=character.category,
        licence=character.licence,
        age_rating=character.age_rating,
        definition_visibility=character.definition_visibility,
        avatar=character.avatar,
    )


def missing_for_publishing(character: Character, card: Card) -> list[str]:
    """What a character still lacks before others may find it, in the words of the forms."""
    needs = {
        "a name": character.name,
        "a short description (Edit › Names)": character.short_description,
        "a greeting or a description (Edit › Dialogue or Character)": card.first_mes or card.description,
        "an avatar (Edit › Names)": character.avatar,
        "an age rating (Edit › Frame)": character.age_rating != "unrated",
    }
    return [need for need, given in needs.items() if not given]


def texts_of(card: Card) -> dict[str, str]:
    """The long texts of a card under the names of a Change, as the forms show them."""
    texts = {name: str(getattr(card, name)) for name in TEXTS}
    texts["alternate_greetings"] = GREETINGS_RULE.join(card.alternate_greetings)
    texts["depth_prompt"] = card.depth_prompt.prompt if card.depth_prompt else ""
    return texts


def read_tags(text: str) -> tuple[str, ...]:
    """Tags from a line with commas: lower case, each once; Invalid when there are too many or too long ones."""
    tags = tuple(dict.fromkeys(" ".join(tag.lower().split()) for tag in text.split(",") if tag.strip()))
    if len(tags) > TAGS:
        raise Invalid(f"These are {len(tags)} tags; a character has at most {TAGS}. Keep the telling ones.")
    for tag in tags:
        if len(tag) > TAG_LENGTH:
            raise Invalid(f"The tag “{tag[:40]}…” is longer than {TAG_LENGTH} letters. Shorten it, please.")
    return tags


def _fitting_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    cleaned = (" ".join(tag.lower().split()) for tag in tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag and len(tag) <= TAG_LENGTH))[:TAGS]


def _name(text: str) -> str:
    name = _line("name", text, NAME_LENGTH)
    if not name:
        raise Invalid("A character needs a name. Fill in the first field and save again.")
    return name


def _nickname(text: str) -> str:
    return _line("nickname", text, NAME_LENGTH)


def _line(field: str, text: str, limit: int) -> str:
    line = " ".join(_storable(text).split())
    if len(line) > limit:
        raise Invalid(f"The {field} has {len(line)} letters; {limit} is the limit. Shorten it, please.")
    return line


def _text(field: str, text: str) -> str:
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"The {field.replace('_', ' ')} has {len(text):,} letters; {TEXT_LENGTH:,} is the limit.")
    return _storable(text).strip()


def _storable(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n")


def _book(book: Lorebook) -> JsonObject | None:
    return None if book == Lorebook() else write_lorebook(book)


def _age_rating(rating: str) -> str:
    if rating not in AGE_RATINGS:
        raise Invalid(f"“{rating[:40]}” is no age rating. Choose one of: {', '.join(AGE_RATINGS)}.")
    return rating


def _with_depth_prompt(card: Card, prompt: str) -> JsonObject:
    kept = {name: value for name, value in card.extensions.items() if name != "depth_prompt"}
    said = _text("depth prompt", prompt)
    if not said:
        return kept
    before = card.extensions.get("depth_prompt")
    return {**kept, "depth_prompt": {**(before if isinstance(before, dict) else {}), "prompt": said}}
