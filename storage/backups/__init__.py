"""Backups: everything but the keys in one archive, and the keys in one file that each backup replaces.

Whoever deletes a key has thereby made its words unreadable in older backups too, from the next backup on.
"""
