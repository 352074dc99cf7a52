"""Reports: complaints about characters, for the admins of a server and for the operator."""

from dataclasses import dataclass, replace
from uuid import UUID

import storage.audit
import storage.characters
import storage.guilds
import storage.listings
import storage.reports
import storage.users
from bot.caller import Caller, require_admin
from bot.characters.changes import frame_of
from bot.characters.finding import find_visible
from bot.characters.notices import Notices
from bot.characters.passages import as_file, passages
from bot.characters.playing import WORDS_GONE, load_played
from bot.characters.visibility import owns
from bot.errors import Busy, Invalid, LimitReached, MissingPermission, NotFound
from storage.characters import Character
from storage.database import Database, Session
from storage.reports import Report

OPERATORS_ONLY = "Only the operator of this bot can do that."
NO_REASON = "Say what is wrong with it, in a sentence or two."
YOUR_OWN = "This is your own character; `/character manage` is where you change or delete it."
STILL_OPEN = "You have reported this character already, and it is being looked at."
TOO_MANY = "You have {count} reports that nobody has looked at yet. Wait for those first."
OF_A_SERVER = "This character belongs to a server by now, so there is no author to ban. You can take it down."
CLOSED = "This report was decided about already."
NO_SUCH = "There is no character with this id or name."
REASON_LETTERS = 1000
OPEN_A_PERSON = 20

BLOCKED = "You reported **{name}**: the server's admins have blocked it there. Thank you."
DISMISSED = "You reported **{name}**: it was looked at, and stays as it is."
GONE = "You reported **{name}**: the operator has taken it down. Thank you."
TAKEN_DOWN = "The operator has taken **{name}** down: {reason} It plays nowhere until they let it back."
RESTORED = "The operator lets **{name}** back: you can publish it again."


@dataclass(frozen=True, slots=True)
class Docket:
    """The open report that has waited longest with the character it is about, and how many there are in all."""

    report: Report | None
    character: Character | None
    count: int


class Reports:
    """Takes complaints, and brings them to whoever decides."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices

    async def report(self, caller: Caller, wanted: str, reason: str) -> Character:
        """Files a complaint about a character that the caller can see."""
        reason = " ".join(reason.split())[:REASON_LETTERS]
        if not reason:
            raise Invalid(NO_REASON)
        async with self._database.transaction() as session:
            character = await find_visible(session, caller, wanted)
            if owns(caller, character):
                raise Invalid(YOUR_OWN)
            await storage.users.touch_user(session, caller.user_id, caller.username)
            count = await storage.reports.count_by(session, caller.user_id)
            if count >= OPEN_A_PERSON:
                raise LimitReached(TOO_MANY.format(count=count))
            if caller.guild_id is not None:
                await storage.guilds.touch_guild(session, caller.guild_id)
            if not await storage.reports.add_report(
                session,
                character_id=character.id,
                reporter_id=caller.user_id,
                guild_id=caller.guild_id,
                reason=reason,
            ):
                raise Busy(STILL_OPEN)
        return character

    # --- for the admins of a server ------------------------------------------------------------------

    async def of_server(self, caller: Caller, *, after: UUID | None = None) -> Docket:
        """What was reported from this server and waits for its admins."""
        return await self._docket(require_admin(caller), after)

    async def block(self, caller: Caller, report_id: UUID) -> Report:
        """Keeps the reported character out of the server, which closes all its reports there."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            report = await self._of_server(session, guild_id, report_id)
            await storage.listings.mark(
                session, guild_id=guild_id, character_id=report.character_id, blocked=True, featured=False
            )
            reporters = await storage.reports.close_in_server(
                session, character_id=report.character_id, guild_id=guild_id, outcome="blocked", by=caller.user_id
            )
            words = BLOCKED.format(name=report.character_name)
            wanted = await self._notices.leave(session, reporters, words)
            await _log(session, caller, "report blocked", report.character_id, report.reason, guild_id=guild_id)
        await self._notices.send(wanted, words)
        return report

    async def dismiss(self, caller: Caller, report_id: UUID) -> Report:
        """Closes one report in this server; the operator still sees it."""
        guild_id = require_admin(caller)
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            report = await self._of_server(session, guild_id, report_id)
            await storage.reports.close_in_server(
                session,
                character_id=report.character_id,
                guild_id=guild_id,
                outcome="dismissed",
                by=caller.user_id,
                only=report.id,
            )
            await _log(session, caller, "report dismissed", report.character_id, report.reason, guild_id=guild_id)
        return report

    # --- for the operator ----------------------------------------------------------------------------

    async def of_all(self, caller: Caller, *, after: UUID | None = None) -> Docket:
        """What was reported anywhere and waits for the operator."""
        require_operator(caller)
        return await self._docket(None, after)

    async def open_report(self, caller: Caller, report_id: UUID) -> Report:
        """One report that waits for the operator."""
        require_operator(caller)
        async with self._database.transaction() as session:
            report = await storage.reports.find_report(session, report_id)
        if report is None or report.operator_outcome is not None:
            raise NotFound(CLOSED)
        return report

    async def author_of(self, caller: Caller, report_id: UUID) -> tuple[int, str]:
        """The id and the username of whoever decides about a reported character; Invalid where that is a server."""
        report = await self.open_report(caller, report_id)
        if report.owner_user_id is None:
            raise Invalid(OF_A_SERVER)
        return report.owner_user_id, report.owner_name

    async def read(self, caller: Caller, report_id: UUID) -> str:
        """The texts of a reported character in full, for the operator to judge."""
        report = await self.open_report(caller, report_id)
        async with self._database.transaction() as session:
            played = await load_played(session, report.character_id)
        if played is None:
            raise NotFound(WORDS_GONE)
        return as_file(passages(replace(frame_of(played.character), definition_visibility="public"), played.card, None))

    async def taken_down_names(self, caller: Caller, typed: str) -> list[tuple[str, str]]:
        """For autocomplete: up to 25 pairs of what to show operators and the id to send, of what is taken down."""
        if not caller.is_operator:
            return []
        async with self._database.transaction() as session:
            found = await storage.reports.list_taken_down(session, typed, limit=25)
        return [(f"{name} · by {owner}" if owner else name, str(id_)) for id_, name, owner in found]

    async def dismiss_for_all(self, caller: Caller, report_id: UUID) -> Report:
        """Closes one report for good."""
        require_operator(caller)
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            report = await _locked(session, report_id)
            if report is None or report.operator_outcome is not None:
                raise NotFound(CLOSED)
            reporters = await storage.reports.close_for_all(
                session, character_id=report.character_id, outcome="dismissed", by=caller.user_id, only=report.id
            )
            words = DISMISSED.format(name=report.character_name)
            wanted = await self._notices.leave(session, reporters, words)
            await _log(session, caller, "report dismissed", report.character_id, report.reason)
        await self._notices.send(wanted, words)
        return report

    async def take_down(self, caller: Caller, wanted: str, reason: str) -> Character:
        """Takes a character down everywhere, running chats included, and tells its author why."""
        require_operator(caller)
        reason = " ".join(reason.split())[:REASON_LETTERS]
        if not reason:
            raise Invalid("Say why, in a sentence or two: the author reads it.")
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            character = await _any(session, wanted)
            locked = await storage.characters.find_character(session, character.id, lock=True)
            if locked is None or locked.taken_down is not None:
                raise Invalid(f"{character.name} is taken down already.")
            await storage.characters.take_down(session, character.id, reason)
            await storage.listings.drop_pending(session, character.id)
            reporters = await storage.reports.close_for_all(
                session, character_id=character.id, outcome="taken down", by=caller.user_id
            )
            author_words = TAKEN_DOWN.format(name=character.name, reason=reason)
            reporter_words = GONE.format(name=character.name)
            author = await self._notices.leave(session, [character.owner_user_id], author_words)
            others = await self._notices.leave(session, reporters, reporter_words)
            await _log(session, caller, "takedown", character.id, reason)
        await self._notices.send(author, author_words)
        await self._notices.send(others, reporter_words)
        return character

    async def restore(self, caller: Caller, wanted: str) -> Character:
        """Lets the author of a character that was taken down publish it again."""
        require_operator(caller)
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            character = await _taken_down(session, wanted)
            await storage.characters.find_character(session, character.id, lock=True)
            await storage.characters.take_down(session, character.id, None)
            words = RESTORED.format(name=character.name)
            wanted_by = await self._notices.leave(session, [character.owner_user_id], words)
            await _log(session, caller, "restore", character.id)
        await self._notices.send(wanted_by, words)
        return character

    async def _docket(self, guild_id: int | None, after: UUID | None) -> Docket:
        async with self._database.transaction() as session:
            count = await storage.reports.count_open(session, guild_id=guild_id)
            found = await storage.reports.list_open(session, guild_id=guild_id, after=after)
            if not found and after is not None:
                found = await storage.reports.list_open(session, guild_id=guild_id)
            report = found[0] if found else None
            about = report and await storage.characters.find_character(session, report.character_id, guild_id=guild_id)
        return Docket(report, about, count)

    async def _of_server(self, session: Session, guild_id: int, report_id: UUID) -> Report:
        report = await _locked(session, report_id)
        if report is None or report.guild_id != guild_id or report.server_outcome or report.operator_outcome:
            raise NotFound(CLOSED)
        return report


def require_operator(caller: Caller) -> None:
    """MissingPermission unless the caller hosts this program."""
    if not caller.is_operator:
        raise MissingPermission(OPERATORS_ONLY)


async def _locked(session: Session, report_id: UUID) -> Report | None:
    """A report that nobody else decides about now; characters are locked before what hangs on them."""
    report = await storage.reports.find_report(session, report_id)
    if report is None:
        return None
    await storage.characters.find_character(session, report.character_id, lock=True)
    return await storage.reports.find_report(session, report_id, lock=True)


async def _any(session: Session, wanted: str) -> Character:
    """A character that the operator names by id, whatever state it is in, or by the name of a published one."""
    try:
        found = await storage.characters.find_character(session, UUID(wanted))
    except ValueError:
        found = await find_visible(session, Caller(0, "", "", sees_adults=True), wanted)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def _taken_down(session: Session, wanted: str) -> Character:
    try:
        found = await storage.characters.find_character(session, UUID(wanted))
    except ValueError:
        named = await storage.reports.list_taken_down(session, wanted)
        exact = next((id_ for id_, name, _ in named if name.lower() == wanted.strip().lower()), None)
        found = await storage.characters.find_character(session, exact) if exact else None
    if found is None:
        raise NotFound(NO_SUCH)
    if found.taken_down is None:
        raise Invalid(f"{found.name} was not taken down.")
    return found


async def _log(
    session: Session,
    caller: Caller,
    kind: storage.audit.Kind,
    character_id: UUID,
    detail: str = "",
    *,
    guild_id: int | None = None,
) -> None:
    """Notes a decision, of a server or (without one) of the operator."""
    await storage.audit.add_event(
        session,
        guild_id=guild_id,
        actor_id=caller.user_id,
        kind=kind,
        character_id=character_id,
        detail=detail[:200],
    )
