"""The whole media path in one process: a simulated camera, the relay, and a foreign viewer."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.model import (
    AccountId,
    Action,
    CameraId,
    CameraLink,
    Grant,
    Obligation,
    Profile,
    Purpose,
    Quality,
    RevisionId,
    RoleId,
    Variant,
    ViewId,
)
from cctv_gateway.relay.contract import RelayEvent, ViewStarted
from cctv_gateway.relay.local import LocalRelay, RelaySettings
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import CameraSpec, CitySpec
from cctv_gateway.simulator.strip import Picture, decode
from tests.publish.conftest import WhepClient, close_all

LEFT_HALF = (((0.0, 0.1), (0.5, 0.1), (0.5, 1.0), (0.0, 1.0)),)
NUMBERS = (7, 8)


def camera(number: int) -> CameraId:
    return CameraId(f"gj-buk-{number:04}-1")


def grant(
    number: int, variant: Variant = Variant.RAW, purpose: Purpose = Purpose.CRIME_PREVENTION
) -> Grant:
    return Grant.mint(
        account=AccountId("kim"),
        role=RoleId("control_operator"),
        camera=camera(number),
        purpose=purpose,
        action=Action.LIVE_VIEW,
        variant=variant,
        quality_cap=Profile.MAIN,
        obligations=frozenset({Obligation.AUDIT}),
        valid_until=datetime(2030, 1, 1, tzinfo=UTC),
        rule="test",
        revision=RevisionId("1"),
    )


class Setting:
    def __init__(self, city: City, relay: LocalRelay) -> None:
        self.city = city
        self.relay = relay
        self.events: list[RelayEvent] = []
        relay.on_event(self.events.append)

    def links(self) -> dict[CameraId, CameraLink]:
        return {
            camera(one.number): CameraLink(
                camera(one.number),
                {profile: Redacted(one.url(profile)) for profile in Profile},
                one.credentials,
                {Purpose.PARKING_ENFORCEMENT: LEFT_HALF},
            )
            for one in self.city.cameras
        }


@pytest.fixture(name="setting")
async def running_relay(tmp_path: Path) -> AsyncIterator[Setting]:
    clock = SystemClock()
    settings = RelaySettings("127.0.0.1", 0, ["127.0.0.1"], idle_after_s=0.2, run_dir=tmp_path)
    spec = CitySpec(tuple(CameraSpec(number) for number in NUMBERS))
    async with City(spec) as city, LocalRelay(settings, clock=clock, meter=Meter(clock)) as relay:
        setting = Setting(city, relay)
        await relay.configure(setting.links())
        yield setting


async def watch(setting: Setting, view: str, granted: Grant) -> WhepClient:
    client = WhepClient()
    answer = await setting.relay.open(ViewId(view), granted, await client.offer(), Quality.AUTO)
    await client.accept(answer)
    return client


def luma(picture: av.VideoFrame) -> Picture:
    return np.asarray(picture.to_ndarray(format="gray"), dtype=np.uint8)


def luma_spread(picture: av.VideoFrame, left: bool) -> float:
    grey = luma(picture)
    height, width = grey.shape
    half = grey[height // 5 :, : width // 2 - 8] if left else grey[height // 5 :, width // 2 + 8 :]
    return float(half.std())


async def test_the_right_cameras_frames_reach_the_viewer(setting: Setting) -> None:
    for number in NUMBERS:
        client = await watch(setting, f"view-{number}", grant(number))
        try:
            readings = [decode(luma(picture)) for picture in await client.pictures(10)]
        finally:
            await client.close()
        frames = [reading.frame for reading in readings if reading is not None]
        assert {reading.camera for reading in readings if reading} == {number}
        assert frames == sorted(frames)
        assert len(set(frames)) >= 5
    assert ViewStarted(ViewId("view-7")) in setting.events


async def test_a_masked_view_and_a_raw_view_of_the_same_camera_at_once(setting: Setting) -> None:
    masked = grant(7, Variant.MASKED, Purpose.PARKING_ENFORCEMENT)
    officer = await watch(setting, "officer", masked)
    operator = await watch(setting, "operator", grant(7))
    try:
        painted = (await officer.pictures(8))[-1]
        whole = (await operator.pictures(8))[-1]
    finally:
        await close_all(officer, operator)
    assert luma_spread(painted, left=True) < 6
    assert luma_spread(painted, left=False) > 12
    assert luma_spread(whole, left=True) > 12
    assert setting.city.connections(7) == 1


def worker_of(folder: Path) -> int:
    """The vision worker's process id: the one that names the relay's socket folder."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"vision.worker" in words and str(folder).encode() in words:
            return int(entry.name)
    raise AssertionError("no worker is running")


async def test_a_dead_worker_costs_masked_views_two_seconds_and_raw_ones_nothing(
    setting: Setting, tmp_path: Path
) -> None:
    masked = grant(7, Variant.MASKED, Purpose.PARKING_ENFORCEMENT)
    officer = await watch(setting, "officer", masked)
    operator = await watch(setting, "operator", grant(7))
    loop = asyncio.get_running_loop()
    try:
        await officer.pictures(5)
        await operator.pictures(5)
        os.kill(worker_of(tmp_path), signal.SIGKILL)
        began_s = loop.time()
        for _ in range(5):
            last_s = loop.time()
            await operator.picture()
            assert loop.time() - last_s < 0.5
        # What was on its way still arrives; the picture is back when it moves on from there.
        await officer.pictures(20)
        assert loop.time() - began_s < 2.0 + 20 / 15
    finally:
        await close_all(officer, operator)


async def test_a_masked_grant_without_a_mask_opens_nothing(setting: Setting) -> None:
    unmasked = grant(7, Variant.MASKED, Purpose.EMERGENCY_RESPONSE)
    with pytest.raises(GatewayError, match="MASK_MISSING"):
        await setting.relay.open(ViewId("v"), unmasked, "v=0", Quality.AUTO)
    with pytest.raises(GatewayError, match="MASK_MISSING"):
        await setting.relay.poster(unmasked)
    assert setting.city.connections(7) == 0


async def test_a_still_of_a_camera_that_nobody_watches(setting: Setting) -> None:
    stills = await asyncio.gather(*(setting.relay.poster(grant(8)) for _ in range(3)))
    assert len(set(stills)) == 1
    assert stills[0].startswith(b"\xff\xd8")


async def test_a_removed_camera_is_not_there(setting: Setting) -> None:
    await setting.relay.configure({})
    with pytest.raises(GatewayError, match="CAMERA_REMOVED"):
        await setting.relay.open(ViewId("v"), grant(7), "v=0", Quality.AUTO)


async def test_after_a_cut_nothing_arrives(setting: Setting) -> None:
    client = await watch(setting, "view", grant(7))
    try:
        await client.pictures(3)
        await setting.relay.cut(ViewId("view"))
        assert setting.relay.stats(ViewId("view")) is None
    finally:
        await client.close()
