"""The program and what it can do; all but three files know nothing of Discord."""

VERSION = "0.1.0"
