"""Macros of the card formats, as `{{char}}` and `{{random::a::b}}`: what they stand for is put in their place.

Names, messages and values of variables go in as they are and are never looked at for macros again; the fields of the
card alone may hold macros themselves. Nothing else is evaluated, and what is not known stays as it is written.
"""

from bot.macros.expander import Expander, expand
from bot.macros.meanings import Meanings

__all__ = ["Expander", "Meanings", "expand"]
