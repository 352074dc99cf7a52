"""A small case as SillyTavern's users know it, whose order of messages other programs are tested by."""

from bot.prompt import AuthorsNote, CharacterFields, Line, Persona, PromptSettings, Reading, build_prompt

CASE = Reading(
    character=CharacterFields(
        name="TestChar",
        description="A test character. {{persona}}",
        personality="Friendly.",
        scenario="A simple test scenario for {{char}}: {{personality}}",
        # There the instructions are the person's preset; here there are no presets, so the card brings them.
        system_prompt="You are {{char}}, speaking with {{user}}.",
        post_history_instructions="Stay in character.",
    ),
    persona=Persona("TestUser", "A test user persona."),
    path=(
        Line("person", "First user message.", "TestUser"),
        Line("character", "First assistant response.", "TestChar"),
        Line("person", "Second user message.", "TestUser"),
    ),
    settings=PromptSettings(context_tokens=4096, reply_tokens=300, history_limit=100),
    model="gpt-4o",
    note=AuthorsNote("Remember: be helpful.", depth=0, frequency=1),
)


def test_the_small_case_stands_in_the_known_order() -> None:
    # The same order, in fewer messages: what leads is one system message, since some endpoints heed the first alone,
    # and the note at depth 0 and the closing instructions, neighbours of one role, are joined. The fields carry short
    # headings that SillyTavern leaves to the preset.
    assert [(message.role, message.content) for message in build_prompt(CASE).messages] == [
        (
            "system",
            "You are TestChar, speaking with TestUser.\n\nAbout TestUser:\nA test user persona.\n\n"
            "A test character. A test user persona.\n\nTestChar's personality: Friendly.\n\n"
            "Scenario: A simple test scenario for TestChar: Friendly.",
        ),
        ("user", "First user message."),
        ("assistant", "First assistant response."),
        ("user", "Second user message."),
        ("system", "Remember: be helpful.\n\nStay in character."),
    ]
