"""The simulated city: starts every camera's servers, and ends all of them with its block.

The servers' own work is in their modules; the command line's entry is in `process.py`.
"""

import asyncio
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cctv_gateway.base.clock import Clock, SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.model import Credentials, Profile
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.discovery import Announced, Responder, join_group
from cctv_gateway.simulator.identity import identify
from cctv_gateway.simulator.listen import bind_all
from cctv_gateway.simulator.loops import LoopPlayer, record_all
from cctv_gateway.simulator.onvif_device import (
    DEVICE_OPERATIONS,
    DEVICE_PATH,
    OnvifCamera,
    OnvifDevice,
)
from cctv_gateway.simulator.onvif_media import MEDIA_OPERATIONS
from cctv_gateway.simulator.onvif_ptz import PTZ_OPERATIONS
from cctv_gateway.simulator.onvif_server import OnvifListener
from cctv_gateway.simulator.ptz import Head
from cctv_gateway.simulator.rtsp_server import RtspCamera
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Mode
from cctv_gateway.simulator.studio import LiveStudio, SharedStudio, Studio

REALM = "street camera"
EXPIRE_EVERY_S = 5.0
PATHS = {Profile.MAIN: "/main", Profile.SUB: "/sub"}
OPERATIONS = {**DEVICE_OPERATIONS, **MEDIA_OPERATIONS, **PTZ_OPERATIONS}


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

    @property
    def device_url(self) -> str:
        """The ONVIF device service."""
        return f"http://{self.host}:{self.onvif_port}{DEVICE_PATH}"


class City:
    """`async with City(spec) as city:`; `cameras` holds what runs, in the order of the spec.

    Entering raises GatewayError PORT_IN_USE when a port is taken.
    """

    def __init__(self, spec: CitySpec, clock: Clock | None = None) -> None:
        self.spec = spec
        self._clock = clock or SystemClock()
        self.meter = Meter(self._clock)
        self.cameras: tuple[RunningCamera, ...] = ()
        self.heads: dict[int, Head] = {}
        self.rtsp_port = 0
        self.onvif_port = 0
        self.discovery_port = 0
        self._alive = tuple(camera for camera in spec.cameras if not camera.faults.dead)
        self._rtsp: dict[int, RtspCamera] = {}
        self._onvif: dict[int, OnvifListener] = {}
        self._servers: list[asyncio.Server] = []
        self._doorman = Doorman(REALM, secrets.token_bytes(16))
        self._tasks = TaskOwner("simulator")
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with self._stack:
            await self._stack.enter_async_context(self._tasks)
            studio = await self._studio()
            rtsp = self._bind(self.spec.rtsp_port, socket.SOCK_STREAM)
            onvif = self._bind(self.spec.onvif_port, socket.SOCK_STREAM)
            self.rtsp_port, self.onvif_port = _port(rtsp), _port(onvif)
            # After the sockets, so that servers end before their sockets are closed.
            self._stack.callback(self._hang_up)
            for index, camera in enumerate(self.spec.cameras):
                self._add(index, camera, studio)
            await self._serve(rtsp, lambda number: self._rtsp[number].connection)
            await self._serve(onvif, lambda number: self._onvif[number].connection)
            if self.spec.discovery_port is not None:
                self._announce(self.spec.discovery_port)
            self._tasks.start(self._expire_sessions(), "sessions")
            self.cameras = tuple(map(self._running, self.spec.cameras))
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

    def connections(self, number: int) -> int:
        """How many RTSP connections a camera has."""
        return len(self._rtsp[number].connections)

    def head(self, number: int) -> Head:
        """Where a camera looks; tests may turn it."""
        return self.heads[number]

    async def _studio(self) -> Studio:
        """Start what makes the pictures."""
        if self.spec.mode is Mode.LIVE:
            live = LiveStudio(self._clock)
            self._tasks.start(live.pump.run(), "pump")
            return live
        scenes = self.spec.cameras[: self.spec.scenes]
        recordings = await record_all(scenes, self.spec.loop_s, self._clock.now())
        player = LoopPlayer(recordings, self._clock)
        self._tasks.start(player.run(), "player")
        return SharedStudio(player)

    def _bind(self, port: int, kind: socket.SocketKind) -> list[socket.socket]:
        sockets = bind_all([camera.host for camera in self._alive], port, kind)
        for each in sockets:
            self._stack.callback(each.close)
        return sockets

    def _add(self, index: int, camera: CameraSpec, studio: Studio) -> None:
        head = self.heads[camera.number] = Head(camera.number, self._clock)
        sources = studio.sources(index, camera, head)
        self._rtsp[camera.number] = RtspCamera(
            camera, self.spec.mode, sources, self._doorman, self._clock, self.meter,
            self.spec.session_timeout_s, lambda: secrets.token_hex(8),
        )  # fmt: skip
        running = self._running(camera)
        device = OnvifCamera(
            camera, identify(camera), head, self._doorman, self._clock, self.meter,
            self.onvif_port, {profile: running.url(profile) for profile in sources},
            lambda profile: studio.want_keyframe(index, profile),
        )  # fmt: skip
        self._onvif[camera.number] = OnvifListener(
            OnvifDevice(device, OPERATIONS), lambda done: studio.still(index, done)
        )

    async def _serve(
        self, sockets: list[socket.socket],
        factory: Callable[[int], Callable[[], asyncio.Protocol]],
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        for camera, listener in zip(self._alive, sockets, strict=True):
            self._servers.append(await loop.create_server(factory(camera.number), sock=listener))

    def _announce(self, port: int) -> None:
        """Answer WS-Discovery on every camera's address and on the multicast group."""
        sockets = self._bind(port, socket.SOCK_DGRAM)
        self.discovery_port = _port(sockets)
        cameras = [
            Announced(identify(camera), self._running(camera).device_url, made)
            for camera, made in zip(self._alive, sockets, strict=True)
        ]
        group = join_group(self.discovery_port)
        responder = Responder(cameras, group, self._clock, self.meter)
        loop = asyncio.get_running_loop()
        responder.listen(loop)
        self._stack.callback(responder.close, loop)
        self._tasks.start(responder.run(), "discovery")

    def _running(self, camera: CameraSpec) -> RunningCamera:
        return RunningCamera(
            camera.number, camera.label, camera.host, self.rtsp_port, self.onvif_port,
            PATHS[Profile.MAIN], PATHS[Profile.SUB], camera.credentials,
        )  # fmt: skip

    async def _expire_sessions(self) -> None:
        while True:
            await self._clock.sleep(EXPIRE_EVERY_S)
            now_s = self._clock.monotonic()
            for camera in self._rtsp.values():
                camera.expire(now_s)
            for listener in self._onvif.values():
                listener.expire(now_s)

    def _hang_up(self) -> None:
        for server in self._servers:
            server.close()
        for camera in self._rtsp.values():
            for connection in tuple(camera.connections):
                connection.close()
        for listener in self._onvif.values():
            for client in tuple(listener.connections):
                client.close()


def _port(sockets: list[socket.socket]) -> int:
    port: int = sockets[0].getsockname()[1] if sockets else 0
    return port
