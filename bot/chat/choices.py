"""How a chat's replies are written, and who decided that: the chat, its owner, the server or the operator."""

from dataclasses import dataclass
from typing import Literal

from bot.errors import Invalid
from storage.chats import Chat
from storage.server_keys import ServerKey
from storage.wishes import Mode, Switchers, Turns, Wishes

Origin = Literal["chat", "user", "server", "operator"]
HOTTEST = 2.0
SHORTEST_REPLY = 16
LONGEST_HISTORY = 2_000


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the operator offers, and within which bounds (in tokens, and messages of history)."""

    name: str
    context_tokens: int
    reply_tokens: int
    history_limit: int
    temperature: float
    others: tuple[str, ...] = ()
    """Further models of the endpoint, from which one may choose and which stand in where one is away."""
    server_keys: bool = True
    """Whether servers may use a key of their own."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every model that may be chosen, the operator's own first."""
        return (self.name, *self.others)


@dataclass(frozen=True, slots=True)
class Choices:
    """How the replies of a chat are written."""

    model: str
    temperature: float
    reply_tokens: int
    history_limit: int
    mode: Mode
    streaming: bool
    turns: Turns
    personas: Switchers
    context_tokens: int
    key: ServerKey | None = None
    """The server's own key, with which the models are asked there."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One value in force, and whose choice it is."""

    value: str | float | int | bool
    origin: Origin


def choices_of(chat: Chat, offered: ModelChoice) -> Choices:
    """What holds in a chat: its own choice, else its owner's, the server's, the operator's."""
    return Choices(
        **{name: chosen.value for name, chosen in chosen_of(chat, offered).items()},  # pyright: ignore[reportArgumentType]
        context_tokens=offered.context_tokens,
        key=chat.servers_key if offered.server_keys else None,
    )


def chosen_of(chat: Chat, offered: ModelChoice) -> dict[str, Chosen]:
    """Each setting of a chat by its name; what the operator no longer offers does not count."""
    operator = Wishes(
        model=offered.name,
        temperature=offered.temperature,
        reply_tokens=offered.reply_tokens,
        history_limit=offered.history_limit,
        mode="role-play",
        streaming=True,
        turns="natural",
        personas="everyone",
    )
    found: dict[str, Chosen] = {}
    layers: tuple[tuple[Origin, Wishes], ...] = (
        ("operator", operator),
        ("server", chat.servers),
        ("user", chat.owners),
        ("chat", chat.own),
    )
    for origin, wishes in layers:
        for name, value in wishes.chosen.items():
            if _is_offered(name, value, offered):
                found[name] = Chosen(value, origin)
    return found


def require_sensible(wishes: Wishes, offered: ModelChoice) -> None:
    """Raises Invalid, with the bounds, where somebody chose what cannot be."""
    if wishes.model is not None and wishes.model not in offered.names:
        raise Invalid(f"The model is one of {', '.join(offered.names)}.")
    if wishes.temperature is not None and not 0 <= wishes.temperature <= HOTTEST:
        raise Invalid(f"The temperature lies between 0 (the same each time) and {HOTTEST:g} (wild).")
    longest = longest_reply(offered)
    if wishes.reply_tokens is not None and not SHORTEST_REPLY <= wishes.reply_tokens <= longest:
        raise Invalid(f"The length of a reply lies between {SHORTEST_REPLY} and {longest:,} tokens.")
    if wishes.history_limit is not None and not 1 <= wishes.history_limit <= LONGEST_HISTORY:
        raise Invalid(f"The history lies between 1 and {LONGEST_HISTORY:,} messages.")


def longest_reply(offered: ModelChoice) -> int:
    """The most tokens that a reply may be allowed: twice what the operator set, and at most half of the context."""
    return max(offered.reply_tokens, min(2 * offered.reply_tokens, offered.context_tokens // 2))


def _is_offered(name: str, value: object, offered: ModelChoice) -> bool:
    if name == "model":
        return value in offered.names
    if name == "reply_tokens":
        return isinstance(value, int) and value <= longest_reply(offered)
    return True
