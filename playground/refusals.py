"""Discord's refusals: status, code and sentence, as its REST API words them."""

from __future__ import annotations

from typing import Any

# code: (HTTP status, message), from Discord's table of JSON error codes.
KNOWN = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later."),
    40005: (413, "Request entity too large"),
    40058: (400, "Cannot message this thread until after the post author has sent an initial message."),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has hit the maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50016: (400, "Provided too few or too many messages to delete. Must provide at least 2 and at most 100."),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50034: (400, "A message provided was too old to bulk delete"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (403, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
}


class Refused(Exception):
    """Discord says no: `code` is its JSON error code, `text` its sentence, `status` the HTTP status."""

    def __init__(
        self,
        code: int,
        text: str | None = None,
        *,
        status: int | None = None,
        errors: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        known_status, known_text = KNOWN.get(code, (400, "Bad Request"))
        self.code = code
        self.text = text or known_text
        self.status = status or known_status
        self.errors = errors
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.text}")

    def to_json(self) -> dict[str, Any]:
        """Returns the body that Discord answers with."""
        body: dict[str, Any] = {"message": self.text, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        if self.retry_after is not None:
            body |= {"retry_after": round(self.retry_after, 3), "global": False}
        return body


class BadForm(Refused):
    """A body that Discord's form checks refuse (50035); `problems` are (path, code, message)."""

    def __init__(self, problems: list[tuple[list[str | int], str, str]]) -> None:
        self.problems = problems
        tree: dict[str, Any] = {}
        for path, code, message in problems:
            node = tree
            for step in path:
                node = node.setdefault(str(step), {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        super().__init__(50035, errors=tree)

    def __str__(self) -> str:
        found = "; ".join(f"{'.'.join(map(str, path)) or 'body'}: {text}" for path, _, text in self.problems)
        return f"50035: {self.text}: {found}"


def bad_form(path: str, message: str, code: str = "BASE_TYPE_BAD") -> BadForm:
    """Returns the refusal of one value at a dotted `path` (numbers are list positions)."""
    steps: list[str | int] = [int(step) if step.isdigit() else step for step in path.split(".") if step]
    return BadForm([(steps, code, message)])
