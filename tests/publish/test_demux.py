"""The one UDP port: who gets which datagram, what strangers get (nothing), and the bounds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.publish.demux import MAX_PEERS_PER_VIEWER, Demux
from cctv_gateway.publish.ice import IceAgent, Peer
from cctv_gateway.publish.offer import IceCredentials
from tests.publish.test_egress import FakeSocket
from tests.publish.test_ice import OURS, THEIRS, A, B, request


class Port(FakeSocket):
    """A fake socket that also remembers to whom it sent, and has datagrams to give."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_to: list[Any] = []
        self.waiting: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes | memoryview, address: Any, /) -> int:
        self.sent_to.append(address)
        return super().sendto(data, address)

    def recvfrom(self, size: int, /) -> tuple[bytes, Any]:
        if not self.waiting:
            raise BlockingIOError
        data, peer = self.waiting.pop(0)
        return data[:size], peer


class FakeMember:
    def __init__(self, ice: IceAgent) -> None:
        self.ice = ice
        self.moves: list[Peer] = []
        self.dtls: list[bytes] = []
        self.rtcp: list[bytes] = []

    def moved(self, peer: Peer) -> None:
        self.moves.append(peer)

    def dtls_arrived(self, data: bytes) -> None:
        self.dtls.append(data)

    def rtcp_arrived(self, data: bytes) -> None:
        self.rtcp.append(data)


class Stand:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.meter = Meter(self.clock)
        self.port = Port()
        self.demux = Demux(self.port, self.clock, self.meter)
        self.member = FakeMember(IceAgent(OURS, THEIRS, 0.0))
        self.demux.add(self.member)


DTLS, RTCP = b"\x16" + bytes(20), b"\x80\xc9" + bytes(20)


def test_only_an_authenticated_check_opens_the_door() -> None:
    stand = Stand()
    for data in (DTLS, RTCP):
        stand.demux.datagram(data, A)
    stand.demux.datagram(request(password="x" * 24), A)
    assert (stand.member.dtls, stand.member.rtcp, stand.port.sent_to) == ([], [], [])
    stand.demux.datagram(request(), A)
    assert stand.port.sent_to == [A]
    assert stand.member.moves == [A]
    for data in (DTLS, RTCP):
        stand.demux.datagram(data, A)
        stand.demux.datagram(data, B)
    assert (stand.member.dtls, stand.member.rtcp) == ([DTLS], [RTCP])
    totals = stand.meter.totals()
    assert totals["publish_from_stranger"] == 4
    assert totals["publish_stun_bad_integrity"] == 1


def test_a_removed_member_is_forgotten_wholly() -> None:
    stand = Stand()
    stand.demux.datagram(request(), A)
    stand.demux.remove(stand.member)
    stand.demux.remove(stand.member)
    stand.demux.datagram(DTLS, A)
    stand.demux.datagram(request(), A)
    assert stand.member.dtls == []
    assert stand.port.sent_to == [A]
    assert stand.demux.known_peers == 0


def test_the_viewer_may_move_and_its_addresses_are_bounded() -> None:
    stand = Stand()
    stand.demux.datagram(request(), A)
    for port in range(40):
        stand.demux.datagram(request(use=False), ("192.0.2.9", port))
    assert stand.demux.known_peers == MAX_PEERS_PER_VIEWER
    stand.demux.datagram(DTLS, A)
    assert stand.member.dtls == [DTLS], "the pair in use is never forgotten"
    stand.demux.datagram(request(), B)
    assert stand.member.moves == [A, B]


def test_an_address_belongs_to_whoever_proved_it_last() -> None:
    stand = Stand()
    other = FakeMember(IceAgent(IceCredentials("two2", "2" * 24), THEIRS, 0.0))
    stand.demux.add(other)
    stand.demux.datagram(request(), A)
    stand.demux.datagram(request(user="two2:them", password="2" * 24), A)
    stand.demux.datagram(DTLS, A)
    assert (stand.member.dtls, other.dtls) == ([], [DTLS])
    stand.demux.remove(stand.member)
    stand.demux.remove(other)
    assert stand.demux.known_peers == 0


def test_a_restart_moves_the_user_fragments() -> None:
    stand = Stand()
    local = stand.member.ice.restart(IceCredentials("newt", "n" * 24))
    stand.demux.renew(stand.member)
    fresh = request(user=f"{local.ufrag}:newt", password=local.password)
    stand.demux.datagram(request(), A)
    stand.demux.datagram(fresh, B)
    stand.demux.datagram(request(), A)
    assert stand.port.sent_to == [A, B]


def test_one_wake_up_takes_a_bounded_number() -> None:
    stand = Stand()
    stand.port.waiting = [(DTLS, A)] * 100
    stand.demux.drain()
    assert len(stand.port.waiting) == 36
    stand.demux.drain()
    assert stand.port.waiting == []


def test_refused_answers_and_reads_are_counted() -> None:
    stand = Stand()
    stand.port.refuse = BlockingIOError()
    stand.demux.datagram(request(), A)
    assert stand.meter.totals()["publish_check_answer_failed"] == 1


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_random_datagrams_reach_nobody_and_get_no_answer(datagrams: list[bytes]) -> None:
    stand = Stand()
    for data in datagrams:
        stand.demux.datagram(data, B)
    assert stand.port.sent_to == []
    assert (stand.member.dtls, stand.member.rtcp) == ([], [])
    assert sum(stand.meter.totals().values()) == len(datagrams)
