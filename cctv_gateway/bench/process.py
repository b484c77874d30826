"""What a process and its children have used so far, read from /proc (Linux).

Starting and stopping processes belongs to the benchmark that needs them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the start, resident bytes and open descriptors now."""

    cpu_s: float = 0.0
    resident_bytes: int = 0
    descriptors: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.cpu_s + other.cpu_s,
            self.resident_bytes + other.resident_bytes,
            self.descriptors + other.descriptors,
        )


def usage_of_tree(pid: int) -> Usage:
    """The usage of a process and of all its living descendants."""
    total = usage(pid)
    for child in children(pid):
        total += usage_of_tree(child)
    return total


def usage(pid: int) -> Usage:
    """The usage of one process; nothing when it is gone."""
    try:
        # The command name may hold spaces and brackets: what counts follows the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return Usage()
    user_ticks, system_ticks, pages = int(fields[11]), int(fields[12]), int(fields[21])
    return Usage((user_ticks + system_ticks) / _TICKS_PER_S, pages * _PAGE_BYTES, descriptors)


def own_usage() -> Usage:
    return usage(os.getpid())


def children(pid: int) -> tuple[int, ...]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        found = [Path(f"/proc/{pid}/task/{one}/children").read_text().split() for one in threads]
    except (FileNotFoundError, ProcessLookupError):
        return ()
    return tuple(int(child) for some in found for child in some)
