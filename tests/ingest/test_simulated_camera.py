"""The whole room against the simulated city: real RTSP, real H.264, real faults."""

import asyncio
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
import uvloop

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.ingest.probe import probe_stream
from cctv_gateway.ingest.supervisor import CameraSource
from cctv_gateway.model import AccessUnit, CameraId, CameraState, Credentials, Profile, StreamStatus
from cctv_gateway.simulator import strip
from cctv_gateway.simulator.city import City, RunningCamera
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Faults, RtspAuth


@dataclass
class Reading:
    """A supervised pull of one simulated camera."""

    camera: RunningCamera
    credentials: Credentials | None = None
    units: list[AccessUnit] = field(default_factory=list)
    statuses: list[StreamStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()
        clock = SystemClock()
        self.source = CameraSource(
            camera=CameraId("simulated"),
            profile=Profile.SUB,
            url=Redacted(self.camera.url()),
            credentials=self.credentials or self.camera.credentials,
            push=self._push,
            interrupted=lambda: None,
            on_status=self._on_status,
            clock=clock,
            meter=Meter(clock),
            random=lambda: 0.0,
        )

    def _push(self, unit: AccessUnit) -> None:
        self.units.append(unit)
        self._changed.set()

    def _on_status(self, status: StreamStatus) -> None:
        self.statuses.append(status)
        self._changed.set()

    async def until_units(self, count: int) -> None:
        async with asyncio.timeout(15):
            while len(self.units) < count:
                self._changed.clear()
                await self._changed.wait()

    async def until_state(self, state: CameraState) -> None:
        async with asyncio.timeout(15):
            while all(status.state is not state for status in self.statuses):
                self._changed.clear()
                await self._changed.wait()


def decoded(units: list[AccessUnit]) -> list[strip.StripReading | None]:
    """What the machine-readable strip of each picture says."""
    decoder = av.CodecContext.create("h264", "r")
    packets = [av.Packet(b"".join(b"\0\0\0\1" + nal for nal in unit.nals)) for unit in units]
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [strip.decode(frame.to_ndarray(format="gray").astype(np.uint8)) for frame in frames]


@pytest.mark.parametrize("auth", list(RtspAuth))
async def test_every_login_leads_to_pictures_of_the_right_camera(auth: RtspAuth) -> None:
    spec = CitySpec((CameraSpec(17, rtsp_auth=auth, audio_track=True),))
    async with City(spec) as city, TaskOwner("test") as tasks:
        reading = Reading(city.cameras[0])
        tasks.start(reading.source.run(), "pull")
        await reading.until_units(4)
        await tasks.close()
        assert city.connections(17) == 0
        assert dict(city.setups(17)) == {"track1": 1}
    strips = decoded(reading.units)
    assert len(strips) == len(reading.units)
    assert all(one is not None and one.camera == 17 for one in strips)
    numbers = [one.frame for one in strips if one is not None]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert reading.source.status.lost_packets == 0


@pytest.mark.parametrize(
    ("faults", "states"),
    [
        (Faults(wrong_password=True), {CameraState.AUTH_FAILED}),
        (Faults(dead=True), {CameraState.BACKOFF}),
        (Faults(drop_after=8), {CameraState.LIVE, CameraState.BACKOFF}),
    ],
)
async def test_faults_end_in_their_states(faults: Faults, states: set[CameraState]) -> None:
    async with City(CitySpec((CameraSpec(3, faults=faults),))) as city, TaskOwner("t") as tasks:
        reading = Reading(city.cameras[0])
        tasks.start(reading.source.run(), "pull")
        for state in states:
            await reading.until_state(state)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(garbage_every=3),
        Faults(parameter_sets_in_sdp=False),
        Faults(new_parameter_sets_after=4),
    ],
)
async def test_oddities_disturb_no_picture(faults: Faults) -> None:
    async with City(CitySpec((CameraSpec(3, faults=faults),))) as city, TaskOwner("t") as tasks:
        reading = Reading(city.cameras[0])
        tasks.start(reading.source.run(), "pull")
        await reading.until_units(9)
    strips = decoded(reading.units)
    assert len(strips) == len(reading.units)
    assert all(one is not None and one.camera == 3 for one in strips)


async def test_a_look_at_a_simulated_camera() -> None:
    async with City(CitySpec((CameraSpec(5, audio_track=True),))) as city:
        camera = city.cameras[0]
        clock = SystemClock()
        found = await probe_stream(
            Redacted(camera.url()), camera.credentials, clock=clock, meter=Meter(clock)
        )
    assert (found.width, found.height, found.gop_frames) == (640, 360, 30)
    assert found.has_audio_track
    assert found.auth == "sha-256"


async def test_it_reads_on_uvloop_too() -> None:
    """Production runs on uvloop, whose transports are no subclasses of asyncio's."""

    async def read(camera: RunningCamera) -> list[CameraState]:
        reading = Reading(camera)
        async with TaskOwner("uvloop") as tasks:
            tasks.start(reading.source.run(), "pull")
            await reading.until_units(3)
        return [status.state for status in reading.statuses]

    async with City(CitySpec((CameraSpec(8),))) as city:
        states = await asyncio.to_thread(uvloop.run, read(city.cameras[0]))
    assert states == [CameraState.CONNECTING, CameraState.LIVE, CameraState.IDLE]
