"""Listings: what a server shows, plays and features, and what its admins have yet to decide."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import storage.audit
import storage.character_versions
import storage.characters
import storage.guilds
import storage.listings
import storage.usage
import storage.users
from bot.caller import Caller, require_admin
from bot.characters.deciding import find_hidden, require_offered, version_of
from bot.characters.finding import find_owned, find_visible
from bot.characters.notices import Notices
from bot.characters.passages import Passage, passages
from bot.errors import Invalid, NotFound
from storage.audit import Event
from storage.characters import Character
from storage.database import Database, Session
from storage.guilds import GuildSettings, Policy
from storage.listings import Review

DECIDED = "This version was decided about already, or its author has taken it back. `/server queue` shows what waits."
NO_REASON = "Say why, in a sentence or two: the author reads it."
NO_SUCH_MODEL = "This bot has no model of that name. There are: {models}."
NOT_REVIEWING = "This server does not review characters. `/server policy review` changes that."
NOTHING_TO_REVIEW = "This character belongs to the server itself, so nobody has to approve it."
APPROVED_ALREADY = "The newest version of {name} is approved already."
NOT_HERE = "This is another server's character."
GIVEN = "{name} belongs to the server already."
REASON_LETTERS = 500
EVENTS = 10

APPROVED = "A server has approved **{name}** (version {version}): it is played there now."
REJECTED = "A server has not approved **{name}** (version {version}). Its admins say: {reason}"


@dataclass(frozen=True, slots=True)
class Overview:
    """The settings of a server, who stands first in its picker (None: the shipped one), how many versions wait.

    `spent_today` are the tokens that it has used since midnight (UTC).
    """

    settings: GuildSettings
    assistant: Character | None
    waiting: int
    spent_today: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The version at the head of a server's queue as its card shows it, what is new in it, and how many wait in all.

    Without a review none waits.
    """

    review: Review | None
    character: Character | None
    passages: tuple[Passage, ...]
    count: int
    is_reviewing: bool
    """Whether the server reviews at all."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Decisions of a server, the newest first, and the cursor of the next page."""

    events: tuple[Event, ...]
    older: UUID | None


class Listings:
    """What the admins of a server decide about characters; each decision is written down."""

    def __init__(self, database: Database, notices: Notices, *, models: tuple[str, ...]) -> None:
        self._database = database
        self._notices = notices
        self._models = models

    @property
    def models(self) -> tuple[str, ...]:
        """The models from which a server may choose, the operator's own choice first."""
        return self._models

    async def overview(self, caller: Caller) -> Overview:
        """The server's settings, for its admins."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            settings = await storage.guilds.find_settings(session, guild_id)
            chosen = settings.default_assistant_id
            assistant = await storage.characters.find_character(session, chosen, guild_id=guild_id) if chosen else None
            waiting = await storage.listings.count_queue(session, guild_id)
            spent = await storage.usage.count_spent(session, guild_id, datetime.now(UTC).date())
            return Overview(settings, assistant, waiting, spent)

    async def change(
        self,
        caller: Caller,
        *,
        channels: frozenset[int] | None = None,
        player_roles: frozenset[int] | None = None,
        publisher_roles: frozenset[int] | None = None,
        model: str | None = None,
        tokens_a_day: int | None = None,
    ) -> GuildSettings:
        """Saves what is given, and leaves the rest; an empty model is the operator's choice, 0 tokens no budget."""
        guild_id = require_admin(caller)
        if model and model not in self._models:
            raise Invalid(NO_SUCH_MODEL.format(models=", ".join(self._models)))
        async with self._database.transaction() as session:
            await _begin(session, caller)
            old = await storage.guilds.find_settings(session, guild_id, lock=True)
            new = replace(
                old,
                channels=old.channels if channels is None else channels,
                player_roles=old.player_roles if player_roles is None else player_roles,
                publisher_roles=old.publisher_roles if publisher_roles is None else publisher_roles,
                model=old.model if model is None else model or None,
                tokens_a_day=old.tokens_a_day if tokens_a_day is None else tokens_a_day or None,
            )
            await storage.guilds.save_settings(session, guild_id, new)
            await self._note(session, caller, "settings", detail=_difference(old, new))
        return new

    async def choose_assistant(self, caller: Caller, wanted: str | None) -> Character | None:
        """Makes a character the one that stands first in the server's picker; None: the shipped one again."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            character = await find_visible(session, caller, wanted) if wanted else None
            if character is not None and character.status != "published":
                raise Invalid(f"{character.name} is not published, so nobody but its author could start it.")
            if character is not None:
                await storage.characters.find_character(session, character.id, lock=True)
            old = await storage.guilds.find_settings(session, guild_id, lock=True)
            new = replace(old, default_assistant_id=character.id if character else None)
            await storage.guilds.save_settings(session, guild_id, new)
            name = character.name if character else "the one that ships"
            await self._note(session, caller, "settings", character=character, detail=f"default assistant: {name}")
        return character

    async def choose_policy(self, caller: Caller, policy: Policy) -> int:
        """Opens the server to all public characters, approved ones, or its own; returns how many versions wait."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            old = await storage.guilds.find_settings(session, guild_id, lock=True)
            await storage.guilds.save_settings(session, guild_id, replace(old, policy=policy))
            await self._note(session, caller, "policy", detail=f"{old.policy} → {policy}")
            return await storage.listings.count_queue(session, guild_id)

    # --- the queue -----------------------------------------------------------------------------------

    async def propose(self, caller: Caller, wanted: str) -> Review:
        """Puts any public character into the queue of a reviewing server."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            if (await storage.guilds.find_settings(session, guild_id)).policy != "review":
                raise Invalid(NOT_REVIEWING)
            character = await find_hidden(session, caller, wanted)
            require_offered(caller, character)
            if character.owner_guild_id is not None:
                raise Invalid(NOTHING_TO_REVIEW)
            # As it is today: where it is approved already, the server knows it by what it approved.
            character = await storage.characters.find_character(session, character.id, lock=True) or character
            version_id = await storage.character_versions.find_version_id(
                session, character.id, character.newest_version
            )
            review = version_id and await self._ask_again(session, caller, character, version_id)
            if not review:
                raise Invalid(APPROVED_ALREADY.format(name=character.name))
            await self._note(session, caller, "queue", character=character)
        return review

    async def _ask_again(
        self, session: Session, caller: Caller, character: Character, version_id: UUID
    ) -> Review | None:
        guild_id = require_admin(caller)
        await storage.listings.enqueue(
            session,
            guild_id=guild_id,
            character_id=character.id,
            version_id=version_id,
            asked_by=caller.user_id,
            though_rejected=True,
        )
        return await storage.listings.find_pending(session, guild_id=guild_id, character_id=character.id)

    async def queue(self, caller: Caller, *, after: UUID | None = None, review_id: UUID | None = None) -> Waiting:
        """The version that has waited longest (or longest after another, or a certain one), to be decided about."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            count = await storage.listings.count_queue(session, guild_id)
            if review_id is not None:
                review = await self._pending(session, caller, review_id)
            else:
                waiting = await storage.listings.list_queue(session, guild_id, after=after)
                waiting = waiting or (await storage.listings.list_queue(session, guild_id) if after else [])
                review = waiting[0] if waiting else None
            settings = await storage.guilds.find_settings(session, guild_id)
            reviewing = settings.policy == "review"
            if review is None:
                return Waiting(None, None, (), count, reviewing)
            now = await version_of(session, review.character_id, review.version_id)
            approved_id = await storage.listings.find_approved(
                session, guild_id=guild_id, character_id=review.character_id
            )
            before = await version_of(session, review.character_id, approved_id) if approved_id else None
        if now is None:
            return Waiting(review, None, (), count, reviewing)
        character, frame, card = now
        return Waiting(review, character, passages(frame, card, before and before[1:]), count, reviewing)

    async def approve(self, caller: Caller, review_id: UUID) -> Review:
        """Lets this server play a version from now on."""
        return await self._decide(caller, review_id, "approved", "")

    async def reject(self, caller: Caller, review_id: UUID, reason: str) -> Review:
        """Refuses a version, with a reason that reaches the author; one approved before goes on being played."""
        reason = " ".join(reason.split())[:REASON_LETTERS]
        if not reason:
            raise Invalid(NO_REASON)
        return await self._decide(caller, review_id, "rejected", reason)

    async def decisions(self, caller: Caller, wanted: str) -> list[Review]:
        """Where a character of the caller's stands in servers that review it."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted)
            return await storage.listings.list_decisions(session, character.id)

    # --- what is shown -------------------------------------------------------------------------------

    async def feature(self, caller: Caller, wanted: str, *, on: bool) -> Character:
        """Puts a character to the front of the server's picker, or back into line."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            character = await find_visible(session, caller, wanted)
            if character.status != "published":
                raise Invalid(f"{character.name} is not published, so the picker does not show it.")
            await storage.characters.find_character(session, character.id, lock=True)
            await storage.listings.mark(session, guild_id=guild_id, character_id=character.id, featured=on)
            await self._note(session, caller, "feature" if on else "unfeature", character=character)
        return replace(character, is_featured=on)

    async def block(self, caller: Caller, wanted: str, *, on: bool) -> Character:
        """Keeps a character out of the server, running chats included, or lets it back in."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            character = await find_hidden(session, caller, wanted)
            await storage.characters.find_character(session, character.id, lock=True)
            await storage.listings.mark(
                session, guild_id=guild_id, character_id=character.id, blocked=on, featured=False if on else None
            )
            await self._note(session, caller, "block" if on else "unblock", character=character)
        return replace(character, is_blocked=on)

    async def blocked_names(self, caller: Caller, typed: str) -> list[tuple[str, str]]:
        """For autocomplete: up to 25 pairs of what to show its admins and the id to send, of what a server blocked."""
        guild_id = caller.managed_guild
        if guild_id is None:
            return []
        async with self._database.transaction() as session:
            found = await storage.listings.list_blocked(session, guild_id, typed, limit=25)
        return [(name, str(id_)) for id_, name in found]

    async def offer(self, caller: Caller, wanted: str) -> Character:
        """A character that the caller may publish as the server's: their own, or the server's already."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted)
        if character.owner_guild_id not in (None, guild_id):
            raise Invalid(NOT_HERE)
        return character

    async def take_over(self, caller: Caller, wanted: str) -> Character:
        """Makes a published character of the caller's own the server's, whose admins decide about it from then on."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await _begin(session, caller)
            character = await find_owned(session, caller, wanted, lock=True)
            if character.owner_guild_id is not None:
                raise Invalid(GIVEN.format(name=character.name))
            await storage.listings.drop_pending(session, character.id)
            await storage.characters.give_to_guild(session, character.id, guild_id)
            await self._note(session, caller, "take over", character=character)
            given = await storage.characters.find_character(session, character.id, guild_id=guild_id)
        return given or character

    async def audit(self, caller: Caller, *, before: UUID | None = None) -> AuditPage:
        """Who decided what in this server, a page at a time."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            events = await storage.audit.list_events(session, guild_id, before=before, limit=EVENTS + 1)
        older = events[EVENTS - 1].id if len(events) > EVENTS else None
        return AuditPage(tuple(events[:EVENTS]), older)

    async def _decide(
        self, caller: Caller, review_id: UUID, status: Literal["approved", "rejected"], reason: str
    ) -> Review:
        async with self._database.transaction() as session:
            await _begin(session, caller)
            review = await self._pending(session, caller, review_id)
            character = await storage.characters.find_character(session, review.character_id, lock=True)
            review = await self._pending(session, caller, review_id, lock=True)
            await storage.listings.decide(session, review, status=status, reason=reason, decided_by=caller.user_id)
            words = (APPROVED if status == "approved" else REJECTED).format(
                name=review.character_name, version=review.version, reason=reason
            )
            wanted = await self._notices.leave(session, [review.owner_user_id], words)
            detail = f"version {review.version}" + (f": {reason}" if reason else "")
            kind = "approve" if status == "approved" else "reject"
            await self._note(session, caller, kind, character=character, detail=detail)
        await self._notices.send(wanted, words)
        return replace(review, status=status, reason=reason)

    async def _pending(self, session: Session, caller: Caller, review_id: UUID, *, lock: bool = False) -> Review:
        guild_id = require_admin(caller)
        review = await storage.listings.find_review(session, review_id, lock=lock)
        if review is None or review.guild_id != guild_id or review.status != "pending":
            raise NotFound(DECIDED)
        return review

    async def _note(
        self,
        session: Session,
        caller: Caller,
        kind: storage.audit.Kind,
        *,
        character: Character | None = None,
        detail: str = "",
    ) -> None:
        await storage.audit.add_event(
            session,
            guild_id=caller.guild_id,
            actor_id=caller.user_id,
            kind=kind,
            character_id=character.id if character else None,
            detail=detail,
        )


async def _begin(session: Session, caller: Caller) -> None:
    """Begins a decision: whoever makes it is named in the log, and has a server.

    Rows are locked in one order everywhere, or two who decide would wait for each other: the person, the character,
    the server, then what hangs on these.
    """
    await storage.users.touch_user(session, caller.user_id, caller.username)
    await storage.guilds.touch_guild(session, require_admin(caller))


def _difference(old: GuildSettings, new: GuildSettings) -> str:
    names = {"channels": "channels", "player_roles": "players", "publisher_roles": "publishers", "model": "model"}
    names |= {"tokens_a_day": "budget"}
    return ", ".join(name for field, name in names.items() if getattr(old, field) != getattr(new, field))
