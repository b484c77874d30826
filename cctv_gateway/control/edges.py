"""One alarm for the earliest of many moments: no polling, whatever the number of views.

What must happen at an edge belongs to the caller.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.model import ViewId

# Replaced entries stay in the heap until their time; beyond this share it is built anew.
STALE_SHARE = 2
STALE_FREE = 64


class Edges:
    """Calls `due` with every key whose moment (wall clock) has come, all of a moment at once."""

    def __init__(
        self, clock: Clock, tasks: TaskOwner, due: Callable[[list[ViewId]], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._due = due
        self._when: dict[ViewId, datetime] = {}
        self._heap: list[tuple[datetime, int, ViewId]] = []
        self._order = itertools.count()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None

    def set(self, key: ViewId, when: datetime | None) -> None:
        """Make `when` the key's only moment; None takes it out."""
        if self._when.get(key) == when:
            return
        if when is None:
            self._when.pop(key, None)
        else:
            self._when[key] = when
            heapq.heappush(self._heap, (when, next(self._order), key))
        self._compact()
        self._arm()

    def __len__(self) -> int:
        return len(self._when)

    def _compact(self) -> None:
        if len(self._heap) > STALE_SHARE * len(self._when) + STALE_FREE:
            self._heap = [(when, next(self._order), key) for key, when in self._when.items()]
            heapq.heapify(self._heap)

    def _arm(self) -> None:
        while self._heap and self._when.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        first = self._heap[0][0] if self._heap else None
        if first == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = first
        if first is not None:
            self._alarm = self._tasks.start(self._ring(first), "edge")

    async def _ring(self, at: datetime) -> None:
        await self._clock.sleep_until(at)
        # From here on this task is no alarm any more, so that arming the next does not cancel it.
        self._alarm, self._alarm_at = None, None
        keys = self._take_due(self._clock.now())
        self._arm()
        if keys:
            await self._due(keys)

    def _take_due(self, now: datetime) -> list[ViewId]:
        keys: list[ViewId] = []
        while self._heap and self._heap[0][0] <= now:
            when, _, key = heapq.heappop(self._heap)
            if self._when.get(key) == when:
                del self._when[key]
                keys.append(key)
        return keys
