"""One stream's meeting point: a source pushes access units, subscribers receive each of them.

Pushing never waits, grows or fails: whoever is slow drops on his own side, to the next keyframe.
Nothing here knows cameras, viewers, codecs or sockets.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from cctv_gateway.hub.ring import DEFAULT_CAP_BYTES, GopRing
from cctv_gateway.model import AccessUnit, StreamKey

log = logging.getLogger(__name__)


class Sink(Protocol):
    """A subscriber. Both calls come from the loop and must return at once.

    One that raises is a bug; it loses its place, and the source and the others go on.
    """

    def deliver(self, unit: AccessUnit) -> None:
        """Take the next unit; the first one after subscribing may be any, see `Hub.replay`."""

    def interrupted(self) -> None:
        """The source was lost or restarted: what follows begins with a keyframe."""


class Subscription:
    """A place in a hub; `close()` leaves it and may be called twice."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave: Callable[[], None] | None = leave

    def close(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


class Hub:
    """Fans one stream out. `on_demand(n)` hears each change of the number of subscribers."""

    def __init__(
        self,
        key: StreamKey,
        on_demand: Callable[[int], None] = lambda subscribers: None,
        cap_bytes: int = DEFAULT_CAP_BYTES,
    ) -> None:
        self.key = key
        self._on_demand = on_demand
        self._ring = GopRing(cap_bytes)
        self._sinks: tuple[Sink, ...] = ()
        self._last: AccessUnit | None = None
        self.units = 0
        self.bytes = 0

    def push(self, unit: AccessUnit) -> None:
        """Give a unit to all; the tuple is replaced, never changed, so sinks may leave in here."""
        size = unit.size
        self._ring.push(unit, size)
        self._last = unit
        self.units += 1
        self.bytes += size
        for sink in self._sinks:
            try:
                sink.deliver(unit)
            except Exception:
                self._expel(sink)

    def interrupt(self) -> None:
        """The source lost its place: forget the GOP and warn the subscribers."""
        self._ring.clear()
        for sink in self._sinks:
            try:
                sink.interrupted()
            except Exception:
                self._expel(sink)

    def subscribe(self, sink: Sink) -> Subscription:
        self._sinks = (*self._sinks, sink)
        self._on_demand(len(self._sinks))
        return Subscription(lambda: self._leave(sink))

    def replay(self) -> tuple[AccessUnit, ...]:
        """The current GOP so far, keyframe first; empty before the first keyframe."""
        return self._ring.units()

    @property
    def subscribers(self) -> int:
        return len(self._sinks)

    @property
    def last_rtp_90k(self) -> int | None:
        return self._last.rtp_90k if self._last else None

    def _expel(self, sink: Sink) -> None:
        log.exception("a bug in one subscriber of %s; the others go on", self.key)
        self._leave(sink)

    def _leave(self, sink: Sink) -> None:
        self._sinks = tuple(other for other in self._sinks if other is not sink)
        self._on_demand(len(self._sinks))
