"""The rows of the matrix of a scene: each thing that can be done in a chat, who may, and what others read."""

from dataclasses import dataclass

from tests.cogs.acts import MENU, Act, Menu, Press, Slash, Submit
from tests.cogs.scene_stage import ANSWERS, ROLES

BANNED = "The admins of this server have banned you from using me here: Rude."
ELSEWHERE = "This is not part of the chat that is played here."
READ_ONLY = "You may read here, but not write, so you cannot play."
NOT_YOUR_WORDS = "You can change your own words only."
NOT_YOURS_TO_DELETE = "You can delete your own words; whoever opened this chat may take out the rest."
GONE_ALREADY = "This chat is gone already."
NO_CHAT = "No chat is played here."
NO_THREADS = "In direct messages there are no threads."
ENDED_ALREADY = "This reply has already ended."
TOO_LATE = "This was said already, or is more than a day old."
OTHER_PAGE = "This page belongs to another chat."

ALL = frozenset(ROLES)
PRESENT = ALL - {"foreign"}
WRITERS = PRESENT - {"reader"}
OWNER, GUEST, GOVERNING = frozenset({"owner"}), frozenset({"guest"}), frozenset({"owner", "moderator"})
Words = str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do: with what, who may, and the words for these and for the others.

    `effect` is a condition on the database, false before and true behind it; without one nothing may change. All
    texts are one for everybody, or one by role with the key "" for the rest. Who acts from elsewhere is asked only
    where an id names something of the scene: there is nothing else to guess.
    """

    act: Act
    may: frozenset[str]
    done: Words = ""
    refused: Words = ""
    effect: Words = ""
    made: str = "played"
    reads: tuple[str, ...] = ()
    """The messages that the model reads for the reply to it; empty where none is asked."""
    sees: str = ""
    """What then stands in the thread."""
    form: str = ""
    """For a form: its class."""

    @property
    def asked(self) -> tuple[str, ...]:
        """Who tries it, beside the banned one."""
        names_something = isinstance(self.act, Menu) or any("{" in each for each in _ids(self.act))
        return ROLES if names_something or "foreign" in self.may else tuple(each for each in ROLES if each != "foreign")

    @property
    def name(self) -> str:
        """What the test is called, with what it stands for in the program at its beginning."""
        match self.act:
            case Slash(path):
                return f"/{path} {self.made}"
            case Press(custom_id):
                return f"{custom_id} {self.made}"
            case Menu(name, post):
                return f"{name} {post}"
            case Submit(_, opens):
                assert isinstance(opens, Press)
                return f"{self.form} {opens.custom_id}"


def _ids(act: Act) -> tuple[str, ...]:
    """The texts of an act in which ids can be."""
    match act:
        case Press(custom_id, values):
            return (custom_id, *values)
        case Submit(_, Press(custom_id)):
            return (custom_id,)
        case _:
            return ()


def of(words: Words, role: str) -> str:
    """What holds for a role."""
    return words if isinstance(words, str) else words.get(role, words.get("", ""))


def owners(what: str, *, plays: bool = True) -> Words:
    """The refusal for those who do not govern the chat; `plays`: one must be able to write here, too."""
    words = {"": f"Only whoever opened this chat, or somebody who manages threads here, can {what}."}
    return words | {"foreign": ELSEWHERE} | ({"reader": READ_ONLY} if plays else {})


def chat(condition: str) -> str:
    """A condition on the scene's chat."""
    return f"EXISTS (SELECT FROM chats WHERE id = :chat AND {condition})"


def stands_at(name: str) -> str:
    """The scene stands at that message."""
    return chat(f"leaf_id = :{name}")


def leaf(condition: str, *, parent: str = "") -> str:
    """The scene stands at a new message of which this is true, below that parent."""
    known = ", ".join(f":{each}" for each in ("asked", "told", "other", "line", *ANSWERS))
    below = f" AND at.parent_id = :{parent}" if parent else ""
    return (
        "EXISTS (SELECT FROM chats JOIN messages AS at ON at.id = chats.leaf_id LEFT JOIN messages AS up"
        f" ON up.id = at.parent_id WHERE chats.id = :chat AND at.id NOT IN ({known}){below} AND {condition})"
    )


def answered(parent: str = "") -> str:
    """The scene stands at a new reply that has ended."""
    return leaf("at.role = 'character' AND at.status = 'complete'", parent=parent)


SAID = leaf("at.role = 'character' AND at.status = 'complete' AND up.author_user_id = :me AND up.parent_id = :reply")
CHANGED = leaf("at.status = 'complete' AND up.author_user_id = :me AND up.parent_id = :told")
REMOVED = "EXISTS (SELECT FROM messages WHERE id = :{0} AND status = 'removed')"
HIDDEN = "EXISTS (SELECT FROM hidden_messages WHERE chat_id = :chat AND message_id = :{0})"
OWN_STORY = "EXISTS (SELECT FROM users WHERE id = :me AND preferences->'chat'->>'mode' = 'story')"
FORKED = (
    "EXISTS (SELECT FROM chats AS forked JOIN chats ON forked.tree_id = chats.tree_id WHERE chats.id = :chat"
    " AND forked.id <> chats.id AND forked.owner_id = :me AND forked.leaf_id = :told AND forked.place_id IS NOT NULL)"
)
ONLY_WRITERS: Words = {"reader": READ_ONLY, "foreign": ELSEWHERE}
GOING_BACK = owners("go back to an older message")
REWORDING = owners("change what a character said", plays=False)
SETTING = owners("change its settings", plays=False)
INVITING = owners("invite somebody")
SETTINGS = "### Settings of this chat"
BEFORE_THE_REPLY = ("greeting", "asked", "told", "line")
WHOLE_PATH = (*BEFORE_THE_REPLY, "reply")

COMMANDS = (
    Row(Slash("chat list"), PRESENT, {"owner": "- [Scene "}),
    Row(Slash("chat history"), PRESENT, "{words_reply}"),
    Row(Slash("chat history"), PRESENT, "{words_reply}", made="ended"),
    Row(Slash("chat tree"), PRESENT, "the bright line is where the scene stands"),
    Row(Slash("chat export"), PRESENT, "Scene {number}"),
    Row(Slash("chat continue"), WRITERS, "It goes on.", ONLY_WRITERS, answered("line"), reads=WHOLE_PATH),
    Row(Slash("chat continue"), WRITERS, "It goes on.", ONLY_WRITERS, answered("line"), "unanswered", BEFORE_THE_REPLY),
    Row(
        Slash("chat undo"), GOVERNING | GUEST, "Taken back.", owners("take back what somebody else said"),
        stands_at("told"), sees="Taken back. The scene goes on from",
    ),
    Row(
        Slash("chat narrate", {"text": "Rain falls."}), WRITERS, "*Rain falls.*", ONLY_WRITERS,
        leaf("at.role = 'narration' AND at.author_user_id = :me", parent="reply"), sees="*Rain falls.*",
    ),
    Row(
        Slash("chat invite", {"character": "Rigel"}), GOVERNING, "*Rigel joins the scene.*", INVITING,
        leaf("at.role = 'narration' AND EXISTS (SELECT FROM message_events WHERE message_id = at.id)", parent="reply"),
        sees="*Rigel joins the scene.*",
    ),
    Row(
        Slash("chat dismiss", {"character": "Rigel"}), GOVERNING, "*Rigel leaves the scene.*",
        owners("send somebody away"),
        leaf("at.role = 'narration' AND EXISTS (SELECT FROM message_events WHERE message_id = at.id)", parent="reply"),
        "company", sees="*Rigel leaves the scene.*",
    ),
    Row(Slash("chat turns"), PRESENT, "**In this scene**"),
    Row(
        Slash("chat turns", {"order": "list"}), GOVERNING, "**Turns**: list", SETTING,
        chat("settings->>'turns' = 'list'"), "company",
    ),
    Row(
        Slash("chat turns", {"speaker": "Nova"}), WRITERS, "Nova speaks.", ONLY_WRITERS, answered("reply"), "company",
        reads=WHOLE_PATH,
    ),
    Row(Slash("chat settings"), PRESENT, SETTINGS),
    Row(
        Slash("chat rename", {"title": "Of whales"}), GOVERNING, "It is called Of whales now.",
        owners("rename it", plays=False), chat("settings->>'named' = 'true'"),
    ),
    Row(
        Slash("chat end"), GOVERNING, "The chat has ended.", owners("end it", plays=False), chat("status = 'ended'"),
        sees="The chat has ended.",
    ),
    Row(Slash("chat delete"), OWNER, "**Delete Scene {number}?**", "Only whoever opened this chat can delete it."),
    Row(Slash("chat draft"), WRITERS, "### Your next line", ONLY_WRITERS, reads=WHOLE_PATH),
    Row(Slash("chat suggest"), WRITERS, "### You could say", ONLY_WRITERS, reads=WHOLE_PATH),
    Row(
        Slash("chat rephrase", {"words": "I go."}), WRITERS, "### Your line, written better", ONLY_WRITERS,
        reads=WHOLE_PATH,
    ),
    Row(Slash("say", {"words": "Hello."}), WRITERS, "Hello.", ONLY_WRITERS, SAID, reads=WHOLE_PATH, sees="Indeed."),
)  # fmt: skip

MENUS = (
    Row(Menu("Edit", "post_line"), GUEST, "Edit this message", {"": NOT_YOUR_WORDS, "foreign": ELSEWHERE}),
    Row(
        Menu("Edit", "post_reply"), GOVERNING, "Edit this message",
        REWORDING,
    ),
    Row(Menu("Branch from here", "post_told"), PRESENT, "Where should the story go on", ELSEWHERE),
    Row(
        Menu("Rewind to here", "post_told"), GOVERNING, "The scene is back there.",
        GOING_BACK, stands_at("told"), sees="Gone back.",
    ),
    Row(Menu("Delete", "post_line"), PRESENT, "Delete this message?", ELSEWHERE),
)  # fmt: skip

OLDER = owners("branch from an older message")
BUTTONS = (
    Row(
        Press("reply.stop:{generation}"), WRITERS, "", {"reader": READ_ONLY, "foreign": ENDED_ALREADY},
        "EXISTS (SELECT FROM generations WHERE id = :generation AND stop_requested)", "writing",
    ),
    Row(Press("reply.back:{reply}"), WRITERS, "", ONLY_WRITERS, stands_at("before"), sees="{words_before}"),
    Row(Press("reply.next:{reply}"), WRITERS, "", ONLY_WRITERS, stands_at("after"), sees="{words_after}"),
    Row(
        Press("reply.next:{told}"), GOVERNING, "", owners("go back to an older reply"), stands_at("other"),
        sees="{words_other}",
    ),
    Row(
        Press("reply.back:{other}"), GOVERNING, "", owners("go back to an older reply"), stands_at("told"),
        sees="A branch.",
    ),
    Row(
        Press("reply.again:{reply}"), WRITERS, "", ONLY_WRITERS, answered("line"), reads=BEFORE_THE_REPLY,
        sees="Indeed.",
    ),
    Row(
        Press("reply.again:{told}"), GOVERNING, "", OLDER, answered("asked"), reads=("greeting", "asked"),
        sees="Indeed.",
    ),
    Row(
        Press("reply.on:{reply}"), WRITERS, "", ONLY_WRITERS, answered("line"), reads=WHOLE_PATH,
        sees="{words_reply}",
    ),
    Row(
        Press("reply.on:{told}"), GOVERNING, "", OLDER, answered("asked"), reads=("greeting", "asked", "told"),
        sees="{words_told}",
    ),
    Row(
        Press("reply.answer:{line}"), WRITERS, "", ONLY_WRITERS, answered("line"), "unanswered", BEFORE_THE_REPLY,
        sees="Indeed.",
    ),
    Row(Press("reply.answer:{line}"), GOVERNING, "", OLDER, answered("line"), reads=BEFORE_THE_REPLY, sees="Indeed."),
    Row(Press("message.edit:{line}"), GUEST, "Edit this message", {"": NOT_YOUR_WORDS, "foreign": ELSEWHERE}),
    Row(
        Press("message.edit:{reply}"), GOVERNING, "Edit this message",
        REWORDING,
    ),
    Row(
        Press("message.rewind:{told}"), GOVERNING, "The scene is back there.",
        GOING_BACK, stands_at("told"), sees="Gone back.",
    ),
    Row(
        Press("message.fork:{told}"), GOVERNING, "The branch goes on in",
        owners("branch into a new thread", plays=False), FORKED,
    ),
    Row(
        Press("message.gone:{line}", plain=True), GOVERNING | GUEST, "It is deleted.",
        {"": NOT_YOURS_TO_DELETE, "foreign": ELSEWHERE},
        {"guest": REMOVED.format("line"), "": f"{HIDDEN.format('line')} AND {stands_at('told')}"},
    ),
    Row(
        Press("message.gone:{reply}", plain=True), GOVERNING, "It is deleted.",
        {"": NOT_YOURS_TO_DELETE, "foreign": ELSEWHERE}, f"{REMOVED.format('reply')} AND {stands_at('line')}",
        sees="Deleted.",
    ),
    Row(Press("history.older:{line}"), PRESENT, "{words_line}", OTHER_PAGE),
    Row(
        Press("tree.jump", ("{after}",), MENU, plain=True), GOVERNING, "The scene is back there.",
        GOING_BACK, stands_at("after"), sees="{words_after}",
    ),
    Row(
        Press("chat.delete:{chat}", plain=True), OWNER, "is deleted.", GONE_ALREADY,
        "NOT EXISTS (SELECT FROM chats WHERE id = :chat)",
    ),
    Row(
        Press("chat.model", ("bigger",), MENU), GOVERNING, "**Model:** bigger",
        SETTING, chat("settings->>'model' = 'bigger'"),
    ),
    Row(
        Press("chat.mode", ("story",), MENU), GOVERNING, "**Mode:** Story", SETTING,
        chat("settings->>'mode' = 'story'"),
    ),
    Row(
        Press("chat.streaming:off"), GOVERNING, "**Shown while it is written:** no",
        SETTING, chat("settings->>'streaming' = 'false'"),
    ),
    Row(
        Press("chat.reset"), GOVERNING, SETTINGS, SETTING,
        chat("settings->>'mode' IS NULL"), "tuned",
    ),
    Row(Press("chat.reuse"), PRESENT, SETTINGS, effect=OWN_STORY, made="tuned"),
    Row(
        Press("draft.say:0:{draft}"), GUEST, "Said.", TOO_LATE, SAID, "drafted", WHOLE_PATH, sees="**Bob**",
    ),
    Row(Press("draft.another:{draft}"), GUEST, "### Your next line", TOO_LATE, made="drafted", reads=WHOLE_PATH),
    Row(Press("draft.change:{draft}"), GUEST, "Your line", TOO_LATE, made="drafted"),
    Row(Press("chat.numbers"), PRESENT, "Temperature, length, history"),
    Row(Press("chat.tab:settings"), PRESENT, SETTINGS),
    Row(Press("chat.tab:chats"), PRESENT, "### Your chats"),
)  # fmt: skip

HELLO = {"What you say or do": "Hello."}
CHANGE = {"What is said": "Something else."}
FORMS = (
    Row(
        Submit("owner", Press("chat.say"), HELLO), WRITERS, "Hello.", ONLY_WRITERS, SAID, reads=WHOLE_PATH,
        sees="Indeed.", form="SayForm",
    ),
    Row(
        Submit("guest", Press("message.edit:{line}"), CHANGE), GUEST, "The story has the new words now",
        {"": NOT_YOUR_WORDS, "reader": READ_ONLY, "foreign": ELSEWHERE}, CHANGED, reads=("greeting", "asked", "told"),
        sees="Indeed.", form="EditForm",
    ),
    Row(
        Submit("owner", Press("message.edit:{reply}"), CHANGE), GOVERNING, "The story has the new words now",
        owners("change what a character said"), leaf("at.role = 'character'", parent="line"), sees="Something else.",
        form="EditForm",
    ),
    Row(
        Submit("owner", Press("chat.numbers"), {"Temperature": "1.5"}), GOVERNING,
        "**Temperature:** 1.5", SETTING, chat("settings->>'temperature' = '1.5'"),
        form="NumbersForm",
    ),
    Row(
        Submit("guest", Press("draft.change:{draft}"), HELLO), GUEST, "Said.", TOO_LATE, SAID, "drafted", WHOLE_PATH,
        sees="Hello.", form="ChangeForm",
    ),
)  # fmt: skip

# Nothing is at stake with these: they ask what is meant, or show one's own.
FREE = (
    Row(Press("reply.more:{reply}"), ALL, "What would you like to do with this message?"),
    Row(Press("message.branch:{told}"), ALL, "Where should the story go on"),
    Row(Press("message.delete:{line}"), ALL, "Delete this message?"),
    Row(Press("tree.older:{after}"), ALL, "the bright line is where the scene stands"),
    Row(Press("chats.older:1795000000123456", plain=True), PRESENT, "no chats yet"),
    Row(Press("chat.say"), ALL, "Say something"),
)

TABLE = (*COMMANDS, *MENUS, *BUTTONS, *FORMS, *FREE)
