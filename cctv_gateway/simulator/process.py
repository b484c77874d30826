"""The simulated city as a program of its own: ready line, signals, clean end.

Options and help texts are the command line's; the city itself is in `city.py`.
"""

import asyncio
import json
import resource
import signal
from collections.abc import Callable
from datetime import timedelta

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.simulator.city import PATHS, City
from cctv_gateway.simulator.spec import CitySpec

# Listeners and connections of one camera: RTSP, ONVIF, discovery and two clients of each.
FILES_PER_CAMERA = 8
SPARE_FILES = 256


def simulate_forever(
    spec: CitySpec,
    on_ready: Callable[[City], None],
    clock_shift: timedelta = timedelta(0),
) -> None:
    """Run a city until SIGINT or SIGTERM; `on_ready` is called when all cameras answer.

    Raises GatewayError PORT_IN_USE.
    """
    allow_open_files(len(spec.cameras) * FILES_PER_CAMERA + SPARE_FILES)
    asyncio.run(_simulate(spec, on_ready, SystemClock(clock_shift)))


async def _simulate(spec: CitySpec, on_ready: Callable[[City], None], clock: SystemClock) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with City(spec, clock) as city:
        on_ready(city)
        await stop.wait()


def allow_open_files(wanted: int) -> None:
    """Raise the soft limit as far as the hard one lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and allowed > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def ready_line(city: City) -> str:
    """One line of JSON that tells where everything is; logins are left out.

    It has about 60 bytes for each camera: more than asyncio's default line limit for a city.
    """
    return json.dumps(
        {
            "ready": True,
            "mode": city.spec.mode,
            "rtsp_port": city.rtsp_port,
            "onvif_port": city.onvif_port,
            "discovery_port": city.discovery_port,
            "paths": {profile.value: path for profile, path in PATHS.items()},
            "cameras": [
                {
                    "number": camera.number,
                    "name": camera.name,
                    "host": camera.host,
                }
                for camera in city.cameras
            ],
        },
        separators=(",", ":"),
    )
