"""A server's own key for the operator's model endpoint: set and removed by its admins, shown to nobody."""

import re

import structlog
from pydantic import SecretStr

import storage.audit
import storage.guilds
import storage.server_keys
import storage.users
from bot.caller import Caller, require_admin
from bot.characters.notices import Notices
from bot.errors import Invalid, MissingPermission, Unavailable
from bot.llm import KeyRefused, Llm, NoAnswer, UnknownModel
from storage.database import Database
from storage.server_keys import KeyRecord, ServerKey

TURNED_OFF = "The operator of this bot does not let servers use keys of their own."
NO_KEY = "This cannot be a key: keys are 8 to 400 letters, digits and signs, without spaces."
REFUSED = "The model's provider refuses this key, or its account is used up. Nothing was saved; check it and try again."
NOT_CHECKED = "The model's provider does not answer right now, so the key could not be checked. Nothing was saved."
NOT_FOR_MODEL = "With this key the model's provider has no {model}, with which this bot speaks. Nothing was saved."
TOLD = (
    "The model's provider refuses the key that you set for a server, or its account is used up. Characters do not "
    "speak there until an admin sets another one, or takes it out: `/server key`."
)
SET, REMOVED = "set", "removed"
_KEY = re.compile(r"[!-~]{8,400}")

log = structlog.get_logger()


class ServerKeys:
    """The keys that servers brought along."""

    def __init__(self, database: Database, model_server: Llm, notices: Notices, *, model: str, allowed: bool) -> None:
        self._database = database
        self._model_server = model_server
        self._notices = notices
        self._model = model
        self._allowed = allowed

    async def look(self, caller: Caller) -> KeyRecord | None:
        """What may be told of the key of the caller's server, None where it has none."""
        guild_id = self._require(caller)
        async with self._database.transaction() as session:
            return await storage.server_keys.find_record(session, guild_id)

    async def choose(self, caller: Caller, typed: str) -> KeyRecord:
        """Saves a key, once the provider has answered to it; Invalid or Unavailable where it has not."""
        guild_id = self._require(caller)
        if not _KEY.fullmatch(typed.strip()):
            raise Invalid(NO_KEY)
        secret = SecretStr(typed.strip())
        await self._check(secret)
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            await storage.guilds.touch_guild(session, guild_id)
            await storage.server_keys.save_key(session, guild_id, secret, set_by=caller.user_id)
            await storage.audit.add_event(session, guild_id=guild_id, actor_id=caller.user_id, kind="key", detail=SET)
            record = await storage.server_keys.find_record(session, guild_id)
        assert record is not None  # noqa: S101 - it was saved in this transaction
        return record

    async def remove(self, caller: Caller) -> bool:
        """Forgets the key of the caller's server; False when it had none."""
        guild_id = self._require(caller)
        async with self._database.transaction() as session:
            gone = await storage.server_keys.forget_key(session, guild_id)
            if gone:
                await storage.audit.add_event(
                    session, guild_id=guild_id, actor_id=caller.user_id, kind="key", detail=REMOVED
                )
        return gone

    async def hear_refusal(self, key: ServerKey) -> None:
        """The provider refuses a server's key: whoever set it is told, once, unless it is another one by now."""
        try:
            async with self._database.transaction() as session:
                if await storage.server_keys.find_key(session, key.guild_id) != key:
                    return
                set_by = await storage.server_keys.note_refusal(session, key.guild_id)
                wanting = await self._notices.leave(session, [set_by], TOLD)
        except Unavailable:
            return  # it is refused the next time too
        log.warning("server_key.refused", guild=key.guild_id)
        await self._notices.send(wanting, TOLD)

    def _require(self, caller: Caller) -> int:
        guild_id = require_admin(caller)
        if not self._allowed:
            raise MissingPermission(TURNED_OFF)
        return guild_id

    async def _check(self, secret: SecretStr) -> None:
        # `from None`: what the provider wrote may hold a part of the key.
        try:
            await self._model_server.check_key(self._model, secret)
        except KeyRefused:
            raise Invalid(REFUSED) from None
        except NoAnswer:
            raise Unavailable(NOT_CHECKED) from None
        except UnknownModel:
            raise Invalid(NOT_FOR_MODEL.format(model=self._model)) from None
