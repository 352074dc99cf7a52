"""The line across a thread where the scene turns."""

from bot.chat.stage import Divider, Place, link_to
from cogs.ui.text import plain

WORDS = 300
BEGINNING = "-# {mark} {what} The scene is back at its beginning: say the first words."
KEPT = "; `/chat tree` keeps what came after"
MARKS = {
    "branch": ("↱", "A branch."),
    "rewind": ("↶", "Gone back."),
    "undo": ("↶", "Taken back."),
    "edit": ("✎", "Edited."),
    "delete": ("✕", "Deleted."),
    "fork": ("↱", "A branch in a thread of its own."),
}


def divider_text(place: Place, divider: Divider) -> str:
    """What the line says: what happened, a link to where the scene goes on, and the words to recall."""
    mark, what = MARKS[divider.what]
    if divider.at is not None:
        link = link_to(place, divider.at.discord_message_id)
        line = f"-# {mark} {what} The scene goes on from [here]({link}){'' if divider.what == 'delete' else KEPT}."
    elif divider.what in ("edit", "fork") or divider.speaker:
        line = f"-# {mark} {what} The scene goes on from here."
    else:
        line = BEGINNING.format(mark=mark, what=what)
    if not divider.speaker:
        return line
    quoted = "\n".join(f"> {each}" for each in plain(divider.words, WORDS).splitlines() or ["…"])
    return f"{line}\n> **{plain(divider.speaker, 80)}**\n{quoted}"
