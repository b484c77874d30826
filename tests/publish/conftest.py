"""Pieces for publish tests: H.264 made on the spot, a hub that plays it, and a WHEP client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import (
    AccessUnit,
    AccountId,
    Action,
    CameraId,
    EndReason,
    Grant,
    Profile,
    Purpose,
    RevisionId,
    RoleId,
    StreamKey,
    Variant,
    ViewId,
)
from cctv_gateway.publish.path import DatagramSocket, open_udp_socket
from cctv_gateway.publish.publisher import Publisher

CAMERA = CameraId("gj-buk-0001-1")
FPS = 15
TICKS = 90_000 // FPS


def make_grant(
    action: Action = Action.LIVE_VIEW,
    camera: CameraId = CAMERA,
    cap: Profile = Profile.MAIN,
) -> Grant:
    return Grant.mint(
        account=AccountId("kim"), role=RoleId("operator"), camera=camera,
        purpose=Purpose.CRIME_PREVENTION, action=action, variant=Variant.RAW,
        quality_cap=cap, obligations=frozenset(), valid_until=None,
        rule="test", revision=RevisionId("1"),
    )  # fmt: skip


def split_annex_b(data: bytes) -> tuple[bytes, ...]:
    parts = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return tuple(part for part in parts if part)


def encode(width: int, height: int, frames: int, gop: int, shade: int) -> tuple[AccessUnit, ...]:
    """Noisy pictures whose left half shows `shade`, one access unit each."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base = Fraction(1, FPS)
    codec.options = {
        "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline",
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:slices=1", "crf": "30",
    }  # fmt: skip
    noise = np.random.default_rng(7)
    units = []
    for number in range(frames):
        picture = noise.integers(0, 60, (height, width, 3), dtype=np.uint8)
        picture[:, : width // 2] = shade
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        for packet in codec.encode(frame):
            nals = split_annex_b(bytes(packet))
            units.append(AccessUnit(nals, number * TICKS, bool(packet.is_keyframe), 0.0))
    return tuple(units)


@pytest.fixture(scope="session")
def sub_clip() -> tuple[AccessUnit, ...]:
    return encode(320, 192, 30, 15, shade=200)


@pytest.fixture(scope="session")
def main_clip() -> tuple[AccessUnit, ...]:
    return encode(640, 352, 30, 15, shade=120)


class Camera:
    """Plays a clip into a hub for ever, as a camera's ingest would."""

    def __init__(self, clip: tuple[AccessUnit, ...], profile: Profile = Profile.SUB) -> None:
        self._clip = clip
        self._next = 0
        self.hub = Hub(StreamKey(CAMERA, profile))

    def push(self, frames: int = 1) -> None:
        now_s = SystemClock().monotonic()
        for _ in range(frames):
            unit = self._clip[self._next % len(self._clip)]
            rtp_90k = self._next * TICKS
            self._next += 1
            self.hub.push(AccessUnit(unit.nals, rtp_90k, unit.keyframe, now_s))

    async def play(self, speed: float) -> None:
        while True:
            self.push()
            await asyncio.sleep(1 / FPS / speed)

    @asynccontextmanager
    async def playing(self, speed: float = 1.0) -> AsyncIterator[None]:
        async with TaskOwner("camera") as tasks:
            tasks.start(self.play(speed), "play")
            yield


class Events:
    """What a publisher told its owner."""

    def __init__(self) -> None:
        self.started: list[ViewId] = []
        self.lost: list[tuple[ViewId, EndReason]] = []


class Bench:
    """A running publisher on loopback with its events and counters."""

    def __init__(self, publisher: Publisher, events: Events, meter: Meter) -> None:
        self.publisher = publisher
        self.events = events
        self.meter = meter


async def start_publisher(
    open_socket: Callable[[str, int], DatagramSocket] = open_udp_socket,
    host: str = "127.0.0.1",
) -> Bench:
    events, meter, clock = Events(), Meter(SystemClock()), SystemClock()
    publisher = Publisher(
        clock=clock, meter=meter, bind_host=host, port=0, announce=[host],
        on_started=events.started.append,
        on_lost=lambda view, reason: events.lost.append((view, reason)),
        open_socket=open_socket,
    )  # fmt: skip
    await publisher.start()
    return Bench(publisher, events, meter)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = await start_publisher()
    yield made
    await made.publisher.stop()


class WhepClient:
    """aiortc's full peer connection, asking for video and for audio that it must not get."""

    def __init__(self, audio: bool = True) -> None:
        self.connection = RTCPeerConnection()
        self.connection.addTransceiver("video", direction="recvonly")
        if audio:
            self.connection.addTransceiver("audio", direction="recvonly")
        self.answer = ""

    @property
    def video(self) -> RTCRtpReceiver:
        return self.connection.getReceivers()[0]

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        self.answer = answer
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def picture(self, timeout_s: float = 5.0) -> av.VideoFrame:
        picture = await asyncio.wait_for(self.video.track.recv(), timeout_s)
        assert isinstance(picture, av.VideoFrame)
        return picture

    async def pictures(self, count: int) -> list[av.VideoFrame]:
        return [await self.picture() for _ in range(count)]

    async def close(self) -> None:
        await close_all(self)


async def close_all(*clients: WhepClient) -> None:
    """Close, and end the tasks with which aiortc still waits for the refused m-line's ICE."""
    for client in clients:
        await client.connection.close()
    waiting = [task for task in asyncio.all_tasks() if _belongs_to_client(task)]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def _belongs_to_client(task: asyncio.Task[Any]) -> bool:
    names = ("RTCPeerConnection.", "Connection.", "RTCIceTransport.")
    return getattr(task.get_coro(), "__qualname__", "").startswith(names)


@pytest.fixture
async def client() -> AsyncIterator[WhepClient]:
    made = WhepClient()
    yield made
    await made.close()


async def until(true: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Wait for real I/O; fails when it takes too long."""
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110  # sockets have no event to wait for
            await asyncio.sleep(0.005)


def shade_of(picture: av.VideoFrame) -> float:
    grey = picture.to_ndarray(format="gray")
    return float(grey[:, : grey.shape[1] // 4].mean())
