"""What stands on Discord, as the tests of showing look at it."""

from typing import Any

from playground import Message, Person, Request
from tests.theatre import Theatre, until


def is_over(message: Message) -> bool:
    """Whether a reply has its last buttons."""
    return any(button.label == "Regenerate" for button in message.buttons)


def find_ended(person: Person, text: str) -> Message | None:
    """The newest message with that text under which stands *Regenerate*."""
    return next((each for each in reversed(person.messages()) if text in each.text and is_over(each)), None)


async def ended(person: Person, text: str, within: float = 10.0) -> Message:
    """Waits for the end of a reply, in whatever message it comes to stand."""
    await until(lambda: find_ended(person, text) is not None, within)
    message = find_ended(person, text)
    assert message is not None
    return message


def posts(person: Person) -> list[Message]:
    """What characters said here, by a webhook or in the bot's own voice with a bold first line."""
    return [
        each
        for each in person.messages()
        if each.webhook_id or (each.author_id == person.play.bot_user_id and each.content.startswith("**"))
    ]


def writes(theatre: Theatre, *, since: int = 0) -> list[Request]:
    """The requests that wrote or changed a message, with their bodies."""
    return [
        each
        for each in theatre.playground.requests[since:]
        if "/messages" in each.path or each.path.startswith("/webhooks/") or each.path.endswith("/callback")
        if each.method in ("POST", "PATCH") and each.body is not None
    ]


def message_of(request: Request) -> dict[str, Any]:
    """The message in a request's body: an interaction's first answer wraps it."""
    body: dict[str, Any] = request.body
    return body.get("data") or {} if request.path.endswith("/callback") else body


def refused(theatre: Theatre, *, since: int = 0) -> list[Request]:
    """The requests that Discord did not like."""
    return [each for each in theatre.playground.requests[since:] if each.status >= 400]
