"""Exports of a chat: what stands in them, that they are read back, that they are split, and how they are called."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import transcripts
from bot.chat.transcripts import ExportFile, Format, TranscriptLine, export, file_stem

WHEN = datetime(2026, 11, 1, 20, 15, 30, 250_000, tzinfo=UTC)
SCENE = (
    TranscriptLine("character", "Wake", "The lamp turns.", WHEN, "complete"),
    TranscriptLine("person", "Alice", "I knock.\nTwice.", WHEN + timedelta(minutes=1), "complete"),
    TranscriptLine("character", "Wake", "Who is there?", WHEN, "stopped", ("Nobody answers.", "Who is there?")),
    TranscriptLine("narration", "", "Night falls.", None, "complete"),
    TranscriptLine("person", "someone", None, WHEN, "removed"),
    TranscriptLine("character", "Wake", "", WHEN, "failed"),
)


def parsed(file: ExportFile) -> list[dict[str, Any]]:
    """The lines of a file of JSON lines."""
    assert file.content.endswith(b"\n")
    return [orjson.loads(line) for line in file.content.split(b"\n")[:-1]]


def test_markdown_reads_like_a_scene() -> None:
    (file,) = export("The *lighthouse*", SCENE, "markdown")
    assert file.name == "The-lighthouse.md"
    assert file.content.decode() == (
        "# The \\*lighthouse\\*\n"
        "\n**Wake** · 2026-11-01 20:15 UTC\n\nThe lamp turns.\n"
        "\n**Alice** · 2026-11-01 20:16 UTC\n\nI knock.\nTwice.\n"
        "\n**Wake** · 2026-11-01 20:15 UTC\n\nWho is there?\n"
        "\n**Narrator**\n\nNight falls.\n"
        "\n**someone** · 2026-11-01 20:15 UTC\n\n*(removed)*\n"
    )


def test_plain_text_has_no_marks() -> None:
    (file,) = export("The *lighthouse*", SCENE[:2], "text")
    assert file.name == "The-lighthouse.txt"
    assert file.content.decode() == (
        "The *lighthouse*\n================\n"
        "\n[2026-11-01 20:15 UTC] Wake:\nThe lamp turns.\n"
        "\n[2026-11-01 20:16 UTC] Alice:\nI knock.\nTwice.\n"
    )


def test_json_lines_have_the_shape_that_sillytavern_reads() -> None:
    (file,) = export("The lighthouse", SCENE, "jsonl")
    head, *said = parsed(file)
    assert head == {
        "user_name": "Alice",
        "character_name": "Wake",
        "create_date": "2026-11-01T20:15:30.250Z",
        "chat_metadata": {"title": "The lighthouse"},
    }
    assert [each["is_user"] for each in said] == [False, True, False, False, True]
    assert said[1]["mes"] == "I knock.\nTwice."
    assert said[2] == {
        "name": "Wake",
        "is_user": False,
        "is_system": False,
        "send_date": "2026-11-01T20:15:30.250Z",
        "mes": "Who is there?",
        "extra": {},
        "swipe_id": 1,
        "swipes": ["Nobody answers.", "Who is there?"],
    }
    assert said[3]["extra"] == {"type": "narrator"}
    assert (said[4]["mes"], said[4]["extra"]) == ("", {"removed": True})


@pytest.mark.parametrize("format", ["markdown", "text", "jsonl"])
def test_a_chat_in_which_nothing_was_said_is_a_file_too(format: Format) -> None:
    (file,) = export("", [], format)
    assert file.name.startswith("chat.")
    assert file.content.decode().strip()


lines = st.builds(
    TranscriptLine,
    role=st.sampled_from(["person", "character", "narration"]),
    name=st.text(max_size=20),
    text=st.one_of(st.none(), st.text(max_size=200)),
    created_at=st.one_of(st.none(), st.datetimes(datetime(2020, 1, 1), timezones=st.just(UTC))),
    status=st.just("complete"),
    swipes=st.lists(st.text(max_size=50), max_size=3).map(tuple),
)


@given(title=st.text(max_size=40), said=st.lists(lines, max_size=12))
@settings(max_examples=100, deadline=None)
def test_json_lines_hold_the_same_words(title: str, said: list[TranscriptLine]) -> None:
    (file,) = export(title, said, "jsonl")
    head, *found = parsed(file)
    assert head["chat_metadata"]["title"] == title
    assert [each["mes"] for each in found] == [line.text or "" for line in said]
    assert [each["is_user"] for each in found] == [line.role == "person" for line in said]
    for each, line in zip(found, said, strict=True):
        assert each["swipes"][each["swipe_id"]] == each["mes"]
        if line.text is not None:
            assert set(each["swipes"]) == {line.text, *line.swipes}


@given(said=st.lists(lines, max_size=30), most=st.integers(400, 2_000), format=st.sampled_from(["markdown", "jsonl"]))
@settings(max_examples=60, deadline=None)
def test_parts_hold_everything_once_and_are_small_enough(said: list[TranscriptLine], most: int, format: Format) -> None:
    with pytest.MonkeyPatch.context() as patched:
        whole = export("A title", said, format)
        patched.setattr(transcripts, "MOST_BYTES", most)
        files = export("A title", said, format)
    assert len(whole) == 1
    head = whole[0].content[: whole[0].content.index(b"\n") + 1]
    assert all(file.content.startswith(head) for file in files)
    if format == "markdown":
        assert all(len(file.content) <= most for file in files)
        assert head + b"".join(file.content[len(head) :] for file in files) == whole[0].content
    else:
        together = [each for file in files for each in parsed(file)[1:]]
        assert [each["mes"] for each in together] == [line.text or "" for line in said]
    if len(files) > 1:
        assert [file.name.rsplit("-", 1)[1].split(".")[0] for file in files] == [
            f"{at + 1}" for at in range(len(files))
        ]


def test_a_huge_chat_is_split_between_messages() -> None:
    said = [TranscriptLine("person", "Alice", f"{number} " + "ß" * 4_000, WHEN, "complete") for number in range(3_000)]
    for format in ("markdown", "text", "jsonl"):
        files = export("Long", said, format)
        assert len(files) >= 3
        assert all(len(file.content) <= transcripts.MOST_BYTES for file in files)
        assert all(file.content.decode().endswith("\n") for file in files)
        assert sum(file.content.decode().count("ß" * 4_000) for file in files) >= 3_000


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Cue & Robin", "Cue-Robin"),
        ("../../etc/passwd", "etc-passwd"),
        ("  ", "chat"),
        ("???", "chat"),
        ("con", "con-chat"),
        ("LPT1", "LPT1-chat"),
        ("Contact", "Contact"),
        ("Die Möwe", "Die-Möwe"),
        ("物語", "物語"),
        ("a\x00b\u202ec.exe", "a-b-c-exe"),
        ("x" * 200, "x" * 60),
        ("ﬁn", "fin"),
    ],
)
def test_files_have_names_that_every_system_takes(title: str, stem: str) -> None:
    assert file_stem(title) == stem


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_title_makes_a_bad_name(title: str) -> None:
    stem = file_stem(title)
    assert 0 < len(stem) <= transcripts.LONGEST_NAME + 5
    assert not set(stem) & set('/\\:*?"<>|.\0\n\r\t ')
    assert file_stem(stem) == stem
