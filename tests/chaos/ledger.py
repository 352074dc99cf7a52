"""What people did and saw, written down as it happened, beside what the bot has kept of it in the end."""

import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import asyncpg

from playground import Message, Playground
from playground.world import Event
from storage.database import Database
from storage.messages import find_message
from storage.vault import MasterKey, Vault

WORD = re.compile(r"\br\d+w\d+\b")
MARK = re.compile(r"\bS\d+\b")


@dataclass(frozen=True, slots=True)
class Saying:
    """A message of a person's."""

    mark: str
    discord_id: int
    place: int
    at: float


@dataclass(slots=True)
class Verdict:
    """What was lost, doubled or blocked, in words; the run is good when all three are empty."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    blocked: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.blocked)


class Ledger:
    """Sayings, words seen, and where in its life each chat's reply is."""

    def __init__(self) -> None:
        self.sayings: dict[str, Saying] = {}
        self.acknowledged: dict[str, str] = {}
        self.words: dict[str, int] = {}
        self.phases: defaultdict[int, str] = defaultdict(lambda: "nothing under way")
        self.counts: Counter[str] = Counter()

    def watch(self, playground: Playground) -> None:
        """Reads along on every screen."""
        playground.world.listeners.append(self._look)

    def _look(self, event: Event) -> None:
        message = event.subject
        if event.name not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or not isinstance(message, Message):
            return
        if message.webhook_id is None and message.author_id != message.world.bot_id:
            return
        self.words |= dict.fromkeys(WORD.findall(message.content), message.id)
        if message.webhook_id and is_over(message) and self.phases[message.channel_id].startswith("written"):
            self.phase(message.channel_id, "nothing under way")

    def said(self, saying: Saying) -> None:
        """Somebody said something."""
        self.sayings[saying.mark] = saying
        self.counts["sayings"] += 1
        if self.phases[saying.place] == "nothing under way":
            self.phase(saying.place, "said, the model not asked")

    def heard(self, marks: list[str]) -> None:
        """The model was told these, so they were stored."""
        self.acknowledged |= dict.fromkeys(marks, "told to the model")

    def read_back(self, text: str) -> None:
        """`/chat history` showed this to somebody."""
        self.acknowledged |= dict.fromkeys(MARK.findall(text), "shown by /chat history")

    def phase(self, place: int | None, name: str) -> None:
        """Where a chat is now."""
        if place is not None:
            self.phases[place] = name

    def place_of(self, mark: str) -> int | None:
        """In which thread that was said."""
        saying = self.sayings.get(mark)
        return saying.place if saying else None

    async def judge(self, playground: Playground, database_url: str, master_key: str, verdict: Verdict) -> None:
        """Compares all this with the database, and with what stands on Discord in the end."""
        kept = await _read(database_url, master_key)
        self._judge_sayings(kept, verdict)
        self._judge_words(kept, verdict)
        connection = await asyncpg.connect(database_url)
        try:
            await _judge_generations(connection, verdict)
            await _judge_posts(connection, playground, verdict)
        finally:
            await connection.close()

    def _judge_sayings(self, kept: list[tuple[str, str, str]], verdict: Verdict) -> None:
        stored = Counter(mark for role, _, text in kept if role == "person" for mark in set(MARK.findall(text)))
        for mark, how in self.acknowledged.items():
            if stored[mark] == 0:
                verdict.lost.append(f"the saying {mark} ({how}) is not in the database")
        verdict.doubled += [f"the saying {mark} is stored {count} times" for mark, count in stored.items() if count > 1]
        verdict.counts["sayings stored"] = len(stored)

    def _judge_words(self, kept: list[tuple[str, str, str]], verdict: Verdict) -> None:
        stored: set[str] = set()
        for role, status, text in kept:
            if role != "character":
                continue
            verdict.counts[f"replies {status}"] += 1
            found = WORD.findall(text)
            stored.update(found)
            if len(found) != len(set(found)):
                verdict.doubled.append(f"a stored reply says words twice: {text[:80]}…")
        lost = [word for word in self.words if word not in stored]
        verdict.lost += [f"the word {word} was seen (post {self.words[word]}) and is not stored" for word in lost[:20]]
        verdict.counts["words seen"] = len(self.words)


def is_over(message: Message) -> bool:
    """Whether a post ends a reply: it can be had again."""
    return any(button.label == "Regenerate" for button in message.buttons)


async def _read(database_url: str, master_key: str) -> list[tuple[str, str, str]]:
    """Role, status and text of every message."""
    connection = await asyncpg.connect(database_url)
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM messages")]
    await connection.close()
    database = Database.connect(database_url, Vault([MasterKey.from_text(master_key)]), pool_size=1)
    found: list[tuple[str, str, str]] = []
    async with database.transaction() as session:
        for message_id in ids:
            message = await find_message(session, message_id)
            if message is not None:
                found.append((message.role, message.status, message.text or ""))
    await database.close()
    return found


async def _judge_generations(connection: asyncpg.Connection, verdict: Verdict) -> None:
    twice = await connection.fetch(
        "SELECT answers_id, count(*) AS replies FROM generations WHERE kind = 'reply' AND answers_id IS NOT NULL "
        "GROUP BY answers_id HAVING count(*) > 1"
    )
    verdict.doubled += [f"the message {row['answers_id']} was answered {row['replies']} times" for row in twice]
    open_ones = await connection.fetch("SELECT id, status FROM generations WHERE status <> 'done'")
    verdict.blocked += [f"the generation {row['id']} is {row['status']} in the end" for row in open_ones]


async def _judge_posts(connection: asyncpg.Connection, playground: Playground, verdict: Verdict) -> None:
    """No word stands in two posts, unless they show two messages (a reply, and its continuation further down)."""
    posts: defaultdict[str, list[Message]] = defaultdict(list)
    for channel in list(playground.world.channels.values()):
        for message in channel.messages:
            if message.webhook_id or message.author_id == message.world.bot_id:
                for word in set(WORD.findall(message.content)):
                    posts[word].append(message)
    ids = list({message.id for standing in posts.values() for message in standing})
    rows = await connection.fetch(
        "SELECT discord_message_id, message_id FROM shown_messages WHERE discord_message_id = ANY($1::bigint[])", ids
    )
    shows = {row["discord_message_id"]: row["message_id"] for row in rows}
    told: set[tuple[int, ...]] = set()
    for word, standing in posts.items():
        owners = [shows.get(message.id) for message in standing]
        numbers = tuple(message.id for message in standing)
        if len(standing) > 1 and (None in owners or len(set(owners)) < len(owners)) and numbers not in told:
            told.add(numbers)
            verdict.doubled.append(f"{word} stands in {len(standing)} posts {numbers} of {owners}")
    verdict.counts["posts that no row claims"] = len(set(ids) - set(shows))


def now() -> float:
    """The clock of all measurements here, in seconds."""
    return time.monotonic()
