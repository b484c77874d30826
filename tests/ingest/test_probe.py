"""What registration learns from one look at a stream."""

import asyncio

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.ingest.probe import StreamProbe, probe_stream
from cctv_gateway.model import Codec
from tests.ingest.fake_camera import AUDIO, HEAD, VIDEO, FakeCamera, usual
from tests.ingest.streams import CameraTrack, interleaved


class Looking:
    """A probe under way on a clock that only moves when told."""

    def __init__(self, camera: FakeCamera) -> None:
        self.camera = camera
        self.clock = ManualClock()
        self.result: asyncio.Future[StreamProbe] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        try:
            found = await probe_stream(
                self.camera.url, None, clock=self.clock, meter=Meter(self.clock)
            )
        except GatewayError as error:
            self.result.set_exception(error)
        else:
            self.result.set_result(found)


async def test_a_look_tells_size_interval_and_audio() -> None:
    async with (
        FakeCamera(lambda asked: usual(asked, HEAD + AUDIO + VIDEO)) as camera,
        TaskOwner("test") as tasks,
    ):
        looking = Looking(camera)
        tasks.start(looking.run(), "probe")
        await camera.until(lambda: "PLAY" in camera.methods)
        track = CameraTrack()
        camera.send(b"".join(map(interleaved, track.gop(4) + track.gop(2))))
        found = await looking.result
        assert camera.methods[-1] == "TEARDOWN"
    assert (found.codec, found.width, found.height) == (Codec.H264, 640, 360)
    assert (found.profile_idc, found.has_audio_track, found.b_pictures) == (66, True, False)
    assert found.gop_frames == 4
    assert found.frames_per_s == pytest.approx(15, abs=1)
    assert found.auth is None


async def test_without_a_second_keyframe_the_interval_stays_open() -> None:
    async with FakeCamera() as camera, TaskOwner("test") as tasks:
        looking = Looking(camera)
        tasks.start(looking.run(), "probe")
        await camera.until(lambda: "PLAY" in camera.methods)
        camera.send(b"".join(map(interleaved, CameraTrack().gop(4))))
        await camera.until_replied()
        await looking.clock.advance(5)
        found = await looking.result
    assert (found.width, found.gop_frames) == (640, None)


@pytest.mark.parametrize(
    ("sdp", "code"), [(HEAD + AUDIO, "NO_VIDEO"), (HEAD + VIDEO, "STALLED"), ("", "NO_VIDEO")]
)
async def test_a_look_that_finds_no_picture_says_why(sdp: str, code: str) -> None:
    async with (
        FakeCamera(lambda asked: usual(asked, sdp)) as camera,
        TaskOwner("test") as tasks,
    ):
        looking = Looking(camera)
        tasks.start(looking.run(), "probe")
        await camera.until(lambda: bool({"PLAY", "DESCRIBE"} & set(camera.methods)))
        if code == "STALLED":
            await camera.until(lambda: "PLAY" in camera.methods)
            await camera.until_replied()
        await looking.clock.advance(5)
        with pytest.raises(GatewayError) as nothing:
            await looking.result
    assert nothing.value.code == code
