"""Discord's OpenAPI file as a checker of request bodies, compiled once a process for each operation."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

JsonObject = dict[str, Any]
Problem = tuple[list[str | int], str, str]
_FILE = Path(__file__).with_name("openapi.json")
_ID = {"anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]}
_NUMBER_OR_TEXT = {"anyOf": [{"type": ["integer", "null"]}, {"type": "string", "pattern": "^[0-9]+$"}]}
# Discord takes these although the file does not name them; clients have long sent them.
_ALSO_TAKEN: dict[str, JsonObject] = {
    "MessageAttachmentRequest": dict.fromkeys(
        (
            "proxy_url", "size", "url", "spoiler", "height", "width", "content_type", "ephemeral",
            "content_scan_version", "flags", "placeholder", "placeholder_version", "original_content_type",
        ),
        True,
    ),
    "ApplicationCommandUpdateRequest": {"nsfw": {"type": ["boolean", "null"]}},
    "ApplicationCommandCreateRequest": {"nsfw": {"type": ["boolean", "null"]}},
    "ApplicationCommandPatchRequestPartial": {"nsfw": {"type": ["boolean", "null"]}},
    "MessageEditRequestPartial": {"tts": {"type": ["boolean", "null"]}},
    "BaseCreateMessageCreateRequest": {"tts": {"type": ["boolean", "null"]}},
    "IncomingWebhookUpdateRequestPartial": {"tts": {"type": ["boolean", "null"]}},
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": {"tts": {"type": ["boolean", "null"]}},
    "ChannelPermissionOverwriteRequest": {"allow": _NUMBER_OR_TEXT, "deny": _NUMBER_OR_TEXT},
    "CreateForumThreadRequest": {"type": {"type": ["integer", "null"]}},
    "RichEmbed": {"flags": True, "reference_id": True, "content_scan_version": True},
    "RichEmbedImage": {"proxy_url": True, "flags": True, "content_type": True},
    "RichEmbedThumbnail": {"proxy_url": True, "flags": True, "content_type": True},
    "RichEmbedAuthor": {"proxy_icon_url": True},
    "RichEmbedFooter": {"proxy_icon_url": True},
}  # fmt: skip
_ONE_OVERWRITE = {"id": _ID, "allow": _NUMBER_OR_TEXT, "deny": _NUMBER_OR_TEXT}
_CODES = {
    "required": "BASE_TYPE_REQUIRED",
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_MIN_LENGTH",
    "maxItems": "BASE_TYPE_BAD_LENGTH",
    "minItems": "BASE_TYPE_BAD_LENGTH",
    "maximum": "NUMBER_TYPE_MAX",
    "minimum": "NUMBER_TYPE_MIN",
    "enum": "BASE_TYPE_CHOICES",
    "const": "BASE_TYPE_CHOICES",
    "uniqueItems": "SET_TYPE_ALREADY_CONTAINS_VALUE",
    "additionalProperties": "UNKNOWN_KEY",
    "format": "URL_TYPE_INVALID_URL",
}


@functools.cache
def _document() -> JsonObject:
    """Returns the file with request objects closed to unknown keys and ids open to integers."""
    document = orjson.loads(_FILE.read_bytes())
    schemas = document["components"]["schemas"]
    schemas["SnowflakeType"] = _ID
    for name, keys in _ALSO_TAKEN.items():
        schemas[name]["properties"] |= keys
    one = document["paths"]["/channels/{channel_id}/permissions/{overwrite_id}"]["put"]["requestBody"]
    one["content"]["application/json"]["schema"]["properties"] |= _ONE_OVERWRITE
    _close(document["paths"])
    _close(schemas)
    return document


def _close(node: object) -> None:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for inner in node.values():
            _close(inner)
    elif isinstance(node, list):
        for inner in node:
            _close(inner)


def known(method: str, path: str) -> bool:
    """Returns whether Discord has that operation; `path` is the file's template."""
    return method.lower() in _document()["paths"].get(path, {})


@functools.cache
def templates() -> tuple[str, ...]:
    """Returns every path template of the file."""
    return tuple(_document()["paths"])


@functools.cache
def _validator(method: str, path: str) -> jsonschema_rs.Validator | None:
    """Returns the checker of an operation's JSON body, or None when it takes none."""
    operation = _document()["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    reached: JsonObject = {}
    _collect(schema, reached)
    whole = {**schema, "components": {"schemas": reached}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _collect(node: object, reached: JsonObject) -> None:
    """Gathers the schemas that a node refers to, so that compiling one operation stays quick."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.rsplit("/", 1)[1]
            if name not in reached:
                reached[name] = _document()["components"]["schemas"][name]
                _collect(reached[name], reached)
        for inner in node.values():
            _collect(inner, reached)
    elif isinstance(node, list):
        for inner in node:
            _collect(inner, reached)


def problems(method: str, path: str, body: object) -> list[Problem]:
    """Returns what Discord's own description has against that body: (path, code, sentence) each."""
    validator = _validator(method, path)
    if validator is None:
        return []
    return [problem for error in validator.iter_errors(body) for problem in _explain(error)]


def _explain(error: Any) -> list[Problem]:
    """Returns the problems of the alternative that was meant, where a schema offers several."""
    alternatives = getattr(error.kind, "context", None)
    if alternatives:
        meant = min(alternatives, key=_distance)
        return [problem for inner in meant for problem in _explain(inner)]
    name = error.kind.name
    path = list(error.instance_path)
    if name == "required":
        path.append(error.kind.property)
        return [(path, _CODES[name], "This field is required")]
    return [(path, _CODES.get(name, "BASE_TYPE_BAD"), error.message[:300])]


def _distance(errors: list[Any]) -> tuple[int, int]:
    """Returns how far an alternative is from what was meant: another type is far, a bad value near."""
    far = 0
    for error in errors:
        at = error.instance_path
        if error.kind.name in ("enum", "const") and at and at[-1] == "type":
            far += 100
        if error.kind.name == "type":
            far += 10
    return far, len(errors)


def needs_body(method: str, path: str) -> bool:
    """Returns whether an operation cannot do without a body."""
    return bool(_document()["paths"][path][method.lower()].get("requestBody", {}).get("required"))
