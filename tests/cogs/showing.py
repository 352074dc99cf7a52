"""What stands on Discord, as the tests of showing look at it."""

import asyncio
from typing import Any

from playground import Answer, Message, Person, Request
from tests.theatre import Theatre, until


def file_of(answer: Answer) -> str:
    """The text of the file that an answer carries."""
    assert answer.message
    attached = answer.message.attachments[0]
    key = attached.url.split("/cdn/")[1]
    content = answer.message.world.files.get(key)
    assert content is not None
    return content.decode()


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
    """The requests that wrote or changed a message; deferrals and forms are none."""
    return [
        each
        for each in theatre.playground.requests[since:]
        if each.method in ("POST", "PATCH") and isinstance(each.body, dict)
        if message_of(each).keys() & {"content", "components", "embeds"}
    ]


def message_of(request: Request) -> dict[str, Any]:
    """The message in a request's body: an interaction's first answer and a forum's new post wrap it."""
    body: dict[str, Any] = request.body
    if request.path.endswith("/callback"):
        return (body.get("data") or {}) if body["type"] in (4, 7) else {}
    return body.get("message") or body


def refused(theatre: Theatre, *, since: int = 0) -> list[Request]:
    """The requests that Discord did not like."""
    return [each for each in theatre.playground.requests[since:] if each.status >= 400]


async def until_in_history(person: Person, text: str) -> None:
    """Waits until the history of a chat has a text, as a person would: by asking again."""
    for _ in range(50):
        if text in (await person.slash("chat history")).text:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{text!r} did not come into the history")
