"""Forms (modals) as a person fills them in, with the checks that Discord's client makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playground import choosing
from playground.invoking import Resolved

JsonObject = dict[str, Any]
TEXT_INPUT, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 4, 19, 21, 22, 23
_CHOOSERS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; `value` is what it holds when the form opens."""

    label: str
    custom_id: str
    type: int
    required: bool
    value: Any
    part: JsonObject = field(repr=False)
    description: str = ""

    @property
    def options(self) -> list[JsonObject]:
        """The options to choose from, as Discord's objects."""
        return self.part.get("options") or []


@dataclass(frozen=True, slots=True)
class Modal:
    """An open form."""

    title: str
    custom_id: str
    fields: list[Field]
    components: list[JsonObject]

    def field(self, name: str) -> Field:
        """Returns the field of a label or custom id; ValueError names the ones there are."""
        for one in self.fields:
            if name in (one.label, one.custom_id):
                return one
        raise ValueError(f"There is no field {name!r}. There are: {', '.join(one.label for one in self.fields)}")


def read(data: JsonObject) -> Modal:
    """Returns the form that a callback opened."""
    return Modal(data["title"], data["custom_id"], list(_fields(data["components"])), data["components"])


def _fields(components: list[JsonObject]) -> Iterator[Field]:
    for component in components:
        if component["type"] == 1:
            for part in component["components"]:
                yield _field(part.get("label") or "", part, "")
        elif component["type"] == 18:
            yield _field(component["label"], component["component"], component.get("description") or "")


def _field(label: str, part: JsonObject, description: str) -> Field:
    required = part.get("required")
    return Field(label, part["custom_id"], part["type"], required is not False, _default(part), part, description)


def _default(part: JsonObject) -> Any:
    kind = part["type"]
    if kind == TEXT_INPUT:
        return part.get("value") or ""
    if kind == CHECKBOX:
        return bool(part.get("default"))
    chosen = [option["value"] for option in part.get("options") or [] if option.get("default")]
    if kind == RADIO:
        return chosen[0] if chosen else None
    if kind in _CHOOSERS:
        return [one["id"] for one in part.get("default_values") or []]
    return chosen


def submission(modal: Modal, given: dict[str, Any], resolved: Resolved) -> JsonObject:
    """Returns the data of a filled-in form.

    Keys are labels or custom ids; other fields keep what they hold.
    """
    values = {one.custom_id: one.value for one in modal.fields}
    for name, value in given.items():
        values[modal.field(name).custom_id] = value
    filled = {one.custom_id: _filled(one, values[one.custom_id], resolved) for one in modal.fields}
    shown = [_answered(component, filled) for component in modal.components]
    data: JsonObject = {"custom_id": modal.custom_id, "components": shown}
    if resolved.parts:
        data["resolved"] = resolved.parts
    return data


def _answered(component: JsonObject, filled: dict[str, JsonObject]) -> JsonObject:
    shown: JsonObject = {"type": component["type"], "id": component.get("id") or 1}
    if component["type"] == 1:
        shown["components"] = [filled[part["custom_id"]] for part in component["components"]]
    elif component["type"] == 18:
        shown["component"] = filled[component["component"]["custom_id"]]
    return shown


def _filled(one: Field, value: Any, resolved: Resolved) -> JsonObject:
    shown: JsonObject = {"type": one.type, "id": one.part.get("id") or 1, "custom_id": one.custom_id}
    if one.type == TEXT_INPUT:
        return shown | {"value": _text(one, value)}
    if one.type == CHECKBOX:
        if not isinstance(value, bool):
            raise ValueError(f"{one.label!r} is ticked (True) or not (False).")
        return shown | {"value": value}
    listed = [] if value in (None, "") else value if isinstance(value, list) else [value]
    if one.type == RADIO:
        if one.required and not listed:
            raise ValueError(f"{one.label!r} is required.")
        return shown | {"value": _option(one, listed[0]) if listed else None}
    _count(one, len(listed))
    if one.type == CHECKBOXES:
        return shown | {"values": [_option(one, wanted) for wanted in listed]}
    if one.type == FILE_UPLOAD:
        return shown | {"values": [resolved.file(wanted) for wanted in listed]}
    return shown | {"values": _chosen(one, listed, resolved)}


def _chosen(one: Field, listed: list[Any], resolved: Resolved) -> list[str]:
    try:
        return choosing.chosen(one.part, listed, resolved)
    except ValueError as wrong:
        raise ValueError(f"{one.label!r}: {wrong}") from None


def _text(one: Field, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{one.label!r} takes text, not {value!r:.60}")
    low, high = one.part.get("min_length") or 0, one.part.get("max_length") or 4000
    if one.required and not value:
        raise ValueError(f"{one.label!r} is required.")
    if len(value) > high or (value and len(value) < low):
        raise ValueError(f"{one.label!r} takes {low} to {high} characters, not {len(value)}.")
    return value


def _count(one: Field, count: int) -> None:
    low = one.part.get("min_values")
    high = one.part.get("max_values")
    low, high = 1 if low is None else low, high or (len(one.options) if one.type == CHECKBOXES else 1)
    if not one.required and not count:
        return
    if one.required and not count and low > 0:
        raise ValueError(f"{one.label!r} is required.")
    if not low <= count <= high:
        raise ValueError(f"{one.label!r} takes {low} to {high}, not {count}.")


def _option(one: Field, wanted: object) -> str:
    try:
        return choosing.option(one.options, wanted)
    except ValueError as wrong:
        raise ValueError(f"{one.label!r}: {wrong}") from None
