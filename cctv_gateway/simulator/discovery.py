"""Answers WS-Discovery probes for the city: by multicast for all, directed for one camera.

The client's side of discovery is in `fleet`.
"""

import asyncio
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.simulator.identity import Identity
from cctv_gateway.simulator.soap import SOAP, SoapFault, fill, parse_xml

GROUP = "239.255.255.250"
PORT = 3702
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
MATCHING_TYPES = frozenset({"NetworkVideoTransmitter", "Device"})

MAX_PROBE_BYTES = 8192
# A device answers a multicast probe after a random wait up to this (WS-Discovery, 3.1.3).
MAX_DELAY_S = 0.5
STEP_S = 0.02
# Multicast probes answered at one time; a flood of probes gets no more answers than this.
MAX_ROUNDS = 8
REMEMBERED_PROBES = 64

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe asks for; no scopes means all."""

    message_id: str
    scopes: tuple[str, ...] = ()


def parse_probe(data: bytes) -> Probe | None:
    """A probe for cameras; None for other types. Raises SoapFault on nonsense."""
    if len(data) > MAX_PROBE_BYTES:
        raise SoapFault(("WellFormed",), "the probe is too long")
    root = parse_xml(data)
    probe = root.find(f".//{{{SOAP}}}Body/{{{DISCOVERY}}}Probe")
    message = root.findtext(f".//{{{ADDRESSING}}}MessageID")
    if probe is None or not message or len(message) > 256:
        raise SoapFault(("WellFormed",), "not a probe")
    types = (probe.findtext(f"{{{DISCOVERY}}}Types") or "").split()
    if types and not any(name.rpartition(":")[2] in MATCHING_TYPES for name in types):
        return None
    scopes = (probe.findtext(f"{{{DISCOVERY}}}Scopes") or "").split()
    return Probe(message.strip(), tuple(scopes))


@dataclass(frozen=True, slots=True)
class Announced:
    """One camera as discovery knows it."""

    identity: Identity
    xaddr: str
    socket: socket.socket

    def matches(self, probe: Probe) -> bool:
        """Whether it has every scope asked for (prefixes by whole segments, RFC 3986 rule)."""
        return all(
            any(own == asked or own.startswith(asked.rstrip("/") + "/")
                for own in self.identity.scopes)
            for asked in probe.scopes
        )  # fmt: skip

    def answer(self, probe: Probe) -> bytes:
        values = {
            "message": f"urn:uuid:{uuid4()}",
            "relates": probe.message_id,
            "endpoint": self.identity.endpoint,
            "scopes": " ".join(self.identity.scopes),
            "xaddr": self.xaddr,
        }
        return fill("probe_match", values).text.encode()


class Responder:
    """Answers for all cameras. `listen` binds nothing: sockets are handed in and closed by it."""

    def __init__(
        self, cameras: Sequence[Announced], group: socket.socket, clock: Clock, meter: Meter
    ) -> None:
        self._cameras = tuple(cameras)
        self._group = group
        self._clock, self._meter = clock, meter
        self._asked: asyncio.Queue[tuple[Probe, Address]] = asyncio.Queue(MAX_ROUNDS)
        self._seen: dict[str, None] = {}

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to receive; `run` sends the answers to multicast probes."""
        loop.add_reader(self._group, self._multicast)
        for camera in self._cameras:
            loop.add_reader(camera.socket, self._directed, camera)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        for each in (self._group, *(camera.socket for camera in self._cameras)):
            loop.remove_reader(each)
            each.close()

    async def run(self) -> None:
        """Answer multicast probes one after the other, each spread over MAX_DELAY_S."""
        while True:
            probe, asker = await self._asked.get()
            steps = max(1, int(MAX_DELAY_S / STEP_S))
            cameras = [camera for camera in self._cameras if camera.matches(probe)]
            random.shuffle(cameras)
            share = -(-len(cameras) // steps)
            for start in range(0, len(cameras), max(1, share)):
                for camera in cameras[start : start + share]:
                    self._send(camera, probe, asker)
                await self._clock.sleep(STEP_S)

    def _multicast(self) -> None:
        for data, asker in _drain(self._group):
            probe = self._read(data)
            if probe is None or probe.message_id in self._seen:
                continue
            self._remember(probe.message_id)
            try:
                self._asked.put_nowait((probe, asker))
            except asyncio.QueueFull:
                self._meter.count("simulator_probes_dropped")

    def _directed(self, camera: Announced) -> None:
        for data, asker in _drain(camera.socket):
            probe = self._read(data)
            if probe is not None and camera.matches(probe):
                self._send(camera, probe, asker)

    def _read(self, data: bytes) -> Probe | None:
        try:
            return parse_probe(data)
        except SoapFault as fault:
            self._meter.note("simulator_probe_malformed", fault.message)
            return None

    def _remember(self, message_id: str) -> None:
        """Clients repeat a probe; one answer is enough."""
        self._seen[message_id] = None
        while len(self._seen) > REMEMBERED_PROBES:
            self._seen.pop(next(iter(self._seen)))

    def _send(self, camera: Announced, probe: Probe, asker: Address) -> None:
        try:
            camera.socket.sendto(camera.answer(probe), asker)
        except OSError:
            # The asker has gone or its socket is full: discovery over UDP promises nothing.
            self._meter.count("simulator_probe_answers_lost")


def _drain(source: socket.socket, most: int = 64) -> list[tuple[bytes, Address]]:
    found = []
    for _ in range(most):
        try:
            data, asker = source.recvfrom(MAX_PROBE_BYTES + 1)
        except (BlockingIOError, ConnectionError):
            break
        found.append((data, cast(Address, asker)))
    return found


def join_group(port: int) -> socket.socket:
    """A socket that hears multicast probes on the loopback interface, shared with others."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((GROUP, port))
    membership = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    return made
