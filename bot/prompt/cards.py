"""What a card brings to a prompt: its fields, and its own lorebook."""

from bot.cards.card import Card
from bot.cards.card_fields import Warnings
from bot.cards.lorebook import read_lorebook
from bot.lore import Book
from bot.macros import Expander, Meanings
from bot.prompt.reading import CharacterFields, DepthPrompt, Persona

OWN_BOOK = "character"
_TOLD = ("description", "personality", "scenario")


def fields_of(card: Card) -> CharacterFields:
    """The fields of a card that enter prompts."""
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


def books_of(card: Card) -> tuple[Book, ...]:
    """The character's own lorebook, if the card has one; ids of its entries begin with "character"."""
    if not card.character_book:
        return ()
    book = read_lorebook(card.character_book, Warnings())
    return (Book(OWN_BOOK, book.name or card.name, book),)


def persona_of(card: Card, *, facing: str) -> Persona:
    """A character as who somebody plays; macros are those of its own card, where `{{user}}` is whom it faces."""
    called = card.nickname or card.name
    expander = Expander(Meanings(char=called, user=facing))
    texts = {name: expander.expand(getattr(card, name), place=name).strip() for name in _TOLD}
    description = texts.pop("description")
    return Persona(called, description, {name.capitalize(): text for name, text in texts.items() if text})
