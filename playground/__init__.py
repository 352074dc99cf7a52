"""A local Discord on loopback, to try a bot in a browser and to drive it in tests."""

from playground.answers import Answer, DidNotAnswer
from playground.channels import Channel
from playground.faults import Fault, Faults
from playground.forms import Field, Modal
from playground.guilds import Guild, Role
from playground.messages import Attachment, Button, Message, Select
from playground.people import Person
from playground.permissions import bits
from playground.refusals import Refused
from playground.rest.serving import Request
from playground.server import NotLoopback, Playground

__all__ = [
    "Answer",
    "Attachment",
    "Button",
    "Channel",
    "DidNotAnswer",
    "Fault",
    "Faults",
    "Field",
    "Guild",
    "Message",
    "Modal",
    "NotLoopback",
    "Person",
    "Playground",
    "Refused",
    "Request",
    "Role",
    "Select",
    "bits",
]
