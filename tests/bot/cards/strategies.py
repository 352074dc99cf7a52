"""Hypothesis strategies for cards as other programs may write them."""

from typing import Any

from hypothesis import strategies as st

# What the reader repairs (NUL, lone surrogates) has cases of its own.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(texts | st.just("__proto__"), json_values, max_size=4)
moments = st.integers(0, 99_999_999_999)

_TEXTS = (
    "description", "personality", "scenario", "first_mes", "mes_example", "system_prompt",
    "post_history_instructions", "creator", "creator_notes", "character_version",
)  # fmt: skip
_LISTS = ("alternate_greetings", "group_only_greetings", "tags", "source")


def _data() -> st.SearchStrategy[dict[str, Any]]:
    known: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(_TEXTS, texts)
    known |= {name: st.lists(texts.filter(str.strip), max_size=3) for name in _LISTS}
    known |= {"nickname": lines, "creation_date": moments, "modification_date": moments}
    known |= {
        "extensions": json_objects,
        "character_book": json_objects,
        "assets": st.lists(json_values, max_size=2),
    }
    known |= {"creator_notes_multilingual": st.dictionaries(texts, texts, max_size=2)}
    fields = st.fixed_dictionaries({"name": lines}, optional=known)
    return st.tuples(json_objects, fields).map(lambda parts: {**parts[0], **parts[1]})


documents = st.tuples(json_objects, _data(), st.sampled_from([("chara_card_v2", "2.0"), ("chara_card_v3", "3.0")])).map(
    lambda parts: {**parts[0], "spec": parts[2][0], "spec_version": parts[2][1], "data": parts[1]}
)
