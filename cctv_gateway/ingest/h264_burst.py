"""The steady state of an H.264 camera: a read full of plain packets, parsed in one flat loop.

Whatever is not plain goes packet by packet through `rtp.py` and `h264.py`, which own all state.
"""

import struct

from cctv_gateway.ingest.access_unit import MAX_UNIT_BYTES, UnitAssembler
from cctv_gateway.ingest.h264 import FU_A, IDR, SLICE, H264Depacketizer
from cctv_gateway.ingest.rtp import RtpReceiver

# `$`, channel and size of the interleaved frame; the RTP header; two bytes of payload.
_unpack = struct.Struct(">HHHHIIH").unpack_from
_HEAD_BYTES = 18
# The least size of a frame that holds a byte behind the FU header.
_LEAST_SIZE = 15

# The kind in the first payload byte and FU-A's start and end bits in the second.
_FU_BITS = 0x1FC0
_FU_MIDDLE, _FU_OPENS, _FU_CLOSES = FU_A << 8, FU_A << 8 | 0x80, FU_A << 8 | 0x40
_SINGLE_KINDS = frozenset({SLICE, IDR})
_NOT_PLAIN = -1
_MARKER = 0x80
# The number after it is a case for `RtpReceiver`, which counts the wraps.
_LAST_NUMBER = 0xFFFF

_FIRST_BYTES = tuple(bytes((value,)) for value in range(256))


class H264Burst:
    """Takes the frames of one channel that are whole, wanted and in order."""

    __slots__ = ("_lead", "_marked", "_nals", "_receiver", "_unit")

    def __init__(
        self, channel: int, receiver: RtpReceiver, nals: H264Depacketizer, unit: UnitAssembler
    ) -> None:
        self._receiver = receiver
        self._nals = nals
        self._unit = unit
        self._lead = 0x2400 | channel
        self._marked = 0x8000 | _MARKER | receiver.payload_type

    def take(self, buffer: bytearray, view: memoryview, at: int, end: int) -> int:
        """Returns where the first thing starts that is no whole frame of the channel."""
        # Flat, with calls for the edges of a picture only: it runs for each packet of each camera.
        receiver, nals, unit = self._receiver, self._nals, self._unit
        lead, marked = self._lead, self._marked
        expected, pieces = receiver.expected, nals.pieces
        while end - at >= _HEAD_BYTES:
            head, size, kind, number, stamp, ssrc, fu = _unpack(buffer, at)
            first, stop = at + _HEAD_BYTES, at + 4 + size
            if head != lead or stop > end:
                break
            ends = kind == marked
            bits = fu & _FU_BITS
            if (
                number != expected
                or kind | _MARKER != marked
                or ssrc != receiver.ssrc
                or size < _LEAST_SIZE
                or number == _LAST_NUMBER
            ):
                bits = _NOT_PLAIN
            elif not pieces and stamp != unit.timestamp:
                unit.begin(stamp)
            at = stop
            if bits == _FU_MIDDLE and pieces and not ends and stamp == unit.timestamp:
                pieces.append(view[first:stop])
                nals.room -= size
                receiver.expected = expected = number + 1
                continue
            if bits == _FU_OPENS and not pieces and not ends:
                nals.pieces = pieces = [_FIRST_BYTES[fu >> 8 & 0xE0 | fu & 0x1F], view[first:stop]]
                nals.room, nals.kept = MAX_UNIT_BYTES, 0
                receiver.expected = expected = number + 1
                continue
            if bits == _FU_CLOSES and pieces and stamp == unit.timestamp:
                pieces.append(view[first:stop])
                nals.pieces = []
                receiver.expected = number + 1
                nals.put(b"".join(pieces), ends)
            elif bits >> 8 in _SINGLE_KINDS and not pieces:
                receiver.expected = number + 1
                nals.put(view[first - 2 : stop].tobytes(), ends)
            else:
                receiver.packet(buffer, stop - size, stop)
            expected, pieces = receiver.expected, nals.pieces
        return at
