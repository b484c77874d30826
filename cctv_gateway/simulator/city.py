"""The simulated city: starts every camera's servers, and ends all of them with its block.

The servers' own work is in their modules; the command line's entry is in `process.py`.
"""

import asyncio
import secrets
import socket
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cctv_gateway.base.clock import Clock, SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.model import Credentials, Profile
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.listen import bind_all
from cctv_gateway.simulator.ptz import Head
from cctv_gateway.simulator.pump import LiveStream, Pump
from cctv_gateway.simulator.rtsp_server import RtspCamera
from cctv_gateway.simulator.spec import CameraSpec, CitySpec

REALM = "street camera"
EXPIRE_EVERY_S = 5.0
PATHS = {Profile.MAIN: "/main", Profile.SUB: "/sub"}


@dataclass(frozen=True, slots=True)
class RunningCamera:
    """Where to find one camera and how to log in. A dead camera's ports are closed."""

    number: int
    name: str
    host: str
    rtsp_port: int
    onvif_port: int
    main_path: str
    sub_path: str
    credentials: Credentials

    def url(self, profile: Profile = Profile.SUB) -> str:
        """The RTSP URL without credentials."""
        path = self.main_path if profile is Profile.MAIN else self.sub_path
        return f"rtsp://{self.host}:{self.rtsp_port}{path}"


class City:
    """`async with City(spec) as city:`; `cameras` holds what runs, in the order of the spec."""

    def __init__(self, spec: CitySpec, clock: Clock | None = None) -> None:
        self.spec = spec
        self._clock = clock or SystemClock()
        self.meter = Meter(self._clock)
        self.cameras: tuple[RunningCamera, ...] = ()
        self.heads: dict[int, Head] = {}
        self.rtsp_port = 0
        self.onvif_port = 0
        self._rtsp: dict[int, RtspCamera] = {}
        self._servers: list[asyncio.Server] = []
        self._stack = AsyncExitStack()
        self._secret = secrets.token_bytes(16)

    async def __aenter__(self) -> Self:
        async with self._stack:
            self._stack.callback(self._hang_up)
            tasks = await self._stack.enter_async_context(TaskOwner("simulator"))
            pump = Pump(self._clock)
            tasks.start(pump.run(), "pump")
            for camera in self.spec.cameras:
                self._add(camera, pump)
            await self._listen()
            tasks.start(self._expire_sessions(), "sessions")
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
        # Closed transports report their end on the loop's next turns.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def setups(self, number: int) -> Counter[str]:
        """How often each track of a camera was set up: `track1` is video, `track2` audio."""
        return self._rtsp[number].setups

    def readers(self, number: int) -> int:
        """How many connections a camera has."""
        return len(self._rtsp[number].connections)

    def _add(self, camera: CameraSpec, pump: Pump) -> None:
        head = self.heads[camera.number] = Head(camera.number, self._clock)
        sources = {profile: LiveStream(camera, profile, pump, head.view) for profile in Profile}
        self._rtsp[camera.number] = RtspCamera(
            camera, self.spec.mode, sources, Doorman(REALM, self._secret), self._clock,
            self.meter, self.spec.session_timeout_s, lambda: secrets.token_hex(8),
        )  # fmt: skip

    async def _listen(self) -> None:
        alive = [camera for camera in self.spec.cameras if not camera.faults.dead]
        sockets = bind_all([c.host for c in alive], self.spec.rtsp_port, socket.SOCK_STREAM)
        self.rtsp_port = sockets[0].getsockname()[1] if sockets else 0
        loop = asyncio.get_running_loop()
        for camera, listener in zip(alive, sockets, strict=True):
            factory = self._rtsp[camera.number].connection
            self._servers.append(await loop.create_server(factory, sock=listener))
        self.cameras = tuple(
            RunningCamera(
                camera.number, camera.label, camera.host, self.rtsp_port, self.onvif_port,
                PATHS[Profile.MAIN], PATHS[Profile.SUB], camera.credentials,
            )
            for camera in self.spec.cameras
        )  # fmt: skip

    async def _expire_sessions(self) -> None:
        while True:
            await self._clock.sleep(EXPIRE_EVERY_S)
            now_s = self._clock.monotonic()
            for camera in self._rtsp.values():
                camera.expire(now_s)

    def _hang_up(self) -> None:
        for server in self._servers:
            server.close()
        for camera in self._rtsp.values():
            for connection in tuple(camera.connections):
                connection.close()
