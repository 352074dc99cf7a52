"""The rows of the matrix for what is remembered of a scene: who reads it, and who changes it."""

from tests.cogs.acts import MENU, Press, Slash, Submit
from tests.cogs.scene_rows import GOVERNING, PRESENT, Row, owners

REMEMBERING = owners("change what is remembered", plays=False)
PANEL = "### What is remembered here"
GONE = "NOT EXISTS (SELECT FROM memories WHERE id = :{0})"
BY_HAND = "EXISTS (SELECT FROM memories WHERE id = :{0} AND written_by = 'person')"
TWO_FACTS = (
    "2 = (SELECT count(*) FROM memories JOIN chats USING (tree_id) WHERE chats.id = :chat AND memories.kind = 'fact')"
)
WORDS = {"What to remember": "They sailed."}
SCENES = (
    Row(Slash("chat memory"), PRESENT, "Nothing yet."),
    Row(Slash("chat memory"), PRESENT, "Summary {number}", made="remembered"),
    Row(Press("memory.page:0:newer"), PRESENT, PANEL, made="remembered"),
    Row(Press("memory.correct:{summary}"), GOVERNING, "The summary", REMEMBERING, made="remembered"),
    Row(
        Press("memory.forget:{summary}"), GOVERNING, "Nothing yet.", REMEMBERING, GONE.format("summary"), "remembered",
    ),
    Row(Press("memory.add"), GOVERNING, "A fact", REMEMBERING, made="remembered"),
    Row(Press("memory.fact", ("{fact}",), MENU), GOVERNING, "A fact", REMEMBERING, made="remembered"),
    Row(
        Press("memory.drop", ("{fact}",), MENU), GOVERNING, "No facts are noted yet.", REMEMBERING,
        GONE.format("fact"), "remembered",
    ),
    Row(
        Submit("owner", Press("memory.correct:{summary}"), WORDS), GOVERNING, "They sailed.", REMEMBERING,
        BY_HAND.format("summary"), "remembered", form="MemoryForm",
    ),
    Row(
        Submit("owner", Press("memory.add"), WORDS), GOVERNING, "They sailed.", REMEMBERING, TWO_FACTS, "remembered",
        form="MemoryForm",
    ),
)  # fmt: skip
