"""YAML from strangers, read event by event into what JSON can hold; a card needs no more of YAML than that."""

import codecs
import math
import re
from collections.abc import Iterator

import yaml

from bot.cards.card_fields import shown
from bot.cards.untrusted_json import MAX_DEPTH, Json, JsonObject
from bot.errors import Invalid

MAX_DOCUMENT = 2 * 2**20
_MAX_VALUES = 20_000

# YAML 1.2's core schema (10.3.2), so that a character called No stays one.
_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")


def read_yaml(document: bytes) -> Json:
    """Return the value of a document of one card, at most 2 MiB of UTF-8 or UTF-16.

    Raises Invalid with one sentence when it is broken, too large, or has what only programs need: aliases, tags.
    """
    if len(document) > MAX_DOCUMENT:
        raise Invalid("The card's YAML is longer than 2 MiB. Shorten it and try again.")
    wide = document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = document.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"The card's YAML is not UTF-8 text: byte {error.start + 1} does not fit.") from None
    try:
        return _Reader(text).value()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Invalid(f"The card's YAML breaks off{where}: {_reason(error.problem)}.") from None
    except yaml.YAMLError:
        raise Invalid("The card's YAML holds characters that YAML does not allow. Save it anew as JSON.") from None


def _reason(problem: str | None) -> str:
    return shown(problem or "it is not YAML", 80)


class _Reader:
    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
        self._values = 0

    def value(self) -> Json:
        for event in self._events:
            if isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                continue
            return None if isinstance(event, yaml.StreamEndEvent) else self._node(event, 0)
        return None

    def _node(self, event: yaml.Event, depth: int) -> Json:
        line = _line(event)
        self._values += 1
        if self._values > _MAX_VALUES:
            raise Invalid("The card's YAML has too many parts to be a card.")
        if depth > MAX_DEPTH:
            raise Invalid(f"The card's YAML is nested more than {MAX_DEPTH} levels deep at line {line}.")
        if isinstance(event, yaml.AliasEvent):
            raise Invalid(f"The card's YAML has an alias at line {line}. Write the text itself there.")
        if isinstance(event, yaml.NodeEvent) and (tag := getattr(event, "tag", None)) not in (None, "!"):
            raise Invalid(f"The card's YAML has the tag {shown(str(tag), 40)} at line {line}. Remove it.")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        return self._list(depth) if isinstance(event, yaml.SequenceStartEvent) else self._object(depth)

    def _list(self, depth: int) -> list[Json]:
        items: list[Json] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return items

    def _object(self, depth: int) -> JsonObject:
        values: JsonObject = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise Invalid(f"The card's YAML has a field without a plain name at line {_line(event)}.")
            values[event.value] = self._node(next(self._events), depth + 1)
        return values


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Json:
    text = event.value
    if event.style:  # quoted, or a block of text
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text
