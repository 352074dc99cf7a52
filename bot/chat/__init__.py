"""Chats: the tree of messages, the replies, and what the model reads."""
