"""Names under which a webhook may speak."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.names import LONGEST, SAFE, speakable

FORBIDDEN = ("discord", "clyde", "```", "@", "#")
WORDS = st.sampled_from(
    ("discord", "DISCORD", "Clyde", "cly", "de", "dis", "cord", "everyone", "here", "`", "```", "@")
)
NAMES = st.one_of(st.text(max_size=120), st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=12).map("".join))


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("Captain Juniper Wake", "Captain Juniper Wake"),
        ("Discord Clyde", "Dis\u2009cord Cl\u2009yde"),
        ("DISCORD", "DIS\u2009CORD"),
        ("dis@cord", "dis\u2009cord"),
        ("discdiscordord", "discdis\u2009cordord"),
        ("everyone", "e\u2009veryone"),
        ("@everyone", "e\u2009veryone"),
        ("HERE", "H\u2009ERE"),
        ("Over here", "Over here"),
        ("````", "''''"),
        ("a`````b", "a'''''b"),
        ("#general", "general"),
        ("two\nlines", "two lines"),
        ("\u200b\u200b", SAFE),
        ("", SAFE),
        ("@#@", SAFE),
        ("x" * 200, "x" * LONGEST),
        ("𝔇iscord", "𝔇iscord"),
    ],
)
def test_a_name_is_broken_up_where_discord_refuses_it(name: str, spoken: str) -> None:
    assert speakable(name) == spoken


@given(NAMES)
def test_every_name_is_one_that_discord_takes(name: str) -> None:
    spoken = speakable(name)
    assert 1 <= len(spoken) <= LONGEST
    assert spoken == spoken.strip()
    assert not any(word in spoken.lower() for word in FORBIDDEN)
    assert spoken.lower() not in ("everyone", "here")
    assert not re.search(r"[\n\r\t\x00]", spoken)


@given(NAMES)
def test_a_speakable_name_stays_as_it_is(name: str) -> None:
    spoken = speakable(name)
    assert speakable(spoken).replace("\u2009", " ") == spoken.replace("\u2009", " ")
