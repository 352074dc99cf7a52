"""Draws the avatars of the characters that ship with Dramatis, from shapes and colours alone."""
