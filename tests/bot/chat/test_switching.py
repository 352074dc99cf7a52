"""Who people are in a chat as a machine of states: whatever they do, every message shows who said it then, every
prompt says who everybody is now, and nobody is two at once."""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import hypothesis.strategies as st
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import storage.characters
import storage.chats
import storage.messages
from bot.caller import Caller
from bot.characters.changes import Change
from bot.chat.chats import Saying
from bot.chat.stage import Place
from bot.errors import UserError
from bot.personas import PersonaChange
from storage.messages import Speaker
from tests.bot.chat.test_the_tree import CHANNEL, GUILD, Scenery, person, scenery

__all__ = ["scenery"]

EXAMPLES = int(os.environ.get("SWITCHING_EXAMPLES", "3"))
STEPS = int(os.environ.get("SWITCHING_STEPS", "18"))
PEOPLE = (person(11), person(12), person(13))
OWNER, GUEST, AUTHOR = PEOPLE
TWO_AT_ONCE = sa.text(
    "SELECT count(*) FROM chat_participants"
    " WHERE num_nonnulls(active_custom_persona_id, active_impersonated_character_id) > 1"
)


@dataclass(slots=True)
class Mask:
    """A persona on paper."""

    owner: int
    name: str
    secret: str


@dataclass(slots=True)
class Paper:
    """A chat on paper: who is whom (a persona's id, `juniper`, or None for themselves), and what was said."""

    place: Place
    now: dict[int, UUID | str | None] = field(default_factory=dict[int, UUID | str | None])
    default: dict[int, UUID | None] = field(default_factory=dict[int, UUID | None])
    masks: dict[UUID, Mask] = field(default_factory=dict[UUID, Mask])
    said: dict[UUID, Speaker] = field(default_factory=dict[UUID, Speaker])
    spoke: set[int] = field(default_factory=set[int])
    offered: bool = True
    """Whether Juniper may be played by others than its author."""


def machine_on(scenery: Scenery, numbers: "count[int]") -> type[RuleBasedStateMachine]:
    """The machine, bound to what runs."""
    services = scenery.services

    class Switching(RuleBasedStateMachine):
        paper: Paper
        juniper: UUID

        @initialize()
        def open(self) -> None:
            self.paper, self.juniper = scenery.wait(self._open())

        async def _open(self) -> tuple[Paper, UUID]:
            wake = await services.characters.create(OWNER, Change(name=f"Wake {uuid4().hex[:8]}", first_mes="Hello."))
            secret = Change(name=f"Juniper {uuid4().hex[:8]}", description="SECRETofJuniper")
            juniper = (await services.characters.create(AUTHOR, secret)).id
            await self._set_status(juniper, "published")
            for who in PEOPLE:
                for each in (await services.personas.mine(who)).personas:
                    await services.personas.delete(who, str(each.id))
            opened = await services.openings.open(
                OWNER, str(wake.id), Place(GUILD, CHANNEL), interaction_id=next(numbers)
            )
            return Paper(opened.place, {OWNER.user_id: None}), juniper

        # --- what people do --------------------------------------------------------------------------

        @rule(who=st.sampled_from(PEOPLE))
        def create(self, who: Caller) -> None:
            number = next(numbers)
            change = PersonaChange(name=f"Mask {number}", description=f"SECRET{number}x")
            made = scenery.wait(services.personas.create(who, change))
            self.paper.masks[made.id] = Mask(who.user_id, f"Mask {number}", f"SECRET{number}x")

        @precondition(lambda self: self.paper.masks)
        @rule(data=st.data(), who=st.sampled_from(PEOPLE))
        def edit(self, data: st.DataObject, who: Caller) -> None:
            wanted, number = self._mask(data), next(numbers)
            change = PersonaChange(name=f"Renamed {number}", description=f"SECRET{number}x")
            if self._does(services.personas.edit(who, str(wanted), change), refused=not self._owns(who, wanted)):
                self.paper.masks[wanted] = Mask(who.user_id, f"Renamed {number}", f"SECRET{number}x")

        @precondition(lambda self: self.paper.masks)
        @rule(data=st.data(), who=st.sampled_from(PEOPLE))
        def delete(self, data: st.DataObject, who: Caller) -> None:
            wanted = self._mask(data)
            if self._does(services.personas.delete(who, str(wanted)), refused=not self._owns(who, wanted)):
                del self.paper.masks[wanted]
                self.paper.now = {each: None if mask == wanted else mask for each, mask in self.paper.now.items()}
                self.paper.default = {
                    each: None if mask == wanted else mask for each, mask in self.paper.default.items()
                }

        @precondition(lambda self: self.paper.masks)
        @rule(data=st.data(), who=st.sampled_from(PEOPLE))
        def use(self, data: st.DataObject, who: Caller) -> None:
            wanted = self._mask(data)
            work = services.switching.use(who, self.paper.place, str(wanted))
            if self._does(work, refused=not self._owns(who, wanted)):
                self.paper.now[who.user_id] = wanted

        @precondition(lambda self: self.paper.masks)
        @rule(data=st.data(), who=st.sampled_from(PEOPLE))
        def prefer(self, data: st.DataObject, who: Caller) -> None:
            wanted = self._mask(data)
            if self._does(services.personas.set_default(who, str(wanted)), refused=not self._owns(who, wanted)):
                self.paper.default[who.user_id] = wanted

        @rule(who=st.sampled_from(PEOPLE))
        def play_as(self, who: Caller) -> None:
            work = services.switching.play_as(who, self.paper.place, str(self.juniper))
            if self._does(work, refused=not self._may_be_juniper(who)):
                self.paper.now[who.user_id] = "juniper"

        @rule(who=st.sampled_from(PEOPLE))
        def clear(self, who: Caller) -> None:
            scenery.wait(services.switching.clear(who, self.paper.place))
            self.paper.now[who.user_id] = None

        @rule()
        def offer_or_take_back(self) -> None:
            self.paper.offered = not self.paper.offered
            scenery.wait(self._set_status(self.juniper, "published" if self.paper.offered else "unpublished"))

        @rule(who=st.sampled_from(PEOPLE))
        def say(self, who: Caller) -> None:
            self.paper.now.setdefault(who.user_id, self.paper.default.get(who.user_id))
            if self.paper.now[who.user_id] == "juniper" and not self._may_be_juniper(who):
                self.paper.now[who.user_id] = None
            self.paper.spoke.add(who.user_id)
            text = f"Words {next(numbers)}."
            assert scenery.wait(services.chats.say(who, Saying(self.paper.place, next(numbers), None, text)))
            message_id, speaker = scenery.wait(self._answered(text))
            self.paper.said[message_id] = speaker
            self._check_speaker(who, speaker)
            self._check_prompt(text)
            scenery.wait(self._check_past())

        # --- what must be so -------------------------------------------------------------------------

        def _check_speaker(self, who: Caller, speaker: Speaker) -> None:
            now = self.paper.now[who.user_id]
            if isinstance(now, UUID):
                assert (speaker.name, speaker.persona_id) == (self.paper.masks[now].name, now)
            elif now is None:
                assert speaker == Speaker(who.display_name)
            else:
                assert (speaker.name[:7], speaker.character_id) == ("Juniper", self.juniper)

        def _check_prompt(self, text: str) -> None:
            asked = next(each for each in reversed(scenery.model.requests) if text in str(each["messages"]))
            told = str(asked["messages"])
            secrets = {mask.secret for key, mask in self.paper.masks.items() if self._is_there(key)}
            secrets |= {"SECRETofJuniper"} if self._is_there("juniper") else set()
            assert {secret for secret in self._every_secret() if secret in told} == secrets

        async def _check_past(self) -> None:
            async with services.database.transaction() as session:
                for message_id, speaker in self.paper.said.items():
                    found = await storage.messages.find_message(session, message_id)
                    assert found is not None
                    assert found.speaker == speaker
                assert (await session.execute(TWO_AT_ONCE)).scalar_one() == 0

        # --- on paper --------------------------------------------------------------------------------

        def _mask(self, data: st.DataObject) -> UUID:
            return data.draw(st.sampled_from(list(self.paper.masks)))

        def _owns(self, who: Caller, mask: UUID) -> bool:
            return self.paper.masks[mask].owner == who.user_id

        def _may_be_juniper(self, who: Caller) -> bool:
            return self.paper.offered or who is AUTHOR

        def _is_there(self, key: UUID | str) -> bool:
            """Whether somebody who has spoken is this now."""
            those = [
                each for each in PEOPLE if each.user_id in self.paper.spoke and self.paper.now[each.user_id] == key
            ]
            return any(key != "juniper" or self._may_be_juniper(each) for each in those)

        def _every_secret(self) -> set[str]:
            return {f"SECRET{number}x" for number in range(NUMBERS_FROM, next(numbers))} | {"SECRETofJuniper"}

        def _does(self, work: Coroutine[Any, Any, Any], *, refused: bool) -> bool:
            try:
                scenery.wait(work)
            except UserError:
                assert refused
                return False
            assert not refused
            return True

        async def _answered(self, text: str) -> tuple[UUID, Speaker]:
            while True:
                async with services.database.transaction() as session:
                    chat = await storage.chats.find_open_chat(session, self.paper.place.id)
                    assert chat
                    assert chat.leaf_id
                    path = await storage.messages.list_path(
                        session, tree_id=chat.tree_id, leaf_id=chat.leaf_id, limit=2
                    )
                if not chat.is_unsettled:
                    assert path[1].text == text
                    return path[1].id, path[1].speaker
                await asyncio.sleep(0.005)

        @staticmethod
        async def _set_status(character_id: UUID, status: Any) -> None:
            async with services.database.transaction() as session:
                await storage.characters.set_status(session, character_id, status)

    return Switching


NUMBERS_FROM = 50_000


async def test_whatever_people_do_the_past_stays_and_the_prompt_knows_who_they_are(scenery: Scenery) -> None:
    checked = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        derandomize="SWITCHING_EXAMPLES" not in os.environ,
    )
    machine = machine_on(scenery, count(NUMBERS_FROM))
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=checked)
