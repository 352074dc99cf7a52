"""The tree as a machine of states: whatever people do, in a model on paper and in Postgres, comes to the same."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import storage.branches
import storage.chats
import storage.messages
import storage.shown
from bot.caller import Caller
from bot.characters.changes import Change
from bot.chat.chats import Saying
from bot.chat.stage import Controls, Divider, Ledger, Look, Looked, Opening, Place, Post, Showing
from bot.errors import UserError
from bot.services import Services, open_services
from bot.settings import read_settings
from storage.chats import Chat
from storage.messages import Message
from storage.shown import Shown
from tests.scripted_model import ScriptedModel

GUILD, CHANNEL = 70, 80
EXAMPLES = int(os.environ.get("TREE_EXAMPLES", "6"))
STEPS = int(os.environ.get("TREE_STEPS", "14"))


def person(number: int) -> Caller:
    return Caller(number, f"person{number}", f"Person {number}", guild_id=GUILD, channel_id=CHANNEL)


OWNER, GUEST = person(1), person(2)


@dataclass(slots=True)
class Posted:
    """What stands in a thread: a reply, or (without a message) a line drawn across."""

    id: int
    place: int
    message_id: UUID | None
    text: str = ""


@dataclass(slots=True)
class Threads:
    """Fulfils bot.chat.stage.Stage with threads in memory: what is shown is kept, at once."""

    posts: dict[int, Posted] = field(default_factory=dict[int, Posted])
    numbers: "count[int]" = field(default_factory=lambda: count(1_000))

    def post(self, place: int, message_id: UUID | None, text: str = "") -> Posted:
        made = Posted(next(self.numbers), place, message_id, text)
        self.posts[made.id] = made
        return made

    def newest(self, place: int) -> list[Posted]:
        return [each for each in reversed(self.posts.values()) if each.place == place]

    async def open(self, opening: Opening) -> Place:
        return Place(opening.place.guild_id, opening.place.channel_id, next(self.numbers))

    def display(self, showing: Showing, ledger: Ledger) -> "Shower":
        return Shower(self, showing, ledger)

    async def say(self, place: Place, text: str) -> None: ...

    async def show_look(self, look: Look, ledger: Ledger) -> Looked:
        return "not possible"

    async def reword(self, place: Place, shown: Sequence[Shown], text: str) -> bool:
        return False

    async def divide(self, place: Place, divider: Divider) -> int | None:
        return self.post(place.id, None, divider.what).id

    async def delete(self, place: Place, shown: Sequence[Shown]) -> None:
        for each in shown:
            self.posts.pop(each.discord_message_id, None)

    async def rename(self, place: Place, title: str) -> None: ...

    def is_age_restricted(self, place: Place) -> bool:
        return False

    async def look_at(self, place: Place) -> None: ...

    async def list_own_posts(self, place: Place, *, after: int | None, since: datetime | None = None) -> list[Post]:
        return []

    async def close(self, place: Place) -> None: ...

    async def write_to(self, user_id: int, text: str) -> bool:
        return True


class Shower:
    """Shows the end of a reply, in the posts that it was given or in a new one."""

    def __init__(self, threads: Threads, showing: Showing, ledger: Ledger) -> None:
        self._threads, self._showing, self._ledger = threads, showing, ledger

    def show(self, text: str) -> None: ...

    def abandon(self) -> None: ...

    async def finish(self, text: str, note: str, controls: Controls) -> bool:
        showing = self._showing
        taken = [self._threads.posts[each.discord_message_id] for each in showing.shown]
        if not taken:
            taken = [self._threads.post(showing.place.id, showing.message_id)]
            shown = Shown(taken[0].id, showing.message_id, 0, showing.place.id, 5)
            await self._ledger.record(showing.chat_id, shown)
        taken[0].text, taken[0].message_id = text, showing.message_id
        return True


@dataclass(slots=True)
class Node:
    """A message on paper."""

    parent: UUID | None
    role: str
    author: int | None
    text: str
    chat: UUID
    removed: bool = False


@dataclass(slots=True)
class Paper:
    """A chat on paper."""

    id: UUID
    place: Place
    owner: int
    leaf: UUID | None
    hidden: set[UUID] = field(default_factory=set[UUID])


@dataclass(slots=True)
class Scenery:
    """The real thing, and the loop on which it runs."""

    services: Services
    threads: Threads
    model: ScriptedModel
    loop: asyncio.AbstractEventLoop

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)


def machine_on(scenery: Scenery) -> type[RuleBasedStateMachine]:
    """The machine, bound to what runs."""

    class Tree(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.nodes: dict[UUID, Node] = {}
            self.chats: list[Paper] = []
            self.words = count(1)

        @property
        def has_words(self) -> bool:
            return any(self._visible(chat) for chat in self.chats)

        # --- what people do ----------------------------------------------------------------------------

        @initialize()
        def open(self) -> None:
            chat = scenery.wait(self._open())
            self.chats = [chat]
            self._compare()

        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def say(self, data: st.DataObject, who: Caller) -> None:
            chat, text = self._chat(data), f"line {next(self.words)}"
            at = self._any(data, chat) if self._visible(chat) and data.draw(st.integers(0, 2)) == 0 else None
            post = scenery.wait(self._post_of(chat, at)) if at else None
            branches = post is not None and at != chat.leaf and who.user_id == chat.owner
            off_path = post is not None and at not in self._path(chat.leaf) and who.user_id != chat.owner
            parent = at if branches else chat.leaf
            scenery.model.says(f"reply {next(self.words)}", pause=0)
            answered = scenery.model.replies[-1].text
            saying = Saying(chat.place, next(scenery.threads.numbers), None, text, replies_to=post)
            if self._does(scenery.services.chats.say(who, saying), refused=off_path):
                said, reply = scenery.wait(self._newest(chat))
                assert said.parent_id == parent
                self.nodes[said.id] = Node(parent, "person", who.user_id, text, chat.id)
                self.nodes[reply.id] = Node(said.id, "character", None, answered, chat.id)
                chat.leaf = reply.id
            else:
                scenery.model.replies.pop()
            self._compare()

        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def narrate(self, data: st.DataObject, who: Caller) -> None:
            chat, text = self._chat(data), f"narration {next(self.words)}"
            saying = Saying(chat.place, next(scenery.threads.numbers), None, text, role="narration")
            scenery.threads.post(chat.place.id, None, text)
            told = scenery.wait(scenery.services.chats.narrate(who, saying))
            self.nodes[told] = Node(chat.leaf, "narration", who.user_id, text, chat.id)
            chat.leaf = told
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def answer(self, data: st.DataObject, who: Caller) -> None:
            chat = self._chat(data)
            to = self._any(data, chat)
            refused = to != chat.leaf and who.user_id != chat.owner
            scenery.model.says(f"reply {next(self.words)}", pause=0)
            answered = scenery.model.replies[-1].text
            if self._does(scenery.services.swipes.answer(who, chat.place, to), refused=refused):
                _, reply = scenery.wait(self._newest(chat))
                self.nodes[reply.id] = Node(to, "character", None, answered, chat.id)
                chat.leaf = reply.id
            else:
                scenery.model.replies.pop()
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]), goes_on=st.booleans())
        def write_again(self, data: st.DataObject, who: Caller, goes_on: bool) -> None:
            chat = self._chat(data)
            old_id = self._any(data, chat)
            old = self.nodes[old_id]
            refused = (
                old.role != "character" or old.parent is None or (old_id != chat.leaf and who.user_id != chat.owner)
            )
            scenery.model.says(f" reply {next(self.words)}", pause=0)
            added = scenery.model.replies[-1].text
            ask = scenery.services.swipes.go_on if goes_on else scenery.services.swipes.regenerate
            if self._does(ask(who, chat.place, old_id), refused=refused):
                _, reply = scenery.wait(self._newest(chat))
                text = old.text + added if goes_on else added.strip()
                self.nodes[reply.id] = Node(old.parent, "character", None, text, chat.id)
                chat.leaf = reply.id
            else:
                scenery.model.replies.pop()
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]), step=st.sampled_from([-1, 1]))
        def swipe(self, data: st.DataObject, who: Caller, step: int) -> None:
            chat = self._chat(data)
            old_id = self._any(data, chat)
            siblings = self._siblings(chat, old_id)
            to = siblings.index(old_id) + step
            is_theirs = old_id == chat.leaf or who.user_id == chat.owner
            refused = not 0 <= to < len(siblings) or not is_theirs or self.nodes[old_id].role != "character"
            ask = scenery.services.swipes.swipe(who, chat.place, old_id, step=step, post_id=0)
            if self._does(ask, refused=refused):
                chat.leaf = siblings[to]
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def edit(self, data: st.DataObject, who: Caller) -> None:
            chat, text = self._chat(data), f"edit {next(self.words)}"
            old_id = self._any(data, chat)
            old = self.nodes[old_id]
            refused = who.user_id != (old.author or chat.owner)
            scenery.model.says(f"reply {next(self.words)}", pause=0)
            answered = scenery.model.replies[-1].text
            if self._does(scenery.services.branches.edit(who, chat.place, old_id, text), refused=refused):
                if old.role == "person":
                    said, reply = scenery.wait(self._newest(chat))
                    self.nodes[said.id] = Node(old.parent, "person", old.author, text, chat.id)
                    self.nodes[reply.id] = Node(said.id, "character", None, answered, chat.id)
                    chat.leaf = reply.id
                else:
                    scenery.model.replies.pop()
                    _, edited = scenery.wait(self._newest(chat))
                    self.nodes[edited.id] = Node(old.parent, old.role, old.author, text, chat.id)
                    chat.leaf = edited.id
            else:
                scenery.model.replies.pop()
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def rewind(self, data: st.DataObject, who: Caller) -> None:
            chat = self._chat(data)
            to = self._any(data, chat)
            refused = to == chat.leaf or who.user_id != chat.owner
            if self._does(scenery.services.branches.rewind(who, chat.place, to), refused=refused):
                chat.leaf = to
            self._compare()

        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def undo(self, data: st.DataObject, who: Caller) -> None:
            chat = self._chat(data)
            said = [each for each in self._path(chat.leaf) if self._is_said(each)]
            refused = not said or who.user_id not in (chat.owner, self.nodes[said[0]].author)
            if self._does(scenery.services.branches.undo(who, chat.place), refused=refused):
                chat.leaf = self.nodes[said[0]].parent
            self._compare()

        @precondition(lambda self: self.has_words)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def delete(self, data: st.DataObject, who: Caller) -> None:
            chat = self._chat(data)
            gone_id = self._any(data, chat)
            gone = self.nodes[gone_id]
            governs, is_author = who.user_id == chat.owner, who.user_id == gone.author
            if self._does(
                scenery.services.branches.delete(who, chat.place, gone_id), refused=not (governs or is_author)
            ):
                if is_author or (gone.author is None and gone.chat == chat.id):
                    gone.removed = True
                inside = gone_id in self._path(chat.leaf)
                if governs:
                    chat.hidden.add(gone_id)
                if inside and (governs or gone_id == chat.leaf):
                    chat.leaf = gone.parent
            self._compare()

        @precondition(lambda self: self.has_words and len(self.chats) < 3)
        @rule(data=st.data(), who=st.sampled_from([OWNER, GUEST]))
        def fork(self, data: st.DataObject, who: Caller) -> None:
            chat = self._chat(data)
            at = self._any(data, chat)
            known = {each.place.id for each in self.chats}
            ask = scenery.services.openings.fork(who, chat.place, at, interaction_id=next(scenery.threads.numbers))
            if self._does(ask, refused=who.user_id != chat.owner):
                place = Place(GUILD, CHANNEL, max(each.place for each in scenery.threads.posts.values()))
                assert place.id not in known
                found = scenery.wait(self._stored(place))
                self.chats.append(Paper(found.id, place, who.user_id, at))
            self._compare()

        # --- on paper ----------------------------------------------------------------------------------

        def _chat(self, data: st.DataObject) -> Paper:
            usable = [each for each in self.chats if self._visible(each)]
            return data.draw(st.sampled_from(usable or self.chats[:1]))

        def _any(self, data: st.DataObject, chat: Paper) -> UUID:
            """Any message that a chat shows; most often one near its leaf."""
            shown = self._visible(chat)
            near = [each for each in self._path(chat.leaf)[:3] if each in shown]
            return data.draw(st.sampled_from(near if near and data.draw(st.booleans()) else shown))

        def _visible(self, chat: Paper) -> list[UUID]:
            return [
                each
                for each, node in self.nodes.items()
                if not node.removed and chat.hidden.isdisjoint(self._path(each))
            ]

        def _path(self, leaf: UUID | None) -> list[UUID]:
            path: list[UUID] = []
            while leaf is not None:
                path.append(leaf)
                leaf = self.nodes[leaf].parent
            return path

        def _siblings(self, chat: Paper, of: UUID) -> list[UUID]:
            same = self.nodes[of].parent, self.nodes[of].role
            return [
                each
                for each, node in self.nodes.items()
                if (node.parent, node.role) == same and (each == of or not (node.removed or each in chat.hidden))
            ]

        def _is_said(self, message_id: UUID) -> bool:
            node = self.nodes[message_id]
            return node.role != "character" and not node.removed

        # --- in the program ----------------------------------------------------------------------------

        def _does(self, work: Coroutine[Any, Any, Any], *, refused: bool) -> bool:
            """Does it and waits until no reply is being written; True unless it was refused, as it should be."""
            try:
                scenery.wait(work)
            except UserError as error:
                if refused:
                    return False
                raise AssertionError(f"refused, and should not have been: {error}") from error
            assert not refused
            for chat in self.chats:
                scenery.wait(self._settled(chat))
            return True

        async def _open(self) -> Paper:
            name = f"Keeper {uuid4().hex[:8]}"
            made = await scenery.services.characters.create(
                OWNER, Change(name=name, first_mes="Hello.", alternate_greetings="Hullo.", age_rating="teen")
            )
            opened = await scenery.services.openings.open(
                OWNER, str(made.id), Place(GUILD, CHANNEL), interaction_id=next(scenery.threads.numbers)
            )
            chat = await self._stored(opened.place)
            async with scenery.services.database.transaction() as session:
                first = await storage.messages.find_message(session, chat.leaf_id) if chat.leaf_id else None
                assert first
                for each in await storage.branches.list_siblings(session, first, chat_id=chat.id):
                    found = await storage.messages.find_message(session, each)
                    assert found
                    self.nodes[each] = Node(None, "character", None, found.text or "", chat.id)
            return Paper(chat.id, opened.place, OWNER.user_id, first.id)

        async def _stored(self, place: Place) -> Chat:
            async with scenery.services.database.transaction() as session:
                found = await storage.chats.find_open_chat(session, place.id)
            assert found
            return found

        async def _settled(self, chat: Paper) -> None:
            while (await self._stored(chat.place)).is_unsettled:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

        async def _newest(self, chat: Paper) -> tuple[Message, Message]:
            """The two messages at the end of a chat."""
            stored = await self._stored(chat.place)
            assert stored.leaf_id
            async with scenery.services.database.transaction() as session:
                path = await storage.messages.list_path(
                    session, tree_id=stored.tree_id, leaf_id=stored.leaf_id, limit=2
                )
            return path[-1], path[0]

        async def _post_of(self, chat: Paper, message_id: UUID) -> int | None:
            async with scenery.services.database.transaction() as session:
                shown = await storage.shown.list_shown(session, message_id, chat.id)
            return shown[0].discord_message_id if shown else None

        def _compare(self) -> None:
            for chat in self.chats:
                scenery.wait(self._compare_chat(chat))
            scenery.wait(self._nothing_lost())

        async def _compare_chat(self, chat: Paper) -> None:
            stored = await self._stored(chat.place)
            assert stored.leaf_id == chat.leaf
            if chat.leaf is None:
                return
            async with scenery.services.database.transaction() as session:
                path = await storage.messages.list_path(session, tree_id=stored.tree_id, leaf_id=chat.leaf, limit=1_000)
                assert [each.id for each in path] == self._path(chat.leaf)
                leaf = path[0]
                if leaf.status != "removed":
                    siblings = await storage.branches.list_siblings(session, leaf, chat_id=chat.id)
                    assert siblings == self._siblings(chat, leaf.id)
            self._what_is_shown_is_what_is_read(chat)

        def _what_is_shown_is_what_is_read(self, chat: Paper) -> None:
            """Below the last line drawn across a thread the newest reply is the one where the chat stands."""
            leaf = self.nodes[chat.leaf] if chat.leaf else None
            newest = scenery.threads.newest(chat.place.id)
            if leaf is None or leaf.removed or not newest:
                return
            if leaf.role == "character":
                assert (newest[0].message_id, newest[0].text) == (chat.leaf, leaf.text)
            else:
                assert newest[0].message_id is None

        async def _nothing_lost(self) -> None:
            async with scenery.services.database.transaction() as session:
                for message_id, node in self.nodes.items():
                    found = await storage.messages.find_message(session, message_id)
                    assert found
                    assert found.parent_id == node.parent
                    assert found.text == ("" if node.removed else node.text)

    return Tree


@pytest.fixture
async def scenery(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Scenery]:
    threads = Threads()
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(ScriptedModel())
        told = {
            "_env_file": None,
            "database_url": database_url,
            "redis_url": redis_url,
            "cache_prefix": cache_prefix,
            "master_keys": master_key,
            "data_dir": tmp_path,
            "openai_base_url": model.url,
            "chat_model": "scripted",
            "chat_titles": False,
            "limit_person": "",
            "limit_chat": "",
            "limit_server": "",
            "limit_program": "",
        }
        services = await stack.enter_async_context(
            open_services(read_settings(**told), stage=threads, messenger=threads)
        )
        services.caretaker.open()
        yield Scenery(services, threads, model, asyncio.get_running_loop())


async def test_whatever_people_do_the_tree_is_the_same_on_paper(scenery: Scenery) -> None:
    checked = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        derandomize="TREE_EXAMPLES" not in os.environ,
    )
    await asyncio.to_thread(run_state_machine_as_test, machine_on(scenery), settings=checked)
