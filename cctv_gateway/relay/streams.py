"""The streams that exist right now: a hub for each, and a source that runs only on demand.

How a source reads a camera is the business of `ingest`, how a variant is painted that of `vision`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import CameraId, CameraLink, StreamKey, Variant

# Runs until cancelled and pushes into the hub.
Source = Callable[[StreamKey, Hub, CameraLink], Coroutine[Any, Any, None]]


class _PassThrough:
    """A sink that hands every unit on to another hub."""

    def __init__(self, target: Hub) -> None:
        self.deliver = target.push
        self.interrupted = target.interrupt


async def pass_through(source: Hub, target: Hub) -> None:
    """Feed one hub from another until cancelled, beginning with the current GOP."""
    for unit in source.replay():
        target.push(unit)
    place = source.subscribe(_PassThrough(target))
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        place.close()


@dataclass(slots=True)
class _Stream:
    """`ending` while a stopped source takes its leave: no other may run beside it."""

    hub: Hub
    source: asyncio.Task[None] | None = None
    idle: asyncio.Task[None] | None = None
    link: CameraLink | None = field(default=None, repr=False)
    ending: bool = False


def _needs_restart(key: StreamKey, old: CameraLink, new: CameraLink | None) -> bool:
    """Whether a running stream must begin anew; a change of masks concerns one variant only."""
    if new is None:
        return True
    if key.variant is Variant.MASKED and key.purpose is not None:
        return old.masks.get(key.purpose) != new.masks.get(key.purpose)
    return old.urls.get(key.profile) != new.urls.get(key.profile) or (
        old.credentials != new.credentials
    )


class StreamTable:
    """Owner of all hubs and sources.

    A source starts with its hub's first subscriber and ends `idle_after_s` after the last one
    left. One source serves any number of subscribers, so a camera sees one connection a stream.
    """

    def __init__(
        self, *, source: Source, tasks: TaskOwner, clock: Clock, idle_after_s: float
    ) -> None:
        self._source = source
        self._tasks = tasks
        self._clock = clock
        self._idle_after_s = idle_after_s
        self._links: Mapping[CameraId, CameraLink] = {}
        self._streams: dict[StreamKey, _Stream] = {}

    def link(self, camera: CameraId) -> CameraLink | None:
        return self._links.get(camera)

    def hub(self, key: StreamKey) -> Hub:
        """The stream's hub; asking for it opens nothing, subscribing does."""
        stream = self._streams.get(key)
        if stream is None:
            hub = Hub(key, on_demand=lambda subscribers: self._demand(key, subscribers))
            stream = self._streams[key] = _Stream(hub)
        return stream.hub

    async def configure(self, links: Mapping[CameraId, CameraLink]) -> None:
        """Take over new links; streams whose link is the same are not touched."""
        self._links = dict(links)
        # All at once: a camera that is slow to take its leave delays no other's new mask.
        await asyncio.gather(
            *(
                self._adopt(key, stream, self._links.get(key.camera))
                for key, stream in list(self._streams.items())
            )
        )

    async def _adopt(self, key: StreamKey, stream: _Stream, new: CameraLink | None) -> None:
        if stream.link is not None and _needs_restart(key, stream.link, new):
            await self._restart(key, stream)
        elif stream.link is None:
            self._start_if_wanted(key, stream)
        else:
            stream.link = new
        if new is None and not stream.hub.subscribers:
            self._streams.pop(key, None)

    def running(self) -> int:
        return sum(stream.source is not None for stream in self._streams.values())

    def hubs(self) -> tuple[Hub, ...]:
        return tuple(stream.hub for stream in self._streams.values())

    def _demand(self, key: StreamKey, subscribers: int) -> None:
        if self._tasks.closing:
            return
        stream = self._streams[key]
        if subscribers and stream.idle is not None:
            stream.idle.cancel()
            stream.idle = None
        if subscribers:
            self._start_if_wanted(key, stream)
        elif stream.source is not None and stream.idle is None:
            stream.idle = self._tasks.start(self._close_when_idle(key, stream), f"idle {key}")

    def _start_if_wanted(self, key: StreamKey, stream: _Stream) -> None:
        link = self._links.get(key.camera)
        busy = stream.source is not None or stream.ending
        if link is None or busy or not stream.hub.subscribers:
            return
        stream.link = link
        work = self._source(key, stream.hub, link)
        stream.source = self._tasks.start(work, f"{key.camera} {key.profile} {key.variant}")

    async def _restart(self, key: StreamKey, stream: _Stream) -> None:
        # Before and after: nobody may begin with the last pictures of what was shown until now.
        stream.hub.interrupt()
        await self._stop(stream)
        self._settle(key, stream)

    async def _close_when_idle(self, key: StreamKey, stream: _Stream) -> None:
        await self._clock.sleep(self._idle_after_s)
        stream.idle = None
        if stream.hub.subscribers:
            return
        await self._stop(stream)
        self._settle(key, stream)

    def _settle(self, key: StreamKey, stream: _Stream) -> None:
        """After a stop: a closed camera's last pictures are of no use to whoever comes next."""
        if stream.ending:
            return
        stream.hub.interrupt()
        self._start_if_wanted(key, stream)  # somebody is there, or came while the source was ending

    async def _stop(self, stream: _Stream) -> None:
        task, stream.source, stream.link = stream.source, None, None
        if task is None:
            return
        stream.ending = True
        try:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        finally:
            stream.ending = False
