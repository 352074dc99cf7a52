"""Titles: after its first reply a chat is called by what it is about, until a person calls it otherwise."""

import re
from uuid import UUID

import storage.chats
import storage.messages
import storage.titles
from bot.chat.choices import ModelChoice, choices_of
from bot.chat.scene import place_of
from bot.chat.stage import Stage
from bot.llm import Answer, Declined, Message, StandIns, TooLong
from bot.usage import Spent, Usage
from storage.chats import Chat
from storage.database import Database, Session
from storage.ids import new_id
from storage.jobs import Payload

JOB = "chat.title"
WORDS, LETTERS = 6, 60
RAMBLING_WORDS = 12
"""So many words are no title, but a model that explains or refuses."""
LINES, LINE_LETTERS, PATH = 4, 500, 50
TOKENS = 200
ASKED = (
    "You give scenes their titles. Answer with one title of at most six words, in the language of the scene: "
    "no quotation marks, no explanation, nothing else."
)

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r"^\W*(the\s+)?title\W*[:：]\s*", re.IGNORECASE)
_LINK = re.compile(r"\S+://\S+|\bwww\.\S+|\b[\w-]+\.(com|net|org|gg|io)\b\S*", re.IGNORECASE)
_MENTION = re.compile(r"<[@#:/a][^>\s]*>?|@(?=\w)", re.IGNORECASE)
_MARKS = re.compile(r"[*_`~|#<>\[\]{}\\\"“”„«»‹›「」『』]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class Titles:
    """Has a model say in a few words what a chat is about."""

    def __init__(
        self,
        *,
        database: Database,
        models: StandIns,
        model: ModelChoice,
        stage: Stage,
        usage: Usage,
        wanted: bool = True,
    ) -> None:
        self._database = database
        self._models = models
        self._model = model
        self._stage = stage
        self._usage = usage
        self._wanted = wanted

    async def propose(self, payload: Payload) -> None:
        """The job that follows a chat's first reply: stores a title and renames the thread.

        Nothing happens where a person has chosen one; done twice, the model and Discord are asked once.
        """
        if not self._wanted:
            return
        async with self._database.transaction() as session:
            chat = await storage.chats.find_chat(session, UUID(str(payload["chat"])))
            if chat is None or chat.status == "deleted":
                return
            naming = await storage.titles.find_naming(session, chat.id)
            lines = await _first_lines(session, chat)
        if naming.by_person or naming.is_shown:
            return
        title = chat.title if naming.by_model else await self._proposed(chat, lines)
        if title is None:
            return
        await self._stage.rename(place_of(chat), title)
        async with self._database.transaction() as session:
            await storage.titles.mark_shown(session, chat.id)

    async def _proposed(self, chat: Chat, lines: list[str]) -> str | None:
        """A title that is stored now; None when there is none, or a person was quicker."""
        if not lines:
            return None
        try:
            said, spent = await self._asked(chat, lines)
        except (Declined, TooLong):
            return None
        title = cleaned(said)
        async with self._database.transaction() as session:
            await self._usage.settle(session, spent)
            return title if title and await storage.titles.save_title(session, chat, title) else None

    async def _asked(self, chat: Chat, lines: list[str]) -> tuple[str, Spent]:
        asked = [Message("system", ASKED), Message("user", "\n\n".join(lines))]
        choices = choices_of(chat, self._model)
        answer = await self._models.answer(
            asked, model=choices.model, temperature=0.3, max_tokens=TOKENS, key=choices.key
        )
        return answer.text, _spent(chat, answer)


def cleaned(said: str) -> str | None:
    """A model's answer as a title: one line, a few words, no quotation marks, mentions or links; None when it is none.

    At most six words and 60 letters.
    """
    for line in _THOUGHT.sub("", said).splitlines():
        words = _MARKS.sub(" ", _MENTION.sub(" ", _LINK.sub(" ", _LABEL.sub("", _UNSEEN.sub("", line))))).split()
        title = _fitting(words)
        if title and any(letter.isalnum() for letter in title):
            return title if len(words) <= RAMBLING_WORDS else None
    return None


def _fitting(words: list[str]) -> str:
    title = ""
    for word in words[:WORDS]:
        longer = f"{title} {word}".strip()
        if len(longer) > LETTERS:
            # A language without spaces is one long word.
            title = title or longer[:LETTERS]
            break
        title = longer
    return title.strip(" '’.,;:–—-")


async def _first_lines(session: Session, chat: Chat) -> list[str]:
    """What was said first on the way to where the chat stands, each line shortened."""
    if chat.leaf_id is None:
        return []
    path = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id, limit=PATH)
    said = [message for message in reversed(path) if message.text and message.status not in ("failed", "removed")]
    return [f"{message.speaker.name}: {(message.text or '')[:LINE_LETTERS]}" for message in said[:LINES]]


def _spent(chat: Chat, answer: Answer) -> Spent:
    tokens = answer.tokens
    return Spent(
        generation_id=new_id(),
        kind="title",
        user_id=chat.owner_id,
        guild_id=chat.guild_id,
        chat_id=chat.id,
        character_id=chat.character_id,
        model=answer.model,
        prompt_tokens=tokens.prompt_tokens if tokens else None,
        completion_tokens=tokens.completion_tokens if tokens else None,
    )
