"""A running worker for the tests of vision, and the hubs of one masked stream."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, CameraId, Polygon, Profile, Purpose, StreamKey, Variant
from cctv_gateway.vision.client import VisionClient

CAMERA = CameraId("gj-buk-0001-1")
WAIT_S = 10.0


@dataclass
class Watcher:
    """A viewer's sink: what was pushed, and after how many units it was interrupted."""

    units: list[AccessUnit] = field(default_factory=list)
    interrupts: list[int] = field(default_factory=list)

    def deliver(self, unit: AccessUnit) -> None:
        self.units.append(unit)

    def interrupted(self) -> None:
        self.interrupts.append(len(self.units))


class MaskedStream:
    """A source hub, a target hub with a watcher, and the running variant between them."""

    def __init__(self, vision: VisionClient, polygons: tuple[Polygon, ...]) -> None:
        self.source = Hub(StreamKey(CAMERA, Profile.SUB))
        self.target = Hub(
            StreamKey(CAMERA, Profile.SUB, Variant.MASKED, Purpose.PARKING_ENFORCEMENT)
        )
        self.watcher = Watcher()
        self.target.subscribe(self.watcher)
        self._work = vision.variant(self.source, self.target, polygons)

    async def run(self) -> None:
        await self._work

    async def push(self, unit: AccessUnit) -> None:
        """Push a unit and wait until its masked picture is there."""
        before = len(self.watcher.units)
        self.source.push(unit)
        await until(lambda: len(self.watcher.units) > before)


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another process is about to do; there is no event of ours for it."""
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


@dataclass
class Vision:
    """A running client, its counters, and the owner of the variants that a test starts."""

    client: VisionClient
    meter: Meter
    tasks: TaskOwner

    @asynccontextmanager
    async def stream(self, *polygons: Polygon) -> AsyncIterator[MaskedStream]:
        """A variant that has subscribed to its source and reached the worker."""
        stream = MaskedStream(self.client, polygons)
        task = self.tasks.start(stream.run(), "variant")
        await until(lambda: stream.source.subscribers == 1 and self.client.ready)
        yield stream
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def reaped() -> Iterator[None]:
    """asyncio waits for each child in a thread, which ends a moment after the child."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("asyncio-waitpid"):
            thread.join(WAIT_S)


@pytest.fixture
async def vision(tmp_path: Path) -> AsyncIterator[Vision]:
    clock = SystemClock()
    meter = Meter(clock)
    client = VisionClient(clock=clock, meter=meter, socket_dir=tmp_path / "seam")
    async with TaskOwner("test") as tasks:
        tasks.start(client.run(), "vision")
        yield Vision(client, meter, tasks)
