"""`bench relay`: steady load through the whole product, to receivers with real ICE and DTLS.

It measures delivery, CPU, memory and the time to the first frame; the stage is in `setting.py`.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.bench.process import Usage, own_usage, usage_of_tree
from cctv_gateway.bench.receiver import LoadReceiver, QuietPoll
from cctv_gateway.bench.report import percentile, show
from cctv_gateway.bench.setting import (
    VIEWS_PER_LOGIN,
    Login,
    Setting,
    logged_in,
    running_setting,
)
from cctv_gateway.cli.lifetime import run_loop
from cctv_gateway.cli.screen import Exit
from cctv_gateway.publish.dtls import Certificate, new_certificate
from cctv_gateway.simulator.process import allow_open_files
from cctv_gateway.simulator.spec import FRAMES_PER_S

JOIN_AT_ONCE = 8
WARM_JOINS = 60
SETTLE_S = 3.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that counts, at one moment."""

    at_s: float
    gateway: Usage
    city: Usage
    own: Usage
    packets: int
    frames: int
    lost: int


class Audience:
    """All viewers of the benchmark, each with a view, a port and a DTLS session of its own."""

    def __init__(self, setting: Setting, stack: AsyncExitStack, poll: QuietPoll) -> None:
        self._poll = poll
        self._setting = setting
        self._stack = stack
        self._clock = SystemClock()
        self._certificate: Certificate = new_certificate()
        self._gate = asyncio.Semaphore(JOIN_AT_ONCE)
        self._logins: list[Login] = []
        self._opened = 0
        self.receivers: list[LoadReceiver] = []

    async def join(self, cameras: Sequence[str]) -> list[LoadReceiver]:
        """A viewer for each of `cameras`; a few at a time, as people do."""
        joined = [LoadReceiver(self._clock, self._certificate, quiet=self._poll) for _ in cameras]
        for receiver in joined:
            self._stack.push_async_callback(receiver.close)
        try:
            async with asyncio.TaskGroup() as group:
                for camera, receiver in zip(cameras, joined, strict=True):
                    login = await self._login()
                    group.create_task(self._watch(login, camera, receiver))
        except* GatewayError as failed:
            raise failed.exceptions[0] from failed
        self.receivers += joined
        return joined

    async def _watch(self, login: Login, camera: str, receiver: LoadReceiver) -> None:
        async with self._gate:
            path = await login.open_view(camera)
            await receiver.connect(lambda offer: login.post_offer(path, offer))

    async def _login(self) -> Login:
        if self._opened % VIEWS_PER_LOGIN == 0:
            login = await self._stack.enter_async_context(logged_in(self._setting.url))
            self._logins.append(login)
        self._opened += 1
        return self._logins[-1]

    def sample(self) -> Sample:
        stats = [receiver.stats for receiver in self.receivers]
        return Sample(
            self._clock.monotonic(),
            usage_of_tree(self._setting.pid),
            usage_of_tree(self._setting.city_pid),
            own_usage(),
            sum(one.packets for one in stats),
            sum(one.frames for one in stats),
            sum(one.lost_packets for one in stats),
        )


def run_bench(cameras: int, viewers: int, seconds: float, *, as_json: bool) -> Exit:
    allow_open_files(viewers * 2 + WARM_JOINS * 2 + 512)
    figures = run_loop(_measure(cameras, viewers, seconds))
    show(f"relay: {cameras} cameras, {viewers} viewers", figures, as_json=as_json)
    return Exit.OK


async def _measure(cameras: int, viewers: int, seconds: float) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="cctv-bench-") as folder:
        async with (
            running_setting(Path(folder), cameras) as setting,
            TaskOwner("bench") as tasks,
            AsyncExitStack() as stack,
        ):
            poll = QuietPoll()
            tasks.start(poll.run(), "poll")
            audience = Audience(setting, stack, poll)
            wanted = [setting.cameras[index % cameras] for index in range(viewers)]
            cold = await audience.join(wanted)
            await asyncio.sleep(SETTLE_S)
            before = audience.sample()
            await asyncio.sleep(seconds)
            after = audience.sample()
            steady = _steady(before, after, viewers)
            # Afterwards, so that joining does not count as steady load.
            warm = await audience.join(wanted[:WARM_JOINS])
            await asyncio.sleep(SETTLE_S)
            return {**steady, **_first_frames("cold", cold), **_first_frames("warm", warm)}


def _steady(before: Sample, after: Sample, viewers: int) -> dict[str, object]:
    elapsed_s = after.at_s - before.at_s
    packets, lost = after.packets - before.packets, after.lost - before.lost
    frames = after.frames - before.frames
    cpu_s = after.gateway.cpu_s - before.gateway.cpu_s
    expected = FRAMES_PER_S * elapsed_s * viewers
    # A window begins and ends between two frames: one frame a viewer is the ruler's thickness.
    missing = max(0.0, expected - frames - viewers)
    return {
        "seconds": round(elapsed_s, 2),
        "delivered_share": round(min(packets / max(1, packets + lost), 1 - missing / expected), 5),
        "frames_share": round(frames / expected, 4),
        "lost_packets": lost,
        "packets_per_s": round(packets / elapsed_s),
        "gateway_cores": round(cpu_s / elapsed_s, 4),
        "us_per_packet": round(cpu_s * 1e6 / max(1, packets), 2),
        "gateway_mb": round(after.gateway.resident_bytes / 1e6, 1),
        "gateway_descriptors": after.gateway.descriptors,
        "simulator_cores": round((after.city.cpu_s - before.city.cpu_s) / elapsed_s, 4),
        "simulator_mb": round(after.city.resident_bytes / 1e6, 1),
        "receivers_cores": round((after.own.cpu_s - before.own.cpu_s) / elapsed_s, 4),
    }


def _first_frames(name: str, receivers: Sequence[LoadReceiver]) -> dict[str, object]:
    times = [one * 1000 for r in receivers if (one := r.stats.first_frame_s) is not None]
    return {
        f"first_frame_{name}_joined": len(receivers),
        f"first_frame_{name}_seen": len(times),
        f"first_frame_{name}_p50_ms": round(percentile(times, 0.5), 1),
        f"first_frame_{name}_p95_ms": round(percentile(times, 0.95), 1),
    }
