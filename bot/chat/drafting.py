"""What a model is asked for when a person wants help with their own line, and what of its answer is kept. Pure."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import orjson

Wanted = Literal["draft", "suggest", "rephrase"]
Json: TypeAlias = "str | float | bool | list[Json] | dict[str, Json] | None"
LONGEST_LINE, LONGEST_SUGGESTION = 1_800, 400
LONGEST_WISH, LONGEST_ABOUT = 4_000, 1_000
SUGGESTIONS = 3
DEEPEST = 4
TOKENS = 500
"""For the answer; thinking models need some before they begin."""

ASKED: dict[Wanted, str] = {
    "draft": (
        "Pause the role-play for one request: write what {name}, the player, says or does next, for {name} to send or "
        "change. Write as {name} has written so far: the same language, person, tense, style and length, 80 words at "
        "most. Nothing that {char} says, does or thinks. Answer with the line alone: no name before it, no quotation "
        "marks around it, no comment."
    ),
    "suggest": (
        "Pause the role-play for one request: write three things that {name}, the player, could say or do next, each "
        "leading the scene somewhere else: one careful, one bold, one that nobody expects. Write as {name} has written "
        "so far: the same language, person and tense, 30 words each at most. Nothing that {char} says, does or thinks. "
        "Answer with three lines that begin with 1., 2. and 3., and nothing else."
    ),
    "rephrase": (
        "Pause the role-play for one request: write the line below better, as {name}, the player, would say it in this "
        "scene. Keep its language, meaning, person and tense, and about its length; add nothing that happens. Answer "
        "with the line alone: no name before it, no quotation marks around it, no comment."
    ),
}
ABOUT = "About {name}: {about}"
HINT = "What {name} wants it to be: {wish}"
THE_LINE = "The line:\n{wish}"
NUDGE: dict[Wanted, str] = {
    "draft": "[Write {name}'s next line.]",
    "suggest": "[Write the three lines for {name}.]",
    "rephrase": "[Write {name}'s line better.]",
}

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```\w*\n(.*?)\n?```\Z", re.DOTALL)
_PREAMBLE = re.compile(r"\A(?:sure|certainly|of course|okay|here(?:'s|’s| is| are))\b[^\n]*:\s*\n+", re.IGNORECASE)
_MARK = re.compile(r"^\s*(?:[-*•–]\s+|\**(?:option\s+)?\(?(?:\d{1,2}|[a-c])[.):]\**\s*)(?=\S)", re.IGNORECASE)
_IN_A_ROW = re.compile(r"(?:(?<=\s)|\A)\(?[1-9][.)]\s+")
_SENTENCE = re.compile(r".*[.!?…。！？][\"”»*)]*", re.DOTALL)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」", "'": "'", "‘": "’"}


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose line it is, and who they talk to; `about` is the person's persona."""

    name: str
    char: str
    about: str = ""


def instruction(wanted: Wanted, voice: Voice, wish: str = "") -> str:
    """What the model is told behind the scene; `wish` is the hint, or the line to write better."""
    parts = [ASKED[wanted].format(name=voice.name, char=voice.char)]
    if about := voice.about.strip()[:LONGEST_ABOUT]:
        parts.append(ABOUT.format(name=voice.name, about=about))
    if wish := wish.strip()[:LONGEST_WISH]:
        parts.append((THE_LINE if wanted == "rephrase" else HINT).format(name=voice.name, wish=wish))
    return "\n\n".join(parts)


def nudge(wanted: Wanted, voice: Voice) -> str:
    """The last words of the prompt: many endpoints answer nobody but a user."""
    return NUDGE[wanted].format(name=voice.name)


def lines_of(said: str, wanted: Wanted, voice: Voice) -> list[str]:
    """The line, or up to three different suggestions, of a model's answer; none when there are no words in it."""
    text = _bare(said)
    if wanted == "suggest":
        found = _of_json(text) or _of_list(text)
        lines = [_cut(_line(each, voice), LONGEST_SUGGESTION) for each in found]
        different = {" ".join(line.casefold().split()): line for line in reversed(lines) if _has_letters(line)}
        return list(reversed(different.values()))[:SUGGESTIONS]
    found = _of_json(text)
    line = _cut(_line(found[0] if found else _PREAMBLE.sub("", text), voice), LONGEST_LINE)
    return [line] if _has_words(line) else []


def _bare(said: str) -> str:
    text = _THOUGHT.sub("", said).strip()
    fenced = _FENCE.match(text)
    return (fenced[1] if fenced else text).strip()


def _of_json(text: str) -> list[str]:
    """The texts of a JSON list or object; none where it is no JSON."""
    if not text.startswith(("[", "{")):
        return []
    try:
        return _texts(cast("Json", orjson.loads(text)), depth=0)
    except orjson.JSONDecodeError:
        return []


def _texts(value: Json, *, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        strings = [each for each in value.values() if isinstance(each, str)]
        is_list = all(key[-1:].isdigit() for key in value)  # {"1": …, "2": …}, {"option1": …}
        if strings and len(strings) == len(value) and not is_list:
            return [max(strings, key=len)]  # of a title and a text the text is meant
        value = list(value.values())
    if not isinstance(value, list) or depth == DEEPEST:
        return []
    return [text for each in value for text in _texts(each, depth=depth + 1)]


def _of_list(text: str) -> list[str]:
    """The items of a list however it is marked; where nothing is marked, paragraphs, else lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        return [each for each in _IN_A_ROW.split(lines[0]) if each.strip()]
    if sum(bool(_MARK.match(line)) for line in lines) >= 2:
        items: list[str] = []
        for line in lines:
            if _MARK.match(line):
                items.append(_MARK.sub("", line))
            elif items:
                items[-1] += f"\n{line}"
        return items
    paragraphs = re.split(r"\n\s*\n", text)
    whole = paragraphs if len(paragraphs) >= SUGGESTIONS else lines
    return [_MARK.sub("", each) for each in whole if not each.rstrip().endswith(":")]


def _line(text: str, voice: Voice) -> str:
    """What the person says: without their name before it, quotation marks around it, and what the character answers."""
    said = re.split(rf"\n\s*\**{re.escape(voice.char)}\**\s*[:：]", f"\n{text}")
    text = next((each for each in said if each.strip()), "").strip()
    text = re.sub(rf"\A\**(?:{re.escape(voice.name)}|{{{{user}}}})\**\s*[:：]\**\s*", "", text).strip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and not set(text[1:-1]) & {text[0], text[-1]}:
        text = text[1:-1].strip()
    if text.startswith("**") and text.endswith("**") and text.count("**") == 2:
        text = text[2:-2].strip()
    return text


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _cut(text: str, most: int) -> str:
    """At most so many letters, ending with a sentence where one ends."""
    if len(text) <= most:
        return text
    sentences = _SENTENCE.match(text[:most])
    return sentences[0] if sentences and len(sentences[0]) > most // 4 else text[: most - 1].rstrip() + "…"
