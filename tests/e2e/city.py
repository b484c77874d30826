"""A simulated city in a process of its own, as the tests' cameras."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cctv_gateway.config.demo import DemoCamera


@dataclass(frozen=True)
class CityProcess:
    cameras: tuple[DemoCamera, ...]
    process: subprocess.Popen[str]
    discovery_port: int


@contextmanager
def running_city(count: int) -> Iterator[CityProcess]:
    words = ["simulate", "--json", "--cameras", str(count), "--discovery-port", "0"]
    command = [sys.executable, "-m", "cctv_gateway", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            cameras = tuple(
                DemoCamera(one["number"], one["host"], ready["rtsp_port"], ready["onvif_port"])
                for one in ready["cameras"]
            )
            yield CityProcess(cameras, process, ready["discovery_port"])
        finally:
            process.terminate()
            process.wait(timeout=5)
