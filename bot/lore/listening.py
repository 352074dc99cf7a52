"""Looks for the keys of entries in the newest messages and in the texts of other entries."""

from bot.cards.lorebook import Logic
from bot.lore import words
from bot.lore.keys import KeyReader
from bot.lore.scene import Heard
from bot.lore.texts import Patience, Text, recent
from bot.lore.watches import Watch


class Listener:
    """Listens for entries; what is heard once is not looked for again, however often it is asked."""

    def __init__(self, heard: Heard, reader: KeyReader, patience: Patience, usual_depth: int) -> None:
        self._heard = heard
        self._reader = reader
        self._patience = patience
        self._usual_depth = usual_depth
        self._recent: dict[int, Text] = {}
        self._recent_and_told: dict[int, list[Text]] = {}
        self._told: list[Text] = []

    def add(self, text: Text) -> None:
        """Add what entries have told, in which others are looked for from now on."""
        self._told.append(text)
        self._recent_and_told.clear()

    def hears(self, watch: Watch) -> str:
        """Return why an entry fires, or nothing; `silence` then says why not."""
        texts = self._texts(watch)
        if watch.hit is None and not watch.entry.constant:
            if watch.keys is None:
                watch.keys = self._reader.read(watch.entry.keys, watch.entry, watch.key)
            watch.hit = watch.keys.first_hit(texts[watch.heard :] if watch.heard else texts)
            watch.heard = len(texts)
            if watch.hit is None:
                watch.doubt = words.TOO_MUCH if self._patience.is_over else ""
                return ""
        fires, watch.doubt = self._agreed(watch, texts)
        return fires

    def silence(self, watch: Watch) -> str:
        """Return why an entry that was listened for did not fire."""
        if watch.doubt:
            return watch.doubt
        if watch.keys is None:
            return words.NOT_REACHED if watch.recurs else words.NO_RECURSION
        if watch.entry.keys and not watch.recurs and not watch.scan_depth(self._usual_depth):
            return words.LOOKS_NOWHERE
        return words.not_heard(watch.keys)

    def _texts(self, watch: Watch) -> list[Text]:
        depth = min(watch.scan_depth(self._usual_depth), len(self._heard.messages))
        kept = self._recent_and_told.get(depth if watch.recurs else -1 - depth)
        if kept is None:
            if depth not in self._recent:
                self._recent[depth] = recent(self._heard.messages, depth, self._patience)
            kept = [self._recent[depth], *self._told] if watch.recurs else [self._recent[depth]]
            self._recent_and_told[depth if watch.recurs else -1 - depth] = kept
        return kept

    def _agreed(self, watch: Watch, texts: list[Text]) -> tuple[str, str]:
        """Return why an entry whose key was heard fires, and why it does not; one of the two is empty."""
        entry, decorators = watch.entry, watch.decorators
        fires = words.CONSTANT if watch.hit is None else words.heard(watch.hit)
        if entry.selective and watch.hit is not None and any(map(str.strip, entry.secondary_keys)):
            keys = self._reader.read(entry.secondary_keys, entry, watch.key)
            found = keys.hits(texts)
            if not _agree(entry.selective_logic, len(keys.keys), len(found)):
                return "", words.secondary_failed(watch.hit, entry.selective_logic, keys, found)
            fires += words.secondary_held(entry.selective_logic, found)
        if decorators.additional_keys:
            keys = self._reader.read(decorators.additional_keys, entry, watch.key)
            if keys.first_hit(texts) is None:
                return "", words.additional_missing(keys)
        if decorators.exclude_keys:
            keys = self._reader.read(decorators.exclude_keys, entry, watch.key)
            if (hit := keys.first_hit(texts)) is not None:
                return "", words.excluded(hit)
        has_conditions = entry.selective or decorators.additional_keys or decorators.exclude_keys
        return ("", words.TOO_MUCH) if has_conditions and self._patience.is_over else (fires, "")


def _agree(logic: Logic, keys: int, found: int) -> bool:
    if logic == "and_any":
        return found > 0
    if logic == "not_any":
        return not found
    return (found == keys) is (logic == "and_all")
