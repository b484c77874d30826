"""The client with a real worker process: masking, posters, crashes, hostile streams, the end."""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, Polygon, Profile, StreamKey
from cctv_gateway.vision import client as client_module
from cctv_gateway.vision.client import VisionClient
from tests.vision.conftest import CAMERA, Vision, until
from tests.vision.footage import film, inside, look, psnr

MASK: Polygon = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
FAR: Polygon = ((0.15, 0.15), (0.85, 0.15), (0.85, 0.85), (0.15, 0.85))


def worker_pid(vision: Vision) -> int:
    worker = vision.client._worker
    assert worker is not None
    return worker.pid


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_masked_stream(vision: Vision) -> None:
    footage = film()
    async with vision.stream(MASK) as stream:
        for unit in footage.units:
            await stream.push(unit)
        shown = stream.watcher.units
    assert [(u.rtp_90k, u.keyframe, u.received_s) for u in shown] == [
        (u.rtp_90k, u.keyframe, u.received_s) for u in footage.units
    ]
    for masked, raw in zip(look(shown), footage.seen, strict=True):
        assert masked[inside(320, 180, MASK)].std() < 3
        assert psnr(masked, raw, ~inside(320, 180, FAR)) > 32


async def test_a_viewer_in_mid_group_sees_the_newest_picture_at_once(vision: Vision) -> None:
    await until(lambda: vision.client.ready)
    source = Hub(StreamKey(CAMERA, Profile.SUB))
    target = Hub(StreamKey(CAMERA, Profile.MAIN))
    for unit in film().units[:6]:
        source.push(unit)
    task = vision.tasks.start(vision.client.variant(source, target, (MASK,)), "variant")
    await until(lambda: target.units > 0)
    task.cancel()
    assert target.last_rtp_90k == film().units[5].rtp_90k
    assert target.units == 1


async def test_a_killed_worker_costs_two_seconds_at_most(vision: Vision) -> None:
    units = film().units
    async with vision.stream(MASK) as one, vision.stream(MASK) as other:
        for stream in (one, other):
            for unit in units[:5]:
                await stream.push(unit)
        killed_s = time.monotonic()
        os.kill(worker_pid(vision), signal.SIGKILL)
        await until(lambda: not vision.client.ready)
        for stream in (one, other):
            stream.source.push(units[5])
        await until(lambda: len(one.watcher.units) > 5 and len(other.watcher.units) > 5)
        gap_s = time.monotonic() - killed_s
        assert one.watcher.interrupts == [5]
        after = one.watcher.units[5]
        assert (after.rtp_90k, after.keyframe) == (units[5].rtp_90k, True)
        await one.push(units[6])
    assert gap_s <= 2.0
    assert look(one.watcher.units[5:])[0][inside(320, 180, MASK)].std() < 3
    assert vision.meter.totals()["vision.variants_lost"] == 2
    assert vision.meter.totals()["vision.worker_starts"] == 2


async def test_a_hung_worker_is_killed(vision: Vision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ANSWER_S", 0.3)
    units = film().units
    async with vision.stream(MASK) as stream:
        await stream.push(units[0])
        pid = worker_pid(vision)
        os.kill(pid, signal.SIGSTOP)
        stream.source.push(units[1])
        await until(lambda: len(stream.watcher.units) > 1)
    assert not is_alive(pid)


async def test_garbage_in_one_stream_disturbs_no_other(vision: Vision) -> None:
    units = film().units
    noise = random.Random(1)
    async with vision.stream(MASK) as broken, vision.stream(MASK) as healthy:
        for index, unit in enumerate(units):
            if 3 <= index < 10:
                broken.source.push(junk(noise, unit))
            else:
                await broken.push(unit)
            await healthy.push(unit)
        assert len(healthy.watcher.units) == 30
        assert len(broken.watcher.units) == 23
        assert broken.watcher.units[3].rtp_90k == units[10].rtp_90k
    assert vision.meter.totals()["vision.unreadable_units"] >= 1
    assert "vision.variants_lost" not in vision.meter.totals()


def junk(noise: random.Random, unit: AccessUnit) -> AccessUnit:
    return AccessUnit((b"\x41" + noise.randbytes(300),), unit.rtp_90k, False, 0.0)


async def test_an_interrupted_source_begins_anew(vision: Vision) -> None:
    units = film().units
    async with vision.stream(MASK) as stream:
        await stream.push(units[15 - 5])
        await stream.push(units[11])
        stream.source.interrupt()
        assert stream.watcher.interrupts == [2]
        stream.source.push(units[12])
        # The camera came back, and its time with it.
        await stream.push(units[0])
        await stream.push(units[1])
        shown = stream.watcher.units
    assert [unit.keyframe for unit in shown] == [True, False, True, False]
    assert [unit.rtp_90k for unit in shown[2:]] == [unit.rtp_90k for unit in units[:2]]


async def test_posters(vision: Vision) -> None:
    units = film().units
    raw = await vision.client.jpeg(units[:1], (), 160)
    masked = await asyncio.gather(*(vision.client.jpeg(units[:3], (MASK,), 160) for _ in range(8)))
    assert raw.startswith(b"\xff\xd8")
    assert len(set(masked)) == 1
    assert masked[0] != raw


@pytest.mark.parametrize(
    ("units", "polygons", "code"),
    [
        ((), (), "PICTURE_UNREADABLE"),
        ((AccessUnit((b"\x65junk",), 0, True, 0.0),), (), "PICTURE_UNREADABLE"),
        (film().units[:1], (((0.0, 0.0), (1.0, 1.0)),), "MASK_INVALID"),
        ((AccessUnit((bytes(9_000_000),), 0, True, 0.0),), (), "VISION_MESSAGE"),
    ],
    ids=["none", "garbage", "polygon", "size"],
)
async def test_a_poster_that_cannot_be(
    vision: Vision, units: tuple[AccessUnit, ...], polygons: tuple[Polygon, ...], code: str
) -> None:
    with pytest.raises(GatewayError) as refused:
        await vision.client.jpeg(units, polygons, 160)
    assert refused.value.code == code
    assert refused.value.message_ko != refused.value.message


async def test_a_poster_without_a_worker_is_late_not_stuck(
    tmp_path: Path, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "POSTER_S", 0.05)
    client = VisionClient(clock=SystemClock(), meter=meter, socket_dir=tmp_path)
    with pytest.raises(GatewayError) as late:
        await client.jpeg(film().units[:1], (), 160)
    assert late.value.kind is ErrorKind.TIMEOUT


async def test_posters_in_waiting_are_bounded(
    tmp_path: Path, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "POSTERS_WAITING", 0)
    client = VisionClient(clock=SystemClock(), meter=meter, socket_dir=tmp_path)
    with pytest.raises(GatewayError) as busy:
        await client.jpeg(film().units[:1], (), 160)
    assert busy.value.kind is ErrorKind.OVERLOADED


async def test_a_variant_without_a_mask_is_refused(tmp_path: Path, meter: Meter) -> None:
    client = VisionClient(clock=SystemClock(), meter=meter, socket_dir=tmp_path)
    hub = Hub(StreamKey(CAMERA, Profile.SUB))
    with pytest.raises(GatewayError, match="MASK_INVALID"):
        await client.variant(hub, hub, ())
    assert hub.subscribers == 0


async def test_a_cancelled_variant_leaves_its_source(vision: Vision) -> None:
    async with vision.stream(MASK) as stream:
        await stream.push(film().units[0])
    assert stream.source.subscribers == 0
    assert stream.watcher.interrupts == [1]


async def test_the_end_leaves_no_process_and_no_socket(tmp_path: Path, meter: Meter) -> None:
    client = VisionClient(clock=SystemClock(), meter=meter, socket_dir=tmp_path)
    async with TaskOwner("test") as tasks:
        tasks.start(client.run(), "vision")
        await until(lambda: client.ready)
        worker = client._worker
        assert worker is not None
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 1.0
    assert not is_alive(worker.pid)
    assert os.listdir(tmp_path) == []


async def test_a_worker_that_cannot_start_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    meter = Meter(SystemClock())
    client = VisionClient(clock=SystemClock(), meter=meter, socket_dir=tmp_path, random=lambda: 0.0)
    async with TaskOwner("test") as tasks:
        tasks.start(client.run(), "vision")
        await until(lambda: meter.totals().get("vision.worker_not_started", 0) >= 2)
    assert not client.ready


async def test_the_workers_words_reach_the_log_without_addresses(
    vision: Vision, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await until(lambda: vision.client.ready)
    os.kill(worker_pid(vision), signal.SIGSEGV)
    await until(lambda: "Segmentation fault" in caplog.text)
    assert "worker: " in caplog.text
