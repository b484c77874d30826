"""The relay hosted in the gateway's own process: ingest, hub, vision variants and publish, joined.

It carries out grants and knows neither rules nor people; those are the business of `control`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.ingest.supervisor import CameraSource
from cctv_gateway.model import (
    Action,
    CameraId,
    CameraLink,
    Credentials,
    Grant,
    Polygon,
    Profile,
    Quality,
    StreamKey,
    StreamStatus,
    Variant,
    ViewId,
    ViewStats,
)
from cctv_gateway.publish.publisher import Publisher
from cctv_gateway.relay.contract import CameraChanged, RelayEvent, ViewLost, ViewStarted
from cctv_gateway.relay.poster import PosterDesk, Wanted
from cctv_gateway.relay.streams import StreamTable, pass_through
from cctv_gateway.vision.client import VisionClient

VARIANT_RETRY_S = 10.0

# Where a camera's stream is read and with which login: another one needs another reader.
Way = tuple[Redacted[str], Credentials | None]


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """`media_port` 0 picks a free one; `announce` are the addresses viewers are told."""

    bind_host: str
    media_port: int
    announce: Sequence[str]
    idle_after_s: float
    run_dir: Path
    connecting_at_once: int = 32


class LocalRelay:
    """Implements `relay.contract.Relay`; `async with` starts it and ends all it began."""

    def __init__(self, settings: RelaySettings, *, clock: Clock, meter: Meter) -> None:
        self._clock = clock
        self._meter = meter
        self._tasks = TaskOwner("relay")
        self._listener: Callable[[RelayEvent], None] = lambda event: None
        self._statuses: dict[tuple[CameraId, Profile], StreamStatus] = {}
        self._readers: dict[StreamKey, tuple[Way, CameraSource]] = {}
        self._gate = asyncio.Semaphore(settings.connecting_at_once)
        self._vision = VisionClient(clock=clock, meter=meter, socket_dir=settings.run_dir)
        self._posters = PosterDesk(clock=clock, jpeg=self._vision.jpeg)
        self._streams = StreamTable(
            source=self._source, tasks=self._tasks, clock=clock, idle_after_s=settings.idle_after_s
        )
        self._publisher = Publisher(
            clock=clock,
            meter=meter,
            bind_host=settings.bind_host,
            port=settings.media_port,
            announce=settings.announce,
            on_started=lambda view: self._listener(ViewStarted(view)),
            on_lost=lambda view, reason: self._listener(ViewLost(view, reason)),
        )

    async def __aenter__(self) -> Self:
        await self._publisher.start()
        self._tasks.start(self._vision.run(), "vision")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._publisher.stop()
        await self._tasks.close()

    @property
    def media_port(self) -> int:
        return self._publisher.port

    @property
    def vision_ready(self) -> bool:
        return self._vision.ready

    def on_event(self, listener: Callable[[RelayEvent], None]) -> None:
        self._listener = listener

    async def configure(self, links: Mapping[CameraId, CameraLink]) -> None:
        await self._streams.configure(links)
        self._statuses = {key: one for key, one in self._statuses.items() if key[0] in links}
        self._readers = {key: one for key, one in self._readers.items() if key.camera in links}

    async def open(self, view: ViewId, grant: Grant, offer_sdp: str, quality: Quality) -> str:
        self._polygons(grant)  # a masked grant without a mask is refused before anything opens
        profile = _profile(grant, quality)
        return await self._publisher.open(
            view, grant, lambda wanted: self._streams.hub(grant.stream(wanted)), profile, offer_sdp
        )

    async def trickle(self, view: ViewId, fragment: str) -> str | None:
        return await self._publisher.trickle(view, fragment)

    async def cut(self, view: ViewId) -> None:
        await self._publisher.cut(view)

    async def select(self, view: ViewId, quality: Quality) -> None:
        self._publisher.select(view, Profile.MAIN if quality is Quality.MAIN else Profile.SUB)

    async def poster(self, grant: Grant) -> bytes:
        assert grant.action in {Action.LIVE_VIEW, Action.SNAPSHOT}, "a still needs a picture grant"
        polygons, link = self._polygons(grant), self._streams.link(grant.camera)
        assert link is not None, "a camera without a link was refused before"
        raw = self._streams.hub(StreamKey(grant.camera, Profile.SUB))
        wanted = Wanted(grant.stream(Profile.SUB), polygons, link.urls[Profile.SUB])
        return await self._posters.still(wanted, raw)

    def statuses(self) -> Mapping[tuple[CameraId, Profile], StreamStatus]:
        return dict(self._statuses)

    def stats(self, view: ViewId) -> ViewStats | None:
        return self._publisher.stats(view)

    def counters(self) -> Mapping[str, int]:
        hubs = self._streams.hubs()
        return {
            **self._meter.totals(),
            "relay_units_in": sum(hub.units for hub in hubs),
            "relay_bytes_in": sum(hub.bytes for hub in hubs),
        }

    def levels(self) -> Mapping[str, int]:
        return {"streams": self._streams.running(), "views": self._publisher.views}

    def _polygons(self, grant: Grant) -> tuple[Polygon, ...]:
        """What must be painted for this grant; refuses where a mask is due and none is known."""
        link = self._streams.link(grant.camera)
        if link is None:
            raise _camera_removed()
        if grant.variant is Variant.RAW:
            return ()
        if (polygons := link.masks.get(grant.purpose)) is None:
            raise _mask_missing()
        return polygons

    async def _source(self, key: StreamKey, hub: Hub, link: CameraLink) -> None:
        if key.variant is Variant.MASKED:
            await self._masked_source(key, hub, link)
        else:
            await self._camera_source(key, hub, link)

    async def _masked_source(self, key: StreamKey, hub: Hub, link: CameraLink) -> None:
        assert key.purpose is not None, "StreamKey holds a purpose for every masked stream"
        raw = self._streams.hub(StreamKey(key.camera, key.profile))
        polygons = link.masks.get(key.purpose)
        if polygons is None:
            return  # not registered any more: who may see only this sees nothing
        if polygons:
            await self._painted(raw, hub, polygons)
        else:
            await pass_through(raw, hub)  # registered as "checked, nothing to hide"

    async def _painted(self, raw: Hub, hub: Hub, polygons: tuple[Polygon, ...]) -> None:
        """A variant that fails for good is tried again rarely; until then nothing is shown."""
        while True:
            try:
                await self._vision.variant(raw, hub, polygons)
            except GatewayError as error:
                self._meter.note("relay_variant_failed", error.code)
            await self._clock.sleep(VARIANT_RETRY_S)

    async def _camera_source(self, key: StreamKey, hub: Hub, link: CameraLink) -> None:
        await self._reader(key, hub, link).run()

    def _reader(self, key: StreamKey, hub: Hub, link: CameraLink) -> CameraSource:
        """The stream's one reader, kept between runs while its link is the same.

        It remembers a refused password, so that operators who click again and again do not lock
        the camera's account.
        """
        way = (link.urls[key.profile], link.credentials)
        kept = self._readers.get(key)
        if kept is None or kept[0] != way:
            kept = self._readers[key] = (way, self._new_reader(key, hub, link))
        return kept[1]

    def _new_reader(self, key: StreamKey, hub: Hub, link: CameraLink) -> CameraSource:
        return CameraSource(
            camera=key.camera,
            profile=key.profile,
            url=link.urls[key.profile],
            credentials=link.credentials,
            push=hub.push,
            interrupted=hub.interrupt,
            on_status=lambda status: self._changed(key, status),
            clock=self._clock,
            meter=self._meter,
            gate=self._gate,
        )

    def _changed(self, key: StreamKey, status: StreamStatus) -> None:
        if self._streams.link(key.camera) is not None:
            self._statuses[key.camera, key.profile] = status
            self._listener(CameraChanged(key.camera, key.profile, status))


def _profile(grant: Grant, quality: Quality) -> Profile:
    wanted = Profile.MAIN if quality is Quality.MAIN else Profile.SUB
    return grant.stream(wanted).profile


def _camera_removed() -> GatewayError:
    return GatewayError(
        ErrorKind.NOT_FOUND,
        "CAMERA_REMOVED",
        "This camera is no longer registered. Reload the list.",
        "등록이 해제된 카메라입니다. 목록을 새로 고치세요.",
    )


def _mask_missing() -> GatewayError:
    return GatewayError(
        ErrorKind.UNSUPPORTED,
        "MASK_MISSING",
        "This camera has no privacy mask registered for the purpose. Ask the camera's registrar.",
        "이 목적에 필요한 마스킹 구역이 등록되지 않았습니다. 카메라 등록 담당자에게 문의하세요.",
    )
