"""The words that characters are searched by: how texts become words, and what somebody meant who typed some.

`characters.search` holds a character's words with single spaces between; `search_words` every word once, so that a
typo is looked for among some hundred thousand words and not in a million characters.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, insert

from storage.database import Session
from storage.tables import SearchWord

WORDS, WORD_LETTERS = 8, 60
"""How many words of a search are heeded, and how many letters of a word."""
BEGINNINGS = 20
"""Up to so many words that begin alike are asked for one by one, which the index answers quicker than a prefix."""
BEGUN = 3
"""How many letters a word must have to be asked for by its beginning: fewer begin too many words."""
NEAREST, AS_NEAR = 5, 0.15
"""How many words a typo may stand for, and how much less alike than the nearest they may be."""
_EDGES = ".,;:!?¡¿…()[]{}<>\"'`´“”„‘’«»*/"
_LAST = "\U0010ffff"


def searchable(*texts: str) -> str:
    """The words of texts as they are searched: without capitals, accents and the signs around them, each once.

    What a sign joins is found whole and in its parts: sci-fi, sci, fi.
    """
    words: dict[str, None] = {}
    for piece in _plain(" ".join(texts)).split():
        word = piece.strip(_EDGES) or piece
        words[word[:WORD_LETTERS]] = None
        if not word.isalnum():
            words |= dict.fromkeys(part[:WORD_LETTERS] for part in re.split(r"[\W_]+", word) if part)
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look for; or, if it is `begun`, all that begin so."""

    text: str
    begun: bool = False

    @property
    def lexeme(self) -> str:
        """The word as Postgres' `tsquery` writes it."""
        plain = self.text.replace("\\", "\\\\").replace("'", "''")
        return f"'{plain}':*" if self.begun else f"'{plain}'"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What somebody typed: for each of their words, those it may stand for, one of which a character must have."""

    words: tuple[tuple[Word, ...], ...]

    def in_index(self, search: Any) -> sa.ColumnElement[bool]:
        """The condition on a `search` column for the index of words, whose expression this has to be."""
        words = sa.func.array_to_tsvector(
            sa.func.array_remove(sa.func.string_to_array(search, sa.literal_column("' '")), sa.literal_column("''"))
        )
        asked = " & ".join(f"({' | '.join(word.lexeme for word in each)})" for each in self.words)
        return words.bool_op("@@")(sa.cast(sa.literal(asked, sa.Text), TSQUERY))

    def in_text(self, search: Any) -> sa.ColumnElement[bool]:
        """The same condition for looking through rows one by one, which is much quicker without making lexemes."""
        spaced = sa.literal(" ") + search + sa.literal(" ")

        def stands(word: Word) -> sa.ColumnElement[bool]:
            return spaced.contains(f" {word.text}" if word.begun else f" {word.text} ", autoescape=True)

        return sa.and_(*(sa.or_(*map(stands, each)) for each in self.words))


async def learn(session: Session, search: str) -> None:
    """Remembers words as `searchable` gives them, so that who mistypes one of them is understood."""
    # In order: two that learn the same words at once then wait for each other in turn, never in a circle.
    words = sorted(set(search.split()))
    each = sa.select(sa.func.unnest(sa.literal(words, sa.ARRAY(sa.Text))))
    await session.execute(insert(SearchWord).from_select(["word"], each).on_conflict_do_nothing())


async def understand(session: Session, typed: str) -> Meaning | None:
    """What was typed in a search; None where no character can hold all of it.

    Each word stands for those that begin with it; one that begins no word is a typo, and stands for the nearest.
    """
    words: list[tuple[Word, ...]] = []
    for word in _typed_words(typed):
        found = await _beginning_with(session, word) or await _near(session, word)
        if not found:
            return None
        words.append(found)
    return Meaning(tuple(words)) if words else None


def as_typed(typed: str) -> Meaning | None:
    """Words as they are typed, the last of them perhaps not to its end; None where that is too little to go by."""
    *whole, last = _typed_words(typed) or [""]
    words = [(Word(each),) for each in whole]
    if len(last) >= BEGUN:
        words.append((Word(last, begun=True),))
    return Meaning(tuple(words)) if words else None


async def _beginning_with(session: Session, word: str) -> tuple[Word, ...]:
    query = sa.select(SearchWord.word).where(SearchWord.word >= word, SearchWord.word < word + _LAST)
    found = (await session.execute(query.order_by(SearchWord.word).limit(BEGINNINGS + 1))).scalars().all()
    return (Word(word, begun=True),) if len(found) > BEGINNINGS else tuple(map(Word, found))


async def _near(session: Session, word: str) -> tuple[Word, ...]:
    near = sa.func.similarity(SearchWord.word, word)
    alike = SearchWord.word.op("%", is_comparison=True)(word)
    query = (
        sa.select(SearchWord.word, near)
        .where(sa.or_(alike, SearchWord.word.contains(word, autoescape=True)))
        .order_by(near.desc(), SearchWord.word)
        .limit(NEAREST)
    )
    rows = (await session.execute(query)).all()
    return tuple(Word(row[0]) for row in rows if row[1] >= rows[0][1] - AS_NEAR)


def _typed_words(typed: str) -> list[str]:
    words = dict.fromkeys((piece.strip(_EDGES) or piece)[:WORD_LETTERS] for piece in _plain(typed).split())
    return list(words)[:WORDS]


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower().replace("\x00", "")
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter) and letter != "\x00")
