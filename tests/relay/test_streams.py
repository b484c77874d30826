"""A camera is opened for its first viewer, once, and closed some time after the last one left."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cctv_gateway.base.clock import ManualClock, settle
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import (
    AccessUnit,
    CameraId,
    CameraLink,
    Profile,
    Purpose,
    StreamKey,
    Variant,
)
from cctv_gateway.relay.streams import StreamTable, pass_through

CAMERA = CameraId("cam-1")
RAW = StreamKey(CAMERA, Profile.SUB)
MASKED = StreamKey(CAMERA, Profile.SUB, Variant.MASKED, Purpose.PARKING_ENFORCEMENT)
MASK = (((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)


class Sink:
    interruptions = 0

    def deliver(self, unit: AccessUnit) -> None:
        pass

    def interrupted(self) -> None:
        self.interruptions += 1


def link(path: str = "/sub", mask: object = MASK) -> CameraLink:
    masks = {Purpose.PARKING_ENFORCEMENT: mask}
    return CameraLink(CAMERA, {Profile.SUB: Redacted(f"rtsp://cam{path}")}, masks=masks)  # type: ignore[arg-type]


class City:
    """A stream table over sources that only note that they run.

    Clearing `leave` makes ended sources hang on, as a camera does that is slow to say goodbye.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.running: list[StreamKey] = []
        self.opened = 0
        self.leave = asyncio.Event()
        self.leave.set()
        self.tasks = TaskOwner("test")
        self.table = StreamTable(
            source=self.source, tasks=self.tasks, clock=clock, idle_after_s=10.0
        )

    async def source(self, key: StreamKey, hub: Hub, link: CameraLink) -> None:
        self.opened += 1
        self.running.append(key)
        try:
            await self.clock.sleep(1e9)
        finally:
            await self.leave.wait()
            self.running.remove(key)


@pytest.fixture(name="city")
async def open_city(clock: ManualClock) -> AsyncIterator[City]:
    city = City(clock)
    await city.table.configure({CAMERA: link()})
    yield city
    await city.tasks.close()


async def test_asking_for_a_hub_opens_nothing_subscribing_does(city: City) -> None:
    hub = city.table.hub(RAW)
    await settle()
    assert city.running == []
    hub.subscribe(Sink())
    await settle()
    assert city.running == [RAW]


async def test_any_number_of_viewers_share_one_connection(city: City) -> None:
    for _ in range(5):
        city.table.hub(RAW).subscribe(Sink())
    await settle()
    assert city.opened == 1


async def test_the_camera_is_closed_when_idle_long_enough(city: City) -> None:
    place = city.table.hub(RAW).subscribe(Sink())
    await settle()
    place.close()
    await city.clock.advance(9)
    assert city.running == [RAW]
    await city.clock.advance(2)
    assert city.running == []
    assert city.table.hub(RAW).replay() == ()


async def test_a_viewer_who_returns_in_time_keeps_it_open(city: City) -> None:
    place = city.table.hub(RAW).subscribe(Sink())
    await settle()
    place.close()
    await city.clock.advance(9)
    city.table.hub(RAW).subscribe(Sink())
    await city.clock.advance(60)
    assert (city.running, city.opened) == ([RAW], 1)


async def test_unchanged_links_are_not_touched(city: City) -> None:
    city.table.hub(RAW).subscribe(Sink())
    await settle()
    await city.table.configure({CAMERA: link()})
    assert city.opened == 1


async def test_a_new_address_restarts_the_stream_and_says_so(city: City) -> None:
    sink = Sink()
    city.table.hub(RAW).subscribe(sink)
    await settle()
    await city.table.configure({CAMERA: link("/other")})
    await settle()
    assert (city.opened, city.running) == (2, [RAW])
    assert sink.interruptions >= 1


async def test_a_new_mask_restarts_the_masked_variant_only(city: City) -> None:
    city.table.hub(RAW).subscribe(Sink())
    city.table.hub(MASKED).subscribe(Sink())
    await settle()
    await city.table.configure({CAMERA: link(mask=())})
    await settle()
    assert city.opened == 3
    assert set(city.running) == {RAW, MASKED}


async def test_a_removed_camera_is_closed_at_once(city: City) -> None:
    city.table.hub(RAW).subscribe(Sink())
    await settle()
    await city.table.configure({})
    assert city.running == []
    assert city.table.running() == 0
    await city.table.configure({CAMERA: link()})
    await settle()
    assert city.running == [RAW]


async def test_a_hub_fed_from_another_starts_with_its_gop_and_ends_with_its_task() -> None:
    class Taker(Sink):
        def __init__(self) -> None:
            self.got: list[int] = []

        def deliver(self, unit: AccessUnit) -> None:
            self.got.append(unit.rtp_90k)

    source, target, taker = Hub(RAW), Hub(MASKED), Taker()
    target.subscribe(taker)
    for number in range(3):
        source.push(AccessUnit((b"x",), number, number == 0, 0.0))
    async with TaskOwner("test") as tasks:
        tasks.start(pass_through(source, target), "feed")
        await settle()
        source.push(AccessUnit((b"x",), 3, False, 0.0))
    source.push(AccessUnit((b"x",), 4, False, 0.0))
    assert taker.got == [0, 1, 2, 3]
    assert source.subscribers == 0


def unit(rtp_90k: int = 0) -> AccessUnit:
    return AccessUnit((b"x",), rtp_90k, True, 0.0)


async def test_nobody_runs_beside_a_source_that_takes_its_leave(city: City) -> None:
    hub = city.table.hub(RAW)
    hub.subscribe(Sink())
    await settle()
    city.leave.clear()
    moving = asyncio.ensure_future(city.table.configure({CAMERA: link("/other")}))
    await settle()
    # A still is asked for just now: it must not open the camera a second time.
    hub.subscribe(Sink())
    again = asyncio.ensure_future(city.table.configure({CAMERA: link("/third")}))
    await settle()
    assert city.running == [RAW]
    city.leave.set()
    await asyncio.gather(moving, again)
    await settle()
    assert (city.running, city.opened) == ([RAW], 2)


async def test_a_viewer_who_comes_while_the_idle_camera_is_closed_waits_for_the_end(
    city: City,
) -> None:
    place = city.table.hub(RAW).subscribe(Sink())
    await settle()
    place.close()
    city.leave.clear()
    await city.clock.advance(11)
    city.table.hub(RAW).subscribe(Sink())
    await settle()
    assert (city.running, city.opened) == ([RAW], 1)
    city.leave.set()
    await settle()
    assert (city.running, city.opened) == ([RAW], 2)


async def test_old_pictures_are_gone_as_soon_as_another_link_counts(city: City) -> None:
    hub = city.table.hub(RAW)
    hub.subscribe(Sink())
    await settle()
    hub.push(unit())
    city.leave.clear()
    moving = asyncio.ensure_future(city.table.configure({CAMERA: link("/other")}))
    await settle()
    assert hub.replay() == ()
    hub.push(unit(1))  # of the old camera, which is not gone yet
    city.leave.set()
    await moving
    assert hub.replay() == ()


async def test_one_slow_goodbye_delays_no_other_cameras_new_mask(city: City) -> None:
    other = CameraId("cam-2")
    keys = (RAW, StreamKey(other, Profile.SUB))
    await city.table.configure({CAMERA: link(), other: link()})
    for key in keys:
        city.table.hub(key).subscribe(Sink())
        city.table.hub(key).push(unit())
    await settle()
    city.leave.clear()
    moving = asyncio.ensure_future(city.table.configure({CAMERA: link("/a"), other: link("/a")}))
    await settle()
    assert [city.table.hub(key).replay() for key in keys] == [(), ()]
    city.leave.set()
    await moving
