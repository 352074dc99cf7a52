"""Regular expressions of lorebooks, in an engine whose time is linear in the text (google-re2).

They are written for JavaScript: `/…/flags` as SillyTavern has it, or the bare pattern of V3's `use_regex`. What that
engine has and this one cannot have (looking around, references back) makes an expression unreadable.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

LONGEST = 1_000  # characters of a pattern
_MEMORY = 1 << 16  # bytes a pattern, for its program and for the states that it has been in
_LARGEST_PROGRAM = 1_500  # steps, of which each letter may take as many
_KEPT = 4_096  # compiled patterns: about as many as a lorebook may have entries
_KEPT_LENGTH = 200  # characters of a pattern that is kept; longer ones take a lot of room, and are compiled each time

_QUICK = 4  # nanoseconds a byte
_SMALL = 100  # steps
_FEW_CHOICES = 8
_MANY = re.compile(r"[*+{.\[]|\\[a-zA-Z](?<!\\b)")
_CHOICE = re.compile(r"\||(?<!\()\?")

_LITERAL = re.compile(r"/((?:[^/\\]|\\.)+)/([a-z]{0,8})", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_FLAGS = "dgimsuvy"
_AROUND = re.compile(r"\(\?(?:=|!|<=|<!)")
_BACK = re.compile(r"\\(?:[1-9]|k<)")


class _Found(Protocol):
    def start(self) -> int: ...


class _Pattern(Protocol):
    @property
    def programsize(self) -> int: ...

    def search(self, text: bytes) -> _Found | None: ...


class _Options(Protocol):
    max_mem: int
    log_errors: bool


class _Engine(Protocol):
    """What is used of the module, which comes without types."""

    error: type[Exception]
    Options: type[_Options]

    def compile(self, pattern: str, options: _Options) -> _Pattern: ...


_ENGINE = cast(_Engine, re2)


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern that can be looked for; `cost` is what each byte of a text may take, in nanoseconds or so.

    The engine is quick as long as the states that a pattern can be in are few. Else it follows each step of the
    program at each byte, which is linear still, but slow.
    """

    pattern: _Pattern
    cost: int

    def find(self, text: bytes) -> int:
        """Return where in a text of UTF-8 it first matches, in bytes, or -1."""
        found = self.pattern.search(text)
        return -1 if found is None else found.start()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A pattern that never matches, and why."""

    problem: str


def read_literal(text: str) -> tuple[str, str] | None:
    """Return the pattern and the flags of `/…/flags`, or None for a text that is no such thing."""
    if not text.startswith("/"):
        return None
    match = _LITERAL.fullmatch(text)
    return None if match is None or set(match[2]) - set(_FLAGS) else (match[1], match[2])


def read_expression(pattern: str, flags: str) -> Expression | Unreadable:
    """Return a compiled pattern, or why it cannot be read; of the flags, i, m and s mean anything."""
    return (_compiled if len(pattern) <= _KEPT_LENGTH else _compiled.__wrapped__)(pattern, flags)


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str, flags: str) -> Expression | Unreadable:
    if len(pattern) > LONGEST:
        return Unreadable(f"it is longer than {LONGEST:,} characters")
    options = _ENGINE.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    meant = "".join(flag for flag in "ims" if flag in flags)
    try:
        compiled = _ENGINE.compile((f"(?{meant})" if meant else "") + _translated(pattern), options)
    except (_ENGINE.error, UnicodeEncodeError) as error:
        return Unreadable(_problem(pattern, error))
    size = compiled.programsize
    if size > _LARGEST_PROGRAM:
        return Unreadable("it is too large")
    return Expression(compiled, _QUICK if _has_few_states(pattern, size) else max(2 * _QUICK, size))


def _has_few_states(pattern: str, size: int) -> bool:
    """Return whether a pattern is but words and a few choices: nothing repeats and nothing stands for many letters."""
    return size <= _SMALL and not _MANY.search(pattern) and len(_CHOICE.findall(pattern)) <= _FEW_CHOICES


def escaped(text: str) -> str:
    """Return a pattern that matches just this text."""
    return re.sub(r"([^\w\s])", r"\\\1", text, flags=re.ASCII)


def _translated(pattern: str) -> str:
    def escape(match: re.Match[str]) -> str:
        letter = match[1] or match[2]
        return rf"\x{{{letter}}}" if letter else match[0]

    return _ESCAPE.sub(escape, pattern)


def _problem(pattern: str, error: Exception) -> str:
    if _AROUND.search(pattern):
        return "it looks ahead or behind, (?=…) or (?<=…), which is not possible here"
    if _BACK.search(pattern):
        return "it refers back to a group, which is not possible here"
    said = error.args[0] if error.args else ""
    said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return "it is too large" if "too large" in said else said[:120]
