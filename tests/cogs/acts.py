"""What can be done, written down as data: commands, presses and forms, forged where nobody was given the button."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground import Answer, Channel, Message, Person, forms
from playground.interactions import COMPONENT, MODAL_SUBMIT, Interaction
from playground.invoking import Resolved
from playground.posting import Author, post

BUTTON, MENU, ROLE_MENU, CHANNEL_MENU = 2, 3, 6, 8
FORGED = "What somebody forges a press on."
Props = dict[str, str]
"""What was prepared, by the names under which texts ask for it."""


@dataclass(frozen=True, slots=True)
class Slash:
    """A slash command; texts in its options are filled in."""

    path: str
    options: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Press:
    """A button or (with another `kind`) a menu of that custom id, on a message in which anybody could forge it.

    `plain` stands it under a message of words alone, which some answers rewrite.
    """

    custom_id: str
    values: tuple[str, ...] = ()
    kind: int = BUTTON
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A command of the context menu of a post, whose id is one of the props."""

    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Submit:
    """A form that `opener` opened, sent by whoever acts."""

    opener: str
    opens: Slash | Press
    given: dict[str, Any]


Act = Slash | Press | Menu | Submit


async def begin(
    act: Act, person: Person, props: Props, people: Mapping[str, Person], *, opened_in: Channel | None = None
) -> Interaction:
    """Does it as that person, where they are; a form is opened in another place where one is named."""
    match act:
        case Slash(path, options):
            given = {name: filled(value, props) for name, value in options.items()}
            if "person" in given:
                given["person"] = person.play.people[int(given["person"])]
            return person.use(person.here, path, given)
        case Press():
            return forge(person, act, props)
        case Menu(name, target):
            return person.use_on(person.here, find_post(person, int(props[target])), name)
        case Submit(opener, opens, given):
            here, by = person.here, people[opener]
            if opened_in is not None:
                by.here = opened_in
            opened = (await Answer.wait(by, await begin(opens, by, props, people), 5)).interaction
            assert opened.modal is not None, f"{opens} opened no form"
            data = forms.submission(forms.read(opened.modal), given, Resolved(here, person.id))
            return person.play.interactions.start(
                MODAL_SUBMIT, person.id, here, data, label="form", message=opened.message, triggered_by=opened
            )


def find_post(person: Person, post_id: int) -> Message:
    """A post, wherever it stands."""
    return next(posts[post_id] for posts in person.play.world.messages.values() if post_id in posts)


def filled(value: Any, props: Props) -> Any:
    """A text with what was prepared in the places of its braces; anything else as it is."""
    return value.format(**props) if isinstance(value, str) else value


def key_of(answer: Answer, prefix: str) -> str:
    """The last key of the button that begins like this."""
    assert answer.message is not None
    custom_id = next(each.custom_id for each in answer.message.buttons if (each.custom_id or "").startswith(prefix))
    return str(custom_id).rsplit(":", 1)[1]


def forge(person: Person, press: Press, props: Props) -> Interaction:
    """Presses something of any custom id, as if a message of the bot had it here."""
    custom_id = press.custom_id.format(**props)
    values = [value.format(**props) for value in press.values]
    part: dict[str, Any] = {"type": press.kind, "custom_id": custom_id}
    if press.kind == BUTTON:
        part |= {"style": 2, "label": "forged"}
    elif press.kind == MENU:
        part["options"] = [{"label": "forged", "value": value} for value in values]
    else:
        part |= {"min_values": 0, "max_values": 25}
    row = {"type": 1, "components": [part]}
    body: dict[str, Any] = {"content": FORGED, "components": [row]}
    if not press.plain:
        body = {"flags": 1 << 15, "components": [{"type": 10, "content": FORGED}, row]}
    author = Author(person.play.bot_user_id, application_id=person.play.application_id)
    message = post(person.here, author, body)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": press.kind, "id": 1}
    if press.kind != BUTTON:
        data["values"] = values
    return person.play.interactions.start(COMPONENT, person.id, person.here, data, label=custom_id, message=message)


async def words_of(answer: Answer, words: str, *, within: float = 3.0) -> str:
    """All that an answer says, once it says these words; what it does say when they do not come."""
    pulse = answer.interaction.world.pulse
    await pulse.until(lambda: words in told(answer), within)
    return told(answer)


def told(answer: Answer) -> str:
    """All that an answer says: its form, its message, what follows, and the names of files."""
    modal, original = answer.modal, answer.interaction.original
    messages = [each for each in (original, *answer.followups) if each is not None and not each.deleted]
    return "\n".join([modal.title if modal else "", *map(_whole, messages)])


def _whole(message: Message) -> str:
    return "\n".join([message.text, *(each.filename for each in message.attachments)])
