"""Reads RTP packets (RFC 3550) of one video track: order, gaps, wrap, restarts of the sender.

The payload's meaning belongs in `h264.py` and `h265.py`.
"""

import struct
from typing import Protocol

_unpack = struct.Struct(">BBHII").unpack_from
# Packets this little behind are repeats; over TCP nothing else comes late.
_BEHIND = 0x10000 - 64
# So many "repeats" in a row mean that the sender started over.
MAX_REPEATS = 16


class PayloadSink(Protocol):
    """A depacketizer."""

    def lost(self) -> None:
        """Packets are missing before the next one."""

    def push(self, buffer: bytearray, start: int, end: int, timestamp: int, marker: bool) -> None:
        """One payload, never empty; the buffer stays as it is until the read is parsed."""


class RtpReceiver:
    """Hands the payloads of one track to a sink, in order, and tells it about gaps."""

    __slots__ = (
        "_cycles", "_repeats", "_sink", "expected", "lost", "malformed", "other_payloads",
        "payload_type", "ssrc",
    )  # fmt: skip

    def __init__(self, payload_type: int, sink: PayloadSink) -> None:
        self.payload_type = payload_type
        self._sink = sink
        self._cycles = 0
        self._repeats = 0
        self.expected = -1
        self.ssrc = -1
        self.lost = 0
        self.malformed = 0
        self.other_payloads = 0

    @property
    def highest_sequence(self) -> int:
        """Extended by the count of wraps, for receiver reports."""
        return max(self._cycles * 0x10000 + self.expected - 1, 0)

    def packet(self, buffer: bytearray, start: int, end: int) -> None:
        """One RTP packet in `buffer[start:end]`. Each packet taken moves `expected`."""
        if end - start < 13:
            self.malformed += 1
            return
        first, second, sequence, timestamp, ssrc = _unpack(buffer, start)
        start += 12
        if first != 0x80:
            start, end = self._payload_bounds(buffer, start, end, first)
            if start >= end:
                return
        if second & 0x7F != self.payload_type:
            self.other_payloads += 1
            return
        if (sequence != self.expected or ssrc != self.ssrc) and self._skips(sequence, ssrc):
            return
        self.expected = sequence + 1 if sequence != 0xFFFF else self._wrap()
        self._sink.push(buffer, start, end, timestamp, second > 0x7F)

    def _wrap(self) -> int:
        self._cycles = self._cycles + 1 & 0xFFFF
        return 0

    def _skips(self, sequence: int, ssrc: int) -> bool:
        """Deal with a packet that is not the expected one; True drops it."""
        if ssrc != self.ssrc:
            self._start_over(ssrc)
            return False
        ahead = sequence - self.expected & 0xFFFF
        if ahead >= _BEHIND and self._repeats < MAX_REPEATS:
            self._repeats += 1
            return True
        if ahead >= 0x8000:
            self._start_over(ssrc)
            return False
        self._repeats = 0
        self._cycles += sequence < self.expected
        self.lost += ahead
        self._sink.lost()
        return False

    def _start_over(self, ssrc: int) -> None:
        if self.ssrc != -1:
            self._sink.lost()
        self.ssrc = ssrc
        self._cycles = self._repeats = 0

    def _payload_bounds(
        self, buffer: bytearray, start: int, end: int, first: int
    ) -> tuple[int, int]:
        """Past contributing sources and extension, before padding; nothing left is malformed."""
        if first >> 6 != 2:
            self.malformed += 1
            return end, end
        start += 4 * (first & 0x0F)
        if first & 0x10 and start + 4 <= end:
            start += 4 + 4 * (buffer[start + 2] << 8 | buffer[start + 3])
        if first & 0x20:
            end -= buffer[end - 1]
        if start >= end:
            self.malformed += 1
        return start, end
