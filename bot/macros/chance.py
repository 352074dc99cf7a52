"""Chance that is no chance: numbers that follow from words alone, the same on every machine and every day."""

from hashlib import shake_256

_BYTES = 8


def draws(seed: tuple[str, ...], bound: int, count: int = 1) -> list[int]:
    """Return `count` numbers from 0 to below `bound`, as the seed's words have it."""
    # Half a surrogate pair may stand in what came from JSON; each word is marked off, so that none runs into the next.
    words = "".join(f"{len(word)}:{word}" for word in seed).encode(errors="surrogatepass")
    drawn = shake_256(words).digest(_BYTES * count)
    return [int.from_bytes(drawn[at : at + _BYTES]) % bound for at in range(0, len(drawn), _BYTES)]
