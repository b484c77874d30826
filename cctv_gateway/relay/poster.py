"""Stills of cameras: waits for a keyframe, has it painted and compressed, remembers it briefly.

Whether somebody may see a still is decided before; pictures are decoded in the vision worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, Polygon, StreamKey

KEYFRAME_WAIT_S = 8.0
FRESH_FOR_S = 10.0
MAX_KEPT = 4096
WIDTH_PX = 640

Jpeg = Callable[[Sequence[AccessUnit], tuple[Polygon, ...], int], Awaitable[bytes]]


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
        self._stills: dict[tuple[StreamKey, tuple[Polygon, ...]], _Still] = {}
        self._locks: dict[tuple[StreamKey, tuple[Polygon, ...]], asyncio.Lock] = {}

    async def still(self, wanted: StreamKey, hub: Hub, polygons: tuple[Polygon, ...]) -> bytes:
        """`hub` carries the raw stream; `wanted` and `polygons` name what may be seen of it."""
        name = (wanted, polygons)
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            kept = self._stills.get(name)
            if kept is None or self._clock.monotonic() - kept.taken_s > FRESH_FOR_S:
                unit = await newest_keyframe(hub)
                kept = _Still(
                    await self._jpeg((unit,), polygons, WIDTH_PX), self._clock.monotonic()
                )
                self._keep(name, kept)
        return kept.jpeg

    def _keep(self, name: tuple[StreamKey, tuple[Polygon, ...]], still: _Still) -> None:
        if len(self._stills) >= MAX_KEPT:
            self._stills.clear()
            self._locks = {key: lock for key, lock in self._locks.items() if lock.locked()}
        self._stills[name] = still
