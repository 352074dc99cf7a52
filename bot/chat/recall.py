"""Recall: passages of a path that no prompt holds any more come to mind by what they mean.

Only with an embedding model, and with pgvector in the database. The comparing is the database's, so what a passage is
about can be read there by whoever has the same model; its words cannot.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

import storage.chats
import storage.memories
from bot.chat.scene import Scene, prompt_of
from bot.chat.summing import reach_of, speech
from bot.llm import Llm
from storage.database import Database
from storage.memories import Memory

PASSAGES = 3
"""So many come to mind at once."""
SECONDS = 1.5
"""Longer nobody waits for them: a reply can do without."""
REST_SECONDS = 60.0
AT_ONCE = 32

log = structlog.get_logger()


class Recall:
    """Embeds passages, and finds those that matter for a reply."""

    def __init__(self, database: Database, model_server: Llm, model: str | None, *, seconds: float = SECONDS) -> None:
        self._database = database
        self._model_server = model_server
        self._model = model
        self._seconds = seconds
        self._is_ready: bool | None = None if model else False
        self._rests_until = 0.0
        self._is_silent = False

    async def is_ready(self) -> bool:
        """Whether passages can be embedded and compared; tried once, and told in the log where they cannot be."""
        if self._is_ready is None:
            self._is_ready = await storage.memories.enable_recall(self._database)
            if not self._is_ready:
                log.warning("recall.no_pgvector")
        return self._is_ready

    async def embed_waiting(self, chat_id: UUID) -> None:
        """Embeds the passages of a chat's tree that are not embedded yet; Unavailable where the model is away."""
        if self._model is None or not await self.is_ready():
            return
        while True:
            async with self._database.transaction() as session:
                chat = await storage.chats.find_chat(session, chat_id)
                if chat is None:
                    return
                waiting = await storage.memories.list_unembedded(
                    session, chat.tree_id, model=self._model, limit=AT_ONCE
                )
            if not waiting:
                return
            vectors = await self._model_server.embed([each.text for each in waiting], model=self._model)
            async with self._database.transaction() as session:
                for memory, vector in zip(waiting, vectors, strict=True):
                    await storage.memories.embed_memory(session, memory, vector, model=self._model)

    async def into(self, scene: Scene) -> Scene:
        """The scene with the passages in mind that are nearest to what was said last, and that it does not read.

        Where they do not come in time the scene is as it was. Not to be asked inside a transaction.
        """
        said = next((speech(message) for message in reversed(scene.path) if speech(message)), "")
        if self._model is None or not said or scene.around.remembered_to < 0 or self._rests:
            return scene
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._found(scene, said, self._model)
        except Exception as error:
            # Whatever it is: without them the reply is still a reply.
            self._begin_rest(error)
            return scene
        self._is_silent = False
        texts = tuple([memory.text for memory in await _unread(scene, found)][:PASSAGES])
        if not texts:
            return scene
        return replace(scene, around=replace(scene.around, recalled=texts))

    def _begin_rest(self, error: Exception) -> None:
        self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
        if not self._is_silent:
            log.warning("recall.unavailable", kind=type(error).__name__)
        self._is_silent = True

    @property
    def _rests(self) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until

    async def _found(self, scene: Scene, said: str, model: str) -> list[Memory]:
        if not await self.is_ready():
            return []
        (vector,) = await self._model_server.embed([said], model=model, is_urgent=True)
        newest = scene.path[-1]
        async with self._database.transaction() as session:
            # Some more than are told: the nearest may be among what is read anyway.
            near = await storage.memories.recall(
                session,
                tree_id=newest.tree_id,
                leaf_id=newest.id,
                embedding=vector,
                model=model,
                limit=3 * PASSAGES,
            )
        return [each.memory for each in near]


async def _unread(scene: Scene, found: Sequence[Memory]) -> list[Memory]:
    """Those of the passages that the speaker heard, and that end above what a prompt of the scene reads."""
    heard = [memory for memory in found if scene.state.cast.heard(scene.speaker_id, memory.depth)]
    loaded = scene.path[0].depth
    if all(memory.depth < loaded for memory in heard):
        return heard
    prompt = await asyncio.to_thread(prompt_of, scene) if scene.is_heavy else prompt_of(scene)
    reach = reach_of(scene.path, prompt.report)
    return [memory for memory in heard if reach is not None and memory.depth <= reach.depth]
