"""Reads RTCP from a viewer: receiver reports, NACK, PLI/FIR, REMB; strictly bounded.

Decryption happens before (`viewer.py`), and what to do about a report is decided there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_RTCP_BYTES = 1_500
MAX_PACKETS = 16
# Chromium asks for a few dozen at most; more than that is cheaper answered by a keyframe.
MAX_NACKS = 256

_SENDER_REPORT, _RECEIVER_REPORT, _RTPFB, _PSFB = 200, 201, 205, 206
_NACK = 1
_PLI, _FIR, _APPLICATION = 1, 4, 15
_REPORT = struct.Struct("!IIIIII")
_NACK_ITEM = struct.Struct("!HH")
_REPORT_BYTES = _REPORT.size


@dataclass(frozen=True, slots=True)
class Report:
    """One report block about our stream; `last_report` and `delay` are in 1/65536 s."""

    lost_fraction: float
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """Everything one compound packet says about the stream with our SSRC."""

    report: Report | None = None
    nacks: tuple[int, ...] = ()
    picture_lost: bool = False
    remb_bps: int | None = None


class MalformedRtcp(ValueError):
    """The packet is no RTCP; it is counted and dropped."""


def parse_feedback(data: bytes, ssrc: int) -> Feedback:
    """Read a decrypted compound packet; raises MalformedRtcp and nothing else."""
    report: Report | None = None
    nacks: list[int] = []
    picture_lost = False
    remb_bps: int | None = None
    for kind, count, body in _packets(data):
        if kind in (_RECEIVER_REPORT, _SENDER_REPORT):
            report = _report(body[4 if kind == _RECEIVER_REPORT else 24 :], count, ssrc) or report
        elif kind == _RTPFB and count == _NACK and _media_ssrc(body) == ssrc:
            nacks += _nacks(body[8:], MAX_NACKS - len(nacks))
        elif kind == _PSFB:
            picture_lost = picture_lost or _asks_keyframe(count, body, ssrc)
            remb_bps = _remb(count, body) or remb_bps
    return Feedback(report, tuple(nacks), picture_lost, remb_bps)


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, count or format, body) of each packet in a compound (RFC 3550 section 6.1)."""
    if not 8 <= len(data) <= MAX_RTCP_BYTES:
        raise MalformedRtcp("its length is impossible")
    at = 0
    for _ in range(MAX_PACKETS):
        if at == len(data):
            return
        end = at + 4
        if end > len(data) or data[at] >> 6 != 2:
            raise MalformedRtcp("a header is broken")
        end += 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise MalformedRtcp("a packet is longer than its datagram")
        yield data[at + 1], data[at] & 0x1F, data[at + 4 : end]
        at = end
    raise MalformedRtcp("it holds too many packets")


def _report(blocks: bytes, count: int, ssrc: int) -> Report | None:
    for start in range(0, min(count * _REPORT_BYTES, len(blocks) - 23), _REPORT_BYTES):
        about, lost, _, _, last_report, delay = _REPORT.unpack_from(blocks, start)
        if about == ssrc:
            return Report((lost >> 24) / 256, last_report, delay)
    return None


def _media_ssrc(body: bytes) -> int:
    return int.from_bytes(body[4:8], "big")


def _nacks(items: bytes, room: int) -> list[int]:
    """Sequence numbers of a generic NACK (RFC 4585 section 6.2.1), at most `room`."""
    asked: list[int] = []
    for start in range(0, len(items) - 3, 4):
        first, mask = _NACK_ITEM.unpack_from(items, start)
        asked.append(first)
        asked += ((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
        if len(asked) >= room:
            break
    return asked[: max(room, 0)]


def _asks_keyframe(form: int, body: bytes, ssrc: int) -> bool:
    if form == _PLI:
        return _media_ssrc(body) == ssrc
    if form != _FIR:
        return False
    targets = range(8, len(body) - 7, 8)
    return any(int.from_bytes(body[at : at + 4], "big") == ssrc for at in targets)


def _remb(form: int, body: bytes) -> int | None:
    if form != _APPLICATION or len(body) < 16 or body[8:12] != b"REMB":
        return None
    word = int.from_bytes(body[13:16], "big")
    return (word & 0x3FFFF) << (word >> 18)
