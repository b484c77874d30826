"""A camera's pull from demand to end, over real sockets and a clock that only moves when told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from cctv_gateway.base.clock import ManualClock, settle
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.ingest.connection import (
    KEYFRAME_WITHIN_S,
    STALLED_AFTER_S,
    CameraConnection,
)
from cctv_gateway.ingest.conversation import Dial, dial_tcp
from cctv_gateway.ingest.rtsp_url import RtspUrl
from cctv_gateway.ingest.session import REPLY_WITHIN_S
from cctv_gateway.ingest.supervisor import STABLE_S, CameraSource
from cctv_gateway.model import (
    AccessUnit,
    CameraId,
    CameraState,
    Credentials,
    Profile,
    StreamStatus,
)
from tests.ingest.fake_camera import AUDIO, HEAD, VIDEO, Asked, FakeCamera, reply, usual
from tests.ingest.streams import PPS, SPS, CameraTrack, inter, interleaved

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
        dial: Dial = dial_tcp,
        push: Callable[[AccessUnit], None] | None = None,
    ) -> CameraSource:
        self.changed = asyncio.Event()
        self.meter = Meter(self.clock)
        self.it = CameraSource(
            camera=CameraId("gj-buk-1"),
            profile=Profile.SUB,
            url=url or self.camera.url,
            credentials=credentials,
            push=push or self._push,
            interrupted=self._interrupted,
            on_status=self._on_status,
            clock=self.clock,
            meter=self.meter,
            random=lambda: 0.0,
            gate=gate,
            dial=dial,
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


PASSWORD = 'Digest realm="cam", nonce="n1"'


def asking_for_password(asked: Asked) -> bytes:
    """Takes any digest answer of the right user."""
    if 'username="viewer"' in asked.headers.get("authorization", ""):
        return usual(asked)
    return reply(asked, "401 Unauthorized", WWW_Authenticate=PASSWORD)


def refusing(asked: Asked) -> bytes:
    return reply(asked, "401 Unauthorized", WWW_Authenticate=PASSWORD)


def broken_push(unit: AccessUnit) -> None:
    raise KeyError(unit.keyframe)


async def live(watched: Watched, track: CameraTrack) -> None:
    await watched.camera.until(lambda: watched.camera.methods[-1:] == ["PLAY"])
    before = len(watched.units)
    watched.camera.send(b"".join(map(interleaved, track.gop(5))))
    await watched.until_units(before + 3)


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


async def test_password_and_redirect_lead_to_pictures_over_new_connections() -> None:
    def answer(asked: Asked) -> bytes | None:
        if asked.method == "DESCRIBE" and asked.uri.endswith("/sub"):
            return reply(asked, "302 Moved", Location=asked.uri.replace("/sub", "/moved"))
        return asking_for_password(asked)

    async with FakeCamera(answer) as camera:
        watched = Watched(camera)
        async with running(watched.source(SECRET)):
            await live(watched, CameraTrack())
        assert camera.connections == 2
        assert camera.asked[-1].uri.endswith("/moved/")


async def test_redirects_in_a_circle_end() -> None:
    async with FakeCamera(lambda asked: reply(asked, "302 Moved", Location=asked.uri)) as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await watched.until_state(CameraState.BACKOFF)
        assert watched.statuses[1].detail_code == "TOO_MANY_REDIRECTS"
        assert camera.connections == 4


async def test_a_wrong_password_is_sent_once_and_held_from_demand_to_demand() -> None:
    async with FakeCamera(refusing) as camera:
        watched = Watched(camera)
        source = watched.source(SECRET)
        async with running(source):
            await watched.until_state(CameraState.AUTH_FAILED)
            await watched.clock.advance(86_400)
        async with running(source):
            await watched.clock.advance(86_400)
            assert source.status.state is CameraState.AUTH_FAILED
        assert sum("authorization" in asked.headers for asked in camera.asked) == 1
        assert camera.connections == 1
        assert source.status.detail_code == "AUTH_FAILED"


async def test_a_silent_camera_is_left_and_tried_again_with_growing_waits() -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            track = CameraTrack()
            await live(watched, track)
            await watched.clock.advance(STALLED_AFTER_S)
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "STALLED"
            assert watched.interruptions == 1
            camera.asked.clear()
            await watched.clock.advance(0.5)
            await live(watched, track)
            stamps = [unit.rtp_90k for unit in watched.units]
            assert stamps == sorted(set(stamps))
            assert watched.it.status.reconnects == 1


async def test_a_stable_stream_resets_the_waits() -> None:
    async with FakeCamera(lambda asked: None) as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            waits = (0.5, 1, 2, 4, 8, 16)
            for count, wait_s in enumerate(waits, start=1):
                await watched.until_state(CameraState.BACKOFF)
                assert camera.connections == count
                await watched.clock.advance(wait_s - 0.01)
                assert camera.connections == count
                if wait_s == waits[-1]:
                    camera.answer = usual
                await watched.clock.advance(0.01)
            track = CameraTrack()
            await live(watched, track)
            for _ in range(int(STABLE_S // 4) + 1):
                await watched.clock.advance(4)
                before = len(watched.units)
                camera.send(b"".join(map(interleaved, track.gop(2))))
                await watched.until_units(before + 2)
            camera.hang_up()
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "CAMERA_CLOSED"
            before_connections = camera.connections
            await watched.clock.advance(0.5)
            await camera.until(lambda: camera.connections == before_connections + 1)


async def test_keep_alives_are_sent_while_it_plays_and_flip_when_the_camera_lets_go() -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            track = CameraTrack()
            await live(watched, track)
            for _ in range(5):
                await watched.clock.advance(4)
                before = len(watched.units)
                camera.send(b"".join(map(interleaved, track.gop(2))))
                await watched.until_units(before + 2)
            await camera.until(lambda: camera.methods.count("GET_PARAMETER") == 2)
            camera.hang_up()
            await watched.until_state(CameraState.BACKOFF)
            camera.asked.clear()
            await watched.clock.advance(0.5)
            await live(watched, track)
            await watched.clock.advance(4)
            camera.send(b"".join(map(interleaved, track.gop(2))))
            await watched.until_units(len(watched.units) + 1)
            await watched.clock.advance(4)
            camera.send(b"".join(map(interleaved, track.gop(2))))
            await watched.until_units(len(watched.units) + 1)
            await watched.clock.advance(2)
            await camera.until(lambda: camera.methods.count("OPTIONS") == 2)
            assert "GET_PARAMETER" not in camera.methods


async def test_a_camera_without_keyframes_is_started_anew() -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await camera.until(lambda: "PLAY" in camera.methods)
            track = CameraTrack()
            for wait_s in (3,) * int(KEYFRAME_WITHIN_S // 3):
                pictures = [track.picture([nal]) for nal in (inter(1), inter(2))]
                camera.send(b"".join(interleaved(one) for packets in pictures for one in packets))
                await camera.until_replied()
                await watched.clock.advance(wait_s)
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "NO_KEYFRAME"
            assert not watched.units


async def test_a_dead_port_and_a_bad_address_have_their_codes() -> None:
    async with FakeCamera() as camera:
        url = camera.url
    for address, code in ((url, "CAMERA_UNREACHABLE"), (Redacted("http://x/"), "BAD_URL")):
        watched = Watched(camera)
        async with running(watched.source(url=address)):
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == code


async def test_a_connect_that_hangs_is_given_up() -> None:
    async def never(url: RtspUrl, connection: CameraConnection) -> None:
        await asyncio.Event().wait()

    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source(dial=never)):
            await watched.until_state(CameraState.CONNECTING)
            await watched.clock.advance(5)
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "CONNECT_TIMEOUT"


async def test_a_request_without_reply_is_given_up() -> None:
    async with FakeCamera(lambda asked: b"") as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await camera.until(lambda: camera.methods == ["OPTIONS"])
            await watched.clock.advance(REPLY_WITHIN_S)
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "NO_REPLY"


async def test_a_bug_faults_this_camera_only_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        source = watched.source(push=broken_push)
        async with running(source):
            await camera.until(lambda: "PLAY" in camera.methods)
            camera.send(b"".join(map(interleaved, CameraTrack().gop(4))))
            await watched.until_state(CameraState.FAULTED)
            await watched.clock.advance(3600)
            assert camera.connections == 1
        assert "KeyError" in caplog.text
        assert watched.states[-1] is CameraState.IDLE


async def test_media_before_the_reply_to_play_and_reports_are_taken() -> None:
    packets = [interleaved(packet) for packet in CameraTrack().gop(5)]
    sender_report = bytes.fromhex("80c80006") + bytes(24)

    def answer(asked: Asked) -> bytes:
        if asked.method != "PLAY":
            return usual(asked)
        return b"".join(packets[:9]) + usual(asked) + b"".join(packets[9:])

    async with FakeCamera(answer) as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await watched.until_units(5)
            camera.send(interleaved(sender_report, channel=1))
            await camera.until(lambda: camera.reports == 1)
            camera.send(interleaved(bytes.fromhex("81cb000100000007"), channel=1))
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "CAMERA_ENDED"
            assert watched.meter.totals()["ingest_rtcp"] == 2


async def test_the_gate_holds_connects_back_until_the_one_before_plays() -> None:
    gate = asyncio.Semaphore(1)
    async with FakeCamera(lambda asked: b"") as slow, FakeCamera() as camera:
        first, second = Watched(slow), Watched(camera)
        async with running(first.source(gate=gate)):
            await slow.until(lambda: slow.connections == 1)
            async with running(second.source(gate=gate)):
                await second.until_state(CameraState.CONNECTING)
                await settle()
                assert camera.connections == 0
                await first.clock.advance(REPLY_WITHIN_S)
                await first.until_state(CameraState.BACKOFF)
                await live(second, CameraTrack())
        assert not gate.locked()


async def test_a_camera_that_ignores_teardown_costs_a_second_at_most() -> None:
    def answer(asked: Asked) -> bytes:
        return b"" if asked.method == "TEARDOWN" else usual(asked)

    async with FakeCamera(answer) as camera:
        watched = Watched(camera)
        async with running(watched.source()) as task:
            await live(watched, CameraTrack())
            task.cancel()
            await camera.until(lambda: "TEARDOWN" in camera.methods)
            assert not task.done()
            await watched.clock.advance(1)
            assert task.done()


async def test_audio_in_the_description_is_never_set_up() -> None:
    sdp = HEAD + AUDIO + VIDEO
    async with FakeCamera(lambda asked: usual(asked, sdp)) as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await live(watched, CameraTrack())
        assert [a.uri for a in camera.asked if a.method == "SETUP"] == [
            f"{camera.url.reveal()}/trackID=0"
        ]


async def test_broken_bytes_cost_a_reconnect_and_are_counted() -> None:
    async with FakeCamera() as camera:
        watched = Watched(camera)
        async with running(watched.source()):
            await live(watched, CameraTrack())
            camera.send(b"RTSP/1.0 200 OK\r\n" + b"x" * 20_000)
            await watched.until_state(CameraState.BACKOFF)
            assert watched.it.status.detail_code == "HEADER_TOO_LONG"
            assert watched.meter.totals()["ingest_header_too_long"] == 1


async def test_no_address_and_no_secret_reaches_status_or_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeCamera(refusing) as camera:
        watched = Watched(camera)
        async with running(watched.source(SECRET)):
            await watched.until_state(CameraState.AUTH_FAILED)
    told = caplog.text + repr(watched.statuses) + repr(watched.meter.totals())
    for secret in ("127.0.0.1", "viewer", "pass", "rtsp://"):
        assert secret not in told
