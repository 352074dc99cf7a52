"""Keyboards: what someone at one does in the playground, for tests and for the page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from playground import application, choosing, forms, posting, reactions, threads, wire
from playground.channels import FORUM, PRIVATE_THREAD, PUBLIC_THREAD, Channel
from playground.guilds import Guild
from playground.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from playground.invoking import (
    MESSAGE_MENU,
    USER_MENU,
    Resolved,
    command_json,
    find,
    menu_json,
    options_json,
)
from playground.messages import SELECT_TYPES, Message, walk
from playground.permissions import may
from playground.posting import Author, Upload
from playground.refusals import Refused
from playground.world import User

if TYPE_CHECKING:
    from playground.people import Person
    from playground.server import Playground

JsonObject = dict[str, Any]
File = tuple[str, bytes]


class Keyboard:
    """What someone does without waiting for an answer; `here` is the channel that they look at."""

    def __init__(self, play: Playground, user: User) -> None:
        self.play = play
        self.user = user
        self._here: Channel | None = None

    @property
    def id(self) -> int:
        """Their user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """Their username."""
        return self.user.username

    @property
    def display_name(self) -> str:
        """The name that others see."""
        return self.user.display_name

    @property
    def mention(self) -> str:
        """The text that mentions them."""
        return f"<@{self.id}>"

    @property
    def here(self) -> Channel:
        """The channel they look at; set it before doing anything there."""
        if self._here is None:
            raise ValueError(f"{self.name} is nowhere yet: set {self.name}.here to a channel.")
        return self._here

    @here.setter
    def here(self, channel: Channel) -> None:
        self._here = channel

    def at(self, channel: Channel) -> Self:
        """Looks at a channel; returns the person again."""
        self._here = channel
        return self

    def join(self, guild: Guild) -> None:
        """Joins a server; an admin is given the role that manages it."""
        roles = [self.play.admin_role(guild).id] if self.user.admin else []
        guild.add_member(self.id, roles)

    def leave(self, guild: Guild) -> None:
        """Leaves a server."""
        guild.remove_member(self.id)

    def install(self) -> None:
        """Adds the application to their own account, to use its commands wherever they are."""
        self._set_installed(True)

    def uninstall(self) -> None:
        """Takes the application off their account."""
        self._set_installed(False)

    def _set_installed(self, installed: bool) -> None:
        self.user.installed = installed
        self.play.world.emit("INSTALLED", {"installed": installed}, only=self.id)

    @property
    def dm(self) -> Channel:
        """The direct channel with the bot, opened at first use; they go on looking where they look."""
        return self.play.world.dm_with_bot(self.id)

    # Messages

    async def say(self, content: str, reply_to: Message | None = None, files: list[File] | None = None) -> Message:
        """Writes a message here."""
        return self.write(self.here, content, reply_to, _uploads(files or []))

    async def reply(self, to: Message, content: str, files: list[File] | None = None) -> Message:
        """Answers a message, in its channel."""
        return self.write(to.channel, content, to, _uploads(files or []))

    def write(
        self,
        channel: Channel,
        content: str,
        reply_to: Message | None = None,
        uploads: list[Upload] | None = None,
    ) -> Message:
        """Writes a message in a channel, refused as Discord refuses."""
        body: JsonObject = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
        posting.require_send(channel, self.id, body, files=len(uploads or []))
        return posting.post(channel, Author(self.id), body, uploads)

    async def edit(self, message: Message, content: str) -> Message:
        """Edits a message of their own."""
        self._see(message)
        if message.author_id != self.id or message.webhook_id is not None:
            raise Refused(50005)
        return posting.edit(message, {"content": content})

    async def delete(self, message: Message) -> None:
        """Deletes a message of their own, dismisses an ephemeral one, or moderates."""
        self._see(message)
        mine = message.author_id == self.id and message.webhook_id is None
        if not mine and not message.ephemeral and not may(message.channel, self.id, "manage_messages"):
            raise Refused(50013)
        posting.delete(message)

    async def react(self, message: Message, emoji: str) -> None:
        """Adds a reaction."""
        self._see(message)
        reactions.react(message, self.id, emoji)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Takes a reaction back."""
        self._see(message)
        reactions.unreact(message, self.id, emoji)

    async def typing(self) -> None:
        """Begins to write here."""
        posting.require_send(self.here, self.id, {})
        reactions.tell_typing(self.here, self.id)

    async def start_thread(self, name: str, *, on: Message | None = None, private: bool = False) -> Channel:
        """Starts a thread here, from a message or without one."""
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        threads.require_start(self.here, self.id, kind)
        thread = threads.start(self.here, self.id, name, kind=kind, message=on)
        if on is not None:
            posting.tell(on, "MESSAGE_UPDATE")
        elif not private:
            posting.system_message(self.here, self.id, 18, name)
        return thread

    async def start_post(self, name: str, content: str) -> Channel:
        """Starts a post in the forum here."""
        if self.here.type != FORUM:
            raise Refused(50024)
        threads.require_start(self.here, self.id, PUBLIC_THREAD)
        thread = threads.start(self.here, self.id, name)
        posting.post(thread, Author(self.id), {"content": content}, message_id=thread.id)
        return thread

    async def open_dm(self, other: Person | None = None) -> Channel:
        """Opens the direct channel with another person, or with the bot, and looks at it."""
        self.here = self.dm if other is None else self.play.world.dm_between(self.id, other.id)
        return self.here

    def can_see(self, message: Message) -> bool:
        """Returns whether the message is on their screen when they look at its channel."""
        if message.deleted or message.loading or not may(message.channel, self.id, "view_channel"):
            return False
        return message.ephemeral_to in (None, self.id)

    def _see(self, message: Message) -> None:
        if not self.can_see(message):
            raise Refused(10008)

    def messages(self, in_: Channel | None = None) -> list[Message]:
        """Returns what they see in a channel (here by default), oldest first."""
        channel = in_ or self.here
        kept = self.play.world.messages.get(channel.id, {})
        if not may(channel, self.id, "view_channel", "read_message_history"):
            return []
        return [message for message in kept.values() if self.can_see(message)]

    # Commands, buttons, forms

    def use(self, channel: Channel, path: str, options: dict[str, Any]) -> Interaction:
        """Sends a slash command."""
        command, way = find(channel, self.id, path)
        leaf = (way[-1] if way else command).get("options") or []
        resolved = Resolved(channel, self.id)
        data = command_json(command, way, options_json(leaf, options, resolved), resolved)
        return self._command(COMMAND, command, channel, data, path.removeprefix("/"))

    def ask(self, channel: Channel, path: str, options: dict[str, Any], focused: str) -> Interaction:
        """Asks for the completions of an option while its value is typed."""
        command, way = find(channel, self.id, path)
        leaf = (way[-1] if way else command).get("options") or []
        if not any(one["name"] == focused and one.get("autocomplete") for one in leaf):
            raise ValueError(f"The option {focused!r} of {path!r} does not complete what is typed.")
        resolved = Resolved(channel, self.id)
        data = command_json(command, way, options_json(leaf, options, resolved, focused=focused), resolved)
        return self._command(AUTOCOMPLETE, command, channel, data, path)

    def use_on(self, channel: Channel, target: Message | User | Person, name: str) -> Interaction:
        """Opens a context menu command on a message or a user."""
        kind = MESSAGE_MENU if isinstance(target, Message) else USER_MENU
        command, _ = find(channel, self.id, name, kind)
        data = menu_json(command, target, Resolved(channel, self.id))
        return self._command(COMMAND, command, channel, data, name)

    def _command(self, kind: int, command: JsonObject, channel: Channel, data: JsonObject, label: str) -> Interaction:
        owners = application.owners(command, channel, self.id)
        return self._start(kind, channel, data, label=label, owners=owners)

    def press(self, message: Message, custom_id: str) -> Interaction:
        """Presses a button."""
        part = self._component(message, custom_id, (2,))
        data: JsonObject = {"custom_id": custom_id, "component_type": 2, "id": part.get("id")}
        label = part.get("label") or custom_id
        return self._start(COMPONENT, message.channel, data, label=label, message=message)

    def pick(self, message: Message, custom_id: str, wanted: list[Any]) -> Interaction:
        """Chooses in a select menu: labels or values, or people, roles and channels."""
        part = self._component(message, custom_id, SELECT_TYPES)
        low, high = part.get("min_values"), part.get("max_values") or 1
        low = 1 if low is None else low
        if not low <= len(wanted) <= high:
            raise ValueError(f"{custom_id!r} takes {low} to {high} values, not {len(wanted)}.")
        resolved = Resolved(message.channel, self.id)
        data: JsonObject = {
            "custom_id": custom_id,
            "component_type": part["type"],
            "id": part.get("id"),
            "values": choosing.chosen(part, wanted, resolved),
        }
        if resolved.parts:
            data["resolved"] = resolved.parts
        label = part.get("placeholder") or custom_id
        return self._start(COMPONENT, message.channel, data, label=label, message=message)

    def submit(self, opened: Interaction, given: dict[str, Any]) -> Interaction:
        """Sends the form that an interaction opened."""
        if opened.modal is None or opened.modal_done or opened.user_id != self.id:
            raise ValueError("That form is not open.")
        resolved = Resolved(opened.channel, self.id)
        data = forms.submission(forms.read(opened.modal), given, resolved)
        opened.modal_done = True
        return self._start(
            MODAL_SUBMIT,
            opened.channel,
            data,
            label=opened.modal["title"],
            message=opened.message,
            triggered_by=opened,
        )

    def _component(self, message: Message, custom_id: str, kinds: tuple[int, ...]) -> JsonObject:
        self._see(message)
        for part in walk(message.components):
            if part.get("custom_id") == custom_id and part["type"] in kinds:
                if part.get("disabled"):
                    raise AssertionError(f"{custom_id!r} is disabled on: {message}")
                return part
        raise AssertionError(f"Nothing with the custom id {custom_id!r} on: {message}")

    def _start(self, kind: int, channel: Channel, data: JsonObject, **more: Any) -> Interaction:
        return self.play.interactions.start(kind, self.id, channel, data, **more)

    def to_json(self) -> JsonObject:
        """Returns the person as the page shows them."""
        user = self.user
        avatar = f"{self.play.cdn_url}/avatars/{user.id}/{user.avatar}.png" if user.avatar else None
        return wire.user_json(user) | {"avatar_url": avatar, "admin": user.admin, "installed": user.installed}


def _uploads(files: list[File]) -> list[Upload]:
    return [Upload(index, name, content) for index, (name, content) in enumerate(files)]
