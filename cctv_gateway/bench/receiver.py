"""A load-test viewer: real ICE and DTLS, then it counts RTP without decrypting it.

One process holds a city's worth of them. Cameras, servers and verdicts about figures belong to
the benchmarks that use it.
"""

import asyncio
import secrets
import select
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aioice import stun
from aiortc import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.publish.dtls import Certificate, new_certificate
from cctv_gateway.publish.offer import IceCredentials, ice_credentials, values

CONNECT_WITHIN_S = 20.0
# RFC 7675 asks for consent about every 5 s; until the first answer we ask quickly.
CONSENT_EVERY_S = 5.0
CHECK_EVERY_S = 0.05
POLL_EVERY_S = 0.005

_SOL_UDP, _UDP_GRO = 17, 104
_DATAGRAMS_PER_WAKEUP = 16
_RECEIVE_BUFFER_BYTES = 1_000_000
_PAYLOAD_TYPE, _RTX_PAYLOAD_TYPE = 96, 97


class ReceiverState(Enum):
    """Where a receiver stands."""

    NEW = "new"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ReceiverStats:
    """What arrived. `first_frame_s` counts from the offer to the first complete frame, which is
    a keyframe by the publisher's design; None when there was none, or it had a hole."""

    state: ReceiverState
    packets: int
    bytes: int
    frames: int
    lost_packets: int
    reordered_packets: int
    connected_s: float | None
    first_frame_s: float | None


@dataclass(frozen=True, slots=True)
class Gateway:
    """What an SDP answer tells about the other side."""

    ice: IceCredentials
    address: tuple[str, int]
    fingerprint: RTCDtlsFingerprint


class RtpCounter:
    """Counts RTP by its plain headers: packets, frames by their marker, holes by sequence."""

    def __init__(self) -> None:
        self.packets = 0
        self.bytes = 0
        self.frames = 0
        self.lost = 0
        self.reordered = 0
        self._next: int | None = None

    def count(self, data: memoryview, segment: int) -> None:
        """Count one datagram, or several of `segment` bytes that GRO has joined."""
        size = len(data)
        kinds = bytes(data[1:size:segment])
        if 192 <= kinds[0] < 224:
            return
        packets = len(kinds)
        first = data[2] << 8 | data[3]
        at = (packets - 1) * segment
        last = data[at + 2] << 8 | data[at + 3]
        self.packets += packets
        self.bytes += size
        self.frames += kinds.count(0x80 | _PAYLOAD_TYPE)
        if self._next is not None:
            self._gap((first - self._next) & 0xFFFF)
        self.lost += (last - first - packets + 1) & 0xFFFF
        self._next = (last + 1) & 0xFFFF

    def _gap(self, missing: int) -> None:
        if missing < 0x8000:
            self.lost += missing
        else:
            self.reordered += 1


class QuietPoll:
    """Looks at many sockets every few milliseconds, without ever sleeping on them.

    Whoever sends to a socket on which somebody sleeps pays for waking him, in his own system
    call; on a small virtual machine that costs more than the packet. Real viewers are on other
    machines, so this price is kept out of the gateway's account.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._callbacks: dict[int, Callable[[], None]] = {}

    def add(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._callbacks[descriptor] = callback
        self._epoll.register(descriptor, select.EPOLLIN)

    def remove(self, descriptor: int) -> None:
        if self._callbacks.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    async def run(self) -> None:
        """Look for ever; ends by cancellation."""
        try:
            while True:
                for descriptor, _ in self._epoll.poll(0, max(1, len(self._callbacks))):
                    self._callbacks[descriptor]()
                await asyncio.sleep(POLL_EVERY_S)
        finally:
            self._epoll.close()


class LoadReceiver:
    """One viewer with its own UDP port. `certificate` may be shared by all of a process.

    With `quiet`, the first frame is awaited like a person does, and what follows is only counted.
    """

    _buffer = bytearray(65_536)
    _view = memoryview(_buffer)

    def __init__(
        self,
        clock: Clock,
        certificate: Certificate | None = None,
        host: str = "127.0.0.1",
        quiet: QuietPoll | None = None,
    ) -> None:
        self._clock = clock
        self._quiet = quiet
        self._certificate = certificate or new_certificate()
        self._local = IceCredentials(secrets.token_hex(4), secrets.token_hex(12))
        self._socket = _open_socket(host)
        self._gateway: Gateway | None = None
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._checked = asyncio.Event()
        self._transaction = b""
        self._timer: asyncio.TimerHandle | None = None
        self._dtls: Any = None
        self._state = ReceiverState.NEW
        self._counter = RtpCounter()
        self._offered_s = 0.0
        self._connected_s: float | None = None
        self._first_frame_s: float | None = None

    async def connect(self, post: Callable[[str], Awaitable[str]]) -> None:
        """Offer, then check and shake hands; raises GatewayError when that fails or lasts."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._readable)
        self._offered_s = self._clock.monotonic()
        gateway = self._gateway = read_answer(await post(self._offer()))
        self._check()
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._checked.wait()
                await self._shake_hands(gateway)
        except TimeoutError as error:
            raise _failed(ErrorKind.TIMEOUT, "the gateway did not answer in time") from error
        self._connected_s = self._clock.monotonic() - self._offered_s
        self._state = ReceiverState.CONNECTED

    async def close(self) -> None:
        """Leave; safe to call twice and before `connect` ended."""
        if self._socket.fileno() < 0:
            return
        self._state = ReceiverState.ENDED
        if self._timer is not None:
            self._timer.cancel()
        if self._dtls is not None:
            pump: asyncio.Future[None] | None = self._dtls._task
            await self._dtls.stop()
            self._arrived.put_nowait(None)
            if pump is not None and not pump.done():
                await asyncio.wait([pump])
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        if self._quiet is not None:
            self._quiet.remove(self._socket.fileno())
        self._socket.close()

    @property
    def stats(self) -> ReceiverStats:
        counter = self._counter
        return ReceiverStats(
            state=self._state,
            packets=counter.packets,
            bytes=counter.bytes,
            frames=counter.frames,
            lost_packets=counter.lost,
            reordered_packets=counter.reordered,
            connected_s=self._connected_s,
            first_frame_s=self._first_frame_s,
        )

    # What RTCDtlsTransport asks of an ICE transport.

    role = "controlling"

    async def _recv(self) -> bytes:
        data = await self._arrived.get()
        if data is None:
            raise ConnectionError("the receiver is closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)

    def _offer(self) -> str:
        shown = self._certificate.fingerprint
        return (
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
            f"m=video 9 UDP/TLS/RTP/SAVPF {_PAYLOAD_TYPE} {_RTX_PAYLOAD_TYPE}\r\n"
            "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=setup:actpass\r\n"
            f"a=ice-ufrag:{self._local.ufrag}\r\na=ice-pwd:{self._local.password}\r\n"
            f"a=fingerprint:{shown.algorithm} {shown.value}\r\n"
            f"a=rtpmap:{_PAYLOAD_TYPE} H264/90000\r\n"
            f"a=fmtp:{_PAYLOAD_TYPE} packetization-mode=1;profile-level-id=42e01f\r\n"
            f"a=rtcp-fb:{_PAYLOAD_TYPE} nack\r\n"
            f"a=rtpmap:{_RTX_PAYLOAD_TYPE} rtx/90000\r\n"
            f"a=fmtp:{_RTX_PAYLOAD_TYPE} apt={_PAYLOAD_TYPE}\r\n"
        )

    def _check(self) -> None:
        """Ask for connectivity, later for consent, and set the timer for the next time."""
        gateway = self._gateway
        assert gateway is not None, "there is nobody to ask before the answer"
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes |= {
            "USERNAME": f"{gateway.ice.ufrag}:{self._local.ufrag}",
            "PRIORITY": 1,
            "ICE-CONTROLLING": 1,
            "USE-CANDIDATE": None,
        }
        message.add_message_integrity(gateway.ice.password.encode())
        self._transaction = message.transaction_id
        self._send_datagram(bytes(message))
        delay_s = CONSENT_EVERY_S if self._checked.is_set() else CHECK_EVERY_S
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._check)

    async def _shake_hands(self, gateway: Gateway) -> None:
        ice: Any = self
        self._dtls = RTCDtlsTransport(ice, [self._certificate])
        self._dtls._set_role("client")
        self._dtls.on("statechange", self._dtls_changed)
        await self._dtls.start(RTCDtlsParameters([gateway.fingerprint]))
        if self._dtls.state != "connected":
            raise _failed(ErrorKind.PROTOCOL, "the DTLS handshake failed")

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed":
            self._state = ReceiverState.ENDED

    def _send_datagram(self, data: bytes) -> None:
        if self._gateway is None or self._socket.fileno() < 0:
            return
        try:
            self._socket.sendto(data, self._gateway.address)
        except BlockingIOError:
            # As if lost on the way: checks and handshakes repeat themselves.
            return

    def _readable(self) -> None:
        view, receive = self._view, self._socket.recvmsg_into
        for _ in range(_DATAGRAMS_PER_WAKEUP):
            try:
                size, ancillary, _, _ = receive([self._buffer], 64)
            except BlockingIOError:
                return
            if size < 4:
                continue
            if 128 <= view[0] < 192:
                self._rtp(view[:size], _segment(ancillary, size))
            elif view[0] < 4:
                self._answered(bytes(view[:size]))
            elif self._arrived.qsize() < _DATAGRAMS_PER_WAKEUP:
                self._arrived.put_nowait(bytes(view[:size]))

    def _rtp(self, data: memoryview, segment: int) -> None:
        counter = self._counter
        counter.count(data, segment)
        if self._first_frame_s is None and counter.frames and not counter.lost:
            self._first_frame_s = self._clock.monotonic() - self._offered_s
            if self._quiet is not None:
                asyncio.get_running_loop().remove_reader(self._socket.fileno())
                self._quiet.add(self._socket.fileno(), self._readable)

    def _answered(self, data: bytes) -> None:
        gateway = self._gateway
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        if (
            gateway is not None
            and message.message_class is stun.Class.RESPONSE
            and message.transaction_id == self._transaction
            and message.check_message_integrity(gateway.ice.password.encode())
        ):
            self._checked.set()


def read_answer(text: str) -> Gateway:
    """The one candidate, the credentials and the fingerprint; raises GatewayError."""
    lines = text.split("\r\n")
    ice = ice_credentials(lines)
    candidate = next(values(lines, "candidate"), "").split()
    algorithm, _, digest = next(values(lines, "fingerprint"), "").partition(" ")
    if ice is None or len(candidate) < 8 or not candidate[5].isdecimal() or not digest:
        raise _failed(ErrorKind.PROTOCOL, "the answer lacks credentials or a candidate")
    return Gateway(ice, (candidate[4], int(candidate[5])), RTCDtlsFingerprint(algorithm, digest))


def _open_socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
    if sys.platform == "linux":
        opened.setsockopt(_SOL_UDP, _UDP_GRO, 1)
    opened.bind((host, 0))
    return opened


def _segment(ancillary: list[tuple[int, int, bytes]], size: int) -> int:
    """The size of each datagram that GRO has joined, or of the only one."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_UDP, _UDP_GRO):
            return int.from_bytes(data, sys.byteorder)
    return size


def _failed(kind: ErrorKind, why: str) -> GatewayError:
    return GatewayError(kind, "RECEIVER_FAILED", f"The load receiver could not connect: {why}.")
