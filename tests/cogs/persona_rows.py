"""The rows of the matrix for personas: one's own, and who may be somebody else in a scene."""

from tests.cogs.acts import MENU, Press, Slash, Submit
from tests.cogs.matrix_rows import ALL, AUTHOR
from tests.cogs.matrix_rows import NO_SUCH as NO_CHARACTER
from tests.cogs.matrix_rows import Row as Mine
from tests.cogs.scene_rows import GOVERNING, GUEST, NO_CHAT, PRESENT, READ_ONLY, SETTING, WRITERS, Row, chat

NO_SUCH = "You have no such persona."
FIXED = {"": "Whoever opened this chat has fixed who everybody is in it", "reader": READ_ONLY}
THERE = "EXISTS (SELECT FROM chat_participants WHERE chat_id = :chat AND user_id = :me AND {})"
MASKED = THERE.format("active_custom_persona_id IS NOT NULL")
PLAYING = THERE.format("active_impersonated_character_id IS NOT NULL")
ONESELF = THERE.format("num_nonnulls(active_custom_persona_id, active_impersonated_character_id) = 0")
PLAYING_ABROAD = PLAYING.replace("chat_id = :chat AND ", "")
SHOWN = "EXISTS (SELECT FROM personas WHERE owner_id = :me AND look)"
ONLY_WRITERS = {"reader": READ_ONLY}
MASK, NOVA = Slash("persona use", {"persona": "Mask"}), Slash("persona play-as", {"character": "Nova"})

SCENES = (
    Row(MASK, WRITERS, "You are Mask here", ONLY_WRITERS, MASKED),
    Row(NOVA, WRITERS, "You are Nova here", ONLY_WRITERS, PLAYING),
    Row(Slash("persona clear"), WRITERS, "You are yourself here", ONLY_WRITERS, ONESELF, "masked"),
    Row(
        Slash("persona look", {"shown": "on"}), WRITERS, "under the name and face of Mask", ONLY_WRITERS, SHOWN,
        "masked",
    ),
    Row(MASK, GOVERNING, "You are Mask here", FIXED, MASKED, "fixed"),
    Row(NOVA, GOVERNING, "You are Nova here", FIXED, PLAYING, "fixed"),
    Row(Slash("persona clear"), GOVERNING, "You are yourself here", FIXED, ONESELF, "held"),
    Row(Press("identity.use:{mask}"), GUEST, "You are Mask here", NO_SUCH, MASKED),
    Row(
        Press("identity.as:{nova}"), WRITERS | {"foreign"}, "You are Nova here",
        {"reader": READ_ONLY, "foreign": NO_CHAT}, {"foreign": PLAYING_ABROAD, "": PLAYING},
    ),
    Row(
        Press("identity.choose", ("-",), MENU, plain=True), WRITERS, "Here you are yourself", ONLY_WRITERS, ONESELF,
        "masked",
    ),
    Row(
        Press("chat.personas:owner"), GOVERNING, "**Who may switch who they are:** whoever opened it", SETTING,
        chat("settings->>'personas' = 'owner'"),
    ),
)  # fmt: skip
LOOKING = Row(Slash("persona show"), PRESENT, "Here you are **Mask**", made="masked")
SCENES = (*SCENES, LOOKING)

PLAY_AS = Slash("persona play-as", {"character": "{id}"})
OWN = {"persona": "{id}"}
IS = "EXISTS (SELECT FROM personas WHERE id = :id AND owner_id = :me {})"
MADE = "EXISTS (SELECT FROM personas WHERE owner_id = :me)"
NOBODY = frozenset[str]()
DEFAULT = "EXISTS (SELECT FROM users WHERE id = :me AND default_persona_id = :id)"
WHO = {"Name": "Mara", "Description": "A smuggler."}
MINE = (
    Mine(Slash("persona create"), "nothing", ALL, "Create a persona"),
    Mine(Slash("persona list"), "persona", AUTHOR, "### Nova", "You have none yet."),
    Mine(Slash("persona show", OWN), "persona", AUTHOR, "A secret of Nova", NO_SUCH),
    Mine(Slash("persona show"), "nothing", ALL, NO_CHAT),
    Mine(Slash("persona edit", OWN), "persona", AUTHOR, "A secret of Nova", NO_SUCH),
    Mine(Slash("persona delete", OWN), "persona", AUTHOR, "This cannot be taken back.", NO_SUCH),
    Mine(Slash("persona default", OWN), "persona", AUTHOR, "you are Nova", NO_SUCH, DEFAULT),
    Mine(Slash("persona default", {"persona": "none"}), "nothing", ALL, "you are yourself"),
    Mine(Slash("persona use", OWN), "persona", NOBODY, "", {"author": NO_CHAT, "": NO_SUCH}),
    Mine(PLAY_AS, "published", NOBODY, "", NO_CHAT),
    Mine(PLAY_AS, "draft", NOBODY, "", {"author": NO_CHAT, "": NO_CHARACTER}),
    Mine(Slash("persona clear"), "nothing", NOBODY, "", NO_CHAT),
    Mine(Slash("persona look", {"shown": "on"}), "nothing", NOBODY, "", NO_CHAT),
    Mine(Press("persona.edit:{hex}"), "persona", AUTHOR, "A secret of Nova", NO_SUCH),
    Mine(Press("persona.section:{hex}:who"), "persona", AUTHOR, "Who I am", NO_SUCH),
    Mine(Press("persona.section:{hex}:rules"), "persona", AUTHOR, "Instructions", NO_SUCH),
    Mine(Press("persona.delete:{hex}"), "persona", AUTHOR, "This cannot be taken back.", NO_SUCH),
    Mine(
        Press("persona.gone:{hex}", plain=True), "persona", AUTHOR, "is deleted.", NO_SUCH,
        "NOT EXISTS (SELECT FROM personas WHERE id = :id)",
    ),
    Mine(Press("persona.page:0:>"), "persona", AUTHOR, "### Nova", "You have none yet."),
)  # fmt: skip
FORMS = (
    Mine(
        Submit("author", Press("persona.section:{hex}:who"), WHO), "persona", AUTHOR, "### Mara", NO_SUCH,
        IS.format("AND updated_at > created_at"), form="PersonaForm",
    ),
    Mine(
        Submit("author", Slash("persona create"), WHO), "nobody", ALL, "### Mara", effect=MADE,
        form="PersonaForm",
    ),
)  # fmt: skip
MARKET = (*MINE, *FORMS)
