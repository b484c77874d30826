"""Slows down who keeps failing: a growing wait for each account and each source, pure and bounded.

Checking passwords and answering 429 belong to `logins.py`.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from cctv_gateway.control.accounts import lock_out

MAX_KEYS = 4096
FORGET_AFTER_S = 3600.0


# A whole office may stand behind one address.
SOURCE_FREE = 20
SOURCE_LONGEST_S = 60.0

# Seconds to wait after n failures.
Pace = Callable[[int], float]


def account_pace(failures: int) -> float:
    """As the store locks accounts that exist, so that a name nobody has looks the same."""
    lock = lock_out(failures)
    return lock.total_seconds() if lock else 0.0


def source_pace(failures: int) -> float:
    """Nothing for the first tries, then doubling from 1 s."""
    beyond = failures - SOURCE_FREE
    return 0.0 if beyond <= 0 else min(SOURCE_LONGEST_S, 2.0 ** min(beyond - 1, 16))


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


class Throttle:
    """Counts tries per key; a try counts as failed until `forgive` says otherwise.

    Counting before the check keeps a burst of parallel guesses from slipping through. When the
    table is full, whoever failed longest ago is forgotten.
    """

    def __init__(self, pace: Pace, max_keys: int = MAX_KEYS) -> None:
        self._pace = pace
        self._max_keys = max_keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """How long `key` still has to wait; 0 when it may try."""
        found = self._failures.get(key)
        if found is None:
            return 0.0
        return max(0.0, found.last_s + self._pace(found.count) - now_s)

    def count(self, key: str, now_s: float) -> None:
        found = self._failures.pop(key, None)
        if found is None or now_s - found.last_s > FORGET_AFTER_S:
            found = _Failures(0, now_s)
        self._failures[key] = _Failures(found.count + 1, now_s)
        while len(self._failures) > self._max_keys:
            self._failures.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The try succeeded: start from nothing."""
        self._failures.pop(key, None)

    def take_back(self, key: str) -> None:
        """The try succeeded, but others of this key did not: uncount only this one."""
        found = self._failures.get(key)
        if found is not None:
            found.count -= 1
            if found.count <= 0:
                del self._failures[key]

    def __len__(self) -> int:
        return len(self._failures)
