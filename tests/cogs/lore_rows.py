"""The rows of both matrices about lore, notes and inspecting: who may, and what others read."""

from tests.cogs import matrix_rows as market
from tests.cogs import scene_rows as scene
from tests.cogs.acts import MENU, Press, Slash, Submit
from tests.cogs.matrix_rows import AUTHOR, EDITED, OWNERS
from tests.cogs.scene_rows import ELSEWHERE, GOVERNING, OWNER, PRESENT, chat, owners

NOT_YOUR_BOOK = "This book belongs to somebody else"
FILE = b'{"entries": {"0": {"uid": 0, "key": ["sea"], "content": "Salt."}}}'
ENTRY = {"Keys": "sea", "What it tells": "Salt."}
NAMED = {"Name": "Deep", "Messages looked through": "7"}
UPLOAD = {"File": [("x.json", FILE)]}
ENTRIES = "(SELECT count(*) FROM lore_entries WHERE lorebook_id = :book) = {}".format

# --- the book in a card, and a book of one's own, of which the author is the owner -------------------

_CARD = (
    ("lore.open:card:{hex}", "### Lore of Nova"),
    ("lore.page:card:{hex}:0", "### Lore of Nova"),
    ("lore.edit:card:{hex}:1-0", "An entry of lore"),
    ("lore.new:card:{hex}", "An entry of lore"),
    ("lore.settings:card:{hex}", "A book of lore"),
    ("lore.upload:card:{hex}", "Read a book of lore"),
    ("lore.file:card:{hex}", ".json"),
)
_BOOK = (
    ("lore.open:book:{book}", "### Nova"),
    ("lore.edit:book:{book}:{key}", "An entry of lore"),
    ("lore.file:book:{book}", ".json"),
    ("lore.drop:{book}", "cannot be brought back"),
)
MARKET = (
    *(market.Row(Press(custom_id), "lored", AUTHOR, done, OWNERS) for custom_id, done in _CARD),
    *(market.Row(Press(custom_id), "lored", AUTHOR, done, NOT_YOUR_BOOK) for custom_id, done in _BOOK),
    market.Row(Press("lore.entry:card:{hex}", ("1-0",), MENU), "lored", AUTHOR, "The whale is white.", OWNERS),
    market.Row(Press("lore.entry:book:{book}", ("{key}",), MENU), "lored", AUTHOR, "is white.", NOT_YOUR_BOOK),
    market.Row(Press("lore.flip:card:{hex}:1-0"), "lored", AUTHOR, "· off", OWNERS, EDITED),
    market.Row(Press("lore.remove:card:{hex}:1-0"), "lored", AUTHOR, "Nothing stands in this book", OWNERS, EDITED),
    market.Row(
        Press("lore.remove:book:{book}:{key}"), "lored", AUTHOR, "Nothing stands in this book", NOT_YOUR_BOOK,
        ENTRIES(0),
    ),
    market.Row(
        Press("lore.gone:{book}", plain=True), "lored", AUTHOR, "is deleted.", NOT_YOUR_BOOK,
        "NOT EXISTS (SELECT FROM lorebooks WHERE id = :book)",
    ),
    market.Row(
        Submit("author", Press("lore.new:card:{hex}"), ENTRY), "lored", AUTHOR, "2 entries", OWNERS, EDITED,
        form="EntryForm",
    ),
    market.Row(
        Submit("author", Press("lore.edit:card:{hex}:1-0"), ENTRY), "lored", AUTHOR, "**sea**", OWNERS, EDITED,
        form="EntryForm",
    ),
    market.Row(
        Submit("author", Press("lore.new:book:{book}"), ENTRY), "lored", AUTHOR, "2 entries", NOT_YOUR_BOOK,
        ENTRIES(2), form="EntryForm",
    ),
    market.Row(
        Submit("author", Press("lore.settings:card:{hex}"), NAMED), "lored", AUTHOR, "looks through 7 messages",
        OWNERS, EDITED, form="BookForm",
    ),
    market.Row(
        Submit("author", Press("lore.upload:card:{hex}"), UPLOAD), "lored", AUTHOR, "2 entries", OWNERS, EDITED,
        form="UploadForm",
    ),
    market.Row(
        Submit("author", Press("lore.upload:book:{book}"), UPLOAD), "lored", AUTHOR, "2 entries", NOT_YOUR_BOOK,
        ENTRIES(2), form="UploadForm",
    ),
)  # fmt: skip

# --- the lore and the note of a chat, and inspecting --------------------------------------------------

LORE, NOTE = "### Lore of this chat", "**The author's note**"
ADDING, TAKING = owners("add a book of lore", plays=False), owners("take a book of lore away", plays=False)
NOTING = owners("set its author's note", plays=False)
READ_ALONG = "EXISTS (SELECT FROM chat_lorebooks WHERE chat_id = :chat AND {})".format
NOT_KEPT = "What was sent for this reply was not kept"
SCENES = (
    scene.Row(Slash("chat inspect"), PRESENT, NOT_KEPT),
    scene.Row(Slash("chat inspect", {"message": "{post_told}"}), PRESENT, NOT_KEPT, made="ended"),
    scene.Row(Press("message.inspect:{reply}:0"), PRESENT, NOT_KEPT, ELSEWHERE),
    scene.Row(Slash("chat note"), PRESENT, "no author's note in this chat"),
    scene.Row(Slash("chat note"), PRESENT, "It rains.", made="lored"),
    scene.Row(Slash("chat note", {"text": "It snows."}), GOVERNING, NOTE, NOTING, chat("note IS NOT NULL")),
    scene.Row(Press("chat.note.write"), PRESENT, "The author's note"),
    scene.Row(
        Press("chat.note.drop", plain=True), GOVERNING, "is taken away", NOTING, chat("note IS NULL"), "lored"
    ),
    scene.Row(
        Submit("owner", Press("chat.note.write"), {"Note": "It snows.", "Depth": "2"}), GOVERNING, "Depth 2", NOTING,
        chat("note IS NOT NULL"), form="NoteForm",
    ),
    scene.Row(Slash("chat lore"), PRESENT, LORE, made="lored"),
    scene.Row(
        Slash("chat lore", {"file": ("x.json", FILE)}), GOVERNING, LORE, ADDING, READ_ALONG("added_by = :me"),
    ),
    scene.Row(
        Press("chat.book.add:0", ("{spare}",), MENU), OWNER, LORE, NOT_YOUR_BOOK, READ_ALONG("lorebook_id = :spare"),
        "lored",
    ),
    scene.Row(
        Press("chat.book.away", ("{book}",), MENU), GOVERNING, LORE,
        TAKING,
        f"NOT {READ_ALONG('true')}", "lored",
    ),
    scene.Row(Press("chat.book.open:0", ("{book}",), MENU), OWNER, "### book", NOT_YOUR_BOOK, made="lored"),
    scene.Row(Press("chat.book.new"), PRESENT, "A new book of lore"),
    scene.Row(
        Submit("owner", Press("chat.book.new"), {"Name": "Seas"}), GOVERNING, LORE, ADDING,
        READ_ALONG("added_by = :me"), form="NewBookForm",
    ),
)  # fmt: skip
