"""Pictures that ship with the program."""

import base64
from functools import cache
from pathlib import Path


@cache
def mask() -> bytes:
    """The face of whoever has none of their own, as PNG."""
    return (Path(__file__).parent / "mask.png").read_bytes()


@cache
def default_face() -> str:
    """The avatar of a webhook whose message names none, as the data URI that Discord takes."""
    return "data:image/png;base64," + base64.b64encode(mask()).decode()
