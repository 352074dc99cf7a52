"""What Discord refuses although its OpenAPI file does not say so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from playground.messages import COMPONENTS_V2, SELECT_TYPES, walk
from playground.openapi import Problem
from playground.refusals import BadForm, Refused

JsonObject = dict[str, Any]
MAX_CONTENT, MAX_EMBED_TOTAL, MAX_TEXT_TOTAL = 2000, 6000, 4000
MAX_ROWS, MAX_NESTED, MAX_MODAL_PARTS, MAX_COMMAND_CHARACTERS = 5, 40, 5, 8000
_COMMAND_NAME = re.compile(r"^[-_'\w]{1,32}$")
_LINK, _PREMIUM = 5, 6
_V2_TYPES = frozenset((9, 10, 12, 13, 14, 17))


def _stop(problems: list[Problem]) -> None:
    if problems:
        raise BadForm(problems)


def message(body: JsonObject, *, flags: int | None = None) -> None:
    """Refuses a message body over a limit of Discord's; `flags` are those the message has already."""
    flags = (flags or 0) | int(body.get("flags") or 0)
    components = body.get("components") or []
    found: list[Problem] = []
    if len(body.get("content") or "") > MAX_CONTENT:
        text = f"Must be {MAX_CONTENT} or fewer in length."
        found.append((["content"], "BASE_TYPE_MAX_LENGTH", text))
    found += embeds(body.get("embeds") or [])
    found += _allowed_mentions(body.get("allowed_mentions") or {})
    if flags & COMPONENTS_V2:
        found += _components_v2(body, components)
    else:
        found += _components_v1(components)
    found += _all_components(components)
    _stop(found)


def not_empty(body: JsonObject, *, files: int) -> None:
    """Refuses a new message without anything in it (50006)."""
    parts = ("content", "embeds", "components", "sticker_ids", "poll")
    if not files and not any(body.get(part) for part in parts):
        raise Refused(50006)
    content = body.get("content")
    if content and not content.strip() and not files and not any(body.get(part) for part in parts[1:]):
        raise Refused(50006)


def embeds(shown: list[JsonObject]) -> list[Problem]:
    """Returns a problem when the texts of all embeds together are too long."""
    total = 0
    for embed in shown:
        texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
        texts.append((embed.get("author") or {}).get("name"))
        for one in embed.get("fields") or []:
            texts += [one["name"], one["value"]]
        total += sum(len(text) for text in texts if text)
    if total > MAX_EMBED_TOTAL:
        text = f"Embed size exceeds maximum size of {MAX_EMBED_TOTAL}"
        return [(["embeds"], "MAX_EMBED_SIZE_EXCEEDED", text)]
    return []


def _allowed_mentions(allowed: JsonObject) -> list[Problem]:
    parsed = allowed.get("parse") or []
    return [
        (
            ["allowed_mentions"],
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            f"parse and {key} exclude each other",
        )
        for key in ("users", "roles")
        if key in parsed and allowed.get(key)
    ]


def _components_v2(body: JsonObject, components: list[JsonObject]) -> list[Problem]:
    found: list[Problem] = []
    for key in ("content", "embeds", "sticker_ids", "poll"):
        if body.get(key):
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            found.append(([key], "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text))
    parts = list(walk(components))
    if len(parts) > MAX_NESTED:
        found.append((["components"], "BASE_TYPE_BAD_LENGTH", f"Must be {MAX_NESTED} or fewer in total."))
    if sum(len(part["content"]) for part in parts if part["type"] == 10) > MAX_TEXT_TOTAL:
        text = f"The text of all components is longer than {MAX_TEXT_TOTAL}."
        found.append((["components"], "COMPONENT_MAX_TOTAL_TEXT_LENGTH_EXCEEDED", text))
    return found


def _components_v1(components: list[JsonObject]) -> list[Problem]:
    found: list[Problem] = []
    if len(components) > MAX_ROWS:
        found.append((["components"], "BASE_TYPE_BAD_LENGTH", f"Must be {MAX_ROWS} or fewer in length."))
    for index, component in enumerate(components):
        if component["type"] in _V2_TYPES:
            text = 'Value of field "type" must be one of (1,) without the components v2 flag.'
            found.append((["components", index, "type"], "UNION_TYPE_CHOICES", text))
    return found


def _all_components(components: list[JsonObject]) -> list[Problem]:
    found: list[Problem] = []
    for path, component in _with_paths(components, ["components"]):
        kind = component["type"]
        if kind == 1:
            found += _row(path, component)
        elif kind == 2:
            found += _button(path, component)
        elif kind in SELECT_TYPES:
            found += _select(path, component)
    custom_ids = [part["custom_id"] for part in walk(components) if part.get("custom_id")]
    for repeated in _repeated(custom_ids):
        text = f"Component custom id cannot be duplicated: {repeated}"
        found.append((["components"], "COMPONENT_CUSTOM_ID_DUPLICATED", text))
    return found


def _with_paths(components: list[JsonObject], path: list[str | int]) -> Iterable[tuple[list[str | int], JsonObject]]:
    for index, component in enumerate(components):
        here = [*path, index]
        yield here, component
        yield from _with_paths(component.get("components") or [], [*here, "components"])
        for key in ("accessory", "component"):
            if component.get(key):
                inner: JsonObject = component[key]
                yield [*here, key], inner


def _repeated(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def _row(path: list[str | int], row: JsonObject) -> list[Problem]:
    kinds = [part["type"] for part in row["components"]]
    selects = [kind for kind in kinds if kind in SELECT_TYPES or kind == 4]
    if selects and len(kinds) > 1:
        text = "A select or text input fills a row alone: the row's width is 5."
        return [([*path, "components"], "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)]
    return []


def _button(path: list[str | int], button: JsonObject) -> list[Problem]:
    found: list[Problem] = []
    style = button["style"]
    if style == _LINK and (not button.get("url") or button.get("custom_id")):
        found.append(([*path, "url"], "BASE_TYPE_REQUIRED", "A link button has a url and no custom id."))
    if style not in (_LINK, _PREMIUM) and (not button.get("custom_id") or button.get("url")):
        text = "A custom id and no url is required on a button."
        found.append(([*path, "custom_id"], "BASE_TYPE_REQUIRED", text))
    if style != _PREMIUM and not button.get("label") and not button.get("emoji"):
        text = "A button has a label or an emoji."
        found.append(([*path, "label"], "BUTTON_COMPONENT_MISSING_CONTENT", text))
    return found


def _select(path: list[str | int], select: JsonObject) -> list[Problem]:
    found: list[Problem] = []
    options = select.get("options") or []
    for repeated in _repeated(option["value"] for option in options):
        text = f"The specified option value is already used: {repeated}"
        found.append(([*path, "options"], "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text))
    low, high = select.get("min_values"), select.get("max_values")
    low, high = 1 if low is None else low, 1 if high is None else high
    if low > high:
        found.append(([*path, "min_values"], "NUMBER_TYPE_MAX", "min_values is above max_values."))
    preset = select.get("default_values") or []
    if preset and not low <= len(preset) <= high:
        text = "The number of default values is not within min_values and max_values."
        found.append(([*path, "default_values"], "SELECT_COMPONENT_INVALID_DEFAULT_VALUES", text))
    for repeated in _repeated(str(one["id"]) for one in preset):
        text = f"Twice among the default values: {repeated}"
        found.append(([*path, "default_values"], "SET_TYPE_ALREADY_CONTAINS_VALUE", text))
    if select["type"] == 3:
        if not options:
            found.append(([*path, "options"], "BASE_TYPE_REQUIRED", "A select has options."))
        if options and high > len(options):
            text = "max_values is above the number of options."
            found.append(([*path, "max_values"], "NUMBER_TYPE_MAX", text))
        if sum(bool(option.get("default")) for option in options) > high:
            text = "More options are default than may be chosen."
            found.append(([*path, "options"], "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", text))
    return found


def modal(body: JsonObject) -> None:
    """Refuses a form over a limit of Discord's."""
    components = body["components"]
    found: list[Problem] = []
    if len(components) > MAX_MODAL_PARTS:
        text = f"Must be between 1 and {MAX_MODAL_PARTS} in length."
        found.append((["data", "components"], "BASE_TYPE_BAD_LENGTH", text))
    found += [(["data", *path], code, text) for path, code, text in _all_components(components)]
    for index, part in enumerate(components):
        here: list[str | int] = ["data", "components", index]
        if part["type"] == 1:
            found += [
                ([*here, "components", 0, "label"], "BASE_TYPE_REQUIRED", "This field is required")
                for inner in part["components"]
                if inner["type"] == 4 and not inner.get("label")
            ]
        inner = part.get("component") or {}
        if inner.get("type") == 4 and inner.get("label"):
            text = "A text input inside a label has no label of its own."
            found.append(([*here, "component", "label"], "BASE_TYPE_BAD", text))
        if inner.get("disabled"):
            found.append(([*here, "component", "disabled"], "BASE_TYPE_BAD", "Not in a modal."))
        low, high, value = inner.get("min_length"), inner.get("max_length"), inner.get("value")
        if low is not None and high is not None and low > high:
            found.append(([*here, "component", "min_length"], "NUMBER_TYPE_MAX", "min_length is above max_length."))
        if value and high is not None and len(value) > high:
            found.append(([*here, "component", "value"], "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer."))
    _stop(found)


def webhook_name(name: str | None, field: str = "name") -> None:
    """Refuses names that webhooks may not have."""
    if name is None:
        return
    lowered = name.lower()
    found: list[Problem] = []
    for word in ("clyde", "discord"):
        if word in lowered:
            text = f'Username cannot contain "{word}"'
            found.append(([field], "USERNAME_INVALID_CONTAINS", text))
    if lowered.strip() in ("everyone", "here"):
        found.append(([field], "USERNAME_INVALID_CONTAINS", f'Username cannot be "{lowered.strip()}"'))
    if "```" in name:
        found.append(([field], "USERNAME_INVALID_CONTAINS", "Username contains invalid characters"))
    if not name.strip():
        found.append(([field], "BASE_TYPE_REQUIRED", "This field is required"))
    _stop(found)


def commands(body: list[JsonObject]) -> None:
    """Refuses a set of application commands over a limit of Discord's."""
    found: list[Problem] = []
    kinds = Counter(command.get("type") or 1 for command in body)
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if kinds[kind] > most:
            text = f"Maximum number of application commands reached ({most})."
            found.append(([], "APPLICATION_COMMANDS_MAX", text))
    for repeated in _repeated((command.get("type") or 1, command["name"]) for command in body):
        text = f"Application command names must be unique: {repeated}"
        found.append(([], "APPLICATION_COMMANDS_DUPLICATE_NAME", text))
    for index, command in enumerate(body):
        found += _command([index], command)
    _stop(found)


def _command(path: list[str | int], command: JsonObject) -> list[Problem]:
    if (command.get("type") or 1) != 1:
        if command.get("description") or command.get("options"):
            text = "Context menu commands have no description and no options."
            return [([*path, "description"], "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", text)]
        return []
    found = _option_name(path, command)
    if not command.get("description"):
        found.append(([*path, "description"], "BASE_TYPE_REQUIRED", "This field is required"))
    found += _options(path, command.get("options") or [], depth=0)
    if _characters(command) > MAX_COMMAND_CHARACTERS:
        text = f"Command exceeds maximum size ({MAX_COMMAND_CHARACTERS})."
        found.append((path, "APPLICATION_COMMAND_TOO_LARGE", text))
    return found


def _option_name(path: list[str | int], named: JsonObject) -> list[Problem]:
    names: dict[tuple[str | int, ...], str] = {("name",): named["name"]}
    names |= {("name_localizations", key): text for key, text in (named.get("name_localizations") or {}).items()}
    text = "Command name is invalid"
    return [
        ([*path, *where], "APPLICATION_COMMAND_INVALID_NAME", text)
        for where, name in names.items()
        if not _COMMAND_NAME.match(name) or name != name.lower()
    ]


def _options(path: list[str | int], options: list[JsonObject], depth: int) -> list[Problem]:
    found: list[Problem] = []
    groups = [option["type"] in (1, 2) for option in options]
    if any(groups) and not all(groups):
        text = "Sub-command and sub-command group option types are mutually exclusive to all others."
        found.append(([*path, "options"], "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text))
    for repeated in _repeated(option["name"] for option in options):
        text = f"Option names must be unique: {repeated}"
        found.append(([*path, "options"], "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", text))
    optional_seen = False
    for index, option in enumerate(options):
        here = [*path, "options", index]
        found += _option_name(here, option)
        if option["type"] == 2 and depth > 0:
            text = "A sub-command group stands at the top only."
            found.append(([*here, "type"], "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text))
        if option["type"] in (1, 2):
            found += _options(here, option.get("options") or [], depth + 1)
            continue
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            found.append((here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text))
        optional_seen = optional_seen or not option.get("required")
        found += _choices(here, option)
    return found


def _choices(path: list[str | int], option: JsonObject) -> list[Problem]:
    choices = option.get("choices") or []
    found: list[Problem] = []
    if choices and option.get("autocomplete"):
        text = "Options with choices cannot be autocompleted."
        found.append(([*path, "autocomplete"], "APPLICATION_COMMAND_AUTOCOMPLETE_NOT_ALLOWED", text))
    for key in ("name", "value"):
        for repeated in _repeated(choice[key] for choice in choices):
            text = f"Choice {key}s must be unique: {repeated}"
            found.append(([*path, "choices"], "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", text))
    return found


def _characters(named: JsonObject) -> int:
    """Returns the characters that Discord counts for a command's size, the longest localisations included."""

    def longest(key: str) -> int:
        return max([len(named.get(key) or ""), *map(len, (named.get(f"{key}_localizations") or {}).values())])

    total = longest("name") + longest("description")
    for choice in named.get("choices") or []:
        total += len(choice["name"]) + len(str(choice["value"]))
    return total + sum(_characters(option) for option in named.get("options") or [])


def autocomplete(choices: list[JsonObject]) -> None:
    """Refuses autocomplete choices that repeat a name."""
    names = [choice["name"] for choice in choices if choice]
    code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS"
    _stop([(["data", "choices"], code, f"Twice: {name}") for name in _repeated(names)])
