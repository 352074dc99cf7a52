"""The panel of a chat: one's chats, and the settings of this one, each with whose choice it is."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.chat.choices import Chosen, ModelChoice, longest_reply
from bot.chat.tuning import Tuned
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import Form, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT
from cogs.ui.history import chat_lines
from cogs.ui.text import plain

Parts = list[discord.ui.Item[Any]]
ORIGINS = {
    "chat": " · chosen for this chat",
    "user": " · the choice of whoever opened it",
    "server": " · the server's choice",
    "operator": "",
}
OPERATORS = "-# Where no choice is named, the operator's holds."
MODES = {
    "role-play": ("Role-play", "A talk: each in turn, the character in its own voice."),
    "story": ("Story", "Prose that goes on; what you write in brackets is a direction."),
}
SWITCHERS = {"everyone": "everyone, for themselves", "owner": "whoever opened it, and who manages threads here"}
NO_SUCH_TAB = "This tab is from another version of the bot. Open `/chat settings` again."
DEFAULT = "-"
NOT_A_NUMBER = (
    "“{typed}” is not a number. Type one like 0.8 or 300, or leave the field empty for what is set elsewhere."
)
OTHERS_DECIDE = "-# Whoever opened this chat, and who manages threads here, can change this."
REUSED = "-# Your new chats begin with these settings."


class ChatModelSelect(PersistentSelect, prefix="chat.model"):
    """Which model speaks in this chat."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves it."""
        chosen = self.chosen(interaction)[0]
        await _change(interaction, model=None if chosen == DEFAULT else chosen)


class ModeSelect(PersistentSelect, prefix="chat.mode"):
    """Role-play or story."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves it."""
        await _change(interaction, mode=self.chosen(interaction)[0])


class StreamingButton(PersistentButton, prefix="chat.streaming", keys=("on|off",)):
    """Whether replies are shown while they are being written."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves it."""
        await _change(interaction, streaming=self.keys[0] == "on")


class SwitchersButton(PersistentButton, prefix="chat.personas", keys=("everyone|owner",)):
    """Who may switch who they are in this chat."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves it."""
        await _change(interaction, personas=self.keys[0])


class NumbersButton(PersistentButton, prefix="chat.numbers", label="Temperature, length, history"):
    """Opens the form with the numbers."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it."""
        services = services_of(interaction)
        tuned = await services.tuning.look(caller_of(interaction), place_of(interaction))
        await interaction.response.send_modal(NumbersForm(tuned, services.tuning.offered))


class ReuseButton(PersistentButton, prefix="chat.reuse", label="Reuse for new chats"):
    """Makes these settings one's own for new chats."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves them, and shows the panel anew."""
        await interaction.response.defer()
        await services_of(interaction).tuning.reuse(caller_of(interaction), place_of(interaction))
        await _update(interaction)


class ResetButton(PersistentButton, prefix="chat.reset", label="Reset"):
    """Takes back what was chosen for this chat."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and shows the panel anew."""
        await interaction.response.defer()
        await services_of(interaction).tuning.reset(caller_of(interaction), place_of(interaction))
        await _update(interaction)


class NumbersForm(Form, title="Temperature, length, history"):
    """The numbers of a chat; an empty field is what is set elsewhere."""

    def __init__(self, tuned: Tuned, offered: ModelChoice) -> None:
        super().__init__()
        most = f"Up to {longest_reply(offered):,}; 100 tokens are about 75 words."
        self._temperature = _field("Temperature", "0 is the same each time, 2 is wild.", tuned, "temperature")
        self._reply_tokens = _field("Longest reply, in tokens", most, tuned, "reply_tokens")
        self._history_limit = _field("Messages read back", "More of them cost more.", tuned, "history_limit")
        for label in (self._temperature, self._reply_tokens, self._history_limit):
            self.add_item(label)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves them."""
        await _change(
            interaction,
            temperature=_number(self._temperature),
            reply_tokens=_whole(self._reply_tokens),
            history_limit=_whole(self._history_limit),
        )


SETTINGS_ITEMS = (
    ChatModelSelect,
    ModeSelect,
    StreamingButton,
    SwitchersButton,
    NumbersButton,
    ReuseButton,
    ResetButton,
)


def settings_parts(tuned: Tuned, offered: ModelChoice) -> Parts:
    """The values with their origins, and what changes them for those who may."""
    chosen = tuned.chosen
    lines = [
        "### Settings of this chat",
        _line("Model", plain(str(chosen["model"].value), 100), chosen["model"]),
        _line("Mode", MODES[str(chosen["mode"].value)][0], chosen["mode"]),
        _line("Temperature", f"{chosen['temperature'].value:g}", chosen["temperature"]),
        _line("Length of a reply", f"at most {chosen['reply_tokens'].value:,} tokens", chosen["reply_tokens"]),
        _line("History", f"the last {chosen['history_limit'].value:,} messages", chosen["history_limit"]),
        _line("Shown while it is written", "yes" if chosen["streaming"].value else "no", chosen["streaming"]),
        _line("Who may switch who they are", SWITCHERS[str(chosen["personas"].value)], chosen["personas"]),
    ]
    if any(each.origin == "operator" for each in chosen.values()):
        lines.append(OPERATORS)
    if not tuned.may_change:
        return [discord.ui.TextDisplay[Any]("\n".join([*lines, OTHERS_DECIDE]))]
    if tuned.are_reused:
        lines.append(REUSED)
    parts: Parts = [discord.ui.TextDisplay[Any]("\n".join(lines))]
    if len(offered.names) > 1:
        parts.append(discord.ui.ActionRow[Any](_models(chosen["model"], offered)))
    modes = [
        discord.SelectOption(label=label, value=key, description=about, default=key == chosen["mode"].value)
        for key, (label, about) in MODES.items()
    ]
    streams = bool(chosen["streaming"].value)
    shown = StreamingButton("off" if streams else "on", label="Show whole replies" if streams else "Show as written")
    reset = ResetButton(disabled=not tuned.chat.own.chosen)
    are_fixed = chosen["personas"].value == "owner"
    switchers = SwitchersButton(
        "everyone" if are_fixed else "owner", label="Let all switch personas" if are_fixed else "Fix personas"
    )
    buttons = [NumbersButton(), shown, switchers, ReuseButton(disabled=tuned.are_reused), reset]
    return [*parts, discord.ui.ActionRow[Any](ModeSelect(options=modes)), discord.ui.ActionRow[Any](*buttons)]


def _line(name: str, value: str, chosen: Chosen) -> str:
    return f"**{name}:** {value}{ORIGINS[chosen.origin]}"


def _models(chosen: Chosen, offered: ModelChoice) -> ChatModelSelect:
    options = [discord.SelectOption(label="As set elsewhere", value=DEFAULT, default=chosen.origin != "chat")]
    options += [
        discord.SelectOption(
            label=name[:100], value=name[:100], default=chosen.origin == "chat" and name == chosen.value
        )
        for name in offered.names[:24]
    ]
    return ChatModelSelect(options=options, placeholder="Model")


def _field(text: str, about: str, tuned: Tuned, name: str) -> "discord.ui.Label[Any]":
    own, in_force = tuned.chat.own.chosen.get(name), f"{tuned.chosen[name].value:g}"
    field = discord.ui.TextInput[Any](
        required=False, max_length=10, default=None if own is None else f"{own:g}", placeholder=in_force
    )
    return discord.ui.Label[Any](text=text, description=f"{about} Empty: as set elsewhere.", component=field)


def _typed(label: "discord.ui.Label[Any]") -> str:
    assert isinstance(label.component, discord.ui.TextInput)  # noqa: S101 - as made above
    return label.component.value.strip()


def _number(label: "discord.ui.Label[Any]") -> float | None:
    typed = _typed(label)
    try:
        number = float(typed.replace(",", ".")) if typed else None
        if number is not None and not math.isfinite(number):
            raise ValueError
    except ValueError:
        raise Invalid(NOT_A_NUMBER.format(typed=typed)) from None
    return number


def _whole(label: "discord.ui.Label[Any]") -> int | None:
    number = _number(label)
    if number is not None and not number.is_integer():
        raise Invalid(NOT_A_NUMBER.format(typed=_typed(label)))
    return None if number is None else int(number)


async def _change(interaction: discord.Interaction, **wishes: str | float | int | bool | None) -> None:
    """Saves a choice, and shows the panel anew."""
    await interaction.response.defer()
    await services_of(interaction).tuning.change(caller_of(interaction), place_of(interaction), **wishes)
    await _update(interaction)


async def _update(interaction: discord.Interaction) -> None:
    await interaction.edit_original_response(view=await _panel(interaction, "settings"))


class ChatTabButton(PersistentButton, prefix="chat.tab", keys=("[a-z]{1,20}",)):
    """Goes to a tab of the panel."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the panel."""
        await interaction.response.defer()
        await interaction.edit_original_response(view=await _panel(interaction, self.keys[0]))


CHAT_PANEL_ITEMS = (ChatTabButton, *SETTINGS_ITEMS)


async def send_chat_panel(interaction: discord.Interaction, tab: str) -> None:
    """Sends the panel with a tab open, after a deferral."""
    await interaction.followup.send(view=await _panel(interaction, tab), ephemeral=True)


async def _panel(interaction: discord.Interaction, tab: str) -> discord.ui.LayoutView:
    if tab not in TABS:
        raise Invalid(NO_SUCH_TAB)
    row = discord.ui.ActionRow[Any]()
    for name, (label, _) in TABS.items():
        button = ChatTabButton(name, label=label)
        if name == tab:
            button.item.style = discord.ButtonStyle.primary
        row.add_item(button)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(row)
    view.add_item(discord.ui.Container[Any](*await TABS[tab][1](interaction), accent_colour=ACCENT))
    return view


async def _settings(interaction: discord.Interaction) -> Parts:
    tuning = services_of(interaction).tuning
    return settings_parts(await tuning.look(caller_of(interaction), place_of(interaction)), tuning.offered)


async def _chats(interaction: discord.Interaction) -> Parts:
    mine = await services_of(interaction).chats.mine(caller_of(interaction))
    return [discord.ui.TextDisplay[Any](f"### Your chats\n{chat_lines(mine)}")]


TABS: dict[str, tuple[str, Callable[[discord.Interaction], Awaitable[Parts]]]] = {
    "chats": ("Chats", _chats),
    "settings": ("Settings", _settings),
}
"""The tabs for a chat, in their order."""
