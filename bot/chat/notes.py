"""What stands under a reply that did not simply end."""

from storage.messages import Status

STOPPED = "Stopped. *Continue* goes on from here."
INTERRUPTED = "Interrupted. *Continue* goes on from here."
CUT = "Cut at the length limit. *Continue* goes on from here."
NO_REPLY = "The model said nothing. *Regenerate* asks it again."
NOT_BEGUN = "Stopped before the first word. *Regenerate* asks again."
NOTHING_ADDED = "The model had nothing to add. *Continue* asks it again."
ONLY_THOUGHT = "The model used up the reply's length before its first word. Allow longer replies, or *Regenerate*."
DECLINED = "The model's provider does not let this be answered. Put it in other words, or *Regenerate*."
BROKEN_OFF = "The model's provider broke this off for what it says. *Regenerate* tries another way."


def note_for(status: Status, *, is_empty: bool = False) -> str:
    """The note under a reply that ended like this; empty when it simply ended."""
    if is_empty and status in ("stopped", "interrupted"):
        return NOT_BEGUN
    return {"stopped": STOPPED, "interrupted": INTERRUPTED, "length": CUT, "failed": NO_REPLY}.get(status, "")
