"""Webhooks as the bot's cast: names and pictures a message, threads, buttons, files, deletion."""

from __future__ import annotations

import io

import discord
import pytest
from discord import ui

from playground import Channel, Person, Playground
from tests.playground.conftest import Client, Rest


@pytest.fixture
async def webhook(bot: Client, tavern: Channel) -> discord.Webhook:
    place = bot.get_channel(tavern.id)
    assert isinstance(place, discord.TextChannel)
    return await place.create_webhook(name="Actors", avatar=None)


async def test_each_message_has_its_own_name_and_picture(bot: Client, webhook: discord.Webhook, alice: Person) -> None:
    address = "https://example.com/mira.png"
    sent = await webhook.send("Ahoy", username="Mira", avatar_url=address, wait=True)
    seen = await alice.sees("Ahoy")
    assert (seen.author_name, seen.author_avatar_url, seen.webhook_id) == ("Mira", address, webhook.id)
    assert sent.author.display_name == "Mira"
    await sent.edit(content="Farewell")
    assert (seen.content, seen.edits) == ("Farewell", 1)
    await sent.delete()
    assert seen.deleted


async def test_it_speaks_in_threads_of_its_channel_alone(
    play: Playground, bot: Client, webhook: discord.Webhook, tavern: Channel, alice: Person
) -> None:
    thread = await alice.start_thread("Night")
    sent = await webhook.send("In here", thread=discord.Object(thread.id), wait=True)
    assert [message.text for message in play.messages(thread)] == ["In here"]
    fetched = await webhook.fetch_message(sent.id, thread=discord.Object(thread.id))
    await fetched.edit(content="Still here")
    with pytest.raises(discord.NotFound):
        await webhook.fetch_message(sent.id)
    with pytest.raises(discord.NotFound) as refused:
        await webhook.send("Nowhere", thread=discord.Object(1))
    assert refused.value.code == 10003
    await play.archive(thread)
    with pytest.raises(discord.HTTPException) as archived:
        await fetched.edit(content="Too late")
    assert archived.value.code == 50083
    await webhook.send("Wake up", thread=discord.Object(thread.id))
    assert not thread.archived


async def test_it_may_carry_buttons(bot: Client, webhook: discord.Webhook, alice: Person) -> None:
    pressed: list[discord.Interaction] = []

    class Row(ui.View):
        @ui.button(label="Regenerate", custom_id="again")
        async def again(self, interaction: discord.Interaction, button: ui.Button[Row]) -> None:
            pressed.append(interaction)
            await interaction.response.edit_message(content="Anew", view=None)

    await webhook.send("Draft", view=Row(timeout=None), wait=True)
    answer = await alice.click("Regenerate")
    assert (answer.kind, answer.text) == ("update", "Anew")
    assert answer.message is not None
    assert answer.message.buttons == []
    assert pressed[0].message is not None
    assert pressed[0].message.webhook_id == webhook.id


async def test_files_are_kept_and_fetched(bot: Client, webhook: discord.Webhook, alice: Person) -> None:
    file = discord.File(io.BytesIO(b"a map"), filename="the map.txt", description="A map")
    embed = discord.Embed(title="Map").set_image(url="attachment://the_map.txt")
    sent = await webhook.send("Look", file=file, embed=embed, wait=True)
    assert await sent.attachments[0].read() == b"a map"
    assert sent.attachments[0].description == "A map"
    assert sent.embeds[0].image.url == sent.attachments[0].url
    kept = await sent.edit(attachments=[*sent.attachments, discord.File(io.BytesIO(b"2"), filename="two.txt")])
    assert [one.filename for one in kept.attachments] == ["the_map.txt", "two.txt"]
    fewer = await sent.edit(attachments=kept.attachments[1:])
    assert [one.filename for one in fewer.attachments] == ["two.txt"]


async def test_a_deleted_webhook_is_unknown(
    play: Playground, bot: Client, webhook: discord.Webhook, tavern: Channel
) -> None:
    assert [one.id for one in play.webhooks(tavern)] == [webhook.id]
    await play.delete_webhook(webhook.id)
    with pytest.raises(discord.NotFound) as refused:
        await webhook.send("Anyone?")
    assert refused.value.code == 10015


async def test_the_token_is_checked(webhook: discord.Webhook, rest: Rest) -> None:
    assert (await rest("POST", f"/webhooks/{webhook.id}/wrong", {"content": "x"})).code == 50027


async def test_pictures_are_kept(bot: Client, webhook: discord.Webhook, play: Playground, rest: Rest) -> None:
    async with rest.session.get(f"{play.cdn_url}/embed/avatars/0.png") as response:
        png = await response.read()
    edited = await webhook.edit(avatar=png, name="Cast")
    assert edited.avatar is not None
    assert await edited.avatar.with_size(64).read() == png
    assert (await bot.fetch_webhook(webhook.id)).name == "Cast"
