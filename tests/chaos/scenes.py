"""People at play: a chat each scene, in which two of them say, stop, regenerate, continue and read back."""

import asyncio
import random
from collections.abc import Callable

from playground import Answer, Channel, DidNotAnswer, Message, Person
from playground.refusals import Refused
from tests.chaos.ledger import Ledger, Saying, is_over, now

ENOUGH = 15.0
"""After so long without any trouble nothing may still be under way, and everything must be answered."""


class Scene:
    """A chat in a channel, and the people who play in it."""

    def __init__(self, channel: Channel, people: list[Person], ledger: Ledger, chance: random.Random) -> None:
        self.channel = channel
        self._people = people
        self._ledger = ledger
        self._chance = chance
        self._pulse = channel.world.pulse
        self._thread: Channel | None = None
        self._stuck: set[int] = set()
        self._at_ease = asyncio.Event()
        self._going_on = asyncio.Event()
        self._going_on.set()

    @property
    def name(self) -> str:
        """The channel's name."""
        return str(self.channel.name)

    @property
    def shard_key(self) -> int:
        """The server's id."""
        assert self.channel.guild_id is not None
        return self.channel.guild_id

    @property
    def place(self) -> int | None:
        """The thread's id."""
        return self._thread.id if self._thread else None

    # --- playing ----------------------------------------------------------------------------------

    async def play(self) -> None:
        """Plays until it is cancelled, and rests while it is asked to."""
        while True:
            self._at_ease.set()
            await self._going_on.wait()
            self._at_ease.clear()
            await self._tried(self._act())
            await asyncio.sleep(self._chance.uniform(0.0, 0.6))

    async def pause(self) -> None:
        """Waits until the last act is over; nothing new is begun."""
        self._going_on.clear()
        await self._at_ease.wait()

    def resume(self) -> None:
        """Plays on."""
        self._going_on.set()

    async def open(self) -> bool:
        """Opens a chat where none is; False when the bot did not."""
        if self._thread is not None and self._thread.id in self.channel.world.channels:
            return True
        owner = self._people[0].at(self.channel)
        known = set(self._threads())
        await owner.slash("character start", character="Cue", within=8)
        opened = [thread for thread in self._threads() if thread not in known]
        if not opened:
            return False
        self._thread = opened[-1]
        for person in self._people:
            person.here = self._thread
        return True

    def _threads(self) -> list[Channel]:
        return self.channel.world.threads_of(self.channel.id)

    async def _act(self) -> None:
        if not await self.open():
            return
        acts: list[Callable[[], object]] = [self._say, self._regenerate, self._go_on, self._stop, self._read_back]
        act = self._chance.choices(acts, (10, 3, 3, 3, 2))[0]
        await act()  # pyright: ignore[reportGeneralTypeIssues]

    async def _tried(self, act: object) -> None:
        """Does it; what cannot be done while things are broken is counted alone."""
        try:
            await act  # pyright: ignore[reportGeneralTypeIssues]
        except DidNotAnswer:
            self._ledger.counts["presses and commands without an answer"] += 1
        except (AssertionError, Refused, ValueError, LookupError):
            self._ledger.counts["acts that were not possible"] += 1

    def say_one(self) -> Saying:
        """One of them says something."""
        person = self._chance.choice(self._people)
        assert self._thread is not None
        mark = f"S{len(self._ledger.sayings)}"
        written = person.write(self._thread, f"{mark} and so on.")
        saying = Saying(mark, written.id, self._thread.id, now())
        self._ledger.said(saying)
        return saying

    async def _say(self) -> None:
        saying = self.say_one()
        for _ in range(self._chance.choice((0, 0, 0, 1, 3))):
            await asyncio.sleep(self._chance.uniform(0, 0.3))
            saying = self.say_one()
        if await self.answered(saying, self._chance.uniform(0.2, 8)):
            self._ledger.counts["replies seen to their end"] += 1

    async def _regenerate(self) -> None:
        await self._press("Regenerate", people=self._chance.choice((1, 2)))

    async def _go_on(self) -> None:
        await self._press("Continue", people=1)

    async def _press(self, label: str, *, people: int) -> None:
        reply = self._newest(lambda message: any(button.label == label for button in message.buttons))
        if reply is None or self._thread is None:
            return
        button = next(each for each in reply.buttons if each.label == label)
        if button.custom_id is None or button.disabled:
            return
        self._ledger.counts[f"presses of {label}"] += people
        self._ledger.phase(self._thread.id, "said, the model not asked")
        presses = [(person, person.press(reply, button.custom_id)) for person in self._people[:people]]
        for person, press in presses:
            await Answer.wait(person, press, 5)
        await self._pulse.until(lambda: self.is_settled, self._chance.uniform(0.2, 6))

    async def _stop(self) -> None:
        self.say_one()

        def writing() -> Message | None:
            return self._newest(lambda message: any(button.label == "Stop" for button in message.buttons))

        await self._pulse.until(lambda: writing() is not None, 3)
        reply = writing()
        if reply is not None:
            await asyncio.sleep(self._chance.uniform(0, 0.8))
            self._ledger.counts["presses of Stop"] += 1
            await self._chance.choice(self._people).click("Stop", on=reply)
        await self._pulse.until(lambda: self.is_settled, 4)

    async def _read_back(self) -> None:
        answer = await self._chance.choice(self._people).slash("chat history", within=5)
        self._ledger.read_back(answer.text)
        self._ledger.counts["histories read"] += 1

    # --- looking ----------------------------------------------------------------------------------

    def _newest(self, which: Callable[[Message], bool]) -> Message | None:
        messages = self._thread.messages if self._thread else []
        return next((each for each in reversed(messages) if each.webhook_id and which(each)), None)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being written here, as far as people see."""
        return not self.unfinished()

    def unfinished(self) -> list[Message]:
        """The posts that look as if they were still being written, those aside that were given up as stuck."""
        messages = self._thread.messages if self._thread else []
        return [
            message
            for message in messages
            if message.id not in self._stuck
            and ("is writing…" in message.content or any(button.label == "Stop" for button in message.buttons))
        ]

    def give_up(self) -> list[str]:
        """Posts that nobody will finish any more, as text; they are not waited for again."""
        stuck = self.unfinished()
        self._stuck.update(message.id for message in stuck)
        return [f"{self.name}: post {message.id} {str(message)[:90]!r}" for message in stuck]

    async def answered(self, saying: Saying, seconds: float) -> bool:
        """Whether a reply after a saying has come to its end within so many seconds."""

        def over() -> bool:
            newest = self._newest(lambda message: True)
            return newest is not None and newest.id > saying.discord_id and is_over(newest)

        return await self._pulse.until(over, seconds)

    def screen(self) -> str:
        """The last posts, for whoever wonders."""
        messages = self._thread.messages if self._thread else []
        return " | ".join(str(message)[:90].replace("\n", " ⏎ ") for message in messages[-4:])
