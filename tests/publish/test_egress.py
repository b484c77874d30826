"""One viewer's sender on a fake socket: start, pacing, refusals, GSO, resends, switching."""

import errno
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiortc import rtp

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import AccessUnit
from cctv_gateway.publish.egress import Egress, Stage
from cctv_gateway.publish.history import MAX_AGE_S, MAX_PACKETS
from cctv_gateway.publish.pacer import BURST_BYTES
from cctv_gateway.publish.packetise import Frame
from cctv_gateway.publish.path import SendPath
from cctv_gateway.publish.srtp import Source
from tests.publish.keys import key_pair

TICKS = 6_000
SOURCE, RTX = Source(11, 96), Source(22, 97)


class FakeSocket:
    """Takes datagrams as the kernel would; `refuse` fails the next calls, `gso` may be missing."""

    def __init__(self) -> None:
        self.datagrams: list[bytes] = []
        self.calls = 0
        self.gso = True
        self.refuse: OSError | None = None

    def fileno(self) -> int:
        return -1

    def getsockname(self) -> Any:
        return ("127.0.0.1", 1)

    def recvfrom(self, size: int, /) -> tuple[bytes, Any]:
        raise BlockingIOError

    def close(self) -> None: ...

    def sendto(self, data: bytes | memoryview, address: Any, /) -> int:
        self.calls += 1
        if self.refuse is not None:
            raise self.refuse
        self.datagrams.append(bytes(data))
        return len(data)

    def sendmsg(
        self, buffers: list[memoryview], ancillary: Any, flags: int, address: Any, /
    ) -> int:
        self.calls += 1
        if self.refuse is not None:
            raise self.refuse
        if not self.gso:
            raise OSError(errno.EIO, "no segmentation here")
        [(level, option, segment)] = ancillary
        assert (level, option) == (17, 103)
        stride = int.from_bytes(segment, "little")
        [data] = buffers
        assert stride < len(data) <= 65_000
        self.datagrams += [bytes(data[at : at + stride]) for at in range(0, len(data), stride)]
        return len(data)


class Stand:
    """An egress with everything around it."""

    def __init__(self, rtx: Source | None = None) -> None:
        self.clock = ManualClock()
        self.meter = Meter(self.clock)
        self.socket = FakeSocket()
        self.gop: list[Frame] = []
        self.started = 0
        self.backlogs = 0
        self.failures = 0
        near, self.far = key_pair()
        path = SendPath(self.socket, self.meter)
        path.move(("127.0.0.1", 9))
        self.egress = Egress(
            keys=near.keys, path=path, source=SOURCE, rtx=rtx, replay=lambda: self.gop,
            clock=self.clock, meter=self.meter, on_first_frame=self._first,
            on_failed=self._failed, on_backlog=self._backlog,
        )  # fmt: skip

    def frame(self, number: int, size: int = 2_000, keyframe: bool | None = None) -> Frame:
        key = number % 10 == 0 if keyframe is None else keyframe
        nal = (b"\x65" if key else b"\x41") + bytes(size - 1)
        unit = AccessUnit((nal,), number * TICKS, key, 1000.0 + number / 15)
        return Frame(unit)

    async def take(self, frame: Frame) -> None:
        await self.clock.advance(1 / 15)
        self.egress.take(frame)

    def packets(self) -> list[rtp.RtpPacket]:
        """What the viewer has received since the last call, decrypted."""
        found = [rtp.RtpPacket.parse(self.far.session.unprotect(d)) for d in self.socket.datagrams]
        self.socket.datagrams.clear()
        return found

    def _first(self) -> None:
        self.started += 1

    def _failed(self) -> None:
        self.failures += 1

    def _backlog(self) -> None:
        self.backlogs += 1


def stamps(packets: Sequence[rtp.RtpPacket]) -> list[int]:
    """The distinct timestamps in order, from zero."""
    seen = dict.fromkeys(packet.timestamp for packet in packets)
    first = next(iter(seen))
    return [stamp - first for stamp in seen]


async def test_a_replay_starts_at_its_keyframe_with_its_own_timestamps() -> None:
    stand = Stand()
    stand.gop = [stand.frame(number) for number in range(10, 14)]
    stand.egress.start()
    packets = stand.packets()
    assert stamps(packets) == [0, TICKS, 2 * TICKS, 3 * TICKS]
    assert [p.sequence_number - packets[0].sequence_number for p in packets] == list(range(8))
    assert [packet.marker for packet in packets] == [0, 1] * 4
    assert (stand.started, stand.egress.frames, stand.egress.packets) == (1, 4, 8)


async def test_nothing_is_sent_before_a_keyframe() -> None:
    stand = Stand()
    await stand.take(stand.frame(3))
    assert stand.packets() == []
    assert stand.egress.skipped_frames == 1
    await stand.take(stand.frame(10))
    assert len(stand.packets()) == 2


async def test_one_call_carries_a_frame() -> None:
    stand = Stand()
    await stand.take(stand.frame(0, size=20_000))
    assert stand.socket.calls == 1
    assert len(stand.packets()) == 17


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL])
async def test_without_gso_packets_go_one_by_one(number: int) -> None:
    stand = Stand()
    stand.socket.gso = False
    await stand.take(stand.frame(0))
    await stand.take(stand.frame(1))
    assert stand.socket.calls == 1 + 2 + 2
    assert [packet.marker for packet in stand.packets()] == [0, 1, 0, 1]
    assert stand.meter.totals()["publish_path_without_gso"] == 1


@pytest.mark.parametrize(
    "refusal", [BlockingIOError(errno.EAGAIN, "full"), OSError(errno.ENOBUFS, "full")]
)
async def test_a_full_socket_means_skipping_to_the_next_keyframe(refusal: OSError) -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    stand.socket.refuse = refusal
    await stand.take(stand.frame(1))
    stand.socket.refuse = None
    await stand.take(stand.frame(2))
    await stand.take(stand.frame(10))
    assert stamps(stand.packets()) == [0, 10 * TICKS]
    assert stand.egress.skipped_frames == 2
    assert stand.egress.frames == 2
    assert stand.meter.totals()["publish_skipped_to_keyframe"] == 1


async def test_a_send_error_is_counted_and_nothing_else() -> None:
    stand = Stand()
    stand.socket.refuse = OSError(errno.ENETUNREACH, "gone")
    await stand.take(stand.frame(0))
    assert stand.meter.totals()["publish_send_failed"] == 1
    assert stand.egress.stage is Stage.WAITING


async def test_a_burst_is_paced_and_complete() -> None:
    stand = Stand()
    stand.gop = [stand.frame(10, size=100_000), stand.frame(11, size=50_000)]
    stand.egress.start()
    first = len(stand.packets())
    assert BURST_BYTES <= first * 1208 <= 2.3 * BURST_BYTES
    assert stand.backlogs >= 1
    for _ in range(100):
        await stand.clock.advance(0.005)
        if not stand.egress.drain():
            break
    rest = stand.packets()
    assert first + len(rest) == sum(frame.packets for frame in stand.gop)
    assert stand.clock.monotonic() - 1000.0 == pytest.approx(0.06, abs=0.02)
    assert stand.egress.backlog_bytes == 0


async def test_a_new_keyframe_overtakes_what_waits() -> None:
    stand = Stand()
    stand.gop = [stand.frame(number, size=40_000) for number in range(10, 18)]
    stand.egress.start()
    waiting = stand.egress.backlog_bytes
    stand.egress.take(stand.frame(20, size=10_000))
    assert stand.egress.backlog_bytes < waiting
    await stand.clock.advance(1.0)
    while stand.egress.drain():
        await stand.clock.advance(0.05)
    assert stamps(stand.packets())[-1] == 10 * TICKS
    assert stand.egress.skipped_frames > 0


async def test_a_backlog_is_bounded() -> None:
    stand = Stand()
    for number in range(10, 20):
        stand.egress.take(stand.frame(number, size=600_000))
    assert stand.egress.backlog_bytes <= 4_000_000
    assert stand.meter.totals()["publish_backlog_overflow"] == 1


async def test_a_nack_repeats_the_packet_byte_for_byte() -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    sent = list(stand.socket.datagrams)
    first = stand.packets()[0].sequence_number
    stand.egress.resend([first + 1, first, first + 99])
    assert stand.socket.datagrams == [sent[1], sent[0]]
    assert stand.egress.retransmitted == 2
    assert stand.meter.totals()["publish_resend_too_old"] == 1


async def test_with_rtx_a_nack_is_answered_on_its_own_source() -> None:
    stand = Stand(rtx=RTX)
    await stand.take(stand.frame(0))
    original = stand.packets()[1]
    stand.egress.resend([original.sequence_number] * 2)
    again = stand.packets()
    assert [(p.ssrc, p.payload_type, p.marker) for p in again] == [(22, 97, 1)] * 2
    assert again[1].sequence_number == again[0].sequence_number + 1
    unwrapped = rtp.unwrap_rtx(again[0], payload_type=96, ssrc=11)
    assert unwrapped.payload == original.payload
    assert unwrapped.sequence_number == original.sequence_number


async def test_asking_for_what_was_never_sent_uses_up_the_same_cap() -> None:
    """Each search walks the history: a viewer must not keep the gateway busy with them."""
    stand = Stand(RTX)
    await stand.take(stand.frame(0))
    (first, *_) = [packet.sequence_number for packet in stand.packets()]
    for _ in range(10):
        stand.egress.resend([(first + 1_000 + number) & 0xFFFF for number in range(256)])
    totals = stand.meter.totals()
    assert totals["publish_resend_too_old"] == 150
    assert totals["publish_resend_capped"] == 10


async def test_resends_are_capped_and_the_cap_refills() -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    first = stand.packets()[0].sequence_number
    stand.egress.resend([first] * 200)
    assert stand.egress.retransmitted == 150
    await stand.clock.advance(0.1)
    stand.egress.resend([first] * 200)
    assert stand.egress.retransmitted == 180


async def test_the_history_is_bounded_in_age_and_packets() -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    first = stand.packets()[0].sequence_number
    for number in range(1, 4 + int(15 * MAX_AGE_S)):
        await stand.take(stand.frame(number, keyframe=False))
    stand.egress.resend([first])
    assert stand.egress.retransmitted == 0
    stand.egress._pacer.bytes_per_s = 1e12
    await stand.take(stand.frame(100, size=2_000_000))
    assert stand.egress._history.packets <= MAX_PACKETS


async def test_stop_means_stop() -> None:
    stand = Stand()
    stand.gop = [stand.frame(10, size=300_000)]
    stand.egress.start()
    sequence = stand.packets()[0].sequence_number
    stand.egress.stop()
    await stand.take(stand.frame(20))
    stand.egress.switch(stand.frame(30))
    stand.egress.resend([sequence])
    stand.egress.refresh()
    assert not stand.egress.drain()
    assert stand.packets() == []


async def test_a_switch_keeps_source_sequence_and_timeline() -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    other = stand.frame(500)
    other.received_s = 1000.0 + 2 / 15
    await stand.clock.advance(1 / 15)
    stand.egress.switch(other)
    following = stand.frame(501)
    await stand.take(following)
    packets = stand.packets()
    assert {packet.ssrc for packet in packets} == {11}
    assert stamps(packets) == [0, 2 * TICKS, 3 * TICKS]
    assert packets[-1].sequence_number - packets[0].sequence_number == 5


async def test_after_an_interruption_the_old_timeline_goes_on() -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    stand.egress.interrupted()
    await stand.take(stand.frame(41))
    await stand.take(stand.frame(50))
    assert stamps(stand.packets()) == [0, 50 * TICKS]


async def test_after_an_interruption_a_new_timeline_is_aligned_by_the_clock() -> None:
    stand = Stand()
    await stand.take(stand.frame(1000, keyframe=True))
    stand.egress.interrupted()
    restarted = stand.frame(0)
    restarted.received_s = 1000.0 + 1000 / 15 + 2.0
    await stand.take(restarted)
    assert stamps(stand.packets()) == [0, 2 * 90_000]


async def test_a_lost_picture_is_answered_with_the_gop_squeezed_in_time() -> None:
    stand = Stand()
    gop = [stand.frame(number) for number in range(5)]
    for frame in gop:
        await stand.take(frame)
    before = stand.packets()
    stand.egress.refresh()
    newest = stand.frame(5)
    stand.gop = [stand.frame(number) for number in range(6)]
    await stand.take(newest)
    again = stand.packets()
    assert len(again) == 6 * 2
    all_stamps = stamps([*before, *again])
    assert all_stamps == sorted(all_stamps)
    assert all_stamps[-1] == 5 * TICKS
    assert stand.meter.totals()["publish_refreshed"] == 1
    stand.egress.refresh()
    await stand.take(stand.frame(6))
    assert len(stand.packets()) == 2, "one refresh a second is enough"


@pytest.mark.parametrize(
    "gop_of",
    [
        lambda stand: [],
        lambda stand: [stand.frame(0, size=1_000_000), stand.frame(1, size=600_000)],
    ],
)
async def test_a_refresh_needs_a_gop_of_decent_size(
    gop_of: Callable[[Stand], list[Frame]],
) -> None:
    stand = Stand()
    await stand.take(stand.frame(0))
    stand.packets()
    stand.gop = gop_of(stand)
    stand.egress.refresh()
    await stand.take(stand.frame(1))
    assert len(stand.packets()) == 2
