"""Sorts what arrives on the one UDP port to the viewer it belongs to (RFC 7983).

Only an authenticated check makes an address known, so nothing else reaches DTLS or SRTP.
"""

import asyncio
from typing import Protocol

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.publish.ice import IceAgent, Peer, Refusal, parse_check
from cctv_gateway.publish.path import DatagramSocket

# Enough for 1,600 viewers, and other work is never starved.
DATAGRAMS_PER_WAKEUP = 64
MAX_DATAGRAM_BYTES = 2_048
# Addresses one viewer may have at the same time (interfaces, relays, address families).
MAX_PEERS_PER_VIEWER = 8

_COUNTED = {False: "publish_from_stranger", True: "publish_datagram_unknown_kind"}


class Member(Protocol):
    """A viewer as the port sees it. All calls return at once."""

    ice: IceAgent

    def moved(self, peer: Peer) -> None:
        """The nominated pair is now this one."""

    def dtls_arrived(self, data: bytes) -> None: ...

    def rtcp_arrived(self, data: bytes) -> None: ...


class Demux:
    """The tables ufrag → viewer and address → viewer over one socket."""

    def __init__(self, opened: DatagramSocket, clock: Clock, meter: Meter) -> None:
        self._socket = opened
        self._clock = clock
        self._meter = meter
        self._by_ufrag: dict[str, Member] = {}
        self._by_peer: dict[Peer, Member] = {}
        self._peers: dict[Member, list[Peer]] = {}
        self._ufrags: dict[Member, tuple[str, ...]] = {}

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(self._socket.fileno(), self.drain)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def add(self, member: Member) -> None:
        self._peers[member] = []
        self.renew(member)

    def renew(self, member: Member) -> None:
        """Follow the member's current user fragments after a restart."""
        self._forget_ufrags(member)
        self._ufrags[member] = member.ice.ufrags()
        for ufrag in self._ufrags[member]:
            self._by_ufrag[ufrag] = member

    def remove(self, member: Member) -> None:
        """Forget a member; what still arrives for it is a stranger's. Safe to call twice."""
        self._forget_ufrags(member)
        for peer in self._peers.pop(member, ()):
            del self._by_peer[peer]

    @property
    def known_peers(self) -> int:
        return len(self._by_peer)

    def drain(self) -> None:
        """Take what has arrived, up to a bound."""
        receive = self._socket.recvfrom
        for _ in range(DATAGRAMS_PER_WAKEUP):
            try:
                data, peer = receive(MAX_DATAGRAM_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                # An ICMP error of an earlier send surfaces here; it says nothing about this read.
                self._meter.count("publish_receive_failed")
                return
            self.datagram(data, peer)

    def datagram(self, data: bytes, peer: Peer) -> None:
        """Hand one datagram to its viewer, or count why not."""
        first = data[0] if data else 255
        if first < 4:
            self._check(data, peer)
            return
        member = self._by_peer.get(peer)
        if member is not None and 20 <= first < 64:
            member.dtls_arrived(data)
        elif member is not None and 128 <= first < 192:
            member.rtcp_arrived(data)
        else:
            self._meter.count(_COUNTED[member is not None])

    def _check(self, data: bytes, peer: Peer) -> None:
        check = parse_check(data)
        if isinstance(check, Refusal):
            self._meter.count(f"publish_{check.value}")
            return
        member = self._by_ufrag.get(check.local_ufrag)
        if member is None:
            self._meter.count(f"publish_{Refusal.UNKNOWN_USER.value}")
            return
        before = len(member.ice.ufrags())
        reply = member.ice.answer(check, peer, self._clock.monotonic())
        if isinstance(reply, Refusal):
            self._meter.count(f"publish_{reply.value}")
            return
        if len(member.ice.ufrags()) != before:
            self.renew(member)
        self._know(peer, member)
        self._answer(reply.data, peer)
        if reply.nominated:
            member.moved(peer)

    def _answer(self, data: bytes, peer: Peer) -> None:
        try:
            self._socket.sendto(data, peer)
        except OSError:
            # The browser repeats its check; a reply that could not leave is only counted.
            self._meter.count("publish_check_answer_failed")

    def _know(self, peer: Peer, member: Member) -> None:
        owner = self._by_peer.get(peer)
        if owner is member:
            return
        if owner is not None:
            self._peers[owner].remove(peer)
        peers = self._peers[member]
        if len(peers) >= MAX_PEERS_PER_VIEWER:
            oldest = next(one for one in peers if one != member.ice.peer)
            peers.remove(oldest)
            del self._by_peer[oldest]
        peers.append(peer)
        self._by_peer[peer] = member

    def _forget_ufrags(self, member: Member) -> None:
        for ufrag in self._ufrags.pop(member, ()):
            del self._by_ufrag[ufrag]
