"""The load receiver against a real publisher, and its counting by itself."""

import asyncio
import socket

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.bench.receiver import LoadReceiver, ReceiverState, RtpCounter, read_answer
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, Profile, StreamKey, ViewId
from cctv_gateway.publish.dtls import new_certificate
from tests.publish.conftest import CAMERA, TICKS, Bench, make_grant, start_publisher, until


class Source:
    """A hub with made-up pictures; nobody decodes them here."""

    def __init__(self) -> None:
        self.hub = Hub(StreamKey(CAMERA, Profile.SUB))
        self._number = 0

    def push(self, frames: int) -> None:
        for _ in range(frames):
            key = self._number % 10 == 0
            nal = (b"\x65" if key else b"\x41") + bytes(7_000)
            now_s = SystemClock().monotonic()
            self.hub.push(AccessUnit((nal,), self._number * TICKS, key, now_s))
            self._number += 1


async def connect(bench: Bench, source: Source, receiver: LoadReceiver, view: str) -> None:
    async def post(offer: str) -> str:
        return await bench.publisher.open(
            ViewId(view), make_grant(), lambda profile: source.hub, Profile.SUB, offer
        )

    await receiver.connect(post)


async def test_many_receivers_count_every_frame() -> None:
    bench, source, certificate = await start_publisher(), Source(), new_certificate()
    source.push(3)
    receivers = [LoadReceiver(SystemClock(), certificate) for _ in range(20)]
    await asyncio.gather(
        *(connect(bench, source, one, f"v{number}") for number, one in enumerate(receivers))
    )
    source.push(5)
    await until(lambda: all(one.stats.frames == 8 for one in receivers))
    for receiver in receivers:
        stats = receiver.stats
        assert (stats.packets, stats.lost_packets, stats.reordered_packets) == (48, 0, 0)
        assert stats.state is ReceiverState.CONNECTED
        assert stats.first_frame_s is not None
        assert stats.first_frame_s < 2.0
    await bench.publisher.cut(ViewId("v0"))
    await until(lambda: receivers[0].stats.state is ReceiverState.ENDED)
    for receiver in receivers:
        await receiver.close()
        await receiver.close()
    await until(lambda: bench.publisher.views == 0)
    await bench.publisher.stop()


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no IPv6")
async def test_ipv6_works_as_well() -> None:
    bench, source = await start_publisher(host="::1"), Source()
    source.push(3)
    receiver = LoadReceiver(SystemClock(), host="::1")
    await connect(bench, source, receiver, "v")
    await until(lambda: receiver.stats.frames == 3)
    await receiver.close()
    await bench.publisher.stop()


def packet(sequence: int, marker: bool = False, size: int = 20) -> bytes:
    kind = 96 | (0x80 if marker else 0)
    return bytes((0x80, kind)) + sequence.to_bytes(2, "big") + bytes(size - 4)


@pytest.mark.parametrize(
    ("datagrams", "packets", "frames", "lost"),
    [
        ([packet(1), packet(2, True)], 2, 1, 0),
        ([packet(1) + packet(2) + packet(3, True, 9)], 3, 1, 0),
        ([packet(65535) + packet(0, True)], 2, 1, 0),
        ([packet(1), packet(4, True)], 2, 1, 2),
        ([packet(1) + packet(5, True)], 2, 1, 3),
        ([packet(1, True) + packet(2, True)], 2, 2, 0),
        ([packet(1), bytes((0x80, 200)) + bytes(18)], 1, 0, 0),
    ],
)
def test_counting(datagrams: list[bytes], packets: int, frames: int, lost: int) -> None:
    counter = RtpCounter()
    for data in datagrams:
        counter.count(memoryview(data), 20)
    assert (counter.packets, counter.frames, counter.lost) == (packets, frames, lost)


async def test_an_answer_without_a_candidate_is_refused() -> None:
    with pytest.raises(GatewayError):
        read_answer("v=0\r\na=ice-ufrag:abcd\r\n")
    receiver = LoadReceiver(SystemClock())

    async def refuse(offer: str) -> str:
        return "nothing"

    with pytest.raises(GatewayError):
        await receiver.connect(refuse)
    await receiver.close()
