"""Writes the RTCP we send: sender report with CNAME, and goodbye (RFC 3550 section 6).

Encryption and the timer that asks for them belong to `viewer.py` and `publisher.py`.
"""

import struct
from datetime import datetime

_NTP_EPOCH_S = 2_208_988_800
_SENDER_REPORT = struct.Struct("!BBHIIIIII")
_HEADER_WITH_SSRC = struct.Struct("!BBHI")
_CNAME = 1


def ntp_time(now: datetime) -> int:
    """A 64-bit NTP timestamp: seconds since 1900 and their fraction."""
    seconds = now.timestamp() + _NTP_EPOCH_S
    whole = int(seconds)
    return ((whole & 0xFFFFFFFF) << 32) | int((seconds - whole) * (1 << 32))


def middle_of(ntp: int) -> int:
    """The middle 32 bits that receiver reports give back, in 1/65536 s."""
    return (ntp >> 16) & 0xFFFFFFFF


def sender_report(
    *, ssrc: int, cname: str, ntp: int, rtp_90k: int, packets: int, payload_bytes: int
) -> bytes:
    """SR and SDES in one compound."""
    report = _SENDER_REPORT.pack(
        0x80, 200, 6, ssrc, ntp >> 32, ntp & 0xFFFFFFFF, rtp_90k,
        packets & 0xFFFFFFFF, payload_bytes & 0xFFFFFFFF,
    )  # fmt: skip
    return report + _description(ssrc, cname)


def goodbye(*, ssrc: int, cname: str) -> bytes:
    """An empty receiver report, SDES, and BYE: a compound must open with a report."""
    empty = _HEADER_WITH_SSRC.pack(0x80, 201, 1, ssrc)
    return empty + _description(ssrc, cname) + _HEADER_WITH_SSRC.pack(0x81, 203, 1, ssrc)


def round_trip_s(ntp: int, last_report: int, delay: int) -> float | None:
    """RFC 3550 section 6.4.1; None when the receiver has seen no report of ours yet."""
    if last_report == 0:
        return None
    passed = (middle_of(ntp) - last_report - delay) & 0xFFFFFFFF
    return passed / 65_536 if passed < 1 << 31 else 0.0


def _description(ssrc: int, cname: str) -> bytes:
    name = cname.encode()
    item = bytes((_CNAME, len(name))) + name + b"\0"
    item += bytes(-len(item) % 4)
    return _HEADER_WITH_SSRC.pack(0x81, 202, 1 + len(item) // 4, ssrc) + item
