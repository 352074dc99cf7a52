"""Sealing: words are stored as ciphertext, each under the key of whom they belong to.

A sealed value is key id (16 bytes) + nonce (12) + AES-256-GCM ciphertext. Its associated data names table,
column and row, so that a value moved elsewhere does not open. Data keys are wrapped by a master key, and
whoever deletes a data key's row has made all its words unreadable.
"""

import base64
import binascii
import hashlib
import math
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import SettingsError
from storage.ids import new_id
from storage.tables import Key as KeyRow

Scope = Literal["user", "tree", "character", "guild"]
KEY_BYTES = 32
MAY_BE_DELETED: frozenset[Scope] = frozenset({"user", "guild"})
GOOD_SECONDS = 60.0
"""After so long it is asked whether these are still there: another process may have deleted them."""
_ID, _NONCE = 16, 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives: it opens there and nowhere else."""

    table: str
    column: str
    row: UUID | int | str

    @property
    def associated(self) -> bytes:
        """The associated data of the cipher."""
        return f"{self.table}.{self.column}.{self.row}".encode()


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key, ready to use."""

    id: UUID
    cipher: AESGCM

    def seal(self, place: Place, value: bytes) -> bytes:
        """The value as ciphertext that opens only at this place."""
        nonce = secrets.token_bytes(_NONCE)
        return self.id.bytes + nonce + self.cipher.encrypt(nonce, value, place.associated)

    def open(self, place: Place, sealed: bytes) -> bytes:
        """What this key sealed at this place; InvalidTag when it was not this key or not here."""
        nonce, ciphertext = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        return self.cipher.decrypt(nonce, ciphertext, place.associated)


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps data keys; its id is told from its bytes, so that nobody has to name it."""

    id: str
    cipher: AESGCM

    @classmethod
    def from_text(cls, text: str) -> "MasterKey":
        """Reads the 32 bytes as base64; SettingsError when they are not."""
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise SettingsError(
                "MASTER_KEYS cannot be used: each key is 32 bytes as base64, the newest first. "
                "`python -m bot keys new` makes one."
            )
        return cls(hashlib.sha256(b"dramatis master key " + key).hexdigest()[:16], AESGCM(key))

    @staticmethod
    def new_text() -> str:
        """A fresh master key as MASTER_KEYS takes it."""
        return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    def wrap(self, key_id: UUID, key: bytes) -> bytes:
        """The data key, readable only with this master key."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self.cipher.encrypt(nonce, key, b"keys.wrapped." + key_id.bytes)

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        """The data key; InvalidTag when it was wrapped by another."""
        return self.cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], b"keys.wrapped." + key_id.bytes)


class _Pending:
    """The keys of a transaction under way, not to be remembered before it has committed."""

    __slots__ = ("by_id", "by_subject")

    def __init__(self) -> None:
        self.by_id: dict[bytes, DataKey] = {}
        self.by_subject: dict[tuple[Scope, str], DataKey] = {}

    def add(self, subject: tuple[Scope, str], key: DataKey) -> None:
        self.by_id[key.id.bytes] = key
        self.by_subject[subject] = key


class Vault:
    """Makes, keeps and finds data keys, and opens what they sealed.

    Keys are remembered in the process once their row is committed: a key that a rolled-back
    transaction made must never seal anything that stays.
    """

    def __init__(self, master_keys: Sequence[MasterKey]) -> None:
        self._masters = {master.id: master for master in master_keys}
        self._newest = master_keys[0]
        self._by_id: dict[bytes, DataKey] = {}
        self._by_subject: dict[tuple[Scope, str], DataKey] = {}
        self._good_until: dict[tuple[Scope, str], float] = {}

    @property
    def masters(self) -> tuple[MasterKey, ...]:
        """The master keys, the one that wraps new keys first."""
        return tuple(self._masters.values())

    async def key(self, session: AsyncSession, scope: Scope, subject: UUID | int) -> DataKey:
        """The key of a person, tree, character or server; made when there is none yet."""
        known = self._by_subject.get((scope, str(subject)))
        if known and time.monotonic() < self._good_until.get((scope, str(subject)), math.inf):
            return known
        pending = _pending(session)
        if (scope, str(subject)) not in pending.by_subject:
            pending.add((scope, str(subject)), await self._find_or_make(session, scope, str(subject)))
        return pending.by_subject[scope, str(subject)]

    async def load(self, session: AsyncSession, sealed: Iterable[bytes | None]) -> None:
        """Fetches the keys that these values need, in one query; `open` then needs no waiting."""
        wanted = {value[:_ID] for value in sealed if value} - self._by_id.keys()
        if not wanted:
            return
        pending = _pending(session)
        rows = await session.execute(
            sa.select(KeyRow.id, KeyRow.scope, KeyRow.subject, KeyRow.wrapped, KeyRow.master_key_id).where(
                KeyRow.id.in_([UUID(bytes=key_id) for key_id in wanted])
            )
        )
        for row in rows:
            pending.add((row.scope, row.subject), self._unwrapped(row.id, row.wrapped, row.master_key_id))

    def open(self, session: AsyncSession, place: Place, sealed: bytes) -> bytes | None:
        """What was sealed here; None when its key is gone (the words were removed)."""
        key = self._by_id.get(sealed[:_ID]) or _pending(session).by_id.get(sealed[:_ID])
        return None if key is None else key.open(place, sealed)

    def remember(self, session: AsyncSession) -> None:
        """Keeps the keys that a session used; called once it has committed."""
        pending: _Pending = session.info.pop("pending_keys", None) or _Pending()
        for subject, key in pending.by_subject.items():
            if subject[0] in MAY_BE_DELETED:
                self._good_until[subject] = time.monotonic() + GOOD_SECONDS
            if (before := self._by_subject.get(subject)) is not None and before.id != key.id:
                self._by_id.pop(before.id.bytes, None)
        self._by_id.update(pending.by_id)
        self._by_subject.update(pending.by_subject)

    def forget(self, scope: Scope, subject: UUID | int) -> None:
        """Drops a key from memory: it may be gone from the database, and must seal nothing more."""
        key = self._by_subject.pop((scope, str(subject)), None)
        if key is not None:
            self._by_id.pop(key.id.bytes, None)

    def rewrap(self, key_id: UUID, wrapped: bytes, master_key_id: str) -> bytes | None:
        """A wrapped data key, wrapped by the newest master key instead; None when it does not open (it was changed)."""
        master = self._master(master_key_id)
        try:
            key = master.unwrap(key_id, wrapped)
        except InvalidTag:
            return None
        return self._newest.wrap(key_id, key)

    async def _find_or_make(self, session: AsyncSession, scope: Scope, subject: str) -> DataKey:
        find = sa.select(KeyRow.id, KeyRow.wrapped, KeyRow.master_key_id).where(
            KeyRow.scope == scope, KeyRow.subject == subject
        )
        row = (await session.execute(find)).one_or_none()
        if row is None:
            key_id, key = new_id(), secrets.token_bytes(KEY_BYTES)
            # Whoever comes second waits here for the first to commit, and then finds that key.
            await session.execute(
                insert(KeyRow)
                .values(
                    id=key_id,
                    scope=scope,
                    subject=subject,
                    wrapped=self._newest.wrap(key_id, key),
                    master_key_id=self._newest.id,
                )
                .on_conflict_do_nothing()
            )
            row = (await session.execute(find)).one()
        return self._unwrapped(row.id, row.wrapped, row.master_key_id)

    def _unwrapped(self, key_id: UUID, wrapped: bytes, master_key_id: str) -> DataKey:
        master = self._master(master_key_id)
        try:
            return DataKey(key_id, AESGCM(master.unwrap(key_id, wrapped)))
        except InvalidTag:
            raise SettingsError("A data key in the database does not open: its row was changed.") from None

    def _master(self, master_key_id: str) -> MasterKey:
        master = self._masters.get(master_key_id)
        if master is None:
            raise SettingsError(
                f"MASTER_KEYS lacks the key {master_key_id} that this database was sealed with. "
                "Put it back, after the newest one."
            )
        return master


def _pending(session: AsyncSession) -> _Pending:
    return session.info.setdefault("pending_keys", _Pending())


def to_json(value: object) -> bytes:
    """A JSON value as bytes, ready to be sealed."""
    return orjson.dumps(value)
