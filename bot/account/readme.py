"""What an export says about itself, so that it can be read without the program."""

from datetime import datetime

README = """\
Everything of {username} (Discord id {user_id}), as of {now}.

All files are text in UTF-8, or pictures. JSON and JSONL (one JSON value a line) open in any editor.

profile.json          who you are here: your preferences, and news that you have not read
usage.json            what you asked of language models, by day
personas/             who you were in scenes: one JSON file each, and a picture where there is one
characters/           your characters as cards (Character Card V3), which other programs read too:
                      a JSON file each, and a PNG picture with the card inside where there is an avatar
lorebooks/            your books of lore, as other programs read them (lorebook_v3)
chats/                the chats that you opened, a folder each:
    chat.json         its title, its settings, its author's note and what is remembered of it
    chat.md           what was said, from the beginning to where it stands, to read
    chat.jsonl        the same as SillyTavern keeps chats
    tree.jsonl        every message of every branch: its id, its parent's, and whether you said it
said-elsewhere.jsonl  what you said in chats that other people opened
reports.json          the reports that you made
decisions.json        what you decided for servers

Large texts come in several files with numbers, and large exports in several archives; unpack all of them into one
folder. What others said stands only in chats that you opened. Words that were removed are left out.
"""


def readme(*, username: str, user_id: int, now: datetime) -> str:
    """The README of an export."""
    return README.format(username=username, user_id=user_id, now=f"{now:%Y-%m-%d %H:%M} UTC")
