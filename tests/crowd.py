"""Many chats in a few channels that all have their replies written at once, and what people see of that."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

from playground import Channel, Guild, Message, Person, Playground, Request
from tests.scripted_model import Reply, ScriptedModel
from tests.theatre import until


@dataclass(frozen=True, slots=True)
class Seen:
    """In seconds: the longest wait for progress and for an end of all chats; how often Discord said 429."""

    longest_gap: float
    slowest_end: float
    too_many: int
    edits: int


class Crowd:
    """People with a chat each, so many in every channel."""

    def __init__(self, playground: Playground, guild: Guild, model: ScriptedModel) -> None:
        self._playground = playground
        self._guild = guild
        self._model = model
        self._people: list[tuple[Person, Channel]] = []

    async def enter(self, *, channels: int, chats_each: int) -> None:
        """Makes the channels and opens the chats, without limits: only what comes after is measured."""
        self._playground.limits.on = False
        for number in range(channels):
            channel = self._guild.add_text_channel(f"hall-{number}")
            for seat in range(chats_each):
                person = self._playground.add_person(f"guest-{number}-{seat}", guilds=[self._guild]).at(channel)
                await person.slash("character start", character="Cue", within=15)
                person.here = self._guild.threads[-1]
                self._people.append((person, person.here))
        for _, thread in self._people:
            await until(lambda thread=thread: any(each.webhook_id for each in thread.messages), 30)
        # What was used up so far no longer counts: Discord's longest window has passed.
        await asyncio.sleep(2.0)
        self._playground.limits.on = True

    async def listen(self, *, words: int, pause: float) -> Seen:
        """Everybody speaks at once and watches their reply to its end."""
        begun = len(self._playground.requests)
        replies = [self._model.says(_speech(number, words), pause=pause) for number in range(len(self._people))]
        for person, _ in self._people:
            await person.say("Talk for a while.")
        seconds = words * pause + 30
        for number in range(len(self._people)):
            await until(lambda number=number: self._find(number) is not None, seconds)
        requests = self._playground.requests[begun:]
        gaps: list[float] = []
        ends: list[float] = []
        for number, reply in enumerate(replies):
            gap, end = self._times_of(number, reply, requests)
            gaps.append(gap)
            ends.append(end)
        edits = sum(each.method == "PATCH" for each in requests)
        return Seen(max(gaps), max(ends), sum(each.status == 429 for each in requests), edits)

    def _find(self, number: int) -> Message | None:
        """The message that ends the reply with this number, wherever it is shown."""
        for _, thread in self._people:
            for message in thread.messages:
                if message.content.endswith(f"End {number}.") and any(
                    each.label == "Regenerate" for each in message.buttons
                ):
                    return message
        return None

    def _times_of(self, number: int, reply: Reply, requests: list[Request]) -> tuple[float, float]:
        last = self._find(number)
        assert last is not None
        assert reply.ended_at is not None
        shown = [each for each in last.channel.messages if each.webhook_id and f"Reply {number}:" in each.content]
        ids = {str(each.id) for each in (*shown, last)}
        edited = [each.at for each in requests if each.method == "PATCH" and each.path.rsplit("/", 1)[-1] in ids]
        moments = sorted([*edited, *(each.created for each in (*shown, last))])
        gaps = [after - before for before, after in pairwise(moments)]
        return max(gaps, default=0.0), max(moments) - reply.ended_at


def _speech(number: int, words: int) -> str:
    return f"Reply {number}: " + "word " * words + f"End {number}."
