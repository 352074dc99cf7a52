"""Where Discord can fetch a character's avatar from."""

import io
from collections.abc import Iterator, Sequence

import discord

from bot.services import Services
from storage.files import Upload


def without_parameters(url: str) -> str:
    """An address on Discord's CDN without the parameters that let it expire."""
    return url.split("?", 1)[0]


def uploads_in(message: discord.Message) -> Iterator[tuple[str, int, str]]:
    """File name, attachment id and address of what was uploaded with a message, shown in a card or not."""
    for attachment in message.attachments:
        yield attachment.filename, attachment.id, attachment.url
    yield from _media(message.components)


def _media(components: Sequence[object]) -> Iterator[tuple[str, int, str]]:
    for component in components:
        if isinstance(component, discord.SectionComponent):
            yield from _media([component.accessory])
        if isinstance(component, discord.Container):
            yield from _media(component.children)
        if isinstance(component, discord.ThumbnailComponent):
            media = component.media
            yield without_parameters(media.url).rsplit("/", 1)[-1], media.attachment_id or 0, media.url


class Faces:
    """Avatars as addresses: of our own files, or of a copy that stands on Discord."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def address(self, services: Services, avatar: str | None, thread_id: int) -> str | None:
        """An address that Discord can fetch, None when there is no way to one."""
        if avatar is None:
            return None
        if services.public_files_url:
            return f"{services.public_files_url}/{avatar}.png"
        channel_id = services.files_channel or thread_id
        upload = await services.avatars.find_upload(avatar, channel_id=channel_id)
        if upload is None:
            upload = await self._upload(services, avatar, channel_id)
        return upload.url if upload else None

    async def remember(self, services: Services, message: discord.Message, avatar: str) -> None:
        """Notes that a message of ours carries an avatar, so that webhooks can take it from there."""
        for filename, attachment_id, url in uploads_in(message):
            if filename == f"{avatar}.png":
                await services.avatars.save_upload(
                    Upload(avatar, message.channel.id, message.id, attachment_id, without_parameters(url))
                )

    async def renew(self, services: Services, avatar: str, thread_id: int) -> None:
        """Discord could not fetch the address: look the copy up again, or forget it so that it is made anew."""
        if services.public_files_url:
            return
        channel_id = services.files_channel or thread_id
        upload = await services.avatars.find_upload(avatar, channel_id=channel_id)
        if upload is None:
            return
        try:
            channel = self._client.get_partial_messageable(channel_id)
            message = await channel.fetch_message(upload.message_id)
        except discord.HTTPException:
            await services.avatars.forget_upload(avatar, channel_id=channel_id)
            return
        await self.remember(services, message, avatar)

    async def _upload(self, services: Services, avatar: str, channel_id: int) -> Upload | None:
        picture = await services.avatars.read(avatar)
        if picture is None:
            return None
        channel = self._client.get_partial_messageable(channel_id)
        name = f"{avatar}.png"
        try:
            message = await channel.send(
                view=_small(name),
                file=discord.File(io.BytesIO(picture), name),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.HTTPException:
            return None
        await self.remember(services, message, avatar)
        return await services.avatars.find_upload(avatar, channel_id=channel_id)


def _small(name: str) -> discord.ui.LayoutView:
    """A picture that came along, beside a line of text, so that it takes little room in a scene."""
    view = discord.ui.LayoutView(timeout=None)
    picture = discord.ui.Thumbnail[discord.ui.LayoutView](f"attachment://{name}")
    view.add_item(discord.ui.Section("-# A face for the scene.", accessory=picture))
    return view
