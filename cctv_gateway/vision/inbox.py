"""A variant's bounded queue of source units; when the worker is late it skips to a keyframe.

How units reach the worker belongs in `client.py`; pushing never waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cctv_gateway.model import AccessUnit
from cctv_gateway.vision.wire import fits_feed

MAX_UNITS = 30
MAX_BYTES = 6_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit and how the worker should take it; see `wire.Feed`."""

    unit: AccessUnit
    silent: bool = False
    fresh: bool = False


class Inbox:
    """The hub's sink. `late(n)` hears of dropped units, `cut_off()` of a source that was lost."""

    def __init__(self, late: Callable[[int], None], cut_off: Callable[[], None]) -> None:
        self._late = late
        self._cut_off = cut_off
        self._replayed: deque[Entry] = deque()
        self._live: deque[AccessUnit] = deque()
        self._live_bytes = 0
        self._open = False
        self._waiting = True
        self._skipping = False
        self._fresh = True
        self._arrived = asyncio.Event()
        self.epoch = 0

    def begin(self, replay: Sequence[AccessUnit], shown_until_90k: int | None) -> None:
        """Start over with the group of pictures so far; only its newest is shown, if it is new."""
        self._forget()
        self._open = True
        if not replay or not all(map(fits_feed, replay)):
            return
        newest = replay[-1]
        shows = shown_until_90k is None or newest.rtp_90k > shown_until_90k
        for unit in replay:
            silent = unit is not newest or not shows
            self._replayed.append(Entry(unit, silent, self._take_fresh()))
        self._waiting = False
        self._arrived.set()

    def end(self) -> None:
        """Nobody takes: forget everything, and what comes."""
        self._forget()
        self._open = False

    def deliver(self, unit: AccessUnit) -> None:
        if not self._open:
            return
        if self._waiting and not unit.keyframe:
            self._late(int(self._skipping))
        elif fits_feed(unit):
            self._accept(unit)
        else:
            self._waiting = self._skipping = True
            self._late(1)

    def interrupted(self) -> None:
        self._forget()
        self._cut_off()

    async def take(self) -> Entry:
        """The next entry, oldest first."""
        while True:
            if self._replayed:
                return self._replayed.popleft()
            if self._live:
                return self._next_live()
            self._arrived.clear()
            await self._arrived.wait()

    def _next_live(self) -> Entry:
        unit = self._live.popleft()
        self._live_bytes -= unit.size
        return Entry(unit, fresh=self._take_fresh())

    def _take_fresh(self) -> bool:
        fresh, self._fresh = self._fresh, False
        return fresh

    def _accept(self, unit: AccessUnit) -> None:
        self._waiting = self._skipping = False
        self._live.append(unit)
        self._live_bytes += unit.size
        if len(self._live) > MAX_UNITS or self._live_bytes > MAX_BYTES:
            self._skip()
        self._arrived.set()

    def _skip(self) -> None:
        """Keep what begins with the newest keyframe, if that helps, or wait for the next one."""
        keyframes = [at for at, unit in enumerate(self._live) if unit.keyframe and at]
        dropped = keyframes[-1] if keyframes else len(self._live)
        for _ in range(dropped):
            self._live_bytes -= self._live.popleft().size
        self._waiting = self._skipping = not self._live
        self._late(dropped)

    def _forget(self) -> None:
        self._replayed.clear()
        self._live.clear()
        self._live_bytes = 0
        self._waiting = True
        self._skipping = False
        self._fresh = True
        self.epoch += 1
