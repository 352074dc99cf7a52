"""Choosing in select menus, of messages and of forms alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.messages import walk

if TYPE_CHECKING:
    from playground.invoking import Resolved

JsonObject = dict[str, Any]
STRING_SELECT, CHANNEL_SELECT = 3, 8
# Which kind of option (a user, a role, either, a channel) each select that fills itself is like.
_LIKE = {5: 6, 6: 8, 7: 9, 8: 7}


class NotOffered(ValueError, AssertionError):
    """A choice that is not in the list: Discord's client would not let anyone make it."""


def chosen(part: JsonObject, wanted: list[Any], resolved: Resolved) -> list[str]:
    """Returns the values of a select: of labels or values, or of people, roles and channels or their ids."""
    if part["type"] == STRING_SELECT:
        return [option(part.get("options") or [], one) for one in wanted]
    values = [_entity(part, one, resolved) for one in wanted]
    if len(set(values)) < len(values):
        raise ValueError("The same was chosen twice.")
    return values


def settle_presets(components: list[JsonObject]) -> None:
    """Writes the ids of what is chosen beforehand as text, as Discord shows them, though they may come as numbers."""
    for part in walk(components):
        for one in part.get("default_values") or []:
            one["id"] = str(one["id"])


def option(options: list[JsonObject], wanted: object) -> str:
    """Returns the value of the option that has that value or label; NotOffered names the ones there are."""
    for key in ("value", "label"):
        for one in options:
            if one[key] == wanted:
                return one["value"]
    labels = ", ".join(one["label"] for one in options)
    raise NotOffered(f"There is no option {wanted!r}. There are: {labels}")


def _entity(part: JsonObject, wanted: object, resolved: Resolved) -> str:
    value = resolved.add(_LIKE[part["type"]], wanted)
    if part["type"] == CHANNEL_SELECT:
        require_channel_type(part, value, resolved)
    return value


def require_channel_type(part: JsonObject, channel_id: str, resolved: Resolved) -> None:
    """Raises ValueError where a resolved channel is of a kind that the option or select does not take."""
    types = part.get("channel_types")
    if types and resolved.parts["channels"][channel_id]["type"] not in types:
        name = part.get("name") or part.get("placeholder") or part.get("custom_id")
        raise ValueError(f"{name!r} takes other kinds of channel.")
