"""llama.cpp's server with SmolLM2-135M-Instruct: on loopback, behind the folder's password as its API key."""

import http.client
import sys
from functools import partial

from bot.embedded import model_server, processes
from bot.embedded.place import Place

NAME = model_server.NAME


def start(place: Place) -> str:
    """Return the address (…/v1) of the folder's model server, started unless it runs."""
    record = place.find("model", partial(_answers, place), patience=5)
    if record is None:
        record = place.launch("model", partial(_spawn, place), partial(_answers, place), patience=60)
    return f"http://127.0.0.1:{record.port}/v1"


def _spawn(place: Place, port: int) -> int:
    # -P: the folder of the script holds modules of ours that must not hide anybody else's.
    command = [sys.executable, "-P", model_server.__file__, str(port)]
    return processes.spawn(command, log=place.log("model"), environment={model_server.KEY: place.password})


def _answers(place: Place, record: processes.Record) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", record.port, timeout=1)
    try:
        link.request("GET", "/props", headers={"Authorization": f"Bearer {place.password}"})
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
