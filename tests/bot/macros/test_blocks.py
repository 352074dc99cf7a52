"""`{{if}}`: which words say no, which side stands, and how it is indented."""

import pytest

from bot.macros import Expander, Meanings

MEANINGS = Meanings("Mirela", "No", description="{{// nothing}}", personality="kind", last_message=".met")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("x", True),
        ("", False),
        ("0", False),
        ("FALSE", False),
        ("off", False),
        (" no ", False),
        ("none", True),
        ("!", True),
        ("!x", False),
        ("! 0", True),
        (":: 0", False),
        (": 1", True),
        ("personality", True),
        ("!Personality", False),
        ("{{personality}}", True),
        ("description", False),
        ("persona", False),
        ("!{{persona}}", True),
        ("user", False),
        ("{{user}}", False),
        ("time", False),
        (".met", True),
        ("$met", True),
        (".not-met", False),
        ("!.never", True),
        ("{{getvar::met}}", True),
        ("{{getvar::never}}", False),
        ("{{lastMessage}}", True),
        ("...", True),
        ("{{getvar::names}}", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    expander = Expander(MEANINGS, {"met": "yes", "not-met": "no", "names": "persona"})
    assert expander.expand(f"{{{{if {condition}}}}}yes{{{{else}}}}no{{{{/if}}}}") == ("yes" if holds else "no")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a{{if 1}}b{{/if}}c{{if 0}}d{{/if}}e", "abce"),
        ("{{IF 1}}a{{Else}}b{{/IF}}{{ if 0 }}a{{ else }}b{{ / if }}", "ab"),
        ("{{if 1}}{{if 0}}a{{else}}b{{/if}}{{else}}c{{/if}}", "b"),
        ("{{if 0}}{{if 1}}a{{else}}b{{/if}}{{else}}{{char}}{{/if}}", "Mirela"),
        ("{{if 1::a{{else}}b}}{{if 0::a{{else}}b}}{{if 0::a}}{{#if 1:: c }}", "abc"),
        ("{{if 1}}a{{else}}b{{else}}c{{/if}}{{if 0}}a{{else}}b{{else}}c{{/if}}", "ab{{else}}c"),
        ("{{if 1}} a {{char}} {{/if}}|{{#if 1}} a {{/if}}", "a Mirela| a "),
        ("{{if 1}}\n    # Head\n    {{char}}\n      more\n    {{/if}}", "# Head\nMirela\n  more"),
        ("a\n{{if 0}}b{{/if}}{{trim}}\nc{{if 1}}{{trim}}{{/if}}\nd", "acd"),
        ("{{random::{{if 1}}a::b{{/if}}::{{if 1}}a::b{{/if}}}}", "a::b"),
        ("{{if 1}}a {{if 1}}b{{/if}}", "{{if 1}}a b"),
        ("{{if 1}}a {{else}}b {{if 1}}c", "{{if 1}}a {{else}}b {{if 1}}c"),
        ("{{reverse:{{if 1}}ab{{/if}}}} {{reverse:{{if 1}}ab}}{{/if}}", "ba ba}}1 fi{{{{/if}}"),
    ],
)
def test_blocks(written: str, read: str) -> None:
    assert Expander(MEANINGS).expand(written) == read


def test_only_the_side_that_stands_is_filled_in() -> None:
    expander = Expander(MEANINGS)
    expander.expand("{{if 1}}{{setvar::a::1}}{{else}}{{setvar::b::1}}{{/if}}{{if 0}}{{setvar::c::1}}{{/if}}")
    assert expander.changed == {"a": "1"}
