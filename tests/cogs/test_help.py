"""/help: what it says depends on the place, on the bot's rights, and on how it was set up."""

from pathlib import Path

from bot.permissions import HELPFUL, NEEDED
from tests.theatre import Theatre, open_theatre


async def test_help_knows_where_it_is_asked(theatre: Theatre) -> None:
    alice = theatre.alice
    outside = await alice.slash("help")
    assert outside.ephemeral
    assert "`/character pick` shows who is there" in outside.text
    for absent in ("In this scene", "What I lack", "How to speak here", "Privacy", "Helpful"):
        assert absent not in outside.text
    assert "who manage this server" not in outside.text
    theatre.guild.give_role(alice, theatre.guild.add_role("Admins", 1 << 5))
    assert "who manage this server" in (await alice.slash("help")).text
    await theatre.chat_with("Cue")
    assert "### In this scene" in (await alice.slash("help")).text
    await alice.slash("chat end")
    assert "In this scene" not in (await alice.slash("help", in_=theatre.tavern)).text
    await alice.open_dm()
    assert "What I lack" not in (await alice.slash("help")).text


async def test_help_names_each_right_that_is_missing(theatre: Theatre) -> None:
    everyone, own = theatre.guild.everyone.permissions, theatre.guild.bot_role.permissions
    for right, reason in (NEEDED | HELPFUL).items():
        if right in ("view_channel", "read_message_history"):
            continue  # without these Alice would see nothing either
        theatre.guild.revoke_from_bot(right)
        text = (await theatre.alice.slash("help")).text
        assert f"**{right.replace('_', ' ').title()}**, to {reason}" in text, right
        assert ("### What I lack here" in text) == (right in NEEDED)
        theatre.guild.everyone.permissions = everyone
        theatre.guild.set_bot_permissions(own)


async def test_help_says_how_to_speak_where_messages_are_not_read_and_links_the_small_print(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    changes = {
        "message_content_intent": False,
        "stock_characters": False,
        "privacy_url": "https://words.example/privacy",
        "terms_url": "https://words.example/terms",
    }
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, **changes) as theatre:
        text = (await theatre.alice.slash("help")).text
        assert "use `/say`, the *Say* button, or mention me" in text
        assert "[Privacy](https://words.example/privacy) · [Terms](https://words.example/terms)" in text
        await theatre.alice.open_dm()
        assert "use `/say`" not in (await theatre.alice.slash("help")).text
    assert theatre.playground.violations == []
