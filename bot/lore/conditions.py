"""What is decided of an entry before its keys are looked for: by its switches, decorators and timers."""

from bot.lore import words
from bot.lore.decorators import NO_DECORATORS
from bot.lore.scene import Heard
from bot.lore.watches import Watch


def hold_or_refuse(watch: Watch, heard: Heard) -> None:
    """Set why an entry fires, or does not, whatever is said; leave it open if its keys decide."""
    if why := _never(watch):
        watch.refuse(why)
    elif watch.timer is None and watch.decorators is NO_DECORATORS and not watch.entry.delay:
        return  # most, in books of thousands
    elif why := _held(watch, heard):
        watch.why, watch.is_held = why, True
    elif why := _out_by_timer(watch, heard) or _out_by_count(watch, heard):
        watch.refuse(why)


def _never(watch: Watch) -> str:
    if not watch.entry.enabled:
        return words.OFF
    if not watch.content or watch.content.isspace():
        return words.NO_TEXT
    return words.NEVER if watch.decorators.dont_activate and not watch.decorators.activate else ""


def _held(watch: Watch, heard: Heard) -> str:
    """Return why nothing is asked of an entry. One that is to fire once stays its time first, if it is sticky."""
    if watch.decorators.activate:
        return words.ACTIVATED
    if watch.timer is None:
        return ""
    if left := watch.timer.stays(heard.depth_of_path):
        return words.stays(left)
    matched_for_good = watch.decorators.keep_activate_after_match and not watch.decorators.dont_activate_after_match
    return words.KEPT if matched_for_good else ""


def _out_by_timer(watch: Watch, heard: Heard) -> str:
    if watch.timer is not None and watch.decorators.dont_activate_after_match:
        return words.DONE
    if watch.timer is not None and (left := watch.timer.rests(heard.depth_of_path)):
        return words.rests(left)
    delay = watch.entry.delay or 0
    return words.too_early(delay) if heard.depth_of_path < delay else ""


def _out_by_count(watch: Watch, heard: Heard) -> str:
    after, every = watch.decorators.activate_only_after, watch.decorators.activate_only_every
    if after is not None and heard.assistant_messages < after:
        return words.only_after(after)
    if every is not None and heard.assistant_messages % every:
        return words.only_every(every)
    greeting = watch.decorators.is_greeting
    return words.other_greeting(greeting) if greeting is not None and heard.is_greeting != greeting else ""
