"""`bench city`: what the simulated city costs when every camera has one reader.

It keeps the simulator honest: a load generator that eats the machine would spoil other figures.
"""

import asyncio
import json
from contextlib import AsyncExitStack

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.bench.process import own_usage, usage_of_tree
from cctv_gateway.bench.report import show
from cctv_gateway.bench.setting import running_process
from cctv_gateway.cli.lifetime import run_loop, tame_collector
from cctv_gateway.cli.screen import Exit
from cctv_gateway.ingest.supervisor import CameraSource
from cctv_gateway.model import AccessUnit, CameraId, Credentials, Profile
from cctv_gateway.simulator.process import allow_open_files
from cctv_gateway.simulator.spec import DEFAULT_PASSWORD, DEFAULT_USER, FRAMES_PER_S

# So many readers connect in a second, with room to spare.
CONNECTS_PER_S = 150
LOGIN = Credentials(Redacted(DEFAULT_USER), Redacted(DEFAULT_PASSWORD))


class Readers:
    """One reader a camera, with the gateway's own RTSP client; counts what arrives."""

    def __init__(self) -> None:
        self.units = 0
        self.bytes = 0

    def take(self, unit: AccessUnit) -> None:
        self.units += 1
        self.bytes += unit.size

    def open(self, ready: dict[str, object], tasks: TaskOwner) -> None:
        clock = SystemClock()
        meter, gate = Meter(clock), asyncio.Semaphore(64)
        cameras = ready["cameras"]
        assert isinstance(cameras, list), "the ready line lists the cameras"
        for one in cameras:
            source = CameraSource(
                camera=CameraId(str(one["number"])),
                profile=Profile.SUB,
                url=Redacted(f"rtsp://{one['host']}:{ready['rtsp_port']}/sub"),
                credentials=LOGIN,
                push=self.take,
                interrupted=lambda: None,
                on_status=lambda status: None,
                clock=clock,
                meter=meter,
                gate=gate,
            )
            tasks.start(source.run(), f"reader {one['number']}")


def run_bench(cameras: int, seconds: float, *, as_json: bool) -> Exit:
    allow_open_files(cameras * 2 + 512)
    figures = run_loop(_measure(cameras, seconds))
    show(f"city: {cameras} cameras, one reader each", figures, as_json=as_json)
    return Exit.OK


async def _measure(cameras: int, seconds: float) -> dict[str, object]:
    clock = SystemClock()
    words = ("simulate", "--json", "--shared", "--cameras", str(cameras), "--discovery-port", "0")
    async with AsyncExitStack() as stack:
        began_s = clock.monotonic()
        city, line = await stack.enter_async_context(running_process(*words))
        ready_s = clock.monotonic() - began_s
        readers = Readers()
        readers.open(json.loads(line), await stack.enter_async_context(TaskOwner("bench")))
        tame_collector()
        await asyncio.sleep(2 + cameras / CONNECTS_PER_S)
        before, own, units, octets = (
            usage_of_tree(city.pid), own_usage(), readers.units, readers.bytes
        )  # fmt: skip
        at_s = clock.monotonic()
        await asyncio.sleep(seconds)
        elapsed_s = clock.monotonic() - at_s
        after, own_after = usage_of_tree(city.pid), own_usage()
    frames = readers.units - units
    return {
        "seconds": round(elapsed_s, 2),
        "ready_after_s": round(ready_s, 2),
        "frames_share": round(frames / (FRAMES_PER_S * elapsed_s * cameras), 4),
        "mbit_per_s": round((readers.bytes - octets) * 8e-6 / elapsed_s, 1),
        "simulator_cores": round((after.cpu_s - before.cpu_s) / elapsed_s, 4),
        "simulator_mb": round(after.resident_bytes / 1e6, 1),
        "readers_cores": round((own_after.cpu_s - own.cpu_s) / elapsed_s, 4),
        "readers_us_per_frame": round((own_after.cpu_s - own.cpu_s) * 1e6 / max(1, frames), 1),
        "readers_mb": round(own_after.resident_bytes / 1e6, 1),
    }
