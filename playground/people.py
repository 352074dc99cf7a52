"""People: a keyboard, and the patience to wait for what the bot answers: the driver of tests."""

from __future__ import annotations

from typing import Any

from playground.answers import Answer, DidNotAnswer
from playground.channels import Channel
from playground.keyboard import Keyboard
from playground.messages import Message
from playground.world import User


class Person(Keyboard):
    """Someone at a keyboard who waits for answers and sees what is on the screen."""

    async def slash(
        self,
        command: str,
        /,
        *,
        in_: Channel | None = None,
        within: float = 5.0,
        **options: Any,
    ) -> Answer:
        """Uses a slash command and waits for the bot's answer."""
        return await Answer.wait(self, self.use(in_ or self.here, command, options), within)

    async def autocomplete(
        self,
        command: str,
        option: str,
        typed: str,
        *,
        in_: Channel | None = None,
        **options: Any,
    ) -> list[tuple[str, Any]]:
        """Types into an option and returns the completions offered, as (name, value)."""
        asked = self.ask(in_ or self.here, command, options | {option: typed}, option)
        pulse = self.play.world.pulse
        if not await pulse.until(lambda: asked.answered or asked.expired, 5.0) or not asked.answered:
            raise DidNotAnswer(f"{command} {option}: {typed!r} had no completions within three seconds")
        return [(choice["name"], choice["value"]) for choice in asked.choices]

    async def menu(self, on: Message, command: str, *, within: float = 5.0) -> Answer:
        """Uses a command of a message's context menu and waits for the bot's answer."""
        return await Answer.wait(self, self.use_on(on.channel, on, command), within)

    async def user_menu(self, on: Person | User, command: str, *, within: float = 5.0) -> Answer:
        """Uses a command of a user's context menu here and waits for the bot's answer."""
        return await Answer.wait(self, self.use_on(self.here, on, command), within)

    async def click(
        self, button: str, on: Message | Answer | None = None, nth: int = 0, *, within: float = 5.0
    ) -> Answer:
        """Presses a button, by its label, emoji or custom id, and waits for the bot's answer.

        Without `on` it is on the newest message here that has such a button enabled.
        """
        for message in self._candidates(on):
            found = [one for one in message.buttons if one.matches(button) and one.custom_id and not one.disabled]
            if len(found) > nth:
                custom_id = found[nth].custom_id or ""
                return await Answer.wait(self, self.press(message, custom_id), within)
        raise AssertionError(f"{self.name} finds no enabled button {button!r}. {self._screen(on)}")

    async def select(
        self, menu: str, values: list[Any], on: Message | Answer | None = None, *, within: float = 5.0
    ) -> Answer:
        """Chooses in a select menu, by its placeholder or custom id, and waits for the bot's answer."""
        for message in self._candidates(on):
            for one in message.selects:
                if menu in (one.placeholder, one.custom_id) and not one.disabled:
                    return await Answer.wait(self, self.pick(message, one.custom_id, values), within)
        raise AssertionError(f"{self.name} finds no select menu {menu!r}. {self._screen(on)}")

    def _candidates(self, on: Message | Answer | None) -> list[Message]:
        if on is None:
            return list(reversed(self.messages()))
        message = on.message if isinstance(on, Answer) else on
        return [message] if message is not None and self.can_see(message) else []

    def _screen(self, on: Message | Answer | None = None) -> str:
        shown = [f"  {message}{_menus(message)}" for message in self._candidates(on)[:12]]
        return "\n".join(["On the screen:", *reversed(shown)]) if shown else "Nothing is on the screen."

    async def sees(self, text: str, in_: Channel | None = None, within: float = 5.0) -> Message:
        """Waits until a message with that text is on the screen and returns the newest one."""
        channel = in_ or self.here

        def found() -> Message | None:
            seen = self.messages(channel)
            return next((message for message in reversed(seen) if text in message.text), None)

        await self.play.world.pulse.until(lambda: found() is not None, within)
        message = found()
        if message is None:
            before, self._here = self._here, channel
            screen = self._screen()
            self._here = before
            raise AssertionError(f"{self.name} does not see {text!r} within {within} s. {screen}")
        return message

    async def sees_no(self, text: str, in_: Channel | None = None) -> None:
        """Makes sure that no message with that text is on the screen now."""
        for message in self.messages(in_):
            if text in message.text:
                raise AssertionError(f"{self.name} does see {text!r}: {message}")


def _menus(message: Message) -> str:
    return "".join(f" <{menu.placeholder or menu.custom_id}>" for menu in message.selects)
