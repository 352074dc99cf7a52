"""The words that the program itself puts into prompts. `{{char}}` and `{{user}}` are filled in where they stand."""

MAIN = (
    "You are {{char}}, in a role-play with {{user}}. Write {{char}}'s next reply: in character, in the style of "
    "the scene. {{user}}'s words, deeds and thoughts are theirs alone."
)
MAIN_GROUP = (
    "This is a role-play of several people. Write the next reply of {{char}}, in character and in the style of the "
    "scene. What the others say, do and think is theirs alone."
)
MAIN_STORY = (
    "You tell a story in which {{char}} plays a part. Go on in prose, in the style of what is there. What stands in "
    "brackets is a direction to follow, not a part of the story."
)
POST_HISTORY = ""
ABOUT = "About {name}:\n{told}"
PERSONALITY = "{name}'s personality: {told}"
SCENARIO = "Scenario: {told}"
CAST = "Also in the scene, and not yours to speak for:"
LOOKS = "looks: {appearance}"
SUMMARY = "What happened before:"
FACTS = "Remember:"
RECALLED = "Passages from earlier that may matter now:"
EXAMPLE_BEGINS = "[An example of how {name} speaks]"
CHAT_BEGINS = "[The chat begins]"
NEXT = "[Write {name}'s next message.]"
NEXT_IN_STORY = "[Go on with the story.]"
CONTINUE = "[Go on with your last message, exactly from where it stops. Repeat nothing of it.]"
