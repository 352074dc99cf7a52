"""Which entries of which books go into a prompt, and why: the passes over them.

First what stands fast and what is in the newest messages, then, in books that scan recursively, what is in the texts
of the entries that went in, as long as that brings anything new. Each entry is decided once, so it ends.
Sources: character-card-spec-v3, "Lorebook Fields"; SillyTavern's documentation of world info.
"""

from collections.abc import Callable, Iterable, Sequence

from bot.lore import words
from bot.lore.budget import Purse
from bot.lore.chances import drawn, groups_of, happens
from bot.lore.conditions import hold_or_refuse
from bot.lore.keys import KeyReader
from bot.lore.listening import Listener
from bot.lore.scene import Book, Heard, Lore, Told
from bot.lore.texts import Patience, together
from bot.lore.timers import Timer, Timers, begun
from bot.lore.watches import Watch, in_order, placed, watch_all
from bot.macros import Expander

MOST_PASSES = 24  # of recursion


def fire(
    books: Sequence[Book],
    heard: Heard,
    *,
    timers: Timers,
    seed: str,
    expander: Expander,
    count: Callable[[str], int],
    default_budget: int,
    default_scan_depth: int = 4,
) -> Lore:
    """Return what goes in of the books, in order of standing, a report of every entry, and the timers from now on.

    `timers` are those of the path before this reply; `seed` decides chances. `count` tells a text's tokens;
    `default_budget`, in tokens, and `default_scan_depth`, in messages, are for books that name none.
    """
    watches = watch_all(books, heard, timers)
    patience = Patience()
    purses = {
        book.id: Purse(default_budget if book.book.token_budget is None else book.book.token_budget, expander, count)
        for book in books
    }
    listener = Listener(heard, KeyReader(expander, patience), patience, default_scan_depth)
    _Firing(watches, listener, purses, seed).run(heard, expander.hidden[:], patience)
    given = {watch.key for purse in purses.values() for watch in purse.given()}
    fired = [watch for watch in watches if watch.key in given]
    return Lore(
        placed=tuple(placed(watch, heard.depth_of_path) for watch in in_order(fired, books)),
        told=tuple(_told(watch, given, purses) for watch in watches),
        timers=_timers(watches, given, timers, heard.depth_of_path),
    )


class _Firing:
    """The passes over the entries of one prompt."""

    def __init__(self, watches: list[Watch], listener: Listener, purses: dict[str, Purse], seed: str) -> None:
        self._watches = watches
        self._listener = listener
        self._purses = purses
        self._seed = seed
        self._titles = {watch.key: watch.title for watch in watches}
        self._taken: dict[tuple[str, str], str] = {}  # of which groups which entry was drawn
        self._fed_back: set[str] = set()

    def run(self, heard: Heard, hidden: Sequence[str], patience: Patience) -> None:
        """Decide every entry; `hidden` are the texts of hidden keys outside the books."""
        for watch in self._watches:
            hold_or_refuse(watch, heard)
        waiting = [watch for watch in self._watches if not watch.is_held and not watch.is_out]
        held = [watch for watch in self._watches if watch.is_held]
        self._admit(held + self._heard(watch for watch in waiting if not watch.level))
        waiting = self._recur([watch for watch in waiting if not watch.why], hidden, patience)
        for watch in waiting:
            watch.refuse(self._listener.silence(watch))

    def _recur(self, waiting: list[Watch], hidden: Sequence[str], patience: Patience) -> list[Watch]:
        """Pass over the open entries as long as it brings anything new; return those that are open still.

        Those that wait for a level come in from the lowest, the next when there is nothing new without it.
        """
        levels = sorted({watch.level for watch in waiting if watch.recurs and watch.level})
        level = levels.pop(0) if levels else 0
        told = [*([("", hidden)] if hidden else []), *self._told_back()]
        is_begun = bool(told)
        for _ in range(MOST_PASSES):
            if told:
                self._listener.add(together(told, patience))
            elif levels and is_begun:
                level = levels.pop(0)
            else:
                break
            self._admit(self._heard(watch for watch in waiting if watch.recurs and watch.level <= level))
            waiting = [watch for watch in waiting if not watch.why]
            told = self._told_back()
        return waiting

    def _heard(self, waiting: Iterable[Watch]) -> list[Watch]:
        """Return the entries that fire by their keys."""
        heard: list[Watch] = []
        for watch in waiting:
            watch.why = self._listener.hears(watch)
            if watch.why:
                heard.append(watch)
        return heard

    def _admit(self, matched: Sequence[Watch]) -> None:
        """Let entries that matched ask for room, one of each group, and if chance is for them."""
        self._draw(matched)
        for watch in matched:
            if watch.is_out:
                continue
            if watch.is_held or happens(watch.entry, self._seed, watch.key):
                self._purses[watch.book.id].ask(watch)
            else:
                watch.refuse(words.improbable(watch.entry.probability))

    def _draw(self, matched: Sequence[Watch]) -> None:
        """Refuse the entries of a group but one. Groups are a book's own; what is held needs no luck."""
        groups: dict[tuple[str, str], list[Watch]] = {}
        for watch in matched:
            for name in groups_of(watch.entry):
                groups.setdefault((watch.book.id, name), []).append(watch)
        for group, members in groups.items():
            left = [watch for watch in members if not watch.is_out]
            held = [watch for watch in left if watch.is_held]
            if left and (held or group not in self._taken):
                self._taken[group] = (held[0] if held else drawn(left, self._seed)).key
            for watch in left:
                if not watch.is_held and watch.key != self._taken[group]:
                    watch.refuse(words.lost_in_group(group[1], self._titles[self._taken[group]]))

    def _told_back(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the titles and the texts of entries that have gone in since the last time."""
        told: list[tuple[str, tuple[str, ...]]] = []
        for purse in self._purses.values():
            for watch in purse.given():
                if watch.is_fed_back and watch.key not in self._fed_back:
                    self._fed_back.add(watch.key)
                    told.append((watch.title, (watch.text or "", *watch.hidden)))
        return told


def _told(watch: Watch, given: set[str], purses: dict[str, Purse]) -> Told:
    why, is_in = watch.why, watch.key in given
    if not is_in and not watch.is_out:
        why = words.NO_TEXT if watch.text == "" else words.over_budget(purses[watch.book.id].budget)
    return Told(key=watch.key, title=watch.title, book=watch.book.name, fired=is_in, why=why)


def _timers(watches: Sequence[Watch], given: set[str], before: Timers, depth: int) -> dict[str, Timer]:
    """Return the timers that still count, and those of entries that fire now; one that stays does not begin anew."""
    after = {key: timer for key, timer in before.items() if timer.counts(depth)}
    for watch in watches:
        if watch.key in given and (watch.timer is None or not watch.timer.stays(depth)):
            entry, decorators = watch.entry, watch.decorators
            timer = begun(
                depth,
                sticky=entry.sticky,
                cooldown=entry.cooldown,
                for_good=decorators.keep_activate_after_match or decorators.dont_activate_after_match,
            )
            if timer is not None:
                after[watch.key] = timer
    return after
