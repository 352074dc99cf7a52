"""Draws the avatars and puts each character's card into its own: `python -m characters.draw [name …]`."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bot.cards.card import parse_card
from bot.cards.card_files import write_png
from characters.studio import creatures, machines, people
from characters.studio.canvas import Canvas

_HERE = Path(__file__).parent
_DRAWINGS: dict[str, Callable[[], Canvas]] = {
    "auntie-nimbus": people.auntie_nimbus,
    "captain-wake": people.captain_wake,
    "cobb": creatures.cobb,
    "halcyon": machines.halcyon,
    "inspector-tock": creatures.inspector_tock,
    "madame-ferrule": machines.madame_ferrule,
    "morwenna-the-dread": machines.morwenna_the_dread,
    "mr-pellow": creatures.mr_pellow,
    "ottoline-brack": people.ottoline_brack,
    "prompter": people.cue,
    "sheriff-hale": people.sheriff_hale,
    "tefi": creatures.tefi,
}


def main(wanted: list[str]) -> None:
    """Write the PNG card of each character that is wanted, or of all."""
    for name in wanted or sorted(_DRAWINGS):
        card = parse_card(_HERE.joinpath(f"{name}.json").read_bytes()).card
        _HERE.joinpath(f"{name}.png").write_bytes(write_png(card, _encoded(_DRAWINGS[name]().finished())))


def _encoded(picture: Image.Image) -> bytes:
    """Return a PNG with seven bits a colour: two thirds of the size, and no eye tells the difference."""
    encoded = io.BytesIO()
    picture.point([level & 0xFE for level in range(256)] * 3).save(encoded, "PNG", optimize=True)
    return encoded.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
