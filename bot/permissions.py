"""The rights on Discord that Dramatis needs, each with what it is for."""

NEEDED: dict[str, str] = {
    "view_channel": "see the channel",
    "send_messages": "answer in the channel",
    "create_public_threads": "open a thread for each chat",
    "send_messages_in_threads": "play in threads",
    "manage_webhooks": "let characters speak under their own name and face",
    "attach_files": "show avatars and hand out files",
    "embed_links": "show cards",
    "read_message_history": "pick up a reply after a restart",
}
HELPFUL: dict[str, str] = {
    "create_private_threads": "open private chats",
    "manage_threads": "archive ended chats and wake archived ones",
    "manage_messages": "show what people say under the name of whom they are (`/persona look`)",
}
