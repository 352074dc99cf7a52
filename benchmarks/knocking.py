"""Asks a program for `/healthz` fifty times a second, in a process of its own, until its input ends.

What it prints is how long each answer took, in seconds: how late the program's event loop comes to it.
"""

import asyncio
import sys

PAUSE = 0.02
ASKING = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def knock(port: int) -> list[float]:
    """Knocks until it is told to stop; the times."""
    loop = asyncio.get_running_loop()
    told = loop.run_in_executor(None, sys.stdin.read)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    while not told.done():
        begun = loop.time()
        writer.write(ASKING)
        await reader.readuntil(b"alive\n")
        times.append(loop.time() - begun)
        await asyncio.sleep(PAUSE)
    writer.close()
    return times


if __name__ == "__main__":
    print("\n".join(map(str, asyncio.run(knock(int(sys.argv[1]))))))
