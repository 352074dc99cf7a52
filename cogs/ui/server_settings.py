"""The panel on which the admins of a server decide how the bot works there; each choice is saved at once."""

import re
from collections.abc import Iterable
from typing import Any, cast

import discord

from bot.characters.listings import Overview
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import Form, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain, plural
from storage.guilds import Policy

MOST_CHOICES = 25
MOST_TOKENS = 10**12
NO_AMOUNT = "That is no number of tokens. Write one like 200,000, or leave the field blank for no budget."
SHIPPED, SHIPPED_NAME = "-", "Shipped one"
_AMOUNT = re.compile(r"[0-9]{1,13}|[0-9]{1,3}([\s,.'’_][0-9]{3}){1,4}", re.ASCII)
WHERE_CHATS_START = [discord.ChannelType.text, discord.ChannelType.forum]
POLICIES: dict[Policy, tuple[str, str]] = {
    "open": ("Open", "Every public character is shown and played here."),
    "review": ("Review", "Only what you have approved, and the server's own."),
    "closed": ("Closed", "Only the server's own characters."),
}
NOW: dict[Policy, str] = {
    "open": (
        "This server is **open** now: `/character pick` shows every public character, in its newest version. "
        "What you have blocked stays away."
    ),
    "review": (
        "This server **reviews** now: `/character pick` shows what you have approved, in the version that you "
        "approved, and the server's own characters. Chats with others say so at their next reply, and rest until "
        "you approve them."
    ),
    "closed": (
        "This server is **closed** now: `/character pick` shows the server's own characters alone "
        "(`/server publish` makes one). Chats with others say so at their next reply and rest."
    ),
}


class PolicySelect(PersistentSelect, prefix="server.policy"):
    """Which characters the server shows."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the policy."""
        await services_of(interaction).listings.choose_policy(
            caller_of(interaction), policy_of(self.chosen(interaction)[0])
        )
        await _update(interaction)


class ModelSelect(PersistentSelect, prefix="server.model"):
    """Which of the operator's models speaks."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the model; the operator's own choice is kept as none."""
        listings, name = services_of(interaction).listings, self.chosen(interaction)[0]
        await listings.change(caller_of(interaction), model="" if name == listings.models[0] else name)
        await _update(interaction)


class ChannelsSelect(PersistentSelect, prefix="server.channels"):
    """Where chats are started."""

    def __init__(self, chosen: Iterable[int] = ()) -> None:
        self.keys = ()
        menu = discord.ui.ChannelSelect[Any](
            custom_id=self.prefix,
            channel_types=WHERE_CHATS_START,
            placeholder="All text channels and forums",
            min_values=0,
            max_values=MOST_CHOICES,
            default_values=_presets(chosen, discord.SelectDefaultValueType.channel),
        )
        _wrap(self, menu)

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the channels."""
        channels = frozenset(map(int, self.chosen(interaction)))
        await services_of(interaction).listings.change(caller_of(interaction), channels=channels)
        await _update(interaction)


class PlayersSelect(PersistentSelect, prefix="server.players"):
    """Who may play."""

    def __init__(self, chosen: Iterable[int] = ()) -> None:
        self.keys = ()
        _wrap(self, _roles(self.prefix, chosen))

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the roles."""
        roles = frozenset(map(int, self.chosen(interaction)))
        await services_of(interaction).listings.change(caller_of(interaction), player_roles=roles)
        await _update(interaction)


class PublishersSelect(PersistentSelect, prefix="server.publishers"):
    """Who may offer characters to the server."""

    def __init__(self, chosen: Iterable[int] = ()) -> None:
        self.keys = ()
        _wrap(self, _roles(self.prefix, chosen))

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the roles."""
        roles = frozenset(map(int, self.chosen(interaction)))
        await services_of(interaction).listings.change(caller_of(interaction), publisher_roles=roles)
        await _update(interaction)


class BudgetButton(PersistentButton, prefix="server.budget", label="Change the budget"):
    """How many tokens may be used a day."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form, to admins."""
        overview = await services_of(interaction).listings.overview(caller_of(interaction))
        await interaction.response.send_modal(BudgetForm(overview.settings.tokens_a_day))


class BudgetForm(Form):
    """One number, or nothing."""

    def __init__(self, tokens: int | None) -> None:
        super().__init__(title="Budget of a day")
        self._field = discord.ui.TextInput[Any](
            default=f"{tokens:,}" if tokens else None, placeholder="200,000", max_length=20, required=False
        )
        about = "What models may read and write for this server in a day (UTC). Blank: no limit."
        self.add_item(discord.ui.Label[Any](text="Tokens a day", description=about, component=self._field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves the budget."""
        tokens = tokens_of(self._field.value)
        await services_of(interaction).listings.change(caller_of(interaction), tokens_a_day=tokens)
        await _update(interaction)


SETTINGS_ITEMS = (PolicySelect, ModelSelect, ChannelsSelect, PlayersSelect, PublishersSelect, BudgetButton)


class SettingsView(discord.ui.LayoutView):
    """What is set, each above the menu that changes it."""

    def __init__(self, overview: Overview, models: tuple[str, ...], guild: discord.Guild | None) -> None:
        super().__init__(timeout=None)
        settings, container = overview.settings, discord.ui.Container[Any](accent_colour=ACCENT)
        channels = [each for each in settings.channels if guild is None or guild.get_channel(each)]
        players, publishers = (
            [each for each in roles if guild is None or guild.get_role(each)]
            for roles in (settings.player_roles, settings.publisher_roles)
        )
        policy = [
            discord.SelectOption(label=label, value=key, description=about, default=key == settings.policy)
            for key, (label, about) in POLICIES.items()
        ]
        asked: list[tuple[str, PersistentSelect | BudgetButton | None]] = [
            (f"## How I work in this server\n{_assistant(overview)}", None),
            (f"**Which characters**{_waiting(overview)}", PolicySelect(options=policy)),
            (f"**Where chats start:** {_listed('<#{}>', settings.channels, 'everywhere')}", ChannelsSelect(channels)),
            (f"**Who plays:** {_listed('<@&{}>', settings.player_roles, 'everybody')}", PlayersSelect(players)),
            (
                f"**Who may publish here:** {_listed('<@&{}>', settings.publisher_roles, 'everybody')}",
                PublishersSelect(publishers),
            ),
            (f"**Model:** {plain(settings.model or models[0], 100)}", _models(models, settings.model)),
            (_budget(overview), BudgetButton()),
        ]
        for text, menu in asked:
            container.add_item(discord.ui.TextDisplay[Any](text))
            if menu is not None:
                container.add_item(discord.ui.ActionRow[Any](menu))
        self.add_item(container)


async def show_settings(interaction: discord.Interaction, assistant: str | None) -> None:
    """Answers with the panel, once the default assistant is chosen where one is named."""
    listings, caller = services_of(interaction).listings, caller_of(interaction)
    if assistant:
        await listings.choose_assistant(caller, None if assistant in (SHIPPED, SHIPPED_NAME) else assistant)
    await interaction.response.send_message(view=await _view(interaction), ephemeral=True)


async def show_policy(interaction: discord.Interaction, wanted: str) -> None:
    """Saves the policy and says what it changes."""
    policy = policy_of(wanted)
    waiting = await services_of(interaction).listings.choose_policy(caller_of(interaction), policy)
    queue = f"\n{_queued(waiting)}" if waiting and policy == "review" else ""
    await interaction.response.send_message(NOW[policy] + queue, ephemeral=True)


def tokens_of(typed: str) -> int:
    """The number that somebody typed, with or without marks between thousands; 0 for nothing."""
    if not typed.strip():
        return 0
    found = _AMOUNT.fullmatch(typed.strip())
    tokens = int(re.sub("[^0-9]", "", typed)) if found else 0
    if not 0 < tokens <= MOST_TOKENS:
        raise Invalid(NO_AMOUNT)
    return tokens


def policy_of(wanted: str) -> Policy:
    """The policy of that name."""
    return next(policy for policy in POLICIES if policy == wanted)


async def _update(interaction: discord.Interaction) -> None:
    await interaction.response.edit_message(view=await _view(interaction))


async def _view(interaction: discord.Interaction) -> SettingsView:
    listings = services_of(interaction).listings
    return SettingsView(await listings.overview(caller_of(interaction)), listings.models, interaction.guild)


def _wrap(item: PersistentSelect, menu: "discord.ui.ChannelSelect[Any] | discord.ui.RoleSelect[Any]") -> None:
    """Makes a persistent menu of one that Discord fills by itself."""
    cast("Any", discord.ui.DynamicItem).__init__(item, menu)


def _roles(custom_id: str, chosen: Iterable[int]) -> "discord.ui.RoleSelect[Any]":
    return discord.ui.RoleSelect[Any](
        custom_id=custom_id,
        placeholder="Everybody",
        min_values=0,
        max_values=MOST_CHOICES,
        default_values=_presets(chosen, discord.SelectDefaultValueType.role),
    )


def _presets(chosen: Iterable[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=each, type=kind) for each in sorted(chosen)[:MOST_CHOICES]]


def _models(models: tuple[str, ...], chosen: str | None) -> ModelSelect | None:
    """The menu of models, where there is a choice."""
    if len(models) < 2:
        return None
    current = chosen if chosen in models else models[0]
    return ModelSelect(
        options=[
            discord.SelectOption(
                label=name[:100],
                value=name[:100],
                description="The operator's choice" if name == models[0] else None,
                default=name == current,
            )
            for name in models[:MOST_CHOICES]
        ]
    )


def _listed(shape: str, ids: frozenset[int], otherwise: str) -> str:
    return ", ".join(shape.format(each) for each in sorted(ids)) or otherwise


def _assistant(overview: Overview) -> str:
    name = plain(overview.assistant.name, 160) if overview.assistant else "the one that ships with me"
    return f"**First in the picker:** {name}\n-# `/server settings assistant` changes that."


def _budget(overview: Overview) -> str:
    tokens = overview.settings.tokens_a_day
    words = f"{tokens:,} tokens" if tokens else "none, so there is no limit"
    used = f"{plural(overview.spent_today, 'token')} used today. `/server usage` tells more."
    return f"**Budget of a day:** {words}\n-# {used}"


def _waiting(overview: Overview) -> str:
    if overview.settings.policy != "review":
        return ""
    return f" · {_queued(overview.waiting)}" if overview.waiting else " · nothing waits for you"


def _queued(count: int) -> str:
    return f"{plural(count, 'version')} {'waits' if count == 1 else 'wait'} for you: `/server queue`."
