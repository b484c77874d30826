"""Stills of cameras: waits for a keyframe, has it painted and compressed, remembers it briefly.

Whether somebody may see a still is decided before; pictures are decoded in the vision worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, Polygon, StreamKey

KEYFRAME_WAIT_S = 8.0
FRESH_FOR_S = 10.0
MAX_KEPT = 4096
WIDTH_PX = 640

Jpeg = Callable[[Sequence[AccessUnit], tuple[Polygon, ...], int], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be seen, and where it is read: another address under a camera's name is another."""

    key: StreamKey
    polygons: tuple[Polygon, ...]
    url: Redacted[str]


@dataclass(frozen=True, slots=True)
class _Still:
    jpeg: bytes
    taken_s: float


class KeyframeSink:
    """A subscriber that waits for one keyframe and then takes no more."""

    def __init__(self) -> None:
        self.found: asyncio.Future[AccessUnit] = asyncio.get_running_loop().create_future()

    def deliver(self, unit: AccessUnit) -> None:
        if unit.keyframe and not self.found.done():
            self.found.set_result(unit)

    def interrupted(self) -> None:
        """A restart of the source brings a keyframe all the sooner."""


async def newest_keyframe(hub: Hub, wait_s: float = KEYFRAME_WAIT_S) -> AccessUnit:
    """The hub's current keyframe, or the next one; subscribing opens the camera if need be."""
    if held := hub.replay():
        return held[0]
    sink = KeyframeSink()
    place = hub.subscribe(sink)
    try:
        async with asyncio.timeout(wait_s):
            return await sink.found
    except TimeoutError as error:
        raise GatewayError(
            ErrorKind.TIMEOUT,
            "NO_PICTURE",
            "The camera sent no picture in time. Try again, or report the camera as faulty.",
            "카메라 영상이 제때 오지 않았습니다. 다시 시도하거나 고장으로 신고하세요.",
        ) from error
    finally:
        place.close()


class PosterDesk:
    """One still per stream and mask; those who ask at the same time share the work."""

    def __init__(self, *, clock: Clock, jpeg: Jpeg) -> None:
        self._clock = clock
        self._jpeg = jpeg
        self._stills: dict[Wanted, _Still] = {}
        self._locks: dict[Wanted, asyncio.Lock] = {}

    async def still(self, wanted: Wanted, hub: Hub) -> bytes:
        """`hub` carries the raw stream; `wanted` names what may be seen of it."""
        lock = self._locks.setdefault(wanted, asyncio.Lock())
        async with lock:
            kept = self._stills.get(wanted)
            if kept is None or self._clock.monotonic() - kept.taken_s > FRESH_FOR_S:
                unit = await newest_keyframe(hub)
                kept = _Still(
                    await self._jpeg((unit,), wanted.polygons, WIDTH_PX), self._clock.monotonic()
                )
                self._keep(wanted, kept)
        return kept.jpeg

    def _keep(self, wanted: Wanted, still: _Still) -> None:
        if len(self._stills) >= MAX_KEPT:
            self._stills.clear()
            self._locks = {key: lock for key, lock in self._locks.items() if lock.locked()}
        self._stills[wanted] = still
