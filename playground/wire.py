"""Discord's JSON for what exists in the playground."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from playground.clock import iso

if TYPE_CHECKING:
    from playground.guilds import Guild, Member, Role
    from playground.messages import Attachment, Message
    from playground.world import Channel, User, Webhook, World

JsonObject = dict[str, Any]


def user_json(user: User) -> JsonObject:
    """Returns a user object."""
    shown: JsonObject = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0",
        "global_name": user.global_name,
        "avatar": user.avatar,
        "avatar_decoration_data": None,
        "public_flags": 0,
    }
    if user.bot:
        shown["bot"] = True
    return shown


def role_json(role: Role) -> JsonObject:
    """Returns a role object."""
    shown: JsonObject = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.bot_id is not None,
        "mentionable": False,
        "flags": 0,
        "icon": None,
        "unicode_emoji": None,
    }
    if role.bot_id is not None:
        shown["tags"] = {"bot_id": str(role.bot_id)}
    return shown


def member_json(guild: Guild, member: Member, *, with_user: bool = True) -> JsonObject:
    """Returns a member object."""
    shown: JsonObject = {
        "roles": [str(role_id) for role_id in member.roles],
        "nick": member.nick,
        "avatar": None,
        "joined_at": iso(member.joined),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        shown["user"] = user_json(guild.world.users[member.user_id])
    return shown


def channel_json(channel: Channel, viewer: int | None = None) -> JsonObject:
    """Returns a channel object of any kind; `viewer` (the bot by default) sets who the thread member is."""
    viewer = viewer or channel.world.bot_id
    last = str(channel.last_message_id) if channel.last_message_id else None
    shown: JsonObject = {
        "id": str(channel.id),
        "type": channel.type,
        "last_message_id": last,
        "flags": channel.flags,
    }
    if channel.guild_id is None:
        others = [channel.world.users[user] for user in channel.recipients if user != viewer]
        return shown | {"recipients": [user_json(user) for user in others]}
    shown |= {
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "parent_id": str(channel.parent_id) if channel.parent_id else None,
        "rate_limit_per_user": channel.rate_limit_per_user,
    }
    if channel.is_thread:
        return shown | _thread_json(channel, viewer)
    shown |= {
        "topic": channel.topic,
        "nsfw": channel.nsfw,
        "position": channel.position,
        "permission_overwrites": [
            {"id": str(one.id), "type": one.kind, "allow": str(one.allow), "deny": str(one.deny)}
            for one in channel.overwrites.values()
        ],
    }
    if channel.type == 15:
        shown |= {
            "available_tags": channel.available_tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return shown


def _thread_json(thread: Channel, viewer: int) -> JsonObject:
    shown: JsonObject = {
        "owner_id": str(thread.owner_id),
        "message_count": thread.message_count,
        "total_message_sent": thread.message_count,
        "member_count": min(50, len(thread.thread_members)),
        "applied_tags": [str(tag) for tag in thread.applied_tags],
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": iso(thread.archive_moment),
            "auto_archive_duration": thread.auto_archive_duration,
            "locked": thread.locked,
            "create_timestamp": iso(thread.created),
        },
    }
    if thread.type == 12:
        shown["thread_metadata"]["invitable"] = thread.invitable
    if viewer in thread.thread_members:
        shown["member"] = thread_member_json(thread, viewer)
    return shown


def thread_member_json(thread: Channel, user_id: int) -> JsonObject:
    """Returns a thread member object."""
    joined = iso(thread.thread_members[user_id])
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": joined, "flags": 0}


def guild_json(guild: Guild) -> JsonObject:
    """Returns a server object as `GET /guilds/{id}` shows it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(guild.owner_id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_members": 500000,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
    }


def attachment_json(attachment: Attachment) -> JsonObject:
    """Returns an attachment object."""
    shown: JsonObject = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.content_type,
        "flags": 0,
    }
    if attachment.description is not None:
        shown["description"] = attachment.description
    if attachment.width is not None:
        shown |= {"width": attachment.width, "height": attachment.height}
    if attachment.ephemeral:
        shown["ephemeral"] = True
    return shown


def avatar_hash(world: World, address: str | None) -> str | None:
    """Returns the hash under which the CDN knows a webhook message's picture, remembering its address."""
    if not address or _is_lost(world, address):
        return None
    digest = hashlib.sha256(address.encode()).hexdigest()[:32]
    world.avatar_sources[digest] = address
    return digest


def _is_lost(world: World, address: str) -> bool:
    """Whether an address leads to an attachment that was deleted: Discord cannot fetch a picture from there."""
    key = address.removeprefix(f"{world.cdn_url}/")
    return key.startswith("attachments/") and world.files.get(key) is None


def author_json(message: Message) -> JsonObject:
    """Returns the author of a message: a user, or what a webhook called itself."""
    if message.webhook_id is None:
        return user_json(message.world.users[message.author_id])
    return {
        "id": str(message.webhook_id),
        "username": message.webhook_name,
        "discriminator": "0000",
        "global_name": None,
        "avatar": avatar_hash(message.world, message.webhook_avatar),
        "bot": True,
        "public_flags": 0,
    }


def message_json(message: Message, viewer: int | None = None, *, nested: bool = False) -> JsonObject:
    """Returns a message object; `viewer` (the bot by default) is whose own reactions are marked."""
    world = message.world
    viewer = viewer or world.bot_id
    shown: JsonObject = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": message.type,
        "author": author_json(message),
        "content": message.content,
        "timestamp": iso(message.created),
        "edited_timestamp": iso(message.edited) if message.edited is not None else None,
        "tts": message.tts,
        "pinned": message.pinned,
        "flags": message.flags,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(world.users[user_id]) for user_id in message.mentions],
        "mention_roles": [str(role_id) for role_id in message.mention_roles],
        "embeds": message.embeds,
        "components": message.components,
        "attachments": [attachment_json(one) for one in message.attachments],
    }
    if message.reactions:
        shown["reactions"] = [reaction_json(name, who, viewer) for name, who in message.reactions.items()]
    if message.webhook_id is not None:
        shown["webhook_id"] = str(message.webhook_id)
    if message.application_id is not None:
        shown["application_id"] = str(message.application_id)
    if message.nonce is not None:
        shown["nonce"] = message.nonce
    if message.interaction is not None:
        shown["interaction_metadata"] = message.interaction
        shown["webhook_id"] = str(world.application_id)
    thread = world.channels.get(message.thread_id or 0)
    if thread is not None:
        shown["thread"] = channel_json(thread, viewer)
    if message.reply_to_id is not None:
        shown |= _reference_json(message, viewer, nested=nested)
    return shown


def _reference_json(message: Message, viewer: int, *, nested: bool) -> JsonObject:
    reference: JsonObject = {
        "type": 0,
        "message_id": str(message.reply_to_id),
        "channel_id": str(message.channel_id),
    }
    if message.channel.guild_id is not None:
        reference["guild_id"] = str(message.channel.guild_id)
    shown: JsonObject = {"message_reference": reference}
    if not nested:
        replied = message.reply_to
        shown["referenced_message"] = message_json(replied, viewer, nested=True) if replied else None
    return shown


def emoji_json(name: str) -> JsonObject:
    """Returns a partial emoji: unicode, or `name:id` of a custom one."""
    if ":" in name:
        label, _, emoji_id = name.rpartition(":")
        return {"id": emoji_id, "name": label}
    return {"id": None, "name": name}


def reaction_json(name: str, who: list[int], viewer: int) -> JsonObject:
    """Returns a reaction object with its count."""
    return {
        "emoji": emoji_json(name),
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "me": viewer in who,
        "me_burst": False,
        "burst_colors": [],
    }


def webhook_json(world: World, webhook: Webhook, *, with_token: bool = True, with_user: bool = True) -> JsonObject:
    """Returns a webhook object; tokens are shown to the application that owns it alone."""
    shown: JsonObject = {
        "id": str(webhook.id),
        "type": 1,
        "guild_id": str(webhook.guild_id),
        "channel_id": str(webhook.channel_id),
        "name": webhook.name,
        "avatar": webhook.avatar,
        "application_id": str(webhook.application_id) if webhook.application_id else None,
    }
    if with_token:
        shown["token"] = webhook.token
    if with_user:
        shown["user"] = user_json(world.users[webhook.user_id])
    return shown
