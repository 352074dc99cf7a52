"""What an author gives `prompt` beside a card: who they are, and what was said."""

from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.card_files import CardFile, read_card_file_in_worker
from bot.errors import Invalid
from bot.prompt import Line, Persona, persona_of

_OF_CARDS = frozenset(("spec", "data", "first_mes", "mes_example", "char_name"))


class _PersonaFile(BaseModel):
    """A persona as a JSON object: further texts beside the two are told by their names."""

    model_config = ConfigDict(extra="allow")

    name: str
    description: str = ""


class _Extra(BaseModel):
    type: str | None = None


class _Said(BaseModel):
    """A line of history: SillyTavern's, or one of {role, name, content}."""

    name: str | None = None
    is_user: bool = False
    is_system: bool = False
    mes: str | None = None
    extra: _Extra | None = None
    role: Literal["user", "assistant", "system"] | None = None
    content: str | None = None
    user_name: str | None = None
    character_name: str | None = None


_ROLES: dict[str, Literal["character", "person", "narration"]] = {
    "user": "person",
    "assistant": "character",
    "system": "narration",
}


def read_bytes(path: Path) -> bytes:
    """A file's content; Invalid where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None


async def read_card(path: Path) -> CardFile:
    """A card file; Invalid, naming the file, where it is none."""
    content = read_bytes(path)
    try:
        return await read_card_file_in_worker(content, path.name)
    except Invalid as error:
        raise error if path.name in str(error) else Invalid(f"{path}: {error}") from None


async def read_persona(path: Path, *, facing: str) -> Persona:
    """A persona file, or a card that somebody plays as, who meets `facing`."""
    content = read_bytes(path)
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or found.keys() & _OF_CARDS:
        return persona_of((await read_card(path)).card, facing=facing)
    try:
        persona = _PersonaFile.model_validate_json(content)
    except ValidationError:
        raise Invalid(f"{path} is no persona: write a JSON object with name and description, both texts.") from None
    texts = {name.replace("_", " ").capitalize(): text for name, text in (persona.model_extra or {}).items()}
    extras = {title: text for title, text in texts.items() if isinstance(text, str) and text.strip()}
    return Persona(persona.name, persona.description, extras)


def read_history(path: Path) -> tuple[Line, ...]:
    """The lines of a JSONL file, oldest first; hidden ones are not read. Invalid, naming the line, for another file."""
    numbered = enumerate(read_bytes(path).splitlines(), 1)
    lines = [_line(document, f"Line {number} of {path}") for number, document in numbered if document.strip()]
    return tuple(line for line in lines if line is not None)


def _line(document: bytes, place: str) -> Line | None:
    try:
        said = _Said.model_validate_json(document)
    except ValidationError:
        message = (
            f"{place} is no message: each line is a JSON object, as SillyTavern writes it or with role and content."
        )
        raise Invalid(message) from None
    if said.role is not None and said.content is not None:
        return Line(_ROLES[said.role], said.content, said.name or "")
    if said.mes is None:
        if said.user_name is not None or said.character_name is not None:  # the head of SillyTavern's file
            return None
        raise Invalid(f"{place} says nothing: it has neither mes nor role and content.")
    if said.extra and said.extra.type == "narrator":
        return Line("narration", said.mes)
    return None if said.is_system else Line("person" if said.is_user else "character", said.mes, said.name or "")
