"""Reads the camera's RTCP (RFC 3550, 6) and writes our receiver reports.

Reports are only counted and answered; pictures are never timed by them.
"""

import struct
from dataclasses import dataclass

SENDER_REPORT, RECEIVER_REPORT, GOODBYE = 200, 201, 203
_HEADER = struct.Struct(">BBH")
_SENDER = struct.Struct(">IIII")
_REPORT = struct.Struct(">BBHIIIIIII")


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The camera's own clock (NTP, seconds since 1900 in 32.32 bits) at an RTP timestamp."""

    ssrc: int
    ntp: int
    rtp_timestamp: int


@dataclass(frozen=True, slots=True)
class Compound:
    """What matters of a compound packet."""

    report: SenderReport | None = None
    goodbye: bool = False
    malformed: bool = False


def parse_rtcp(packet: bytes) -> Compound:
    report: SenderReport | None = None
    goodbye = False
    at = 0
    while at < len(packet):
        if at + 4 > len(packet):
            return Compound(report, goodbye, malformed=True)
        first, kind, words = _HEADER.unpack_from(packet, at)
        stop = at + 4 + 4 * words
        if first >> 6 != 2 or stop > len(packet):
            return Compound(report, goodbye, malformed=True)
        if kind == SENDER_REPORT and stop - at >= 20:
            ssrc, seconds, fraction, rtp = _SENDER.unpack_from(packet, at + 4)
            report = SenderReport(ssrc, seconds << 32 | fraction, rtp)
        goodbye = goodbye or kind == GOODBYE
        at = stop
    return Compound(report, goodbye)


def receiver_report(
    own_ssrc: int, report: SenderReport, lost: int, highest_sequence: int, age_s: float
) -> bytes:
    """One report block (6.4.2); the fraction and the jitter are told as 0, TCP has neither."""
    return _REPORT.pack(
        0x81, RECEIVER_REPORT, 7, own_ssrc, report.ssrc, min(lost, 0x7FFFFF),
        highest_sequence & 0xFFFFFFFF, 0, report.ntp >> 16 & 0xFFFFFFFF,
        min(int(age_s * 65536), 0xFFFFFFFF),
    )  # fmt: skip
