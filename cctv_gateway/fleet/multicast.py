"""Runs a WS-Discovery search on sockets: multicast on chosen interfaces, directed to given hosts.

What is said and understood is decided in `ws_discovery.py`.
"""

import asyncio
import fcntl
import random
import socket
import struct
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.fleet.pace import Pace
from cctv_gateway.fleet.ws_discovery import GROUP, LISTEN_S, PORT, Match, Search

PROBES_PER_S = 1000.0
_SIOCGIFADDR = 0x8915

OnMatch = Callable[[Match], None]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a search goes: `interfaces` are local IPv4 addresses, `hosts` are asked one by one."""

    interfaces: tuple[str, ...] = ()
    hosts: Sequence[str] = ()
    port: int = PORT


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, search: Search, meter: Meter, on_match: OnMatch) -> None:
        self._search, self._meter, self._on_match = search, meter, on_match

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            fresh = self._search.receive(data, addr[0])
        except GatewayError:
            self._meter.note("ws_discovery_bad_answers")
            return
        for match in fresh:
            self._on_match(match)

    def error_received(self, exc: Exception) -> None:
        # An ICMP answer to a directed probe; the TCP sweep finds out more about that host.
        self._meter.count("ws_discovery_unreachable")


async def search_devices(
    reach: Reach, clock: Clock, meter: Meter, on_match: OnMatch = lambda match: None
) -> tuple[Match, ...]:
    """All devices that answer within the search's few seconds; `on_match` hears of each at once."""
    search = Search(clock.monotonic(), random.random, lambda: str(uuid.uuid4()))
    ear = _Ear(search, meter, on_match)
    async with AsyncExitStack() as stack:
        mouths = await _open_all(stack, reach, ear, meter)
        pace = Pace(clock, PROBES_PER_S)
        while (now := clock.monotonic()) < search.deadline:
            for datagram in search.due(now):
                for mouth in mouths:
                    await mouth.say(datagram, pace)
                search.extend(clock.monotonic() + LISTEN_S)
            await clock.sleep(max(search.next_wake - clock.monotonic(), 0.0))
    return search.matches


@dataclass(frozen=True, slots=True)
class _Mouth:
    transport: asyncio.DatagramTransport
    hosts: Sequence[str]
    port: int

    async def say(self, datagram: bytes, pace: Pace) -> None:
        for host in self.hosts:
            await pace.turn()
            self.transport.sendto(datagram, (host, self.port))


async def _open_all(stack: AsyncExitStack, reach: Reach, ear: _Ear, meter: Meter) -> list[_Mouth]:
    mouths = []
    for interface in reach.interfaces:
        try:
            mouths.append(_Mouth(await _open(stack, interface, ear), (GROUP,), reach.port))
        except OSError as error:
            # An address that this machine has lost; the other interfaces still work.
            meter.note("ws_discovery_interface_failed", error.strerror or "")
    if reach.hosts:
        mouths.append(_Mouth(await _open(stack, None, ear), reach.hosts, reach.port))
    return mouths


async def _open(
    stack: AsyncExitStack, interface: str | None, ear: _Ear
) -> asyncio.DatagramTransport:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        sock.bind((interface or "0.0.0.0", 0))  # noqa: S104 - answers to directed probes only
        if interface is not None:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: ear, sock=sock)
    except OSError:
        sock.close()
        raise
    stack.callback(transport.close)
    return transport


def local_interfaces() -> tuple[str, ...]:
    """The IPv4 addresses of this machine's interfaces, loopback included."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
            except OSError:
                continue  # An interface without an IPv4 address.
            found.append(socket.inet_ntoa(answer[20:24]))
    return tuple(found)
