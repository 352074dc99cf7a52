"""What admins read before they approve a version: its texts, beside those that they approved before."""

from dataclasses import dataclass

from bot.cards.card import Card
from bot.cards.card_fields import Warnings
from bot.cards.lorebook import LoreEntry, read_lorebook
from bot.characters.changes import AGE_RATINGS, GREETINGS_RULE, texts_of
from storage.characters import Frame

TEXTS = {
    "description": "Description",
    "personality": "Personality",
    "scenario": "Scenario",
    "first_mes": "Greeting",
    "alternate_greetings": "Other greetings",
    "mes_example": "Example dialogue",
    "system_prompt": "System prompt",
    "post_history_instructions": "After the history",
    "depth_prompt": "Depth prompt",
    "creator_notes": "Notes for players",
}
FOR_EVERYBODY = frozenset(("Greeting", "Other greetings", "Greetings in company"))
"""The texts that players read anyway; the others are the author's, where they keep the definition to themselves."""
ON_THE_CARD = frozenset(("Name", "Short description", "Tags", "Avatar"))
NEW_AVATAR = "Another picture, the one above."


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a version, and what stood there in the approved one; either is empty where there was nothing.

    Where the author keeps a text to themselves, both tell how long it is.
    """

    label: str
    after: str
    before: str = ""
    is_told: bool = True


def passages(frame: Frame, card: Card, approved: tuple[Frame, Card] | None) -> tuple[Passage, ...]:
    """The texts that differ from the approved version; of a first version all that do not stand on its card."""
    after = _texts(frame, card)
    if approved is None:
        found = [Passage(label, text) for label, text in after.items() if text and label not in ON_THE_CARD]
    else:
        before = _texts(*approved)
        found = [Passage(label, text, before[label]) for label, text in after.items() if text != before[label]]
    kept_back = frame.definition_visibility == "author"
    return tuple(_withheld(each) if kept_back and _is_private(each) else _shown(each) for each in found)


def as_file(found: tuple[Passage, ...]) -> str:
    """The texts in full, one below the other."""
    parts: list[str] = []
    for each in found:
        parts += [f"=== {each.label} ===", each.after or "(nothing)", ""]
        if each.before:
            parts += [f"=== {each.label}, approved before ===", each.before, ""]
    return "\n".join(parts)


def changed_part(before: str, after: str, *, around: int = 40) -> tuple[str, str]:
    """Of two texts the stretch in which they differ, with some words around it and an ellipsis where it was cut."""
    shorter = min(len(before), len(after))
    start = end = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    first = _next_word(after, max(0, start - around), start)
    last = _next_word(after[::-1], max(0, end - around), end)
    return _stretch(before, first, last), _stretch(after, first, last)


def _next_word(text: str, place: int, limit: int) -> int:
    """Where a word begins at or behind a place, or the place itself where none does before the limit."""
    return next((each for each in range(place, limit) if each == 0 or text[each - 1].isspace()), place)


def _stretch(text: str, first: int, last: int) -> str:
    return ("…" if first else "") + text[first : len(text) - last] + ("…" if last else "")


def _texts(frame: Frame, card: Card) -> dict[str, str]:
    texts = {
        "Name": frame.name,
        "Nickname": frame.nickname,
        "Short description": frame.short_description,
        "Tags": ", ".join(frame.tags),
        "Avatar": frame.avatar or "",
        "Age rating": AGE_RATINGS.get(frame.age_rating, "None given"),
        "Category": frame.category,
        "Licence": frame.licence,
    }
    long = texts_of(card)
    texts |= {label: long[name] for name, label in TEXTS.items()}
    texts["Greetings in company"] = GREETINGS_RULE.join(card.group_only_greetings)
    texts["Lore"] = _lore(card)
    return texts


def _lore(card: Card) -> str:
    if card.character_book is None:
        return ""
    return "\n\n".join(map(_entry, read_lorebook(card.character_book, Warnings()).entries))


def _entry(entry: LoreEntry) -> str:
    keys = ", ".join((*entry.keys, *entry.secondary_keys)) or "always"
    return f"[{keys}]{'' if entry.enabled else ' (off)'}\n{entry.content}"


def _is_private(passage: Passage) -> bool:
    return passage.label in (*TEXTS.values(), "Lore") and passage.label not in FOR_EVERYBODY


def _withheld(passage: Passage) -> Passage:
    def size(text: str) -> str:
        return f"{len(text):,} letters" if text else ""

    return Passage(passage.label, size(passage.after), size(passage.before), is_told=False)


def _shown(passage: Passage) -> Passage:
    return Passage("Avatar", NEW_AVATAR) if passage.label == "Avatar" else passage
