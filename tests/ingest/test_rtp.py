"""Order, gaps, wraps, restarts and rubbish in RTP and RTCP."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.rtcp import parse_rtcp, receiver_report
from cctv_gateway.ingest.rtp import MAX_REPEATS, RtpReceiver
from tests.ingest.streams import rtp


class Heard:
    """A sink that writes down what it is given."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.losses = 0

    def lost(self) -> None:
        self.losses += 1

    def push(self, buffer: bytearray, start: int, end: int, timestamp: int, marker: bool) -> None:
        assert end > start
        self.payloads.append(bytes(buffer[start:end]))


def received(*packets: bytes) -> tuple[RtpReceiver, Heard]:
    heard = Heard()
    receiver = RtpReceiver(96, heard)
    for packet in packets:
        receiver.packet(bytearray(packet), 0, len(packet))
    return receiver, heard


@pytest.mark.parametrize(
    ("sequences", "lost", "gaps", "taken"),
    [
        ([1, 2, 3], 0, 0, 3),
        ([65534, 65535, 0, 1], 0, 0, 4),
        ([1, 2, 5], 2, 1, 3),
        ([65535, 2], 2, 1, 2),
        ([1, 2, 2, 3], 0, 0, 3),
        ([5, 6, 4, 7], 0, 0, 3),
        ([10, 40_000, 40_001], 0, 1, 3),
    ],
)
def test_sequence_numbers(sequences: list[int], lost: int, gaps: int, taken: int) -> None:
    receiver, heard = received(*(rtp(b"x", number, 0) for number in sequences))
    assert (receiver.lost, heard.losses, len(heard.payloads)) == (lost, gaps, taken)


def test_a_sender_that_starts_over_is_followed() -> None:
    _, heard = received(rtp(b"a", 9, 0, ssrc=1), rtp(b"b", 500, 0, ssrc=2))
    assert heard.payloads == [b"a", b"b"]
    assert heard.losses == 1
    back = [rtp(b"x", 990 + index, 0) for index in range(MAX_REPEATS + 3)]
    _, heard = received(rtp(b"x", 1020, 0), *back)
    assert len(heard.payloads) == 4


def test_the_extended_sequence_counts_wraps() -> None:
    receiver, _ = received(*(rtp(b"x", number, 0) for number in (65534, 65535, 0, 1, 2)))
    assert receiver.highest_sequence == 0x10002
    receiver, _ = received(*(rtp(b"x", number, 0) for number in (65534, 3)))
    assert receiver.highest_sequence == 0x10003


def test_extension_sources_and_padding_are_cut_off() -> None:
    head = bytearray(rtp(b"", 1, 0))
    head[0] = 0x80 | 0x20 | 0x10 | 2
    extension = struct.pack(">HH", 0xBEDE, 1) + b"eeee"
    packet = bytes(head) + b"c" * 8 + extension + b"payload" + b"\0\0\3"
    _, heard = received(packet)
    assert heard.payloads == [b"payload"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        rtp(b"", 1, 0),
        b"\x40" + rtp(b"x", 1, 0)[1:],
        b"\xa0" + rtp(b"\xff", 1, 0)[1:],
        b"\x9f" + rtp(b"xx", 1, 0)[1:],
    ],
)
def test_broken_packets_are_counted(packet: bytes) -> None:
    receiver, heard = received(packet)
    assert receiver.malformed == 1
    assert not heard.payloads


def test_other_payload_types_are_counted_and_do_not_disturb() -> None:
    receiver, heard = received(
        rtp(b"a", 1, 0), rtp(b"m", 700, 0, payload_type=107), rtp(b"b", 2, 0)
    )
    assert heard.payloads == [b"a", b"b"]
    assert (receiver.other_payloads, heard.losses) == (1, 0)


@given(st.lists(st.binary(max_size=60)))
def test_no_packet_does_harm(packets: list[bytes]) -> None:
    received(*(b"\x80\x60" + packet for packet in packets), *packets)


def test_sender_report_and_goodbye() -> None:
    report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, 1, 2, 3, 4, 5)
    goodbye = struct.pack(">BBHI", 0x81, 203, 1, 7)
    compound = parse_rtcp(report + goodbye)
    assert compound.goodbye
    assert not compound.malformed
    assert compound.report is not None
    assert (compound.report.ntp, compound.report.rtp_timestamp) == (1 << 32 | 2, 3)
    answer = receiver_report(99, compound.report, 5, 0x10002, 0.5)
    assert len(answer) == 32
    assert struct.unpack(">BBHIIIIIII", answer) == (
        0x81, 201, 7, 99, 7, 5, 0x10002, 0, 1 << 16, 0x8000,
    )  # fmt: skip


@given(st.binary(max_size=200))
def test_no_report_does_harm(packet: bytes) -> None:
    parse_rtcp(packet)
    parse_rtcp(b"\x80\xc8\x00\x06" + packet)
