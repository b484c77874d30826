"""RTCP in and out: reports, NACK, PLI, FIR, REMB, goodbye, and hostile bytes."""

import contextlib
import struct
from datetime import UTC, datetime

import pytest
from aiortc import rtp
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.publish import reports
from cctv_gateway.publish.feedback import (
    MAX_NACKS,
    Feedback,
    MalformedRtcp,
    Report,
    parse_feedback,
)

OURS, VIEWER = 0x11223344, 0x55667788


def receiver_report(lost: int = 64, about: int = OURS) -> bytes:
    block = struct.pack("!IIIIII", about, lost << 24 | 5, 99, 7, 0xAABB0000, 0x8000)
    return struct.pack("!BBHI", 0x81, 201, 7, VIEWER) + block


def nack(*items: tuple[int, int], about: int = OURS) -> bytes:
    body = b"".join(struct.pack("!HH", *item) for item in items)
    return struct.pack("!BBHII", 0x81, 205, 2 + len(items), VIEWER, about) + body


def pli(about: int = OURS) -> bytes:
    return struct.pack("!BBHII", 0x81, 206, 2, VIEWER, about)


def fir(about: int = OURS) -> bytes:
    return struct.pack("!BBHIIII", 0x84, 206, 4, VIEWER, 0, about, 1 << 24)


def remb(bps: int) -> bytes:
    exponent = max(0, bps.bit_length() - 18)
    word = exponent << 18 | bps >> exponent
    tail = b"REMB\x01" + word.to_bytes(3, "big") + struct.pack("!I", OURS)
    return struct.pack("!BBHII", 0x8F, 206, 5, VIEWER, 0) + tail


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (receiver_report(), Feedback(report=Report(0.25, 0xAABB0000, 0x8000))),
        (receiver_report(about=1), Feedback()),
        (nack((100, 0b101)), Feedback(nacks=(100, 101, 103))),
        (nack((0xFFFF, 1)), Feedback(nacks=(0xFFFF, 0))),
        (nack((100, 0), about=1), Feedback()),
        (pli(), Feedback(picture_lost=True)),
        (pli(about=1), Feedback()),
        (fir(), Feedback(picture_lost=True)),
        (fir(about=1), Feedback()),
        (remb(1_000_000), Feedback(remb_bps=1_000_000)),
        (
            receiver_report() + nack((7, 0)) + pli(),
            Feedback(Report(0.25, 0xAABB0000, 0x8000), (7,), True),
        ),
        (struct.pack("!BBHI", 0x81, 203, 1, VIEWER), Feedback()),
    ],
)
def test_feedback(data: bytes, expected: Feedback) -> None:
    assert parse_feedback(data, OURS) == expected


def test_nacks_are_bounded() -> None:
    greedy = nack(*[(number * 17, 0xFFFF) for number in range(300)])
    assert len(parse_feedback(greedy, OURS).nacks) == MAX_NACKS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(8),
        pli()[:-1],
        pli() + b"\x80",
        pli() * 17,
        receiver_report() * 60,
        b"\x80\xc9\0\xff" * 2,
    ],
)
def test_malformed_rtcp(data: bytes) -> None:
    with pytest.raises(MalformedRtcp):
        parse_feedback(data, OURS)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_any_bytes_are_feedback_or_malformed(noise: bytes, at: int) -> None:
    good = receiver_report() + nack((7, 0)) + pli() + fir() + remb(5_000)
    for data in (noise, good[:at] + noise + good[at + len(noise) :]):
        with contextlib.suppress(MalformedRtcp):
            parse_feedback(data, OURS)


def test_a_sender_report_reads_back_in_a_foreign_parser() -> None:
    now = datetime(2026, 11, 23, 1, 2, 3, 500_000, tzinfo=UTC)
    ntp = reports.ntp_time(now)
    data = reports.sender_report(
        ssrc=OURS, cname="cam", ntp=ntp, rtp_90k=5, packets=6, payload_bytes=7
    )
    report, description = rtp.RtcpPacket.parse(data)
    assert isinstance(report, rtp.RtcpSrPacket)
    info = report.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp, info.packet_count) == (ntp, 5, 6)
    assert ntp & 0xFFFFFFFF == 1 << 31
    assert isinstance(description, rtp.RtcpSdesPacket)
    assert description.chunks[0].items == [(1, b"cam")]


def test_a_goodbye_reads_back_in_a_foreign_parser() -> None:
    parsed = rtp.RtcpPacket.parse(reports.goodbye(ssrc=OURS, cname="a" * 16))
    assert isinstance(parsed[-1], rtp.RtcpByePacket)
    assert parsed[-1].sources == [OURS]


@pytest.mark.parametrize(
    ("last_report", "delay", "expected"),
    [(0, 0, None), (0x00010000, 0x8000, 0.5), (0x00020000, 0x8000, 0.0)],
)
def test_round_trip(last_report: int, delay: int, expected: float | None) -> None:
    assert reports.round_trip_s(0x00020000 << 16, last_report, delay) == expected
