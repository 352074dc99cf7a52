"""What running engines look like to the program."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engines:
    """Where the engines that were asked for answer; None for the others. The addresses hold passwords."""

    database_url: str | None = None
    redis_url: str | None = None
    model_url: str | None = None
    model_key: str | None = None
    model_name: str | None = None
