"""A real clock that a test may set to another moment while everything runs."""

import asyncio
from datetime import datetime, timedelta

from cctv_gateway.base.clock import SystemClock


class MovableClock(SystemClock):
    """Real seconds, a wall clock that can be moved; whoever waits for it looks again at once."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start - SystemClock().now())
        self._moved = asyncio.Event()

    def move_to(self, when: datetime) -> None:
        self._shift = when - SystemClock().now()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def move_by(self, step: timedelta) -> None:
        self.move_to(self.now() + step)

    async def sleep_until(self, when: datetime) -> None:
        while (left_s := (when - self.now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._moved.wait()
            except TimeoutError:
                continue
