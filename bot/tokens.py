"""Counts tokens offline: exactly for OpenAI's models, else by an estimate that errs on the long side."""

import re
import sys
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from math import ceil
from types import ModuleType
from typing import Protocol

# Families by the beginning of a model's name; the first that fits. A provider's prefix ("openai/") is ignored.
_ENCODINGS = (
    (re.compile(r"(chatgpt-)?(gpt-4o|gpt-4\.[15]|gpt-[5-9]|gpt-oss|o[1-9])"), "o200k_base"),
    (re.compile(r"gpt-(4|3\.5|35)|text-embedding-(3|ada)"), "cl100k_base"),
)

# Tokens a character, by its first byte in UTF-8: letters, digits, marks, spaces, breaks, then what is two, three
# and four bytes long (Greek to Arabic; Indian to Chinese; emoji).
_LOWER = b"abcdefghijklmnopqrstuvwxyz"
_UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARKS = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_FOREIGN = (bytes(range(0xC2, 0xE0)), bytes(range(0xE0, 0xF0)), bytes(range(0xF0, 0xF5)))
_WEIGHTS = {
    _LOWER: 0.235,
    _UPPER: 0.42,
    b"0123456789": 1.2,
    _MARKS: 0.6,
    b" ": 0.06,
    b"\r\n\t": 0.4,
    _FOREIGN[0]: 1.0,
    _FOREIGN[1]: 2.3,
    _FOREIGN[2]: 2.6,
}
_OTHER_LATIN = 0.225  # more for each small letter
_MARKED = 0.004  # of the characters
_MARGIN = 1.1


# Counts remembered by each of two generations: a prompt is mostly what the last one was, and counting is its cost.
_REMEMBERED = 16_384


class _Encoding(Protocol):
    def count(self, text: str) -> int: ...


def count(text: str, model: str) -> int:
    """Return how many tokens a text has for a model. The first call for a family loads its vocabulary (0.1 s).

    What was counted lately is not counted again.
    """
    return _counter(_encoding_name(model)).count(text)


def tokenizer_of(model: str) -> str | None:
    """Return the name of the model's tokenizer; None where it is not known and tokens are estimated."""
    return _encoding_name(model)


class _Counter:
    """Counts by one encoding, or estimates, and remembers by the text's hash, so that no words are kept."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def count(self, text: str) -> int:
        key = hash(text)
        known = self._newer.get(key)
        if known is None:
            known = self._older.get(key)
            if known is None:
                known = self._counted(text)
            if len(self._newer) >= _REMEMBERED:
                self._older, self._newer = self._newer, {}
            self._newer[key] = known
        return known

    def _counted(self, text: str) -> int:
        if self._name is None:
            return estimate(text)
        try:
            return _encoding(self._name).count(text)
        except UnicodeEncodeError:  # half a surrogate pair, which no request can carry either
            return _encoding(self._name).count(text.encode(errors="replace").decode())


def estimate(text: str) -> int:
    """Return about how many tokens a text has for a model whose tokenizer is not known, rather too many than too few.

    Calibrated with SmolLM2's tokenizer, whose vocabulary is small (49,152) and who thus needs many: the estimate is
    1.0 to 1.4 times its count for English prose, role-play, JSON, code, capitals, dice, German, French, Spanish,
    Polish, Russian, Arabic, Japanese, Chinese, Thai and emoji. It falls short for languages written without marks
    (Indonesian: 0.7) and for Korean (0.95). Larger vocabularies need fewer, outside English often half.
    """
    written = text.encode(errors="replace")
    counted = {kind: len(written) - len(written.translate(None, kind)) for kind in _WEIGHTS}
    foreign = sum(counted[kind] for kind in _FOREIGN)
    weighted = sum(_WEIGHTS[kind] * number for kind, number in counted.items())
    if foreign > _MARKED * len(text):  # another language: its Latin words fall into more pieces
        weighted += _OTHER_LATIN * counted[_LOWER]
    return ceil(weighted * _MARGIN)


@cache
def _counter(name: str | None) -> _Counter:
    return _Counter(name)


@lru_cache(maxsize=256)
def _encoding_name(model: str) -> str | None:
    name = model.rpartition("/")[2].lower()
    return next((encoding for family, encoding in _ENCODINGS if family.match(name)), None)


@cache
def _encoding(name: str) -> _Encoding:
    encoding: _Encoding = _bindings().tokenizer_for_encoding(name)
    return encoding


@cache
def _bindings() -> ModuleType:
    # The compiled module alone: the package around it reads every vocabulary into Python when it is imported,
    # which takes a second and 70 MB.
    name = "bpe_openai._bindings"
    if name in sys.modules:
        return sys.modules[name]
    package = find_spec("bpe_openai")
    spec = PathFinder.find_spec(name, package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    module = module_from_spec(spec)
    sys.modules[name] = module  # it can be initialised once a process
    spec.loader.exec_module(module)
    return module
