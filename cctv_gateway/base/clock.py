"""Time as an injected value: wall clock for law and records, monotonic clock for timers.

Schedules and calendars belong in `control/schedule.py`; nothing else may read the system's time.
"""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

# A wall-clock wait is cut into slices, so that a stepped system clock (NTP) is noticed within the
# second in which views must be cut.
WALL_SLICE_S = 0.5


class Clock(Protocol):
    """What the gateway may know about time."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never step; for timers, ages and rates."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock."""

    async def sleep_until(self, when: datetime) -> None:
        """Wait until the wall clock shows `when`; returns at once when it is past."""


class SystemClock:
    """The machine's clock, optionally shifted so that a demo can begin at a chosen moment."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    # Asked for each picture: bound as it is, without a call of ours around it.
    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, when: datetime) -> None:
        # No event can announce that the system's clock was stepped, so this looks again.
        while (left_s := (when - self.now()).total_seconds()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left_s, WALL_SLICE_S))


class ManualClock:
    """A clock that only moves when told; sleepers whose time has come wake in order of time."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1000.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), future))
        await future

    async def sleep_until(self, when: datetime) -> None:
        while (left_s := (when - self.now()).total_seconds()) > 0:
            await self.sleep(left_s)

    async def advance(self, seconds: float) -> None:
        """Move both clocks forward, waking each sleeper at its own moment."""
        target = self._monotonic + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            when, _, future = heapq.heappop(self._sleepers)
            self._step_to(when)
            if not future.done():
                future.set_result(None)
            await settle()
        self._step_to(target)
        await settle()

    def _step_to(self, monotonic: float) -> None:
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


async def settle(rounds: int = 20) -> None:
    """Let every task that is ready run until it waits again."""
    for _ in range(rounds):
        await asyncio.sleep(0)
