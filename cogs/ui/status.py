"""How the program is doing, on one card for the operator."""

import math
from collections.abc import Sequence
from typing import Any

import discord

from bot.client import CharacterBot, services_of
from bot.status import Standing
from cogs.ui.buttons import PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain, plural
from storage.jobs import DeadJob, Tally

WARNING = discord.Colour(0xD9A441)
SHARDS_SHOWN = 12
LATE_SECONDS = 30
SLOW_LAG = 0.1


class RetryDeadButton(PersistentButton, prefix="operator.retry", label="Try the dead jobs again"):
    """Has every dead job tried anew."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Puts them back, and shows how it stands then."""
        await interaction.response.defer()
        count = await services_of(interaction).status.retry_dead(caller_of(interaction))
        done = f"{plural(count, 'job')} will be tried again." if count else "No job is dead any more."
        view = StatusView(await _look(interaction), done)
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())


STATUS_ITEMS = (RetryDeadButton,)


async def show_status(interaction: discord.Interaction) -> None:
    """Sends the card, after a deferral."""
    await interaction.followup.send(view=StatusView(await _look(interaction)), ephemeral=True)


class StatusView(discord.ui.LayoutView):
    """Replies, jobs, this process, versions; `done` tells what was just done."""

    def __init__(self, seen: "Seen", done: str = "") -> None:
        super().__init__(timeout=None)
        standing, is_well = seen.standing, seen.is_well
        texts = [
            f"## {'All is well' if is_well else 'Something needs a look'}" + (f"\n-# {done}" if done else ""),
            "\n".join(["### Replies", replies_line(standing)]),
            "\n".join(["### Jobs", *job_lines(standing.tallies)]),
        ]
        if standing.dead:
            texts.append("\n".join(["### Failed too often", *map(dead_line, standing.dead), *more_line(standing)]))
        texts.append("\n".join(["### This process", *process_lines(seen)]))
        texts.append(f"-# {' · '.join(standing.versions)} · model {plain(standing.model, 100)}")
        container = discord.ui.Container[Any](accent_colour=ACCENT if is_well else WARNING)
        for text in texts:
            container.add_item(discord.ui.TextDisplay[Any](text))
        if standing.dead:
            container.add_item(discord.ui.ActionRow[Any](RetryDeadButton()))
        self.add_item(container)


class Seen:
    """What the services say, and what this process's connection to Discord says: seconds and servers a shard."""

    def __init__(self, standing: Standing, latencies: Sequence[tuple[int, float]], servers: dict[int, int]) -> None:
        self.standing = standing
        self.latencies = sorted(latencies)
        self.servers = servers

    @property
    def is_well(self) -> bool:
        """Whether nothing is dead, late or slow."""
        standing = self.standing
        on_time = all(tally.late.total_seconds() < LATE_SECONDS for tally in standing.tallies)
        return not standing.dead and on_time and standing.lag < SLOW_LAG and standing.cache is not None


async def _look(interaction: discord.Interaction) -> Seen:
    services, client = services_of(interaction), interaction.client
    assert isinstance(client, CharacterBot)  # noqa: S101 - no other client is ever made
    servers: dict[int, int] = {}
    for guild in client.guilds:
        servers[guild.shard_id] = servers.get(guild.shard_id, 0) + 1
    standing = await services.status.look(caller_of(interaction), running_here=services.jobs.running)
    return Seen(standing, client.latencies, servers)


def replies_line(standing: Standing) -> str:
    """Replies in all processes."""
    return f"{standing.writing:,} being written · {standing.queued:,} waiting for another to end"


def job_lines(tallies: Sequence[Tally]) -> list[str]:
    """A line a name; how late the first is, where that is worth a word."""
    if not tallies:
        return ["Nothing waits."]
    lines: list[str] = []
    for tally in tallies:
        counts = [(tally.waiting, "waiting"), (tally.running, "running"), (tally.dead, "failed too often")]
        words = [f"{count:,} {word}" for count, word in counts if count]
        if tally.late.total_seconds() >= LATE_SECONDS:
            words.append(f"the first is {_duration(tally.late.total_seconds())} late")
        lines.append(f"- `{tally.name}` {' · '.join(words)}")
    return lines


def dead_line(dead: DeadJob) -> str:
    """One dead letter: which job, why and when."""
    return f"- `{dead.name}` no. {dead.id}: {plain(dead.reason, 120)}, <t:{int(dead.failed_at.timestamp())}:R>"


def more_line(standing: Standing) -> list[str]:
    """How many dead letters are not shown."""
    more = standing.dead_count - len(standing.dead)
    hint = "The log has more about each: `job.failed`."
    return [f"-# {f'And {more:,} more. ' if more > 0 else ''}{hint}"]


def process_lines(seen: Seen) -> list[str]:
    """Since when it runs, how quick its event loop is, and its shards."""
    standing = seen.standing
    return [
        f"Up since <t:{int(standing.started_at.timestamp())}:R> · event loop {standing.lag * 1000:.0f} ms late at worst"
        f" · {plural(standing.running_here, 'job')} here",
        *shard_lines(seen),
    ]


def shard_lines(seen: Seen) -> list[str]:
    """Each shard's latency and servers; of many shards the slowest alone."""
    if len(seen.latencies) <= SHARDS_SHOWN:
        return [
            f"- Shard {shard}: {_milliseconds(latency)}, {plural(seen.servers.get(shard, 0), 'server')}"
            for shard, latency in seen.latencies
        ]
    known = [(latency, shard) for shard, latency in seen.latencies if math.isfinite(latency)]
    servers = plural(sum(seen.servers.values()), "server")
    head = f"- {len(seen.latencies):,} shards, {servers}"
    if not known:
        return [head]
    slowest, shard = max(known)
    middle = sorted(known)[len(known) // 2][0]
    return [f"{head}: {_milliseconds(middle)} in the middle, {_milliseconds(slowest)} at worst (shard {shard})"]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if math.isfinite(seconds) else "not connected yet"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
