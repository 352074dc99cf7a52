"""Memory as pieces: the summary, the facts, and passages found by their meaning."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from bot.prompt import wording
from bot.prompt.budget import JOINING, NO_ROOM, Budget, Piece
from bot.prompt.reading import Memory


def take_summary(memory: Memory, budget: Budget) -> Piece:
    """The summary, whole or not at all."""
    text = memory.summary.strip()
    piece = Piece("summary", text and f"{wording.SUMMARY}\n{text}")
    if text:
        budget.admit([piece])
    return piece


def take_facts(memory: Memory, budget: Budget) -> Piece:
    """As many facts as fit, in their order."""
    return _listed("facts", wording.FACTS, memory.facts, budget)


def take_recalled(memory: Memory, budget: Budget) -> Piece:
    """As many recalled passages as fit, in their order."""
    return _listed("recalled passages", wording.RECALLED, memory.recalled, budget)


def _listed(name: str, heading: str, texts: Sequence[str], budget: Budget) -> Piece:
    told = [f"- {text.strip()}" for text in texts if text.strip()]
    if not told:
        return Piece(name, "")
    spent = list(accumulate((budget.cost(text, JOINING) for text in told), initial=budget.cost(heading)))
    number = bisect_right(spent, budget.left, lo=1) - 1
    if number < len(told):
        budget.is_overfull = True
    if not number:
        return Piece(name, "", tokens=spent[-1], why=f"{NO_ROOM} {f'any of {len(told)}' if told[1:] else 'it'}")
    budget.spend(spent[number])
    why = "" if number == len(told) else f"{number} of {len(told)}: {NO_ROOM} more"
    return Piece(name, "\n".join((heading, *told[:number])), tokens=spent[number], included=True, why=why)
