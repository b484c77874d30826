"""The way out to one viewer: one system call per run with GSO, packet by packet without.

What is sent, and what a refusal means for the picture, is decided in `egress.py`.
"""

import errno
import socket
import struct
from enum import Enum
from typing import Any, Protocol

from cctv_gateway.base.meter import Meter
from cctv_gateway.publish.ice import Peer

SOL_UDP = 17
UDP_SEGMENT = 103
# Linux answers these when the path, or the kernel, takes no segmented sends.
_NO_GSO = frozenset((errno.EIO, errno.EINVAL, errno.ENOPROTOOPT, errno.EOPNOTSUPP, errno.EMSGSIZE))


class DatagramSocket(Protocol):
    """The part of a UDP socket that publishing needs."""

    def fileno(self) -> int: ...
    def getsockname(self) -> Any: ...
    def recvfrom(self, size: int, /) -> tuple[bytes, Any]: ...
    def sendto(self, data: bytes | memoryview, address: Any, /) -> int: ...
    def sendmsg(
        self, buffers: list[memoryview], ancillary: Any, flags: int, address: Any, /
    ) -> int: ...
    def close(self) -> None: ...


class Sent(Enum):
    """What became of a run."""

    ALL = "all"
    FULL = "full"
    FAILED = "failed"


# Looking up a member in its enumeration costs as much as a call.
ALL_SENT = Sent.ALL


def open_udp_socket(host: str, port: int) -> DatagramSocket:
    """A bound, non-blocking UDP socket with room for bursts of many viewers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            opened.setsockopt(socket.SOL_SOCKET, option, 4_000_000)
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


class SendPath:
    """Sends to the viewer's current address and remembers whether its path takes GSO."""

    __slots__ = ("_ancillary", "_gso", "_meter", "_socket", "peer")

    def __init__(self, opened: DatagramSocket, meter: Meter) -> None:
        self._socket = opened
        self._meter = meter
        self._gso = True
        self._ancillary: dict[int, list[tuple[int, int, bytes]]] = {}
        self.peer: Peer | None = None

    def move(self, peer: Peer) -> None:
        """Send to another address from now on; its path may take GSO again."""
        self.peer = peer
        self._gso = True

    def send(self, data: bytes | memoryview) -> Sent:
        """One datagram; nothing is sent before the viewer's address is known."""
        if self.peer is None:
            return Sent.FAILED
        try:
            self._socket.sendto(data, self.peer)
        except BlockingIOError:
            return Sent.FULL
        except OSError as error:
            return self._refused(error)
        return Sent.ALL

    def send_run(self, packets: memoryview, stride: int) -> Sent:
        """Several datagrams of `stride` bytes each, the last one may be shorter."""
        peer = self.peer
        if peer is None:
            return Sent.FAILED
        alone = len(packets) <= stride
        try:
            if alone:
                self._socket.sendto(packets, peer)
            elif self._gso:
                ancillary = self._ancillary.get(stride) or self._segmented(stride)
                self._socket.sendmsg([packets], ancillary, 0, peer)
            else:
                return self._send_singly(packets, stride)
        except BlockingIOError:
            return Sent.FULL
        except OSError as error:
            if alone or error.errno not in _NO_GSO:
                return self._refused(error)
            self._gso = False
            self._meter.note("publish_path_without_gso")
            return self._send_singly(packets, stride)
        return ALL_SENT

    def _send_singly(self, packets: memoryview, stride: int) -> Sent:
        for start in range(0, len(packets), stride):
            sent = self.send(packets[start : start + stride])
            if sent is not Sent.ALL:
                return sent
        return Sent.ALL

    def _segmented(self, stride: int) -> list[tuple[int, int, bytes]]:
        segment = struct.pack("=H", stride)
        self._ancillary[stride] = made = [(SOL_UDP, UDP_SEGMENT, segment)]
        return made

    def _refused(self, error: OSError) -> Sent:
        if error.errno in (errno.ENOBUFS, errno.ENOMEM):
            return Sent.FULL
        self._meter.note("publish_send_failed", errno.errorcode.get(error.errno or 0, ""))
        return Sent.FAILED
