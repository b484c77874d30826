"""Keeps what a scan sends below a rate, so that no link or camera notices it.

How much work runs at once is bounded by the callers' semaphores.
"""

from cctv_gateway.base.clock import Clock

# What a late sender may catch up with at once.
BURST_S = 0.02


class Pace:
    """`await turn()` before each packet or connection."""

    def __init__(self, clock: Clock, per_second: float) -> None:
        self._clock = clock
        self._step_s = 1.0 / per_second
        self._next = clock.monotonic()

    async def turn(self) -> None:
        now = self._clock.monotonic()
        self._next = max(self._next, now - BURST_S) + self._step_s
        if self._next > now:
            await self._clock.sleep(self._next - now)
