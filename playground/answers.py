"""What the bot answered to something that a person did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground import forms
from playground.forms import Modal
from playground.interactions import ANSWER_WITHIN, Interaction
from playground.messages import Message

if TYPE_CHECKING:
    from playground.people import Person

_KINDS = {4: "message", 5: "message", 6: "update", 7: "update", 8: "choices", 9: "modal"}


class DidNotAnswer(AssertionError):
    """The application did not respond in time, as Discord tells the person."""


class Answer:
    """The bot's answer to one interaction; it goes on changing with what the bot does."""

    def __init__(self, person: Person, interaction: Interaction) -> None:
        self._person = person
        self.interaction = interaction

    @classmethod
    async def wait(cls, person: Person, interaction: Interaction, within: float) -> Answer:
        """Waits until the interaction is acknowledged and a deferred answer filled in."""
        pulse = person.play.world.pulse
        await pulse.until(lambda: interaction.answered or interaction.expired, ANSWER_WITHIN + 2)
        if not interaction.answered:
            raise DidNotAnswer(f"{interaction.label!r}: the application did not respond within three seconds")
        if not await pulse.until(lambda: not interaction.pending, within):
            raise DidNotAnswer(f"{interaction.label!r}: deferred, and still thinking after {within} s")
        return cls(person, interaction)

    @property
    def kind(self) -> str:
        """`message`, `update` (of the message pressed on), `modal`, or `deferred` while it thinks."""
        if self.interaction.pending:
            return "deferred"
        return _KINDS[self.interaction.callback or 0]

    @property
    def message(self) -> Message | None:
        """The message that answers, or that was updated; a follow-up where there is no other."""
        interaction = self.interaction
        followups = [message for message in interaction.followups if not message.deleted]
        if interaction.callback == 6 and followups:
            return followups[0]
        if interaction.original is not None and not interaction.original.deleted:
            return interaction.original
        return followups[0] if followups else None

    @property
    def followups(self) -> list[Message]:
        """The follow-up messages, oldest first."""
        return list(self.interaction.followups)

    @property
    def text(self) -> str:
        """Everything readable in the answer."""
        return self.message.text if self.message is not None else ""

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees the answer."""
        return self.message is not None and self.message.ephemeral

    @property
    def modal(self) -> Modal | None:
        """The form that was opened."""
        return forms.read(self.interaction.modal) if self.interaction.modal is not None else None

    async def click(self, button: str, nth: int = 0, *, within: float = 5.0) -> Answer:
        """Presses a button of the answer."""
        return await self._person.click(button, self, nth, within=within)

    async def select(self, menu: str, values: list[Any], *, within: float = 5.0) -> Answer:
        """Chooses in a select menu of the answer."""
        return await self._person.select(menu, values, self, within=within)

    async def fill(self, given: dict[str, Any], *, within: float = 5.0) -> Answer:
        """Fills in the open form and sends it; fields that are not named keep what they hold."""
        if self.modal is None:
            raise AssertionError(f"No form is open; the answer was: {self.kind} {self.text}")
        return await Answer.wait(self._person, self._person.submit(self.interaction, given), within)

    def __repr__(self) -> str:
        return f"<Answer {self.kind}: {self.message or (self.modal and self.modal.title)}>"
