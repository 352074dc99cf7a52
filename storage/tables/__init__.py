"""The tables; what must be true of a row stands here as a constraint.

A `bytea` column holds a sealed value (storage/vault.py) and nothing else. Ids are uuidv7 made by the
program, Discord's ids are bigint, times are timestamptz in UTC.
"""

from storage.tables.base import Table
from storage.tables.characters import (
    Character,
    CharacterAsset,
    CharacterVersion,
    File,
    FileUpload,
    Lorebook,
    LoreEntry,
    Persona,
    SearchWord,
)
from storage.tables.chats import (
    Chat,
    ChatParticipant,
    Generation,
    HiddenMessage,
    Message,
    MessageEvent,
    ShownMessage,
    Tree,
    TreeGuest,
    Webhook,
)
from storage.tables.market import AuditEvent, Listing, Report, Review
from storage.tables.people import Ban, Guild, Key, Notice, User
from storage.tables.reading import ChatLorebook, Memory, Reading
from storage.tables.usage import BudgetDay, UsageDay, UsageEvent, UsageReservation

__all__ = [
    "AuditEvent",
    "Ban",
    "BudgetDay",
    "Character",
    "CharacterAsset",
    "CharacterVersion",
    "Chat",
    "ChatLorebook",
    "ChatParticipant",
    "File",
    "FileUpload",
    "Generation",
    "Guild",
    "HiddenMessage",
    "Key",
    "Listing",
    "LoreEntry",
    "Lorebook",
    "Memory",
    "Message",
    "MessageEvent",
    "Notice",
    "Persona",
    "Reading",
    "Report",
    "Review",
    "SearchWord",
    "ShownMessage",
    "Table",
    "Tree",
    "TreeGuest",
    "UsageDay",
    "UsageEvent",
    "UsageReservation",
    "User",
    "Webhook",
]
