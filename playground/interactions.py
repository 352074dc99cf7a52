"""Interactions: what people do with the bot's commands, buttons and forms, and how it may answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from playground import application, checks, permissions, posting, wire
from playground.channels import Channel
from playground.choosing import settle_presets
from playground.files import MAX_FILE_BYTES
from playground.messages import EPHEMERAL, Message
from playground.posting import Author, Upload
from playground.refusals import Refused, bad_form
from playground.world import World

JsonObject = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER_WITHIN, TOKEN_LASTS = 3.0, 900.0
_CALLBACKS = {COMMAND: (4, 5, 9), COMPONENT: (4, 5, 6, 7, 9), AUTOCOMPLETE: (8,), MODAL_SUBMIT: (4, 5, 6, 7)}
_SLASH_MESSAGE, _MENU_MESSAGE = 20, 23


@dataclass(slots=True, eq=False)
class Interaction:
    """One thing that a person did, and how the application has answered it so far."""

    world: World = field(repr=False)
    id: int
    token: str
    kind: int
    user_id: int
    channel_id: int
    data: JsonObject
    created: float
    label: str
    owners: dict[str, str]
    message: Message | None = None
    triggered_by: Interaction | None = None
    callback: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: JsonObject | None = None
    modal_done: bool = False
    choices: list[JsonObject] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether the application has acknowledged it."""
        return self.callback is not None

    @property
    def pending(self) -> bool:
        """Whether a deferred answer is still missing."""
        return self.original is not None and self.original.loading and not self.original.deleted

    @property
    def expired(self) -> bool:
        """Whether it was not acknowledged in time."""
        return not self.answered and self.world.clock.now() > self.created + ANSWER_WITHIN

    @property
    def channel(self) -> Channel:
        """Where it happened."""
        return self.world.channel(self.channel_id)

    def metadata(self) -> JsonObject:
        """Returns what the messages that answer it tell about it."""
        shown: JsonObject = {
            "id": str(self.id),
            "type": self.kind,
            "user": wire.user_json(self.world.users[self.user_id]),
            "authorizing_integration_owners": self.owners,
        }
        if self.kind == COMMAND:
            shown |= {"name": self.label, "command_type": self.data["type"]}
            if self.data["type"] == 3:
                shown["target_message_id"] = self.data["target_id"]
        if self.kind == COMPONENT and self.message is not None:
            shown["interacted_message_id"] = str(self.message.id)
        if self.kind == MODAL_SUBMIT and self.triggered_by is not None:
            shown["triggering_interaction_metadata"] = self.triggered_by.metadata()
        return shown

    def to_json(self) -> JsonObject:
        """Returns the INTERACTION_CREATE payload."""
        world, channel = self.world, self.channel
        user = world.users[self.user_id]
        context = application.context(channel)
        # A private channel is none of the bot's, so it is shown as it is to the person who asks.
        viewer = user.id if context == application.IN_PRIVATE_CHANNEL else world.bot_id
        person_may = permissions.in_channel(channel, user.id)
        shown: JsonObject = {
            "id": str(self.id),
            "application_id": str(world.application_id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(channel.id),
            "channel": wire.channel_json(channel, viewer) | {"permissions": str(person_may)},
            "app_permissions": str(application.permissions_there(channel, user.id)),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": self.owners,
            "context": context,
            "attachment_size_limit": MAX_FILE_BYTES,
        }
        guild = channel.guild
        if guild is not None:
            member = wire.member_json(guild, guild.members[user.id]) | {"permissions": str(person_may)}
            shown |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": member,
            }
        else:
            shown["user"] = wire.user_json(user)
        if self.message is not None and self.kind in (COMPONENT, MODAL_SUBMIT):
            shown["message"] = wire.message_json(self.message)
        return shown


class Interactions:
    """The interactions that may still be answered, by id and by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    @property
    def open(self) -> list[Interaction]:
        """The interactions whose tokens are still good, oldest first."""
        return list(self._by_id.values())

    def start(
        self,
        kind: int,
        user_id: int,
        channel: Channel,
        data: JsonObject,
        *,
        label: str,
        owners: dict[str, str] | None = None,
        message: Message | None = None,
        triggered_by: Interaction | None = None,
    ) -> Interaction:
        """Begins an interaction and sends it to the bot, except from an archived thread, where it is lost.

        `owners` are who authorised the command; a press or a form has those of what it stands on.
        """
        world = self._world
        owners = owners or _inherited(channel, message, triggered_by)
        interaction = Interaction(
            world, world.new_id(), secrets.token_urlsafe(48), kind, user_id, channel.id, data,
            world.clock.now(), label, owners, message, triggered_by,
        )  # fmt: skip
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        world.clock.at(interaction.created + ANSWER_WITHIN + 0.001, lambda: self._too_late(interaction))
        world.clock.at(interaction.created + TOKEN_LASTS + 0.001, lambda: self._forget(interaction))
        lost = channel.archived and kind == COMPONENT
        if not lost:
            world.emit(
                "INTERACTION_CREATE",
                interaction.to_json(),
                channel=channel,
                only=world.bot_id,
                subject=interaction,
            )
        return interaction

    def _too_late(self, interaction: Interaction) -> None:
        if interaction.answered or interaction.kind == AUTOCOMPLETE:
            self._world.pulse.beat()
            return
        data: JsonObject = {
            "interaction_id": str(interaction.id),
            "channel_id": str(interaction.channel_id),
            "text": "The application did not respond",
        }
        channel = self._world.channels.get(interaction.channel_id)
        self._world.emit("INTERACTION_FAILED", data, channel=channel, only=interaction.user_id)

    def _forget(self, interaction: Interaction) -> None:
        self._by_id.pop(interaction.id, None)
        self._by_token.pop(interaction.token, None)

    def with_token(self, token: str) -> Interaction:
        """Returns the interaction of a token; one past 15 minutes is refused (50027)."""
        found = self._by_token.get(token)
        if found is None or self._world.clock.now() > found.created + TOKEN_LASTS:
            raise Refused(50027)
        return found

    def to_answer(self, interaction_id: int, token: str) -> Interaction:
        """Returns an interaction to acknowledge now (10062: too late or unknown, 40060: done already)."""
        found = self._by_id.get(interaction_id)
        if found is None or not secrets.compare_digest(found.token, token) or found.expired:
            raise Refused(10062)
        if found.answered:
            raise Refused(40060)
        return found

    def modal(self, interaction_id: int) -> Interaction | None:
        """Returns the interaction whose form is open, or None."""
        found = self._by_id.get(interaction_id)
        return found if found is not None and found.modal is not None and not found.modal_done else None


def _inherited(channel: Channel, message: Message | None, triggered_by: Interaction | None) -> dict[str, str]:
    if triggered_by is not None:
        return triggered_by.owners
    if message is not None and message.interaction is not None:
        return message.interaction["authorizing_integration_owners"]
    return {str(application.GUILD_INSTALL): str(channel.guild_id or 0)}


def answer(interaction: Interaction, body: JsonObject, uploads: list[Upload]) -> None:
    """Carries out a callback of the application."""
    kind = body["type"]
    data: JsonObject = body.get("data") or {}
    _check_kind(interaction, kind)
    if kind == 8:
        checks.autocomplete(data.get("choices") or [])
        interaction.choices = data.get("choices") or []
    elif kind == 9:
        checks.modal(data)
        settle_presets(data["components"])
        interaction.modal = data
    elif kind in (4, 5):
        interaction.original = write(interaction, data, uploads, loading=kind == 5)
    elif kind == 7 and interaction.message is not None:
        interaction.original = posting.edit(interaction.message, data, uploads)
    elif kind == 6:
        interaction.original = interaction.message
    interaction.callback = kind
    world = interaction.world
    if kind == 9:
        shown = {
            "modal_id": str(interaction.id),
            "title": data["title"],
            "custom_id": data["custom_id"],
            "components": data["components"],
        }
        world.emit("MODAL", shown, channel=interaction.channel, only=interaction.user_id)
    world.pulse.beat()


def _check_kind(interaction: Interaction, kind: int) -> None:
    allowed = _CALLBACKS[interaction.kind]
    if kind not in allowed:
        raise bad_form("type", f"Value must be one of {allowed}.", "BASE_TYPE_CHOICES")
    if kind in (6, 7) and interaction.message is None:
        raise bad_form("type", "There is no message to update.", "BASE_TYPE_CHOICES")


def write(interaction: Interaction, body: JsonObject, uploads: list[Upload], *, loading: bool = False) -> Message:
    """Posts the answer, or a follow-up, of an interaction."""
    world = interaction.world
    hidden = bool((body.get("flags") or 0) & EPHEMERAL)
    hidden = hidden or application.must_whisper(interaction.channel, interaction.user_id)
    author = Author(world.bot_id, application_id=world.application_id)
    kind = 0
    if interaction.kind == COMMAND and interaction.original is None:
        kind = _SLASH_MESSAGE if interaction.data["type"] == 1 else _MENU_MESSAGE
    return posting.post(
        interaction.channel,
        author,
        body,
        uploads,
        ephemeral_to=interaction.user_id if hidden else None,
        interaction=interaction.metadata(),
        kind=kind,
        loading=loading,
    )


def follow_up(interaction: Interaction, body: JsonObject, uploads: list[Upload]) -> Message:
    """Posts a follow-up; the first one after "thinking" takes its place, and its being ephemeral or not."""
    if not interaction.answered or interaction.callback in (8, 9):
        raise Refused(10015)
    original = interaction.original
    if original is not None and interaction.pending:
        checks.not_empty(body, files=len(uploads))
        return posting.edit(original, body, uploads)
    if not application.is_at_home(interaction.channel) and len(interaction.followups) >= application.MOST_FOLLOW_UPS:
        raise Refused(40094)
    message = write(interaction, body, uploads)
    interaction.followups.append(message)
    interaction.world.pulse.beat()
    return message


def message_of(interaction: Interaction, which: str) -> Message:
    """Returns the message that `@original`, or an id, names among those of an interaction."""
    if which == "@original":
        found = interaction.original
    else:
        mine = [interaction.original, *interaction.followups, interaction.message]
        found = next((one for one in mine if one is not None and str(one.id) == which), None)
    if found is None or found.deleted:
        raise Refused(10008 if interaction.answered else 10015)
    return found
