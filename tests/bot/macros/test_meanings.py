"""What each macro puts in its place, as a table."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.macros import Expander, Meanings, expand

NOW = datetime(2026, 11, 21, 15, 45, tzinfo=timezone(timedelta(hours=2)))
MEANINGS = Meanings(
    char="Mirela",
    user="Ann",
    description="{{char}} is tall.",
    personality="kind to {{user}}",
    scenario="{{personality}} by the sea",
    persona="Ann has {{char}} in her words.",
    examples="<START>\n{{char}}: Ahoy, <USER>!",
    last_message="{{roll:6}} said Ann",
    last_user_message="Ann's",
    last_char_message="Mirela's",
    now=NOW,
    idle=timedelta(minutes=5),
    seed="reply",
    place_seed="tree",
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        ("{{char}} and {{user}}", "Mirela and Ann"),
        ("{{CHAR}} {{User}} {{ char }} {{\tuser\n}}", "Mirela Ann Mirela Ann"),
        ("<BOT> <bot> <CHAR> <char> <USER> <user>", "Mirela Mirela Mirela Mirela Ann Ann"),
        ("{{group}} {{charIfNotGroup}}", "Mirela Mirela"),
        ("{{description}}|{{personality}}", "Mirela is tall.|kind to Ann"),
        ("{{scenario}}", "kind to Ann by the sea"),
        ("{{mesExamples}}", "<START>\nMirela: Ahoy, Ann!"),
        ("{{persona}}", "Ann has {{char}} in her words."),
        ("{{lastMessage}}|{{lastUserMessage}}|{{lastCharMessage}}", "{{roll:6}} said Ann|Ann's|Mirela's"),
        ("{{time}} {{isotime}}", "3:45 PM 15:45"),
        ("{{date}}, {{weekday}}, {{isodate}}", "November 21, 2026, Saturday, 2026-11-21"),
        ("{{idle_duration}} {{idleDuration}}", "5 minutes 5 minutes"),
        ("a{{newline}}b{{noop}}c", "a\nbc"),
        ("{{reverse:Hello}} {{reverse::Hello}} {{reverse Hello}}", "olleH olleH olleH"),
        ("{{reverse: {{user}}::x }}", "x::nnA"),
        ("{{reverse:}}", ""),
        ("a{{// hush}}b{{//}}c{{// {{char}} {{setvar::x::1}} }}d{{getvar::x}}", "abcd"),
        ("a{{comment: shown}}b{{comment}}c{{comment::{{char}}}}", "abc"),
        ("a{{hidden_key:harbour}}b", "ab"),
        ("{{random::{{user}}::{{user}}}} {{random:{{char}},{{char}}}} {{pick x,x}}", "Ann Mirela x"),
        ("{{random::one}}{{random:one}}{{pick::one}}{{random:}}{{random::}}", "oneoneone"),
        (r"{{random:a\, b}} {{pick: c\,d , c\,d }}", "a, b c,d"),
        ("{{roll:1}} {{roll:d1}} {{roll 1d1}} {{roll::3d1+3}} {{roll:2D1 - 1}}", "1 1 1 6 1"),
        ("a\r\n\n{{trim}}\n\nb", "ab"),
        ("{{newline}}{{trim}}{{newline}}a\n {{trim}} \nb", "a\n  \nb"),
        ("a\n{{noop}}{{trim}}{{noop}}\nb", "a\n\nb"),
        ("{{reverse:a\n{{trim}}\nb}}\n{{trim}}", "ba"),
    ],
)
def test_every_macro(written: str, read: str) -> None:
    assert expand(written, MEANINGS) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{{unknown}} {char} {{}} {{ }} <START> < bot > <uſer>", None),
        ("{{unknown::{{user}}}} {{{{char}}}} {{<user>}}", "{{unknown::Ann}} {{Mirela}} {{Ann}}"),
        ("{{char {{char}} }} {{char::x}} {{char:}} {{char-x}}", "{{char Mirela }} {{char::x}} {{char:}} {{char-x}}"),
        ("{{{char}}} {{{{{char}}}}}", "{Mirela} {{{Mirela}}}"),
        ("{{characters}} {{users}} {{reverse{{char}}}}", "{{characters}} {{users}} {{reverseMirela}}"),
        ("{{char {{user}} }", "{{char Ann }"),
        ("}} {{char}} }} {{", "}} Mirela }} {{"),
        ("{{random::a::{{user}}", "{{random::a::Ann"),
        ("{{original}} {{random}} {{pick}} {{roll}} {{reverse}}", None),
        ("{{getvar}} {{getvar::}} {{setvar::x}} {{setvar::::x}} {{addvar}} {{incvar}} {{hidden_key}}", None),
        ("{{/if}} {{else}} {{if}} {{if x}} a {{else}} {{/if", None),
        ("{{roll:six}} {{roll:0}} {{roll:101d6}} {{roll:2+3}} {{roll:d}} {{roll:}}", None),
        (r"\{\{char\}\} {\{char}}", None),
        ("{{ｃｈａｒ}} {{char\u200b}} \ud800{{user}}\udfff", "{{ｃｈａｒ}} {{char\u200b}} \ud800Ann\udfff"),
    ],
)
def test_what_is_not_known_stays_as_written_but_for_what_is_known_in_it(written: str, read: str | None) -> None:
    assert expand(written, MEANINGS) == (written if read is None else read)


def test_a_group_is_named_by_all_its_names() -> None:
    meanings = Meanings("Mirela", "Ann", group=("Mirela", "Bo {{user}}"))
    assert expand("{{group}}|{{charIfNotGroup}}|{{char}}", meanings) == "Mirela, Bo {{user}}|Mirela, Bo {{user}}|Mirela"
    assert expand("{{group}}", Meanings("Mirela", "Ann", group=("Mirela",))) == "Mirela"


def test_original_is_the_text_that_is_replaced_and_is_not_filled_in_again() -> None:
    assert expand("Kindly: {{Original}}", MEANINGS, original="Be {{char}}.") == "Kindly: Be {{char}}."
    assert expand("{{description}}", Meanings("M", "A", description="{{original}}"), original="x") == "{{original}}"


def test_without_a_clock_macros_of_time_stay_as_written() -> None:
    written = "{{time}} {{date}} {{weekday}} {{isotime}} {{isodate}}"
    assert expand(written, Meanings("M", "A")) == written
    assert expand("{{idle_duration}}", Meanings("M", "A")) == "just now"


@pytest.mark.parametrize(("hour", "told"), [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (23, "11:05 PM")])
def test_times_of_day(hour: int, told: str) -> None:
    assert expand("{{time}}", Meanings("M", "A", now=datetime(2026, 1, 2, hour, 5, tzinfo=UTC))) == told


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=-5), "a few seconds"),
        (timedelta(seconds=44), "a few seconds"),
        (timedelta(seconds=45), "a minute"),
        (timedelta(seconds=89), "a minute"),
        (timedelta(seconds=90), "2 minutes"),
        (timedelta(minutes=44), "44 minutes"),
        (timedelta(minutes=45), "an hour"),
        (timedelta(minutes=90), "2 hours"),
        (timedelta(hours=21), "21 hours"),
        (timedelta(hours=22), "a day"),
        (timedelta(hours=36), "2 days"),
        (timedelta(days=25), "25 days"),
        (timedelta(days=26), "a month"),
        (timedelta(days=46), "2 months"),
        (timedelta(days=319), "10 months"),
        (timedelta(days=320), "a year"),
        (timedelta(days=548), "2 years"),
        (timedelta.max, "2737907 years"),
    ],
)
def test_how_long_nobody_said_anything(passed: timedelta, told: str) -> None:
    assert expand("{{idle_duration}}", Meanings("M", "A", idle=passed)) == told


def test_hidden_keys_are_kept_for_lore() -> None:
    expander = Expander(MEANINGS)
    assert expander.expand("{{hidden_key:{{user}}'s ship}}{{hidden_key:}}{{// {{hidden_key:no}} }}") == ""
    assert expander.hidden == ["Ann's ship"]


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    told = Meanings(
        char="{{user}}", user="{{setvar::x::1}}a,b::c", persona="<BOT>", last_message="{{if 1}}", last_user_message="{{"
    )
    expander = Expander(told, {"said": "{{char}}"})
    assert expander.expand("{{char}} {{user}} {{persona}}") == "{{user}} {{setvar::x::1}}a,b::c <BOT>"
    assert expander.expand("{{getvar::said}} {{lastMessage}}yes{{/if}}") == "{{char}} {{if 1}}yes{{/if}}"
    assert expander.expand("{{random:{{user}}}} {{lastUserMessage}}char}}") == "{{setvar::x::1}}a,b::c {{char}}"
    assert expander.changed == {}


def test_a_field_inside_itself_stays_as_written_and_is_noted() -> None:
    told = Meanings("M", "A", description="d {{personality}}", personality="p {{description}}")
    expander = Expander(told)
    assert expander.expand("{{description}}") == "d p {{description}}"
    assert Expander(told).expand("{{description}}!", place="description") == "{{description}}!"
    assert expander.notes == ["{{description}} stands inside itself: it stays as written there."]
