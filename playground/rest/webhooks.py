"""Webhooks of channels, and the ones that every interaction's token is."""

from __future__ import annotations

import secrets
from typing import Any

from playground import checks, interactions, posting, threads, wire
from playground.channels import FORUM, TEXT, Channel
from playground.files import keep_avatar, read_image
from playground.interactions import Interaction
from playground.messages import Message
from playground.permissions import may
from playground.posting import Author
from playground.refusals import Refused, bad_form
from playground.rest.routing import Call, route
from playground.world import Webhook

JsonObject = dict[str, Any]
_BY_TOKEN = "/webhooks/{webhook_id}/{webhook_token}"  # noqa: S105 - a path
_MAJOR = ("webhook_id", "webhook_token")
MOST_IN_A_CHANNEL = 15


@route("POST", "/channels/{channel_id}/webhooks")
async def create(call: Call) -> JsonObject:
    """Makes a webhook that the application owns."""
    channel = call.channel("manage_webhooks")
    if channel.type not in (TEXT, FORUM) or channel.guild_id is None:
        raise Refused(50024)
    checks.webhook_name(call.body["name"])
    if sum(one.channel_id == channel.id for one in call.world.webhooks.values()) >= MOST_IN_A_CHANNEL:
        raise Refused(30007, f"Maximum number of webhooks reached ({MOST_IN_A_CHANNEL})")
    webhook = Webhook(
        call.world.new_id(),
        channel.guild_id,
        channel.id,
        secrets.token_urlsafe(51),
        call.body["name"].strip(),
        call.bot_id,
        application_id=call.world.application_id,
    )
    _set_avatar(call, webhook)
    call.world.webhooks[webhook.id] = webhook
    _tell(call, webhook)
    return wire.webhook_json(call.world, webhook)


def _set_avatar(call: Call, webhook: Webhook) -> None:
    value = call.body.get("avatar")
    if value:
        webhook.avatar = keep_avatar(call.world.files, webhook.id, read_image("avatar", value))
    elif "avatar" in call.body:
        webhook.avatar = None


def _tell(call: Call, webhook: Webhook) -> None:
    data = {"guild_id": str(webhook.guild_id), "channel_id": str(webhook.channel_id)}
    call.world.emit("WEBHOOKS_UPDATE", data, channel=call.world.channels.get(webhook.channel_id))


@route("GET", "/channels/{channel_id}/webhooks")
async def of_channel(call: Call) -> list[JsonObject]:
    """Answers with a channel's webhooks."""
    channel = call.channel("manage_webhooks")
    return [wire.webhook_json(call.world, one) for one in call.world.webhooks.values() if one.channel_id == channel.id]


def _by_id(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise Refused(10015)
    if not may(call.world.channel(webhook.channel_id), call.bot_id, "manage_webhooks"):
        raise Refused(50013)
    return webhook


def _by_token(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise Refused(10015)
    if not secrets.compare_digest(webhook.token, call.params["webhook_token"]):
        raise Refused(50027)
    return webhook


@route("GET", "/webhooks/{webhook_id}")
async def show(call: Call) -> JsonObject:
    """Answers with a webhook."""
    return wire.webhook_json(call.world, _by_id(call))


@route("GET", _BY_TOKEN, authorized=False, limit="webhook", major=_MAJOR)
async def show_by_token(call: Call) -> JsonObject:
    """Answers with a webhook to whoever has its token."""
    return wire.webhook_json(call.world, _by_token(call), with_user=False)


@route("PATCH", "/webhooks/{webhook_id}")
async def change(call: Call) -> JsonObject:
    """Renames a webhook, changes its picture, or moves it to another channel."""
    return _change(call, _by_id(call))


@route("PATCH", _BY_TOKEN, authorized=False, limit="webhook", major=_MAJOR)
async def change_by_token(call: Call) -> JsonObject:
    """Renames a webhook or changes its picture."""
    return _change(call, _by_token(call))


def _change(call: Call, webhook: Webhook) -> JsonObject:
    if call.body.get("name") is not None:
        checks.webhook_name(call.body["name"])
        webhook.name = call.body["name"].strip()
    if call.body.get("channel_id"):
        target = call.world.channel(int(call.body["channel_id"]))
        if not may(target, call.bot_id, "manage_webhooks") or target.guild_id != webhook.guild_id:
            raise Refused(50013)
        webhook.channel_id = target.id
    _set_avatar(call, webhook)
    _tell(call, webhook)
    return wire.webhook_json(call.world, webhook)


@route("DELETE", "/webhooks/{webhook_id}")
async def delete(call: Call) -> None:
    """Deletes a webhook."""
    call.play.drop_webhook(_by_id(call))


@route("DELETE", _BY_TOKEN, authorized=False)
async def delete_by_token(call: Call) -> None:
    """Deletes a webhook for whoever has its token."""
    call.play.drop_webhook(_by_token(call))


def _interaction(call: Call) -> Interaction | None:
    """Returns the interaction whose token is used as a webhook's, or None for a real webhook."""
    if call.id("webhook_id") != call.world.application_id:
        return None
    return call.play.interactions.with_token(call.params["webhook_token"])


@route("POST", _BY_TOKEN, authorized=False, limit="webhook", major=_MAJOR)
async def execute(call: Call) -> JsonObject | None:
    """Writes a message as a webhook, or a follow-up of an interaction."""
    body: JsonObject = call.body
    if body.get("poll"):
        raise bad_form("poll", "The playground has none of these.", "NOT_BUILT")
    interaction = _interaction(call)
    if interaction is not None:
        if body.get("username") or body.get("avatar_url"):
            raise bad_form("username", "A follow-up is from the application.")
        return wire.message_json(interactions.follow_up(interaction, body, call.uploads))
    webhook = _by_token(call)
    checks.webhook_name(body.get("username"), "username")
    avatar = body.get("avatar_url")
    if avatar and not avatar.startswith(("http://", "https://")):
        raise bad_form("avatar_url", "Scheme must be one of ('http', 'https').", "URL_TYPE_INVALID_SCHEME")
    if avatar is None and webhook.avatar:
        avatar = f"{call.world.cdn_url}/avatars/{webhook.id}/{webhook.avatar}.png"
    author = Author(webhook.user_id, webhook.id, body.get("username") or webhook.name, avatar, webhook.application_id)
    posting.checks.message(body)
    posting.checks.not_empty(body, files=len(call.uploads))
    thread, message_id = _place(call, webhook, author)
    message = posting.post(thread, author, body, call.uploads, message_id=message_id)
    return wire.message_json(message) if call.flag("wait") else None


def _place(call: Call, webhook: Webhook, author: Author) -> tuple[Channel, int | None]:
    """Returns where a webhook's message goes, starting a forum post where the body names one."""
    channel = call.world.channel(webhook.channel_id)
    name = call.body.get("thread_name")
    if "thread_id" in call.query:
        if name:
            raise bad_form("thread_name", "Cannot be used with thread_id.")
        return _thread_of(call, webhook), None
    if channel.type == FORUM:
        if not name:
            raise Refused(220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
        thread = threads.start(channel, author.user_id, name)
        return thread, thread.id
    if name:
        raise Refused(220003, "Webhooks can only create threads in forum channels")
    return channel, None


def _thread_of(call: Call, webhook: Webhook) -> Channel:
    value = call.query["thread_id"]
    thread = call.world.channels.get(int(value)) if value.isascii() and value.isdigit() else None
    if thread is None or not thread.is_thread or thread.parent_id != webhook.channel_id:
        raise Refused(10003)
    return thread


def _message(call: Call) -> Message:
    """Returns the message that a webhook's or an interaction's address names."""
    interaction = _interaction(call)
    which = call.params.get("message_id", "@original")
    if interaction is not None:
        return interactions.message_of(interaction, which)
    webhook = _by_token(call)
    place = _thread_of(call, webhook) if "thread_id" in call.query else call.world.channel(webhook.channel_id)
    found = call.world.messages.get(place.id, {}).get(call.id("message_id"))
    if found is None or found.webhook_id != webhook.id:
        raise Refused(10008)
    return found


@route("GET", _BY_TOKEN + "/messages/{message_id}", authorized=False, limit="webhook", major=_MAJOR)
@route("GET", _BY_TOKEN + "/messages/@original", authorized=False, limit="webhook", major=_MAJOR)
async def message(call: Call) -> JsonObject:
    """Answers with a message of a webhook or interaction."""
    return wire.message_json(_message(call))


@route("PATCH", _BY_TOKEN + "/messages/{message_id}", authorized=False, limit="webhook", major=_MAJOR)
@route("PATCH", _BY_TOKEN + "/messages/@original", authorized=False, limit="webhook", major=_MAJOR)
async def edit(call: Call) -> JsonObject:
    """Edits a message of a webhook or interaction."""
    found = _message(call)
    call.play.count_old_edit(found)
    return wire.message_json(posting.edit(found, call.body, call.uploads))


@route("DELETE", _BY_TOKEN + "/messages/{message_id}", authorized=False, limit="webhook", major=_MAJOR)
@route("DELETE", _BY_TOKEN + "/messages/@original", authorized=False, limit="webhook", major=_MAJOR)
async def delete_message(call: Call) -> None:
    """Deletes a message of a webhook or interaction."""
    found = _message(call)
    if found.channel.archived:
        raise Refused(50083)
    posting.delete(found)
