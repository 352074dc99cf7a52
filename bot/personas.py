"""Personas: who a person can be in scenes; nobody but its owner ever reads one."""

from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

import storage.personas
import storage.users
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.changes import GREETINGS_RULE, TEXTS, read_tags
from bot.errors import Invalid, LimitReached, NotFound
from storage.database import Database, Session
from storage.ids import new_id
from storage.personas import Persona

MOST_PERSONAS = 50
NAME_LENGTH = 80
TEXT_LENGTH = 4_000
MOST_GREETINGS = 25
NOBODY = "none"
"""What is typed for no default persona."""
NO_SUCH = "You have no such persona. `/persona list` shows who you can be."
NO_NAME = "A persona needs a name. Fill in the first field and save again."
NO_DESCRIPTION = "A persona needs a description: who you are, in a line or more. Fill it in and save again."
TOO_MANY = f"You have {MOST_PERSONAS} personas, which is as many as I keep. Delete one first: `/persona delete`."
CHOICES, CHOICE_LETTERS = 25, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaChange:
    """What is to be different; None leaves a field as it is.

    `tags` is one line with commas, `alternate_greetings` one text with a line of `---` between greetings.
    """

    name: str | None = None
    description: str | None = None
    personality: str | None = None
    scenario: str | None = None
    first_mes: str | None = None
    mes_example: str | None = None
    alternate_greetings: str | None = None
    system_prompt: str | None = None
    post_history_instructions: str | None = None
    creator_notes: str | None = None
    tags: str | None = None


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """Everybody somebody can be, the one made last first, and who they are in new chats."""

    personas: tuple[Persona, ...]
    default_id: UUID | None


class Personas:
    """What people do with their own personas."""

    def __init__(self, database: Database, avatars: Avatars) -> None:
        self._database = database
        self._avatars = avatars

    async def create(self, caller: Caller, change: PersonaChange, *, avatar: bytes | None = None) -> Persona:
        """A new persona; Invalid says which field cannot be so, LimitReached that there are too many."""
        persona = changed(Persona(new_id(), "", ""), change)
        kept = await self._avatars.keep(avatar) if avatar else None
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            if await storage.personas.count_personas(session, caller.user_id) >= MOST_PERSONAS:
                raise LimitReached(TOO_MANY)
            persona = replace(persona, avatar=kept)
            await storage.personas.add_persona(session, owner_id=caller.user_id, persona=persona)
        return persona

    async def edit(self, caller: Caller, wanted: str, change: PersonaChange, *, avatar: bytes | None = None) -> Persona:
        """Changes a persona, in every chat at once; what was said before keeps the name it was said under."""
        kept = await self._avatars.keep(avatar) if avatar else None
        async with self._database.transaction() as session:
            found = await find_own(session, caller, wanted, lock=True)
            persona = changed(found, change)
            persona = replace(persona, avatar=kept or found.avatar)
            await storage.personas.save_persona(session, owner_id=caller.user_id, persona=persona)
        return persona

    async def find(self, caller: Caller, wanted: str) -> Persona:
        """One of the caller's own, by id or by name; NotFound for everybody else's."""
        async with self._database.transaction() as session:
            return await find_own(session, caller, wanted)

    async def mine(self, caller: Caller) -> Wardrobe:
        """Everybody the caller can be."""
        async with self._database.transaction() as session:
            found = await storage.personas.list_personas(session, caller.user_id)
            return Wardrobe(tuple(found), await storage.personas.find_default(session, caller.user_id))

    async def delete(self, caller: Caller, wanted: str) -> Persona:
        """Deletes a persona: where the caller was it they are themselves again, and what they said stays as it was."""
        async with self._database.transaction() as session:
            persona = await find_own(session, caller, wanted, lock=True)
            await storage.personas.delete_persona(session, persona.id, owner_id=caller.user_id)
        return persona

    async def set_default(self, caller: Caller, wanted: str) -> Persona | None:
        """Who the caller is in chats that they come to from now on; `none` is nobody but themselves."""
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            is_nobody = wanted.strip().lower() == NOBODY
            persona = None if is_nobody else await find_own(session, caller, wanted, lock=True)
            persona_id = persona.id if persona else None
            await storage.personas.set_default(session, user_id=caller.user_id, persona_id=persona_id)
        return persona

    async def names(self, caller: Caller, typed: str) -> list[tuple[str, str]]:
        """Names with ids of the caller's own personas that hold what was typed, for autocomplete."""
        wanted = typed.casefold().strip()
        found = [each for each in (await self.mine(caller)).personas if wanted in each.name.casefold()]
        return [(each.name[:CHOICE_LETTERS], str(each.id)) for each in found[:CHOICES]]


async def find_own(session: Session, caller: Caller, wanted: str, *, lock: bool = False) -> Persona:
    """One of the caller's own personas by id or exact name; NotFound otherwise."""
    try:
        persona = await storage.personas.find_persona(session, UUID(wanted), owner_id=caller.user_id, lock=lock)
    except ValueError:
        # Somebody typed a name instead of choosing from the list.
        name = " ".join(wanted.split()).casefold()
        found = await storage.personas.list_personas(session, caller.user_id)
        persona = next((each for each in found if each.name.casefold() == name), None)
    if persona is None:
        raise NotFound(NO_SUCH)
    return persona


def changed(persona: Persona, change: PersonaChange) -> Persona:
    """The persona with a change applied; Invalid says which field cannot be so."""
    given = {each.name: getattr(change, each.name) for each in fields(change)}
    new: dict[str, Any] = {name: _text(name, given[name]) for name in TEXTS if given[name] is not None}
    if change.name is not None:
        new["name"] = _name(change.name)
    if change.tags is not None:
        new["tags"] = read_tags(_text("tags", change.tags))
    if change.alternate_greetings is not None:
        texts = _text("other greetings", change.alternate_greetings).split(GREETINGS_RULE)
        new["alternate_greetings"] = tuple(each.strip() for each in texts if each.strip())[:MOST_GREETINGS]
    made = replace(persona, **new)
    if not made.name:
        raise Invalid(NO_NAME)
    if not made.description:
        raise Invalid(NO_DESCRIPTION)
    return made


def _name(text: str) -> str:
    name = " ".join(_storable(text).split())
    if len(name) > NAME_LENGTH:
        raise Invalid(f"The name has {len(name)} letters; {NAME_LENGTH} is the limit. Shorten it, please.")
    return name


def _text(field: str, text: str) -> str:
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"The {field.replace('_', ' ')} has {len(text):,} letters; {TEXT_LENGTH:,} is the limit.")
    return _storable(text).strip()


def _storable(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n")
