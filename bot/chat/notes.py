"""What stands under a reply that did not simply end."""

from storage.messages import Status

STOPPED = "Stopped. *Continue* goes on from here."
INTERRUPTED = "Interrupted. *Continue* goes on from here."
CUT = "Cut at the length limit. *Continue* goes on from here."
NO_REPLY = "The model said nothing. *Regenerate* asks it again."


def note_for(status: Status) -> str:
    """The note under a reply that ended like this; empty when it simply ended."""
    return {"stopped": STOPPED, "interrupted": INTERRUPTED, "length": CUT, "failed": NO_REPLY}.get(status, "")
