"""What the model reads: a character, people, lore, memory and a path become messages, with a report of what and why."""

from bot.prompt.building import Prompt, build_prompt
from bot.prompt.cards import books_of, fields_of, persona_of
from bot.prompt.reading import (
    AuthorsNote,
    CharacterFields,
    DepthPrompt,
    Line,
    Memory,
    Persona,
    PromptSettings,
    Reading,
    Sketch,
)
from bot.prompt.report import Part, Report

__all__ = [
    "AuthorsNote",
    "CharacterFields",
    "DepthPrompt",
    "Line",
    "Memory",
    "Part",
    "Persona",
    "Prompt",
    "PromptSettings",
    "Reading",
    "Report",
    "Sketch",
    "books_of",
    "build_prompt",
    "fields_of",
    "persona_of",
]
