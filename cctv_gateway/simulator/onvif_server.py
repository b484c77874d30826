"""HTTP over TCP for one camera's ONVIF services: an asyncio connection around `OnvifDevice`.

Snapshots come from the studio; what requests mean is decided in `onvif_device.py`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.simulator.http_messages import HttpReader, HttpRequest, HttpResponse
from cctv_gateway.simulator.onvif_device import OnvifDevice

MAX_CONNECTIONS = 16
MAX_WAITING = 8
IDLE_TIMEOUT_S = 60.0

# Called with where to send the JPEG, on the loop.
Snapshot = Callable[[Callable[[bytes], None]], None]


@dataclass(slots=True)
class OnvifListener:
    """What the connections of one camera share."""

    device: OnvifDevice
    snapshot: Snapshot
    connections: set["OnvifConnection"] = field(default_factory=set)

    def connection(self) -> "OnvifConnection":
        """A protocol for `create_server`."""
        return OnvifConnection(self)

    def expire(self, now_s: float) -> None:
        for connection in tuple(self.connections):
            if now_s - connection.heard_s > IDLE_TIMEOUT_S:
                connection.close()


class OnvifConnection(asyncio.Protocol):
    """One client; requests are answered one after the other."""

    def __init__(self, listener: OnvifListener) -> None:
        self._listener = listener
        self._requests = HttpReader()
        self._waiting: deque[HttpRequest] = deque()
        self._busy = False
        self._transport: asyncio.Transport | None = None
        self.heard_s = listener.device.camera.clock.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's TCP transport does not derive from asyncio.Transport, so no isinstance here.
        self._transport = cast(asyncio.Transport, transport)
        if len(self._listener.connections) >= MAX_CONNECTIONS:
            self._listener.device.camera.meter.count("simulator_connections_refused")
            self._transport.abort()
            return
        self._listener.connections.add(self)

    def data_received(self, data: bytes) -> None:
        camera = self._listener.device.camera
        self.heard_s = camera.clock.monotonic()
        try:
            self._waiting += self._requests.feed(data)
        except GatewayError as error:
            camera.meter.note("simulator_http_malformed", error.message)
            self._send(HttpResponse(400), last=True)
            return
        if len(self._waiting) > MAX_WAITING:
            camera.meter.count("simulator_http_flooded")
            self.close()
            return
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.connections.discard(self)
        self._transport = None

    def close(self) -> None:
        self._waiting.clear()
        if self._transport is not None:
            self._transport.close()

    def _go_on(self) -> None:
        while self._waiting and not self._busy:
            request = self._waiting.popleft()
            response = self._listener.device.answer(request)
            if response is None:
                self._busy = True
                self._listener.snapshot(self._send_snapshot)
                return
            self._send(response, request.headers.get("connection", "").lower() == "close")

    def _send_snapshot(self, jpeg: bytes) -> None:
        self._busy = False
        self._send(HttpResponse(200, jpeg, "image/jpeg"), last=False)
        self._go_on()

    def _send(self, response: HttpResponse, last: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(response.render())
        if last:
            self.close()
