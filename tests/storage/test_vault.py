"""Sealing: what is sealed opens in its place and nowhere else."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from storage.database import Database
from storage.vault import DataKey, MasterKey, Place, Vault

KEY = DataKey(uuid4(), AESGCM(bytes(32)))
PLACE = Place("messages", "parts", UUID(int=1))


@given(st.binary())
def test_what_is_sealed_opens_again(value: bytes) -> None:
    sealed = KEY.seal(PLACE, value)
    assert KEY.open(PLACE, sealed) == value
    assert sealed != KEY.seal(PLACE, value)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("messages", "parts", UUID(int=2)),
        Place("messages", "speaker", UUID(int=1)),
        Place("chats", "parts", UUID(int=1)),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(InvalidTag):
        KEY.open(elsewhere, KEY.seal(PLACE, b"words"))


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_does_not_open(at: int, by: int) -> None:
    sealed = bytearray(KEY.seal(PLACE, b"some words that are long enough to be changed in"))
    sealed[16 + at % (len(sealed) - 16)] ^= by
    with pytest.raises(InvalidTag):
        KEY.open(PLACE, bytes(sealed))


async def test_a_subject_has_one_key_and_another_process_finds_it(database: Database, master_key: str) -> None:
    async with database.transaction() as session:
        key = await session.key("user", 5)
        assert await session.key("user", 5) is key
        assert (await session.key("user", 6)).id != key.id
    other = Database(database.engine, Vault([MasterKey.from_text(master_key)]))
    async with other.transaction() as session:
        found = await session.key("user", 5)
    assert found.id == key.id
    assert found.open(PLACE, key.seal(PLACE, b"x")) == b"x"


async def test_a_key_of_a_rolled_back_transaction_seals_nothing(database: Database) -> None:
    lost: list[DataKey] = []
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with database.transaction() as session:
            lost.append(await session.key("tree", UUID(int=3)))
            raise RuntimeError("changed my mind")
    async with database.transaction() as session:
        kept = await session.key("tree", UUID(int=3))
        assert kept.id != lost[0].id
        stored = (await session.execute(sa.text("SELECT id FROM keys"))).scalars().all()
    assert [UUID(str(each)) for each in stored] == [kept.id]


async def test_another_master_key_is_told_from_the_right_one(database: Database) -> None:
    async with database.transaction() as session:
        await session.key("user", 5)
    stranger = Database(database.engine, Vault([MasterKey.from_text(MasterKey.new_text())]))
    with pytest.raises(SettingsError, match="MASTER_KEYS lacks the key"):
        async with stranger.transaction() as session:
            await session.key("user", 5)


@pytest.mark.parametrize("text", ["", "short", "not base64 at all!", "AAAA", "A" * 40])
def test_a_bad_master_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(SettingsError, match="python -m bot keys new"):
        MasterKey.from_text(text)
