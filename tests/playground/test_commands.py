"""An unmodified discord.py client registers commands and answers what people do."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands, ui

from playground import Channel, DidNotAnswer, Guild, Person, Playground, Refused
from tests.playground.conftest import Client, Connect


class Story(ui.Modal, title="A story"):
    def __init__(self) -> None:
        super().__init__()
        moods = [discord.SelectOption(label="Calm"), discord.SelectOption(label="Wild")]
        self.name: ui.TextInput[Story] = ui.TextInput(default="Untitled", max_length=20)
        self.mood: ui.Select[Story] = ui.Select(options=moods)
        self.picture: ui.FileUpload[Story] = ui.FileUpload(required=False, max_values=2)
        self.hero: ui.UserSelect[Story] = ui.UserSelect(required=False)
        for text, part in (
            ("Name", self.name),
            ("Mood", self.mood),
            ("Picture", self.picture),
            ("Hero", self.hero),
        ):
            self.add_item(ui.Label(text=text, component=part))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        held = [await one.read() for one in self.picture.values]
        heroes = [hero.display_name for hero in self.hero.values]
        await interaction.response.send_message(f"{self.name.value}, {self.mood.values[0]}, {held}, {heroes}")


class Panel(ui.View):
    @ui.button(label="Count", custom_id="count")
    async def count(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        assert interaction.message is not None
        await interaction.response.edit_message(content=interaction.message.content + "!")

    @ui.button(emoji="◀", custom_id="back", disabled=True)
    async def back(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.defer()

    @ui.select(
        placeholder="A dish",
        custom_id="dish",
        options=[
            discord.SelectOption(label="Soup", value="s"),
            discord.SelectOption(label="Bread", value="b"),
        ],
    )
    async def dish(self, interaction: discord.Interaction, select: ui.Select[Panel]) -> None:
        await interaction.response.send_message(f"You chose {select.values}", ephemeral=True)


class Card(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__()
        button: ui.Button[Card] = ui.Button(label="Chat", custom_id="chat")
        button.callback = self.chat
        thumbnail = ui.Thumbnail("https://example.com/a.png")
        self.add_item(
            ui.Container(
                ui.TextDisplay("# Captain"),
                ui.Section(ui.TextDisplay("She sails."), accessory=thumbnail),
                ui.ActionRow(button),
            )
        )

    async def chat(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Story())


class Cook(app_commands.Group):
    """What the kitchen does."""

    pot = app_commands.Group(name="pot", description="Pots.")

    @pot.command(description="Stirs.")
    @app_commands.describe(times="How often", dish="What", slow="Slowly")
    async def stir(
        self,
        interaction: discord.Interaction,
        times: app_commands.Range[int, 1, 9],
        dish: str,
        slow: bool = False,
    ) -> None:
        await interaction.response.send_message(f"{dish} {times} {slow}")

    @stir.autocomplete("dish")
    async def dishes(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        known = ["soup", "stew", "bread"]
        return [app_commands.Choice(name=one.title(), value=one) for one in known if one.startswith(typed)]


def everything() -> Client:
    """Returns a client with one command of each kind."""
    client = Client()
    tree = client.tree
    tree.add_command(Cook(name="cook", description="Cooks."))

    @tree.command(description="Shows a panel.")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("n", view=Panel())

    @tree.command(description="Shows a card.")
    async def card(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Card())

    @tree.command(description="Thinks first.")
    async def think(interaction: discord.Interaction, hidden: bool) -> None:
        await interaction.response.defer(thinking=True, ephemeral=hidden)
        await interaction.followup.send("thought")
        await interaction.followup.send("more", ephemeral=True)
        await interaction.edit_original_response(content="thought twice")

    @tree.command(description="Measures a file and a person.")
    async def weigh(
        interaction: discord.Interaction, file: discord.Attachment, who: discord.Member | None = None
    ) -> None:
        content = await file.read()
        await interaction.response.send_message(f"{file.filename} {len(content)} {who and who.display_name}")

    @tree.command(description="For moderators.")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def rule(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("ruled")

    @tree.command(description="For adults.", nsfw=True)
    async def rum(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("cheers")

    @tree.command(description="Never answers.")
    async def sleep(interaction: discord.Interaction) -> None:
        interaction.extras["ignored"] = True

    @tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{message.author.display_name}: {message.content}", ephemeral=True)

    @tree.context_menu(name="Wave at")
    async def wave(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"waves at {user.display_name}")

    return client


@pytest.fixture
async def client(connect: Connect, alice: Person) -> Client:
    return await connect(everything())


async def test_subcommands_carry_their_options(client: Client, alice: Person) -> None:
    answer = await alice.slash("cook pot stir", times=3, dish="soup")
    assert answer.text == "soup 3 False"


async def test_options_complete_what_is_typed(client: Client, alice: Person) -> None:
    assert await alice.autocomplete("cook pot stir", option="dish", typed="s") == [
        ("Soup", "soup"),
        ("Stew", "stew"),
    ]


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("cook pot boil", {}, "There is no command"),
        ("cook pot", {}, "has subcommands: stir"),
        ("cook pot stir", {"times": 3}, "'dish' is required"),
        ("cook pot stir", {"times": 10, "dish": "x"}, "takes 1 to 9"),
        ("cook pot stir", {"times": "3", "dish": "x"}, "does not take '3'"),
        ("cook pot stir", {"times": 3, "dish": "x", "salt": 1}, "no option 'salt'"),
    ],
)
async def test_the_client_refuses_wrong_options(
    client: Client, alice: Person, command: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        await alice.slash(command, **options)


async def test_files_and_people_are_resolved(client: Client, alice: Person, bob: Person) -> None:
    answer = await alice.slash("weigh", file=("note.txt", b"12345"), who=bob)
    assert answer.text == "note.txt 5 bob"


async def test_commands_hide_from_whoever_may_not_use_them(
    client: Client, play: Playground, guild: Guild, alice: Person
) -> None:
    boss = play.add_person("boss", guilds=[guild], admin=True).at(alice.here)
    assert (await boss.slash("rule")).text == "ruled"
    with pytest.raises(Refused, match="permissions"):
        await alice.slash("rule")
    with pytest.raises(Refused, match="age-restricted"):
        await alice.slash("rum")
    alice.here = guild.add_text_channel("cellar", nsfw=True)
    assert (await alice.slash("rum")).text == "cheers"
    await alice.open_dm()
    with pytest.raises(Refused, match="direct messages"):
        await alice.slash("rule")


async def test_buttons_and_menus_are_pressed(client: Client, alice: Person, bob: Person) -> None:
    panel = await alice.slash("panel")
    pressed = await bob.click("Count")
    assert (pressed.kind, panel.text, panel.message and panel.message.edits) == ("update", "n!", 1)
    chosen = await alice.select("A dish", ["Bread"])
    assert chosen.text == "You chose ['b']"
    assert chosen.ephemeral
    await bob.sees_no("You chose")
    with pytest.raises(AssertionError, match=r"no enabled button '◀'[\s\S]*\[Count\]"):
        await alice.click("◀")
    with pytest.raises(AssertionError, match="Soup, Bread"):
        await alice.select("A dish", ["Stone"])


async def test_a_card_opens_a_form_with_an_upload(client: Client, alice: Person, bob: Person) -> None:
    card = await alice.slash("card")
    assert card.text == "# Captain\nShe sails."
    form = await card.click("Chat")
    assert form.modal is not None
    assert (form.modal.title, [one.label for one in form.modal.fields]) == (
        "A story",
        ["Name", "Mood", "Picture", "Hero"],
    )
    with pytest.raises(ValueError, match="'Mood' is required"):
        await form.fill({})
    with pytest.raises(ValueError, match="takes 0 to 20 characters"):
        await form.fill({"Name": "x" * 21, "Mood": ["Calm"]})
    told = await form.fill({"Mood": ["Wild"], "Picture": [("a.txt", b"ab")], "Hero": [bob]})
    assert told.text == "Untitled, Wild, [b'ab'], ['bob']"
    with pytest.raises(ValueError, match="not open"):
        await form.fill({"Mood": ["Wild"]})


@pytest.mark.parametrize("hidden", [True, False])
async def test_a_deferred_answer_is_waited_for(client: Client, alice: Person, bob: Person, hidden: bool) -> None:
    answer = await alice.slash("think", hidden=hidden)
    assert answer.ephemeral is hidden
    await alice.sees("thought twice")
    await alice.sees("more")
    await bob.sees_no("more")
    assert bool([one for one in bob.messages() if "thought" in one.text]) is not hidden


async def test_context_menus_reach_message_and_user(client: Client, alice: Person, bob: Person) -> None:
    said = await bob.say("Ahoy")
    assert (await alice.menu(said, "Quote")).text == "bob: Ahoy"
    assert (await alice.user_menu(bob, "Wave at")).text == "waves at bob"


async def test_no_answer_within_three_seconds(client: Client, play: Playground, alice: Person) -> None:
    waiting = asyncio.create_task(alice.slash("sleep"))
    await play.world.pulse.until(lambda: False, 0.05)
    play.clock.advance(3.1)
    with pytest.raises(DidNotAnswer, match="sleep"):
        await waiting


async def test_a_disconnected_bot_does_not_answer(play: Playground, alice: Person) -> None:
    with pytest.raises(ValueError, match="no command"):
        await alice.slash("panel")


async def test_direct_messages_reach_the_bot(client: Client, alice: Person) -> None:
    await alice.open_dm()
    answer = await alice.slash("cook pot stir", times=1, dish="tea")
    assert answer.text == "tea 1 False"


async def test_a_press_in_an_archived_thread_is_lost(
    client: Client, play: Playground, tavern: Channel, alice: Person
) -> None:
    alice.here = await alice.start_thread("Night")
    await alice.slash("panel")
    await play.archive(alice.here)
    waiting = asyncio.create_task(alice.click("Count"))
    await play.world.pulse.until(lambda: False, 0.05)
    play.clock.advance(3.1)
    with pytest.raises(DidNotAnswer):
        await waiting
    await alice.say("wake up")
    assert (await alice.click("Count")).text == "n!"
