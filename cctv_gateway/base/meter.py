"""Counts what happens often and logs it rarely: one line a second for each name, with a total.

Names end as Prometheus counters in `web/metrics.py`; labels are few and never personal.
"""

import logging
from collections import Counter
from collections.abc import Mapping

from cctv_gateway.base.clock import Clock

log = logging.getLogger(__name__)

LOG_EVERY_S = 1.0
# Bad input may invent subjects; beyond this many names the rest is counted under one.
MAX_NAMES = 512


class Meter:
    """The counters of one process. Not thread-safe: it lives on the loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._logged: dict[str, tuple[float, int]] = {}

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter without a log line (for the hot path)."""
        self._counts[self._bounded(name)] += by

    def note(self, name: str, detail: str = "", by: int = 1) -> None:
        """Add to a counter and log it, at most once a second for each name."""
        name = self._bounded(name)
        self._counts[name] += by
        now = self._clock.monotonic()
        since, before = self._logged.get(name, (float("-inf"), 0))
        if now - since >= LOG_EVERY_S:
            total = self._counts[name]
            self._logged[name] = (now, total)
            log.warning("%s: %d more, %d in all %s", name, total - before, total, detail)

    def totals(self) -> Mapping[str, int]:
        return dict(self._counts)

    def _bounded(self, name: str) -> str:
        if name in self._counts or len(self._counts) < MAX_NAMES:
            return name
        return "other"
