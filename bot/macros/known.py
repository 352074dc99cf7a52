"""The macros that are known, and what each puts in its place."""

from collections.abc import Callable
from datetime import datetime

from bot.macros import clock
from bot.macros.chance import draws
from bot.macros.dice import read_dice
from bot.macros.evaluation import Evaluation, Meaning
from bot.macros.meanings import Meanings
from bot.macros.parsing import Macro, choices, halves, trimmed
from bot.macros.spacing import NOOP, TRIM

NO_DICE = "There are no dice such as {dice}: write {{{{roll:2d6+3}}}}."
_LONGEST_QUOTE = 40


def _plain(told: Callable[[Meanings], str]) -> Meaning:
    """A macro that stands alone and is taken literally."""

    def meaning(here: Evaluation, macro: Macro) -> str | None:
        return None if macro.is_given else told(here.around.meanings)

    return meaning


def _clock(told: Callable[[datetime], str]) -> Meaning:
    def meaning(here: Evaluation, macro: Macro) -> str | None:
        now = here.around.meanings.now
        return None if macro.is_given or now is None else told(now)

    return meaning


def _field(name: str, read: Callable[[Meanings], str]) -> Meaning:
    """A field of the card: the author's words, in which macros may stand."""

    def meaning(here: Evaluation, macro: Macro) -> str | None:
        return None if macro.is_given else here.field(name, read(here.around.meanings))

    return meaning


def _original(here: Evaluation, macro: Macro) -> str | None:
    return None if macro.is_given else here.original


def _chosen(kind: str, seed: Callable[[Meanings], str]) -> Meaning:
    """One of several, of which the others are not even looked at."""

    def meaning(here: Evaluation, macro: Macro) -> str | None:
        if not macro.is_given:
            return None
        parts = choices(macro.rest)
        words = (kind, seed(here.around.meanings), here.place, str(macro.start))
        return here.words(trimmed(parts[draws(words, len(parts))[0]]))

    return meaning


def _roll(here: Evaluation, macro: Macro) -> str | None:
    if not macro.is_given:
        return None
    written, bounds = here.words(macro.rest), here.around.bounds
    dice = read_dice(written)
    if dice is None:
        bounds.note(NO_DICE.format(dice=written[:_LONGEST_QUOTE]))
    if dice is None or not bounds.may_enter(dice.count):
        return f"{{{{roll:{written}}}}}"
    words = ("roll", here.around.meanings.seed, here.place, str(macro.start))
    return str(sum(draws(words, dice.sides, dice.count)) + dice.count + dice.added)


def _reverse(here: Evaluation, macro: Macro) -> str | None:
    return here.words(macro.rest)[::-1] if macro.is_given else None


def _hidden_key(here: Evaluation, macro: Macro) -> str | None:
    if not macro.is_given:
        return None
    key = here.words(macro.rest)
    if key and here.around.bounds.may_add(len(key)):
        here.around.hidden.append(key)
    return ""


def _nothing(_here: Evaluation, _macro: Macro) -> str:
    return ""


def _mark(mark: str) -> Meaning:
    def meaning(_here: Evaluation, macro: Macro) -> str | None:
        return None if macro.is_given else mark

    return meaning


def _getvar(here: Evaluation, macro: Macro) -> str | None:
    return here.around.variables.get(here.words(macro.rest).strip()) if macro.rest else None


def _changed(change: Callable[[Evaluation, str, str], None]) -> Meaning:
    """A macro of a name and a value, in whose place nothing is put."""

    def meaning(here: Evaluation, macro: Macro) -> str | None:
        name, value = halves(macro.rest)
        if not name or value is None:
            return None
        change(here, here.words(name).strip(), here.words(value))
        return ""

    return meaning


def _counted(step: str) -> Meaning:
    """A macro that counts a variable up or down, in whose place the new value is put."""

    def meaning(here: Evaluation, macro: Macro) -> str | None:
        if not macro.rest:
            return None
        name = here.words(macro.rest).strip()
        here.around.variables.add(name, step)
        return here.around.variables.get(name)

    return meaning


KNOWN: dict[str, Meaning] = {
    "char": _plain(lambda told: told.char),
    "user": _plain(lambda told: told.user),
    "group": _plain(lambda told: told.everyone),
    "charifnotgroup": _plain(lambda told: told.everyone),
    "persona": _plain(lambda told: told.persona),
    "lastmessage": _plain(lambda told: told.last_message),
    "lastusermessage": _plain(lambda told: told.last_user_message),
    "lastcharmessage": _plain(lambda told: told.last_char_message),
    "idle_duration": _plain(lambda told: clock.duration(told.idle)),
    "idleduration": _plain(lambda told: clock.duration(told.idle)),
    "newline": _plain(lambda _: "\n"),
    "time": _clock(clock.time),
    "date": _clock(clock.date),
    "weekday": _clock(clock.weekday),
    "isotime": _clock(clock.iso_time),
    "isodate": _clock(clock.iso_date),
    "description": _field("description", lambda told: told.description),
    "personality": _field("personality", lambda told: told.personality),
    "scenario": _field("scenario", lambda told: told.scenario),
    "mesexamples": _field("mes_example", lambda told: told.examples),
    "original": _original,
    "random": _chosen("random", lambda told: told.seed),
    "pick": _chosen("pick", lambda told: told.place_seed),
    "roll": _roll,
    "reverse": _reverse,
    "//": _nothing,
    "comment": _nothing,
    "hidden_key": _hidden_key,
    "trim": _mark(TRIM),
    "noop": _mark(NOOP),
    "getvar": _getvar,
    "setvar": _changed(lambda here, name, value: here.around.variables.set(name, value)),
    "addvar": _changed(lambda here, name, value: here.around.variables.add(name, value)),
    "incvar": _counted("1"),
    "decvar": _counted("-1"),
}
