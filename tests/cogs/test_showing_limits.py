"""Discord's budget of edits, kept by the whole program while many replies are written at once."""

from pathlib import Path

import pytest

from tests.crowd import Crowd
from tests.theatre import open_theatre

pytestmark = pytest.mark.long


async def test_a_dozen_streams_in_three_channels(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, limits=True) as theatre:
        crowd = Crowd(theatre.playground, theatre.guild, theatre.model)
        await crowd.enter(channels=3, chats_each=4)
        seen = await crowd.listen(words=50, pause=0.08)
        assert seen.too_many == 0
        assert seen.longest_gap <= 4.0  # 3 s on a machine of its own (benchmarks)
        assert seen.slowest_end <= 3.0
        assert seen.edits >= 20
