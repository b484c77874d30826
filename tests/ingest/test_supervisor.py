"""A camera's pull from demand to end, over real sockets and a clock that only moves when told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise

from cctv_gateway.base.clock import ManualClock, settle
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.ingest.supervisor import CameraSource
from cctv_gateway.model import (
    AccessUnit,
    CameraId,
    CameraState,
    Credentials,
    Profile,
    StreamStatus,
)
from tests.ingest.fake_camera import FakeCamera
from tests.ingest.streams import PPS, SPS, CameraTrack, interleaved

SECRET = Credentials(Redacted("viewer"), Redacted("pass"))


@dataclass
class Watched:
    """A source with all that it told."""

    camera: FakeCamera
    clock: ManualClock = field(default_factory=ManualClock)
    units: list[AccessUnit] = field(default_factory=list)
    statuses: list[StreamStatus] = field(default_factory=list)
    interruptions: int = 0

    def source(
        self,
        credentials: Credentials | None = None,
        gate: asyncio.Semaphore | None = None,
        url: Redacted[str] | None = None,
    ) -> CameraSource:
        self.changed = asyncio.Event()
        self.meter = Meter(self.clock)
        self.it = CameraSource(
            camera=CameraId("gj-buk-1"),
            profile=Profile.SUB,
            url=url or self.camera.url,
            credentials=credentials,
            push=self._push,
            interrupted=self._interrupted,
            on_status=self._on_status,
            clock=self.clock,
            meter=self.meter,
            random=lambda: 0.0,
            gate=gate,
        )
        return self.it

    def _push(self, unit: AccessUnit) -> None:
        self.units.append(unit)
        self.changed.set()

    def _interrupted(self) -> None:
        self.interruptions += 1
        self.changed.set()

    def _on_status(self, status: StreamStatus) -> None:
        self.statuses.append(status)
        self.changed.set()

    @property
    def states(self) -> list[CameraState]:
        return [status.state for status in self.statuses]

    async def until_state(self, state: CameraState) -> None:
        async with asyncio.timeout(5):
            while self.it.status.state is not state:
                self.changed.clear()
                await self.changed.wait()

    async def until_units(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.units) < count:
                self.changed.clear()
                await self.changed.wait()


@contextlib.asynccontextmanager
async def running(source: CameraSource) -> AsyncIterator[asyncio.Task[None]]:
    async with TaskOwner("test") as tasks:
        yield tasks.start(source.run(), "pull")
    await settle()


async def test_pictures_arrive_in_order_and_teardown_follows_cancellation() -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await camera.until(lambda: "PLAY" in camera.methods)
            track = CameraTrack()
            camera.send(b"".join(map(interleaved, track.gop(6))))
            await watched.until_units(6)
            assert watched.it.status.state is CameraState.LIVE
        assert camera.methods == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
        assert watched.units[0].keyframe
        assert watched.units[0].nals[:2] == (SPS, PPS)
        stamps = [unit.rtp_90k for unit in watched.units]
        assert [after - before for before, after in pairwise(stamps)][:3] == [6000] * 3
        assert watched.states == [CameraState.CONNECTING, CameraState.LIVE, CameraState.IDLE]
        assert watched.interruptions == 1
        assert watched.it.status.frames == 6
