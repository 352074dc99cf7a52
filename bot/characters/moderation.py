"""Asking a moderation model about what somebody is about to publish, where the operator has set one."""

from dataclasses import asdict

from bot.cards.card import Card
from bot.characters.changes import Change, texts_of
from bot.errors import Invalid
from bot.llm import Llm

REFUSED = (
    "The operator's moderation does not let this be published: it found {categories}. "
    "Nothing was published; change those parts and try again."
)


class Moderation:
    """The check before others see something."""

    def __init__(self, model_server: Llm, model: str) -> None:
        self._llm = model_server
        self._model = model

    async def check_card(self, card: Card) -> None:
        """Raises Invalid where a card may not be published, Unavailable where that cannot be known now."""
        await self._check([card.name, card.nickname, *card.tags, *texts_of(card).values()])

    async def check_change(self, change: Change) -> None:
        """The same for what an author changes about a published character."""
        await self._check([str(value) for value in asdict(change).values() if value])

    async def _check(self, texts: list[str]) -> None:
        flagged = await self._llm.moderate("\n\n".join(filter(None, texts)), model=self._model)
        if flagged:
            raise Invalid(REFUSED.format(categories=", ".join(flagged)))
