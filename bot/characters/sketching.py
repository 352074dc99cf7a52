"""Sketches: what the others of a scene are told of a character, made by a model once for each of its versions."""

from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError

import storage.character_versions
import storage.jobs
from bot.cards.card import Card
from bot.characters.booking import Booked, Purse, Rest
from bot.characters.playing import Played, card_of
from bot.errors import LimitReached
from bot.llm import Declined, Message, TooLong
from bot.llm.structured import read
from bot.tokens import count
from storage.database import Database, Session
from storage.jobs import Payload

JOB = "character.sketch"
TOKENS, TEMPERATURE = 300, 0.2
APPEARANCE_LETTERS, SUMMARY_LETTERS = 300, 600
REST_SECONDS = 3600.0
"""So long a character is left alone of which the model made nothing."""
MARGIN = 100
"""Tokens that stay free in the model's context."""
ASKED = """\
You read the card of a role-play character and tell the other characters of a scene what they need to know of it. \
Answer with JSON alone: {"appearance": "…", "summary": "…"}
- appearance: what anybody can see, as a short list with commas, at most 25 words.
- summary: who it is and how it behaves, in at most 60 words. Nothing that it keeps secret.
Write in the language of the card, of the character by its name. {{char}} in the card is the character, {{user}} is \
whoever it talks to."""

log = structlog.get_logger()


class RoleplayData(BaseModel):
    """What the others of a scene are told of a character; `appearance` is short, with commas."""

    appearance: str = ""
    summary: str = ""


async def load_sketch(session: Session, played: Played, *, guild_id: int | None = None) -> RoleplayData:
    """What was made of a character's version; empty before it was, and then it is asked for."""
    version_id = await storage.character_versions.find_version_id(session, played.character.id, played.version)
    if version_id is None:
        return RoleplayData()
    made = await storage.character_versions.find_roleplay_data(session, version_id)
    if made is None:
        payload = {"character": str(played.character.id), "version": str(version_id), "guild": guild_id or 0}
        await storage.jobs.enqueue(session, JOB, payload, once=f"{JOB}:{version_id}")
        return RoleplayData()
    try:
        return RoleplayData.model_validate_json(made)
    except ValidationError:
        return RoleplayData()


class Sketches:
    """Has a model say in short who a character is."""

    def __init__(self, database: Database, booked: Booked, *, model: str, context_tokens: int) -> None:
        self._database = database
        self._booked = booked
        self._model = model
        self._context_tokens = context_tokens
        self._rest = Rest(REST_SECONDS)

    async def make(self, payload: Payload) -> None:
        """The job that follows a scene of several: makes and keeps the sketch of a version that has none.

        It is booked to the server where it was first needed, and to nobody in person.
        """
        version_id = UUID(str(payload["version"]))
        if self._rest.holds(version_id):
            return
        card = await self._card(UUID(str(payload["character"])), version_id)
        if card is None:
            return
        purse = Purse("sketch", None, int(payload["guild"]) or None, None, UUID(str(payload["character"])))
        try:
            answer = await self._booked.answer(
                asked_of(card, self._model, self._context_tokens - TOKENS),
                purse,
                model=self._model,
                temperature=TEMPERATURE,
                max_tokens=TOKENS,
                shape=RoleplayData,
            )
            made = sketch_in(answer.text, card)
        except (Declined, TooLong, LimitReached):
            made = None
        if made is None:
            self._rest.begin(version_id)
            log.info("sketch.none", version=str(version_id))
            return
        async with self._database.transaction() as session:
            await storage.character_versions.save_roleplay_data(session, version_id, made.model_dump_json().encode())

    async def _card(self, character_id: UUID, version_id: UUID) -> Card | None:
        """The version's card; None where it is gone, or has its sketch already."""
        async with self._database.transaction() as session:
            if await storage.character_versions.find_roleplay_data(session, version_id) is not None:
                return None
            found = await storage.character_versions.find_version(session, character_id, version_id=version_id)
        version = found[1] if found else None
        return card_of(version) if version and version.id == version_id else None


def asked_of(card: Card, model: str, room: int) -> list[Message]:
    """What a model is asked about a card, of which as much is told as leaves the rest its room (in tokens)."""
    told = {
        "name": card.nickname or card.name,
        "description": card.description,
        "personality": card.personality,
        "scenario": card.scenario,
    }
    text = "\n\n".join(f"{name}: {value.strip()}" for name, value in told.items() if value.strip())
    room = max(room - count(ASKED, model) - MARGIN, 0)
    length = count(text, model)
    if length > room:
        # The estimate of a part may be above its share of the whole; nine tenths are surely enough.
        text = text[: len(text) * room * 9 // (length * 10)].rstrip() + " …"
    return [Message("system", ASKED), Message("user", text)]


def sketch_in(answer: str, card: Card) -> RoleplayData | None:
    """The sketch in a model's answer, its texts cut to their lengths; None where there is none."""
    found = read(answer, RoleplayData)
    if found is None:
        return None
    name = card.nickname or card.name
    appearance = _tidy(found.appearance, name, APPEARANCE_LETTERS)
    summary = _tidy(found.summary, name, SUMMARY_LETTERS)
    return RoleplayData(appearance=appearance, summary=summary) if summary else None


def _tidy(text: str, name: str, letters: int) -> str:
    line = " ".join(text.replace("{{char}}", name).split())
    if len(line) <= letters:
        return line
    return line[: letters - 1].rpartition(" ")[0].rstrip(" ,;") + "…"
