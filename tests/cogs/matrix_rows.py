"""The rows of the matrix: each thing that can be done in the marketplace, who may, and what others read."""

from dataclasses import dataclass
from typing import Any

from tests.cogs.acts import CHANNEL_MENU, MENU, ROLE_MENU, Act, Menu, Press, Slash, Submit
from tests.cogs.matrix import ROLES

OWNERS = "Only its author can do that."
NO_SUCH = "There is no such character, or it is not yours to see."
ADMINS = "Only people with the right Manage Server can do that, in their own server."
OPERATORS = "Only the operator of this bot can do that."
KEPT = "keeps its definition to themselves"
RESERVED = "does not let others take it along"
OLD_VIEW = "Import the file once more"
OLD_PROPOSAL = "Ask for a new one"
OWN = "This is your own character"
WITHDRAWN = "Its author has taken this character back."
BANNED = "The admins of this server have banned you from using me here: Rude."
OUTCAST = "The operator of this bot has banned you: Rude."

ALL = frozenset(ROLES)
AUTHOR, ADMIN, OPERATOR = frozenset({"author"}), frozenset({"admin"}), frozenset({"operator"})


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do: with what, who may, the words for these and for the others, and what is true afterwards.

    `effect` is a condition on the database, false before and true behind it; without one nothing may change.
    """

    act: Act
    made: str
    may: frozenset[str]
    done: str
    refused: str | dict[str, str] = ""
    """One sentence for all others, or one by role, with the key "" for the rest."""
    effect: str = ""
    form: str = ""
    """For a form: its class."""
    asks: bool = False
    """Whether the model is asked."""

    def refusal(self, role: str) -> str:
        """What somebody reads who may not."""
        return self.refused if isinstance(self.refused, str) else self.refused.get(role, self.refused[""])

    @property
    def name(self) -> str:
        """What the test is called, with what it stands for in the program at its beginning."""
        match self.act:
            case Slash(path, options):
                about = ",".join(each for each in options if each not in ("character", "person", "reason", "file"))
                return f"/{path} {about} {self.made}".replace("  ", " ")
            case Press(custom_id):
                return f"{custom_id.split(':')[0]} {self.made}"
            case Menu(name):
                return f"{name} {self.made}"
            case Submit(_, opens):
                opener = opens.path if isinstance(opens, Slash) else opens.custom_id
                return f"{self.form} {opener} {self.made}"


def of(path: str, **options: Any) -> Slash:
    """A command about a character."""
    return Slash(path, {"character": "{id}", **options})


def on(prefix: str) -> Press:
    """A button about a character."""
    return Press(f"{prefix}:{{hex}}")


IS = "EXISTS (SELECT 1 FROM characters WHERE id = :id AND {})".format
LISTED = "EXISTS (SELECT 1 FROM listings WHERE guild_id = :here AND character_id = :id AND {})".format
REVIEWED = "EXISTS (SELECT 1 FROM reviews WHERE guild_id = :here AND character_id = :id AND {})".format
REPORTED = "EXISTS (SELECT 1 FROM reports WHERE character_id = :id AND {})".format
SERVER = "EXISTS (SELECT 1 FROM guilds WHERE id = :here AND {})".format
VICTIM = "EXISTS (SELECT 1 FROM bans WHERE user_id = :victim AND guild_id {})".format
PLAYED = "EXISTS (SELECT 1 FROM chats WHERE character_id = :id AND owner_id = :me)"
MADE = "EXISTS (SELECT 1 FROM characters WHERE name = :name AND owner_user_id = :me)"
ENQUEUED = "EXISTS (SELECT 1 FROM pgqueuer WHERE dedupe_key = 'me.{}:' || CAST(:me AS bigint))".format
PUBLISHED, UNPUBLISHED = IS("status = 'published'"), IS("status = 'unpublished'")
GONE = f"NOT {IS('true')}"
EDITED, TAKEN_DOWN = IS("newest_version = 2"), IS("taken_down_at IS NOT NULL")
GIVEN = IS("owner_guild_id = :here AND status = 'published'")
BY_ME = "server_decided_by = :me"
CHARD = {"file": ("x.json", b'{"name": "Brought", "first_mes": "Hello."}')}

CHARACTER = (
    Row(Slash("character pick"), "nothing", ALL, "## Whom do you want to meet?"),
    Row(of("character start"), "published", ALL, "is waiting for you", effect=PLAYED),
    Row(of("character start"), "draft", AUTHOR, "is waiting for you", NO_SUCH, PLAYED),
    Row(of("character show"), "published", ALL, "### Nova"),
    Row(of("character show"), "draft", AUTHOR, "### Nova", NO_SUCH),
    Row(of("character show"), "closed given", ALL, "### Nova"),
    Row(of("character show"), "review given", ALL, "### Nova"),
    Row(of("character show"), "closed published", AUTHOR, "### Nova", "shows only its own characters"),
    Row(of("character export"), "review published", AUTHOR, "Here it is", "that its admins have approved"),
    Row(Slash("character manage"), "nothing", ALL, "characters"),
    Row(Slash("character create"), "nothing", ALL, "Create a character"),
    Row(of("character edit"), "published", AUTHOR, "-# Version 1.", OWNERS),
    Row(of("character edit"), "draft", AUTHOR, "-# Version 1.", NO_SUCH),
    Row(Slash("character import", CHARD), "nothing", ALL, "### Brought"),
    Row(of("character publish"), "draft", AUTHOR, "is published", NO_SUCH, PUBLISHED),
    Row(of("character publish", where="here"), "published", AUTHOR, "is published", OWNERS, IS("guild_id = :here")),
    Row(of("character unpublish"), "published", AUTHOR, "is no longer offered", OWNERS, UNPUBLISHED),
    Row(of("character delete"), "published", AUTHOR, "This cannot be taken back.", OWNERS),
    Row(of("character export"), "published", ALL, "Here it is"),
    Row(of("character export"), "kept", AUTHOR, "Here it is", KEPT),
    Row(of("character export", format="json"), "reserved", AUTHOR, "Here it is", RESERVED),
    Row(of("character export", format="charx"), "draft", AUTHOR, "Here it is", NO_SUCH),
    Row(
        of("character report", reason="Bad."),
        "published",
        ALL - AUTHOR,
        "Thank you",
        OWN,
        REPORTED("reporter_id = :me"),
    ),
    Row(of("character report", reason="Bad."), "draft", frozenset(), "", {"author": OWN, "": NO_SUCH}),
    Row(of("workbench"), "published", AUTHOR, "A better text", OWNERS),
    Row(of("workbench"), "draft", AUTHOR, "A better text", NO_SUCH),
    Row(Slash("workbench"), "nothing", ALL, "characters"),
)

SERVER_COMMANDS = (
    Row(Slash("server settings"), "nothing", ADMIN, "## How I work", ADMINS),
    Row(
        Slash("server settings", {"assistant": "{id}"}),
        "published", ADMIN, "**First in the picker:** Nova", ADMINS, SERVER("default_assistant_id = :id"),
    ),
    Row(
        Slash("server policy", {"policy": "closed"}), "nothing", ADMIN, "**closed**", ADMINS,
        SERVER("policy = 'closed'"),
    ),
    Row(Slash("server queue"), "waiting", ADMIN, "Waiting for you", ADMINS),
    Row(of("server queue"), "review published", ADMIN, "-# Version 1", ADMINS, REVIEWED("status = 'pending'")),
    Row(of("server queue"), "review draft", frozenset(), "", {"admin": NO_SUCH, "": ADMINS}),
    Row(of("server queue"), "review withdrawn", frozenset(), "", {"admin": WITHDRAWN, "": ADMINS}),
    Row(of("server publish"), "admins", ADMIN, "**Give Nova", ADMINS),
    Row(of("server publish"), "published", frozenset(), "", {"admin": OWNERS, "": ADMINS}),
    Row(of("server publish"), "resting", ADMIN, "belongs to this server", ADMINS, PUBLISHED),
    Row(of("server feature"), "published", ADMIN, "is featured", ADMINS, LISTED("featured_at IS NOT NULL")),
    Row(of("server block"), "published", ADMIN, "is blocked here", ADMINS, LISTED("blocked_at IS NOT NULL")),
    Row(of("server block", off=True), "blocked", ADMIN, "no longer blocked", ADMINS, LISTED("blocked_at IS NULL")),
    Row(of("server block", off=True), "withdrawn", ADMIN, "no longer blocked", ADMINS, LISTED("blocked_at IS NULL")),
    Row(
        Slash("server ban", {"person": "{victim}", "reason": "Rude."}),
        "nothing", ADMIN, "victor is banned", ADMINS, VICTIM("= :here"),
    ),
    Row(
        Slash("server unban", {"person": "{victim}"}), "banned", ADMIN, "may use me here", ADMINS,
        f"NOT {VICTIM('= :here')}",
    ),
    Row(Slash("server bans"), "nothing", ADMIN, "mallory", ADMINS),
    Row(Slash("server reports"), "reported", ADMIN, "open report", ADMINS),
    Row(Slash("server audit"), "nothing", ADMIN, "## Decisions", ADMINS),
    Row(Slash("server usage"), "nothing", ADMIN, "## Usage of this server", ADMINS),
    Row(Slash("server key"), "nothing", ADMIN, "## The server's own key", ADMINS),
    Row(Slash("me usage"), "nothing", ALL, "## Your usage"),
    Row(Slash("me preferences"), "nothing", ALL, "## Your preferences"),
    Row(Slash("me export"), "nothing", ALL, "I am putting together", effect=ENQUEUED("export")),
    Row(Slash("me delete"), "nothing", ALL, "**Delete everything that is yours, everywhere?**"),
    # What is the server's own is its admins' to change, and nobody else's.
    Row(of("character edit"), "given", ADMIN, "-# Version 1.", "only its admins (Manage Server) can do that"),
    Row(of("character unpublish"), "given", ADMIN, "no longer offered", "only its admins", UNPUBLISHED),
    Row(Press("character.gone:{hex}", plain=True), "given", ADMIN, "is deleted", "only its admins", GONE),
)  # fmt: skip

OPERATOR_COMMANDS = (
    Row(Slash("operator reports"), "reported", OPERATOR, "open report", OPERATORS),
    Row(of("operator takedown", reason="Bad."), "published", OPERATOR, "is taken down", OPERATORS, TAKEN_DOWN),
    Row(of("operator takedown", reason="Bad."), "draft", OPERATOR, "is taken down", OPERATORS, TAKEN_DOWN),
    Row(of("operator restore"), "taken", OPERATOR, "may be published again", OPERATORS, f"NOT {TAKEN_DOWN}"),
    Row(Slash("operator status"), "nothing", OPERATOR, "### This process", OPERATORS),
    Row(
        Slash("operator ban", {"person": "{victim}", "reason": "Rude."}),
        "victims", OPERATOR, "victor is banned everywhere", OPERATORS, f"{VICTIM('IS NULL')} AND {UNPUBLISHED}",
    ),
    Row(
        Slash("operator unban", {"person": "{victim}"}),
        "outcast", OPERATOR, "may use this bot again", OPERATORS, f"NOT {VICTIM('IS NULL')}",
    ),
)  # fmt: skip

BUTTONS = (
    Row(on("character.chat"), "published", ALL, "is waiting for you", effect=PLAYED),
    Row(on("character.chat"), "draft", AUTHOR, "is waiting for you", NO_SUCH, PLAYED),
    Row(on("character.details"), "published", ALL, "### Nova"),
    Row(on("character.details"), "draft", AUTHOR, "### Nova", NO_SUCH),
    Row(Press("character.greeting:{hex}:0:>"), "published", ALL, "Greeting 1 of 1"),
    Row(Press("character.greeting:{hex}:0:>"), "draft", AUTHOR, "Greeting 1 of 1", NO_SUCH),
    Row(Press("edit.section:{hex}:names"), "published", AUTHOR, "Names", OWNERS),
    Row(Press("edit.section:{hex}:instructions"), "draft", AUTHOR, "Instructions", NO_SUCH),
    Row(on("edit.texts"), "published", AUTHOR, "description.txt", OWNERS),
    Row(on("edit.texts"), "draft", AUTHOR, "description.txt", NO_SUCH),
    Row(on("character.edit"), "published", AUTHOR, "-# Version 1.", OWNERS),
    Row(on("character.publish"), "draft", AUTHOR, "is published", NO_SUCH, PUBLISHED),
    Row(on("character.unpublish"), "published", AUTHOR, "is no longer offered", OWNERS, UNPUBLISHED),
    Row(on("character.more"), "published", AUTHOR, "0 chats started", OWNERS),
    Row(on("character.delete"), "published", AUTHOR, "This cannot be taken back.", OWNERS),
    Row(Press("character.gone:{hex}", plain=True), "published", AUTHOR, "is deleted.", OWNERS, GONE),
    Row(Press("character.gone:{hex}", plain=True), "draft", AUTHOR, "is deleted.", NO_SUCH, GONE),
    Row(
        Press("notices.read", plain=True), "notices", ALL, "-# Read.",
        effect="(SELECT array_agg(user_id) FROM notices WHERE read_at IS NOT NULL) = ARRAY[CAST(:me AS bigint)]",
    ),
    Row(
        Press("notices.message"), "nothing", ALL, "From now on",
        effect="EXISTS (SELECT 1 FROM users WHERE id = :me AND preferences <> '{}')",
    ),
    Row(on("character.export"), "published", ALL, "Here it is"),
    Row(on("character.export"), "kept", AUTHOR, "Here it is", KEPT),
    Row(Press("import.save:{view}"), "preview", AUTHOR, "-# Version 1.", OLD_VIEW, MADE),
    Row(
        Press("import.lore:{view}"), "lore", AUTHOR, "among your books", OLD_VIEW,
        "EXISTS (SELECT 1 FROM lorebooks WHERE owner_user_id = :me)",
    ),
    Row(Press("workbench.tab:publish:{hex}"), "published", AUTHOR, "### Publishing", OWNERS),
    Row(Press("workbench.tab:enhance:{hex}"), "draft", AUTHOR, "A better text", NO_SUCH),
    Row(Press("workbench.character", ("{id}",), MENU), "published", AUTHOR, "A better text", OWNERS),
    Row(Press("workbench.character", ("{id}",), MENU), "draft", AUTHOR, "A better text", NO_SUCH),
    Row(Press("enhance.text:description:0:{hex}"), "published", AUTHOR, "Rewrite the description", OWNERS),
    Row(Press("enhance.text:description:1:{hex}"), "draft", AUTHOR, "Write a new description", NO_SUCH),
    Row(Press("enhance.accept:{view}"), "proposal", AUTHOR, "**Saved** as version 2", OLD_PROPOSAL, EDITED),
    Row(Press("enhance.again:{view}"), "proposal", AUTHOR, "in whispers", OLD_PROPOSAL, asks=True),
    Row(Press("enhance.discard:{view}"), "proposal", AUTHOR, "Nothing was changed.", OLD_PROPOSAL),
    Row(
        Press("server.policy", ("review",), MENU), "nothing", ADMIN, "**Which characters** · ", ADMINS,
        SERVER("policy = 'review'"),
    ),
    Row(
        Press("server.model", ("bigger",), MENU), "nothing", ADMIN, "**Model:** bigger", ADMINS,
        SERVER("settings->>'model' = 'bigger'"),
    ),
    Row(
        Press("server.channels", ("{tavern}",), CHANNEL_MENU), "nothing", ADMIN, "**Where chats start:** <#", ADMINS,
        SERVER("settings->'channels'->>0 = :tavern"),
    ),
    Row(
        Press("server.players", ("{sailors}",), ROLE_MENU), "nothing", ADMIN, "**Who plays:** <@&", ADMINS,
        SERVER("settings->'player_roles'->>0 = :sailors"),
    ),
    Row(
        Press("server.publishers", ("{sailors}",), ROLE_MENU),
        "nothing", ADMIN, "**Who may publish here:** <@&", ADMINS,
        SERVER("settings->'publisher_roles'->>0 = :sailors"),
    ),
    Row(Press("server.budget"), "nothing", ADMIN, "Budget of a day", ADMINS),
    Row(Press("server.key"), "nothing", ADMIN, "The server's own key", ADMINS),
    Row(Press("server.unkey"), "keyed", ADMIN, "The key is gone.", ADMINS, SERVER("api_key IS NULL")),
    Row(
        Press("me.news"), "nothing", ALL, "by direct message too",
        effect="EXISTS (SELECT 1 FROM users WHERE id = :me AND preferences->>'notices_by_dm' = 'true')",
    ),
    Row(Press("me.zone"), "nothing", ALL, "Your time zone"),
    Row(
        Press("me.unreuse"), "reusing", ALL, "begin as the server and the operator say",
        effect="EXISTS (SELECT 1 FROM users WHERE id = :me AND preferences->'chat' = '{}')",
    ),
    Row(Press("me.delete"), "nothing", ALL, "Delete everything of yours"),
    Row(Press("usage.days:server:7"), "nothing", ADMIN, "The last 7 days", ADMINS),
    Row(Press("usage.days:me:90"), "nothing", ALL, "The last 90 days"),
    Row(
        Press("queue.approve:{review}"), "waiting", ADMIN, "is approved", ADMINS,
        REVIEWED("status = 'approved' AND decided_by = :me"),
    ),
    Row(Press("queue.reject:{review}"), "waiting", ALL, "Reject this version"),
    Row(Press("queue.skip:{review}"), "waiting", ADMIN, "Waiting for you", ADMINS),
    Row(
        Press("report.block:{report}"), "reported", ADMIN, "is blocked here", ADMINS,
        f"{LISTED('blocked_at IS NOT NULL')} AND {REPORTED(BY_ME)}",
    ),
    Row(Press("report.dismiss:{report}"), "reported", ADMIN, "is closed here", ADMINS, REPORTED(BY_ME)),
    Row(Press("report.next:{report}"), "reported", ADMIN, "open report", ADMINS),
    Row(Press("audit.older:{guess}"), "nothing", ADMIN, "## Decisions", ADMINS),
    Row(Press("audit.newest"), "nothing", ADMIN, "## Decisions", ADMINS),
    Row(
        Press("server.give:{hex}", plain=True), "admins", ADMIN, "belongs to this server and is published", ADMINS,
        GIVEN,
    ),
    Row(Press("server.give:{hex}", plain=True), "published", frozenset(), "", {"admin": OWNERS, "": ADMINS}),
    Row(Press("operator.takedown:{report}"), "reported", OPERATOR, "Take it down everywhere", OPERATORS),
    Row(
        Press("operator.dismiss:{report}"), "reported", OPERATOR, "is closed", OPERATORS,
        REPORTED("operator_outcome = 'dismissed'"),
    ),
    Row(Press("operator.ban:{report}"), "victims", OPERATOR, "Ban the author everywhere", OPERATORS),
    Row(
        Press("operator.ban:{report}"), "orphaned", frozenset(), "",
        {"operator": "belongs to a server", "": OPERATORS},
    ),
    Row(Press("operator.read:{report}"), "reported", OPERATOR, "texts.txt", OPERATORS),
    Row(Press("operator.next:{report}"), "reported", OPERATOR, "open report", OPERATORS),
    Row(Press("operator.retry"), "nothing", OPERATOR, "No job is dead any more.", OPERATORS),
)  # fmt: skip

NAMES = {"Name": "Someone Else"}
SECTIONS = {
    "names": NAMES,
    "frame": {"Category": "Stars"},
    "character": {"Personality": "Warm."},
    "dialogue": {"Greeting": "Hello you."},
    "instructions": {"System prompt": "Be kind."},
}
WHY = {"Why?": "Because."}
FORMS = (
    Row(
        Submit("author", Slash("character create"), {"Name": "Form Made"}), "nothing", ALL, "### Form Made",
        effect="EXISTS (SELECT 1 FROM characters WHERE name = 'Form Made' AND owner_user_id = :me)", form="SectionForm",
    ),
    *(
        Row(
            Submit("author", Press(f"edit.section:{{hex}}:{key}"), given), "published", AUTHOR, "-# Version 2.",
            OWNERS, EDITED, form="SectionForm",
        )
        for key, given in SECTIONS.items()
    ),
    Row(
        Submit("author", Press("edit.section:{hex}:names"), NAMES), "draft", AUTHOR, "### Someone Else",
        NO_SUCH, EDITED, form="SectionForm",
    ),
    Row(
        Submit("player", on("character.report"), {"What is wrong with it?": "Bad."}), "published", ALL - AUTHOR,
        "Thank you", OWN, REPORTED("reporter_id = :me"), form="ReportForm",
    ),
    Row(
        Submit("player", on("character.report"), {"What is wrong with it?": "Bad."}), "draft", frozenset(), "",
        {"author": OWN, "": NO_SUCH}, form="ReportForm",
    ),
    Row(
        Submit("author", Press("enhance.text:description:0:{hex}"), {}), "published", AUTHOR, "in whispers",
        OWNERS, form="WishForm", asks=True,
    ),
    Row(
        Submit("admin", Press("server.budget"), {"Tokens a day": "1,000"}), "nothing", ADMIN,
        "**Budget of a day:** 1,000 tokens", ADMINS, SERVER("settings->>'tokens_a_day' = '1000'"), form="BudgetForm",
    ),
    Row(
        Submit("admin", Press("server.key"), {"Key": "sk-a-key-of-ours"}), "nothing", ADMIN,
        "A key is set by **carol**", ADMINS, SERVER("api_key IS NOT NULL"), form="KeyForm",
    ),
    Row(
        Submit("player", Press("me.zone"), {"Time zone": "Asia/Tokyo"}), "nothing", ALL, "**Time zone:** Asia/Tokyo",
        effect="EXISTS (SELECT 1 FROM users WHERE id = :me AND preferences->>'time_zone' = 'Asia/Tokyo')",
        form="ZoneForm",
    ),
    Row(
        Submit("player", Press("me.delete"), {"Your username": "bob"}), "nothing", frozenset({"player"}),
        "I am deleting everything of yours", "That is not your username", ENQUEUED("delete"), form="DeleteMeForm",
    ),
    Row(
        Submit("admin", Press("queue.reject:{review}"), WHY), "waiting", ADMIN, "is rejected", ADMINS,
        REVIEWED("status = 'rejected'"), form="ReasonForm",
    ),
    Row(
        Submit("operator", Press("operator.takedown:{report}"), WHY), "reported", OPERATOR, "is taken down everywhere",
        OPERATORS, TAKEN_DOWN, form="ReasonForm",
    ),
    Row(
        Submit("operator", Press("operator.ban:{report}"), WHY), "victims", OPERATOR, "victor is banned everywhere",
        OPERATORS, VICTIM("IS NULL"), form="ReasonForm",
    ),
)  # fmt: skip

TABLE = (*CHARACTER, *SERVER_COMMANDS, *OPERATOR_COMMANDS, *BUTTONS, *FORMS)

FREE = {
    "pick.turn": "a page of what one may see anyway, asked anew for whoever turns it",
    "pick.filter": "the same",
    "pick.sort": "the same",
    "manage.turn": "one's own characters alone, asked anew for whoever turns the page",
    "character.create": "an empty form for a character of one's own",
    "character.report": "an empty form; what is sent with it has a row",
    "persona.create": "an empty form for a persona of one's own",
}
"""Nothing is at stake with these; who is banned is refused all the same."""
OF_SCENES = {"chat", "chats", "draft", "history", "identity", "memory", "message", "reply", "tree"}
FORMS_OF_SCENES = {"SayForm", "EditForm", "NumbersForm", "ChangeForm", "NewBookForm", "NoteForm", "MemoryForm"}
"""What stands in chats, not in the marketplace, by the first word of its custom id; `scene_rows` has its rows."""
FREE_IDS = (
    Press("pick.turn:{view}:after"),
    Press("pick.filter:{view}", ("mine",), MENU),
    Press("pick.sort:{view}", ("name",), MENU),
    Press("manage.turn:after:0:1795000000250000:{guess}"),
    Press("character.create"),
    Press("character.report:{guess}"),
    Press("persona.create"),
)
