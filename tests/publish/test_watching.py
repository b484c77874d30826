"""A foreign WHEP client (aiortc's peer connection) watches a publisher on loopback."""

import asyncio
import errno
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiortc.mediastreams import MediaStreamError

from cctv_gateway.model import AccessUnit, EndReason, Profile, ViewId
from cctv_gateway.publish import publisher as publisher_module
from cctv_gateway.publish.ice import CONSENT_S, IceAgent
from cctv_gateway.publish.path import open_udp_socket
from cctv_gateway.publish.viewer import Viewer
from tests.publish.conftest import (
    Bench,
    Camera,
    WhepClient,
    close_all,
    make_grant,
    shade_of,
    start_publisher,
    until,
)

VIEW = ViewId("v1")
Clip = tuple[AccessUnit, ...]


async def watch(bench: Bench, client: WhepClient, camera: Camera, view: ViewId = VIEW) -> None:
    offer = await client.offer()
    answer = await bench.publisher.open(
        view, make_grant(), lambda profile: camera.hub, Profile.SUB, offer
    )
    await client.accept(answer)


async def test_pictures_arrive_and_audio_is_refused(
    bench: Bench, client: WhepClient, sub_clip: Clip
) -> None:
    camera = Camera(sub_clip)
    camera.push(10)
    await watch(bench, client, camera)
    assert camera.hub.subscribers == 1
    async with camera.playing():
        pictures = await client.pictures(20)
    assert {(picture.width, picture.height) for picture in pictures} == {(320, 192)}
    assert abs(shade_of(pictures[-1]) - 200) < 20
    assert bench.events.started == [VIEW]
    assert "m=audio 0 " in client.answer
    stats = bench.publisher.stats(VIEW)
    assert stats is not None
    assert stats.frames >= 20
    assert stats.skipped_frames == 0


async def test_the_first_picture_needs_no_new_keyframe(
    bench: Bench, client: WhepClient, sub_clip: Clip
) -> None:
    camera = Camera(sub_clip)
    camera.push(14)
    began_s = time.monotonic()
    await watch(bench, client, camera)
    await client.picture()
    assert time.monotonic() - began_s < 1.0
    assert camera.hub.units == 14, "nothing was pushed meanwhile"


async def test_cut_stops_the_picture_at_once_and_says_so(
    bench: Bench, client: WhepClient, sub_clip: Clip
) -> None:
    camera = Camera(sub_clip)
    camera.push(5)
    await watch(bench, client, camera)
    await client.picture()
    await bench.publisher.cut(VIEW)
    await bench.publisher.cut(VIEW)
    assert camera.hub.subscribers == 0
    assert bench.publisher.views == 0
    assert bench.publisher.stats(VIEW) is None
    camera.push(20)
    await until(lambda: client.video.transport.state == "closed")
    with pytest.raises(MediaStreamError):
        await client.pictures(30)
    assert bench.events.lost == []


async def test_a_viewer_that_leaves_is_lost(
    bench: Bench, client: WhepClient, sub_clip: Clip
) -> None:
    camera = Camera(sub_clip)
    camera.push(5)
    await watch(bench, client, camera)
    await client.picture()
    await client.close()
    await until(lambda: bool(bench.events.lost))
    assert bench.events.lost == [(VIEW, EndReason.CONNECTION_LOST)]
    assert camera.hub.subscribers == 0
    assert bench.publisher.views == 0


async def test_select_shows_the_other_stream_in_the_same_track(
    bench: Bench, client: WhepClient, sub_clip: Clip, main_clip: Clip
) -> None:
    sub, main = Camera(sub_clip), Camera(main_clip, Profile.MAIN)
    hubs = {Profile.SUB: sub.hub, Profile.MAIN: main.hub}
    sub.push(5)
    answer = await bench.publisher.open(
        VIEW, make_grant(), hubs.__getitem__, Profile.SUB, await client.offer()
    )
    await client.accept(answer)
    async with sub.playing(), main.playing():
        assert (await client.picture()).width == 320
        bench.publisher.select(VIEW, Profile.MAIN)
        assert (sub.hub.subscribers, main.hub.subscribers) == (1, 1)
        async with asyncio.timeout(5):
            while (picture := await client.picture()).width != 640:
                pass
        assert abs(shade_of(picture) - 120) < 20
        assert (sub.hub.subscribers, main.hub.subscribers) == (0, 1)
        stats = bench.publisher.stats(VIEW)
        assert stats is not None
        assert stats.profile is Profile.MAIN
        bench.publisher.select(VIEW, Profile.SUB)
        bench.publisher.select(VIEW, Profile.MAIN)
        assert (sub.hub.subscribers, main.hub.subscribers) == (0, 1)


async def test_a_silent_viewer_is_lost_after_30_s(
    bench: Bench, client: WhepClient, sub_clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(sub_clip)
    camera.push(5)
    await watch(bench, client, camera)
    await client.picture()
    monkeypatch.setattr(publisher_module, "TEND_PHASES", 1)
    asked_s = []

    def silent_for(agent: IceAgent, now_s: float) -> bool:
        asked_s.append(now_s)
        return consent_lost(agent, now_s + CONSENT_S)

    consent_lost = IceAgent.consent_lost
    monkeypatch.setattr(IceAgent, "consent_lost", silent_for)
    await until(lambda: bool(bench.events.lost))
    assert asked_s
    assert bench.events.lost == [(VIEW, EndReason.CONNECTION_LOST)]
    assert bench.meter.totals()["publish_viewer_silent"] == 1
    assert camera.hub.subscribers == 0


class LossySocket:
    """A real socket without GSO that loses one RTP packet in eight."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = open_udp_socket(host, port)
        self._random = random.Random(5)
        self.lost = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def sendmsg(self, *args: Any) -> int:
        raise OSError(errno.EIO, "no segmentation here")

    def sendto(self, data: bytes | memoryview, address: Any, /) -> int:
        is_rtp = 128 <= data[0] < 192 and not 192 <= data[1] < 224
        if is_rtp and self._random.random() < 0.125:
            self.lost += 1
            return len(data)
        return self._socket.sendto(data, address)


async def test_lost_packets_are_sent_again(client: WhepClient, sub_clip: Clip) -> None:
    sockets: list[LossySocket] = []

    def open_lossy(host: str, port: int) -> Any:
        sockets.append(LossySocket(host, port))
        return sockets[-1]

    bench = await start_publisher(open_lossy)
    camera = Camera(sub_clip)
    camera.push(3)
    try:
        await watch(bench, client, camera)
        async with camera.playing():
            await client.pictures(25)
        stats = bench.publisher.stats(VIEW)
        assert stats is not None
        assert sockets[0].lost > 10
        assert stats.retransmitted > 10
        assert bench.meter.totals()["publish_path_without_gso"] == 1
    finally:
        await bench.publisher.stop()


async def test_two_viewers_share_one_subscription(bench: Bench, sub_clip: Clip) -> None:
    camera = Camera(sub_clip)
    camera.push(5)
    clients = [WhepClient(audio=False) for _ in range(2)]
    for number, client in enumerate(clients):
        await watch(bench, client, camera, ViewId(f"v{number}"))
    async with camera.playing():
        for client in clients:
            await client.pictures(5)
    assert camera.hub.subscribers == 1
    assert bench.publisher.views == 2
    await close_all(*clients)


def break_sending(viewer: Viewer) -> None:
    assert viewer._egress is not None
    viewer._egress._seal = fails  # type: ignore[assignment]


def break_reports(viewer: Viewer) -> None:
    viewer.report = fails  # type: ignore[method-assign]


def break_pacing(viewer: Viewer) -> None:
    viewer.drain = fails  # type: ignore[method-assign]
    viewer._on_backlog(viewer)


def break_feedback(viewer: Viewer) -> None:
    viewer._follow = fails  # type: ignore[method-assign, assignment]


def fails(*args: object) -> Any:
    raise KeyError("a bug")


@pytest.mark.parametrize("broken", [break_sending, break_reports, break_pacing, break_feedback])
async def test_a_bug_in_one_view_ends_that_view_alone(
    bench: Bench,
    sub_clip: Clip,
    broken: Callable[[Viewer], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(publisher_module, "TEND_PHASES", 1)
    camera = Camera(sub_clip)
    camera.push(5)
    unlucky, lucky = clients = [WhepClient(audio=False) for _ in range(2)]
    try:
        for number, client in enumerate(clients):
            await watch(bench, client, camera, ViewId(f"v{number}"))
        async with camera.playing():
            await asyncio.gather(*(client.pictures(2) for client in clients))
            broken(bench.publisher._viewers[ViewId("v0")])
            await until(lambda: bool(bench.events.lost))
            await lucky.pictures(20)
        assert bench.events.lost == [(ViewId("v0"), EndReason.RELAY_FAILED)]
        assert bench.meter.totals()["publish_view_faulted"] == 1
        assert bench.publisher.views == 1
        assert camera.hub.subscribers == 1
    finally:
        await close_all(unlucky, lucky)
    assert "a bug ended one view" in caplog.text


async def test_stop_ends_every_view(client: WhepClient, sub_clip: Clip) -> None:
    bench = await start_publisher()
    camera = Camera(sub_clip)
    camera.push(5)
    await watch(bench, client, camera)
    await client.picture()
    await bench.publisher.stop()
    await bench.publisher.stop()
    assert bench.publisher.views == 0
    assert camera.hub.subscribers == 0
    await until(lambda: client.video.transport.state == "closed")
