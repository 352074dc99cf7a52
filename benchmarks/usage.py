"""What a process uses of the machine, as Linux tells it."""

import os
from pathlib import Path

UNLIMITED = {f"LIMIT_{whose}": "" for whose in ("PERSON", "CHAT", "SERVER", "PROGRAM")}
"""Settings of a bot that is driven harder than people would."""
_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, in the kernel too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_bytes(pid: int) -> int:
    """Memory of a process that is resident now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} tells nothing of its memory")
