"""Forty replies written at once in ten channels: Discord's budget is kept, and everybody sees theirs grow."""

from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.stores import Stores
from playground import Playground
from tests.crowd import Crowd
from tests.program import running
from tests.scripted_model import ScriptedModel

CHANNELS, CHATS_EACH = 10, 4
WORDS, PAUSE = 400, 0.05


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """The longest that anybody waited for progress and for the end, with Discord's limits kept."""
    async with ScriptedModel() as model, Playground(limits=True) as playground:
        guild = playground.add_guild("Harbour")
        async with running(playground, stores.told(playground, model.url, folder), folder / "bot.log"):
            crowd = Crowd(playground, guild, model)
            await crowd.enter(channels=CHANNELS, chats_each=CHATS_EACH)
            seen = await crowd.listen(words=WORDS, pause=PAUSE)
    what = f"{CHANNELS * CHATS_EACH} streams in {CHANNELS} channels, refused {seen.too_many}×"
    kept = seen.too_many == 0
    return [
        Figure(
            f"{what}: longest wait for progress", seen.longest_gap, "≤ 3 s, never 429", kept and seen.longest_gap <= 3
        ),
        Figure(f"{what}: slowest end", seen.slowest_end, "≤ 2 s, never 429", kept and seen.slowest_end <= 2),
    ]
