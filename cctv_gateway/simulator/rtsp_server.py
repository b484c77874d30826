"""RTSP over TCP for one camera: an asyncio connection around the sans-IO session.

Frames come from `streams.py`; the dialogue's rules are in `rtsp_session.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import Profile
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.rtsp_messages import Interleaved, Request, RequestReader, Response
from cctv_gateway.simulator.rtsp_session import RtspSession, State, Step
from cctv_gateway.simulator.spec import CameraSpec, Mode
from cctv_gateway.simulator.streams import Reader, Source

# Connections beyond a camera's sessions that may still talk, e.g. to be told it is full.
SPARE_CONNECTIONS = 8


@dataclass(slots=True)
class RtspCamera:
    """What the connections of one camera share."""

    spec: CameraSpec
    mode: Mode
    sources: Mapping[Profile, Source]
    doorman: Doorman
    clock: Clock
    meter: Meter
    timeout_s: int
    new_session_id: Callable[[], str]
    connections: set["RtspConnection"] = field(default_factory=set)
    # SETUPs by track; tests prove with it that nobody asks for audio.
    setups: Counter[str] = field(default_factory=Counter)

    def connection(self) -> "RtspConnection":
        """A protocol for `create_server`."""
        return RtspConnection(self)

    def has_room(self) -> bool:
        busy = sum(other.session.state is not State.INIT for other in self.connections)
        return busy < self.spec.max_sessions

    def expire(self, now_s: float) -> None:
        """Hang up on sessions that showed no sign of life."""
        for connection in tuple(self.connections):
            if now_s - connection.heard_s > self.timeout_s:
                self.meter.count("simulator_sessions_expired")
                connection.close()


class RtspConnection(asyncio.Protocol):
    """One client."""

    def __init__(self, camera: RtspCamera) -> None:
        self._camera = camera
        self._requests = RequestReader()
        self._reader: Reader | None = None
        self._transport: asyncio.Transport | None = None
        self.heard_s = camera.clock.monotonic()
        self.session = RtspSession(
            camera.spec, camera.mode, camera.doorman, camera.new_session_id(),
            camera.timeout_s, camera.has_room,
        )  # fmt: skip

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's TCP transport does not derive from asyncio.Transport, so no isinstance here.
        self._transport = cast(asyncio.Transport, transport)
        if len(self._camera.connections) >= self._camera.spec.max_sessions + SPARE_CONNECTIONS:
            self._camera.meter.count("simulator_connections_refused")
            self._transport.abort()
            return
        self._camera.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self.heard_s = self._camera.clock.monotonic()
        try:
            items = self._requests.feed(data)
        except GatewayError as error:
            self._camera.meter.note("simulator_rtsp_malformed", error.message)
            self._write(Response(400).render(None))
            self.close()
            return
        for item in items:
            self._handle(item)

    def connection_lost(self, error: Exception | None) -> None:
        self._stop()
        self._camera.connections.discard(self)

    def close(self) -> None:
        """Stop playing and end the connection; what is in its buffer is dropped."""
        self._stop()
        if self._transport is not None:
            if self._transport.get_write_buffer_size():
                self._transport.abort()
            self._transport.close()

    def _handle(self, item: Request | Interleaved) -> None:
        if isinstance(item, Interleaved):
            self._camera.meter.count("simulator_receiver_reports")
            return
        answer = self.session.answer(item, self._camera.clock.monotonic())
        if answer.track:
            self._camera.setups[answer.track] += 1
        self._write(answer.response)
        if answer.step is Step.PLAY:
            self._play()
        elif answer.step is Step.PAUSE:
            self._stop()
        elif answer.step is Step.CLOSE:
            self.close()

    def _play(self) -> None:
        profile = self.session.profile
        assert profile is not None, "PLAY is refused before SETUP"
        assert self._transport is not None, "a request came over it"
        camera = self._camera
        self._reader = Reader(
            self._transport, self.session.channels, camera.spec.faults, camera.clock, camera.meter
        )
        camera.sources[profile].add(self._reader)

    def _stop(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and self.session.profile is not None:
            self._camera.sources[self.session.profile].remove(reader)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
