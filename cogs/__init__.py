"""Slash commands, one feature a file: a cog reads input, calls one service method, renders."""
