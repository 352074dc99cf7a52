"""Writing, editing and deleting messages: the same for the bot, its webhooks and people."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

from playground import checks, wire
from playground.channels import CATEGORY, FORUM, Channel
from playground.choosing import settle_presets
from playground.files import keep_attachment
from playground.messages import COMPONENTS_V2, EPHEMERAL, LOADING, SUPPRESS_EMBEDS, Attachment, Message, walk
from playground.permissions import may
from playground.refusals import Refused, bad_form
from playground.threads import wake
from playground.world import World

JsonObject = dict[str, Any]
_SETTABLE_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2 | 1 << 12
REPLY = 19
_MENTION = re.compile(r"<@!?(\d+)>", re.ASCII)
_ROLE_MENTION = re.compile(r"<@&(\d+)>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request; `index` is the n of its `files[n]`."""

    index: int
    filename: str
    content: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who a message is from: a user, or a webhook with the name and picture it shows."""

    user_id: int
    webhook_id: int | None = None
    name: str | None = None
    avatar_url: str | None = None
    application_id: int | None = None


def require_send(channel: Channel, user_id: int, body: JsonObject, *, files: int = 0) -> None:
    """Refuses a message that the user may not send there."""
    if not may(channel, user_id, "view_channel"):
        raise Refused(50001)
    if channel.type in (FORUM, CATEGORY):
        raise Refused(50008)
    sending = "send_messages_in_threads" if channel.is_thread else "send_messages"
    if not may(channel, user_id, sending):
        raise Refused(50013)
    if files and not may(channel, user_id, "attach_files"):
        raise Refused(50013)
    if body.get("embeds") and not may(channel, user_id, "embed_links"):
        raise Refused(50013)
    if body.get("message_reference") and not may(channel, user_id, "read_message_history"):
        raise Refused(160002)


def post(
    channel: Channel,
    author: Author,
    body: JsonObject,
    uploads: list[Upload] | None = None,
    *,
    ephemeral_to: int | None = None,
    interaction: JsonObject | None = None,
    kind: int = 0,
    loading: bool = False,
    message_id: int | None = None,
) -> Message:
    """Puts a message into a channel and tells everyone who may see it."""
    world = channel.world
    if not loading:
        checks.message(body)
        checks.not_empty(body, files=len(uploads or []))
    if channel.is_thread:
        wake(channel, None if author.webhook_id else author.user_id)
    flags = (body.get("flags") or 0) & _SETTABLE_FLAGS
    flags |= LOADING if loading else 0
    flags |= EPHEMERAL if ephemeral_to is not None else 0
    message = Message(
        world,
        message_id or world.new_id(),
        channel.id,
        author.user_id,
        created=world.clock.now(),
        type=kind,
        webhook_id=author.webhook_id,
        webhook_name=author.name,
        webhook_avatar=author.avatar_url,
        application_id=author.application_id,
        flags=flags,
        interaction=interaction,
        ephemeral_to=ephemeral_to,
        tts=bool(body.get("tts")),
        nonce=body.get("nonce"),
    )
    _set_reference(message, body)
    _fill(message, body, uploads or [])
    _keep(channel, message)
    tell(message, "MESSAGE_CREATE")
    return message


def system_message(channel: Channel, user_id: int, kind: int, content: str, about: Message | None = None) -> Message:
    """Puts in a message that Discord itself writes, such as that a thread was started."""
    world = channel.world
    message = Message(world, world.new_id(), channel.id, user_id, content, world.clock.now(), kind)
    if about is not None:
        message.reply_to_id = about.id
    _keep(channel, message)
    tell(message, "MESSAGE_CREATE")
    return message


def _keep(channel: Channel, message: Message) -> None:
    world = channel.world
    world.messages[channel.id][message.id] = message
    if message.ephemeral_to is not None:
        return
    channel.last_message_id = message.id
    if channel.is_thread:
        channel.message_count += message.id != channel.id
        if message.webhook_id is None:
            channel.thread_members.setdefault(message.author_id, world.clock.now())


def _set_reference(message: Message, body: JsonObject) -> None:
    reference = body.get("message_reference")
    if not reference:
        return
    if reference.get("type"):
        raise bad_form("message_reference.type", "The playground does not forward messages.")
    wanted = int(reference["message_id"])
    if wanted not in message.world.messages.get(message.channel_id, {}):
        if reference.get("fail_if_not_exists", True):
            raise bad_form("message_reference", "Unknown message", "REPLIES_UNKNOWN_MESSAGE")
        return
    message.reply_to_id = wanted
    message.type = REPLY


def edit(message: Message, body: JsonObject, uploads: list[Upload] | None = None) -> Message:
    """Changes a message as the body says (only the keys it has) and tells everyone who may see it."""
    flags = message.flags
    if body.get("flags") is not None:
        wanted = body["flags"] & _SETTABLE_FLAGS
        if flags & COMPONENTS_V2 and not wanted & COMPONENTS_V2 and not message.loading:
            wanted |= COMPONENTS_V2  # it cannot be taken off again
        flags = (flags & ~_SETTABLE_FLAGS) | wanted
    checks.message(body, flags=flags)
    if flags & COMPONENTS_V2 and (message.content or message.embeds):
        left = [key for key in ("content", "embeds") if getattr(message, key) and key not in body]
        if left:
            raise bad_form(left[0], "Must be null where the message becomes one of components v2.")
    if message.channel.archived:
        raise Refused(50083)
    was_loading = message.loading
    _refuse_if_emptied(message, body, uploads or [])
    message.flags = flags & ~LOADING
    _fill(message, body, uploads or [])
    message.edits += not was_loading
    if not was_loading:
        message.edited = message.world.clock.now()
    tell(message, "MESSAGE_UPDATE", first=was_loading)
    return message


def _refuse_if_emptied(message: Message, body: JsonObject, uploads: list[Upload]) -> None:
    kept = body.get("attachments", message.attachments)
    left = [body.get(key, getattr(message, key)) for key in ("content", "embeds", "components")]
    if not any(left) and not kept and not uploads:
        raise Refused(50006)


def _fill(message: Message, body: JsonObject, uploads: list[Upload]) -> None:
    """Takes over from a body what the message shows."""
    _take_files(message, body, uploads)
    addresses = {one.filename: one for one in message.attachments}
    if "content" in body:
        message.content = body["content"] or ""
    if "embeds" in body:
        shown = copy.deepcopy(body["embeds"] or [])
        message.embeds = [_embed(embed, addresses, index) for index, embed in enumerate(shown)]
    if "components" in body:
        message.components = _components(copy.deepcopy(body["components"] or []), addresses)
    if "content" in body or "components" in body:
        _find_mentions(message, body.get("allowed_mentions"))


def _take_files(message: Message, body: JsonObject, uploads: list[Upload]) -> None:
    described = {str(one["id"]): one for one in body.get("attachments") or []}
    kept: list[Attachment] = []
    for old in message.attachments:
        if "attachments" not in body or str(old.id) in described:
            old.description = (described.get(str(old.id)) or {}).get("description", old.description)
            kept.append(old)
    for upload in uploads:
        about = described.get(str(upload.index)) or {}
        kept.append(
            keep_attachment(
                message.world,
                message.channel_id,
                about.get("filename") or upload.filename,
                upload.content,
                content_type=upload.content_type,
                description=about.get("description"),
                ephemeral=message.ephemeral,
            )
        )
    if len(kept) > 10:
        raise bad_form("attachments", "Must be 10 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    message.attachments = kept


def _resolve(url: str, addresses: dict[str, Attachment], path: str) -> Attachment | None:
    """Returns the attachment that an `attachment://` address names, or None for any other address."""
    if not url.startswith("attachment://"):
        if not url.startswith(("http://", "https://")):
            raise bad_form(path, f"Scheme must be one of ('http', 'https'): {url[:40]}", "URL_TYPE_INVALID_SCHEME")
        return None
    found = addresses.get(url.removeprefix("attachment://"))
    if found is None:
        raise bad_form(path, "The referenced attachment was not found", "UNFURLED_MEDIA_ITEM_NOT_FOUND")
    return found


def _embed(embed: JsonObject, addresses: dict[str, Attachment], index: int) -> JsonObject:
    embed = {key: value for key, value in embed.items() if value is not None}
    embed["type"] = "rich"
    for part, key in (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url")):
        holder = embed.get(part) or {}
        if holder.get(key):
            found = _resolve(holder[key], addresses, f"embeds.{index}.{part}.{key}")
            if found is not None:
                holder[key] = found.url
                if key == "url" and found.width is not None:
                    holder |= {"width": found.width, "height": found.height}
            holder["proxy_" + key] = holder[key]
    return embed


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value


def _components(components: list[JsonObject], addresses: dict[str, Attachment]) -> list[JsonObject]:
    components = _without_nulls(components)
    settle_presets(components)
    taken = {part["id"] for part in walk(components) if part.get("id")}
    following = 1
    for part in walk(components):
        if not part.get("id"):
            while following in taken:
                following += 1
            part["id"] = following
            taken.add(following)
        for holder in [part, *part.get("items", [])]:
            for key in ("media", "file"):
                media = holder.get(key)
                if media:
                    _unfurl(media, addresses)
                    if key == "file":
                        found = addresses.get(media["url"].rsplit("/", 1)[-1])
                        if found is not None:
                            holder |= {"name": found.filename, "size": found.size}
    return components


def _unfurl(media: JsonObject, addresses: dict[str, Attachment]) -> None:
    found = _resolve(media["url"], addresses, "components")
    if found is not None:
        media["url"] = found.url
        media |= {"attachment_id": str(found.id), "content_type": found.content_type}
        if found.width is not None:
            media |= {"width": found.width, "height": found.height}
    media.setdefault("proxy_url", media["url"])
    media.setdefault("loading_state", 2)


def _find_mentions(message: Message, allowed: JsonObject | None) -> None:
    """Finds who is pinged: what the text names, cut down to what `allowed_mentions` lets through."""
    world, text = message.world, message.text
    users = [int(found) for found in _MENTION.findall(text) if int(found) in world.users]
    guild = message.channel.guild
    roles = [int(found) for found in _ROLE_MENTION.findall(text)]
    roles = [role for role in roles if guild is not None and role in guild.roles]
    everyone = "@everyone" in text or "@here" in text
    if allowed is not None:
        parse = allowed.get("parse") or []
        if "users" not in parse:
            users = [user for user in users if str(user) in map(str, allowed.get("users") or [])]
        if "roles" not in parse:
            roles = [role for role in roles if str(role) in map(str, allowed.get("roles") or [])]
        everyone = everyone and "everyone" in parse
    replied = message.reply_to
    answers = replied is not None and message.type == REPLY and replied.webhook_id is None
    if replied is not None and answers and (allowed is None or allowed.get("replied_user")):
        users.append(replied.author_id)
    message.mentions = list(dict.fromkeys(users))
    message.mention_roles = list(dict.fromkeys(roles))
    may_ping = message.webhook_id is not None or may(message.channel, message.author_id, "mention_everyone")
    message.mention_everyone = everyone and may_ping


def delete(message: Message) -> None:
    """Takes a message away and tells everyone who could see it."""
    world = message.world
    world.messages[message.channel_id].pop(message.id, None)
    message.deleted = True
    for attached in message.attachments:
        world.files.drop(attached.url.removeprefix(f"{world.cdn_url}/"))
    data: JsonObject = {"id": str(message.id), "channel_id": str(message.channel_id)}
    if message.channel.guild_id is not None:
        data["guild_id"] = str(message.channel.guild_id)
    _emit(message, "MESSAGE_DELETE", data)


def delete_many(channel: Channel, doomed: list[Message]) -> None:
    """Takes several messages away with one event."""
    for message in doomed:
        channel.world.messages[channel.id].pop(message.id, None)
        message.deleted = True
    data = {
        "ids": [str(one.id) for one in doomed],
        "channel_id": str(channel.id),
        "guild_id": str(channel.guild_id),
    }
    channel.world.emit("MESSAGE_DELETE_BULK", data, channel=channel, subject=doomed)


def event_json(message: Message, viewer: int) -> JsonObject:
    """Returns the message with what events add: the server, and the author as a member."""
    data = wire.message_json(message, viewer)
    guild = message.channel.guild
    if guild is not None:
        data["guild_id"] = str(guild.id)
        member = guild.members.get(message.author_id)
        if message.webhook_id is None and member is not None:
            data["member"] = wire.member_json(guild, member, with_user=False)
    return data


def tell(message: Message, name: str, *, first: bool = False) -> None:
    """Tells everyone who may see the message that it was written or changed."""
    _emit(message, name, event_json(message, message.world.bot_id), first=first)


def _emit(message: Message, name: str, data: JsonObject, *, first: bool = False) -> None:
    world: World = message.world
    world.emit(name, data, channel=message.channel, only=message.ephemeral_to, subject=message, first=first)
