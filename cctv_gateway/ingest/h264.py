"""Takes H.264 out of RTP payloads (RFC 6184, packetization modes 0 and 1).

Pictures are put together in `access_unit.py`, packets are counted in `rtp.py`.
"""

from cctv_gateway.ingest.access_unit import MAX_UNIT_BYTES, UnitAssembler
from cctv_gateway.ingest.picture import h264_slice_is_b

SLICE, IDR, SPS, PPS = 1, 5, 7, 8
STAP_A, FU_A = 24, 28
_SLICES = frozenset({SLICE, IDR})
_SETS = frozenset({SPS, PPS})
# Access unit delimiters, SEI, end marks and filler are not passed on: no viewer needs them, and
# vendors put plates and object data into SEI, which no purpose may have asked for.
_DROPPED = frozenset({6, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21})
# Slices that may be looked at for B-pictures after each start.
B_PICTURE_LOOKS = 250
MAX_AGGREGATED = 64

_BYTES = tuple(bytes((value,)) for value in range(256))


class H264Depacketizer:
    """Feeds an assembler from the payloads of one track.

    `pieces` are the parts of an unfinished NAL unit, of which the first `kept` are copies and the
    others lie in the receive buffer; `room` is how much longer it may become.
    """

    __slots__ = (
        "_buffer", "_looks", "_unit", "_view", "b_pictures", "kept", "malformed", "pieces",
        "room",
    )  # fmt: skip

    def __init__(self, unit: UnitAssembler) -> None:
        self._unit = unit
        self._buffer = bytearray()
        self._view = memoryview(self._buffer)
        self.kept = 0
        self.pieces: list[bytes | memoryview] = []
        self.room = 0
        self._looks = B_PICTURE_LOOKS
        self.b_pictures = False
        self.malformed = 0

    def keep(self) -> None:
        """The buffer is about to be reused: copy what an unfinished NAL unit needs of it."""
        if self.pieces:
            self.pieces[self.kept :] = [b"".join(self.pieces[self.kept :])]
            self.kept = len(self.pieces)
            if self.room < 0:
                self._break_fragment()

    def lost(self) -> None:
        """Packets are missing before the next one."""
        self.pieces = []
        self._unit.spoil()

    def push(self, buffer: bytearray, start: int, end: int, timestamp: int, marker: bool) -> None:
        """One RTP payload, `buffer[start:end]`, never empty; see `keep`."""
        unit = self._unit
        if timestamp != unit.timestamp:
            if self.pieces:
                self._break_fragment()
            unit.begin(timestamp)
        kind = buffer[start] & 0x1F
        if kind == FU_A:
            if end - start > 2 and buffer[start + 1] < 0x40 and self.pieces:
                self.pieces.append(self._part(buffer, start + 2, end))
                self.room -= end - start
            else:
                self._fragment_edge(buffer, start, end)
        elif 0 < kind < STAP_A:
            self._nal(bytes(buffer[start:end]))
        elif kind == STAP_A:
            self._aggregate(buffer, start + 1, end)
        else:
            self._odd(buffer, start, end)
        if marker:
            if self.pieces:
                self._break_fragment()
            unit.mark()

    def put(self, nal: bytes, marker: bool) -> None:
        """A NAL unit that its packet ends, of at least two bytes, and the packet's marker bit."""
        kind = nal[0] & 0x1F
        if marker and nal[1] >= 0x80 and kind in _SLICES:
            if not nal[0] & 0x60 and self._looks:
                self._look_for_b_picture(nal)
            self._unit.put_picture(nal, kind == IDR)
            return
        self._nal(nal)
        if marker:
            self._unit.mark()

    def _fragment_edge(self, buffer: bytearray, start: int, end: int) -> None:
        """The first or last part of an FU-A (5.8); both in one is forbidden, and sent."""
        if end - start < 3:
            self._broken()
            return
        header = buffer[start + 1]
        if header & 0x80:
            if self.pieces:
                self._break_fragment()
            self.pieces = [_BYTES[buffer[start] & 0xE0 | header & 0x1F]]
            self.room = MAX_UNIT_BYTES
            self.kept = 0
        elif not self.pieces:
            self._unit.spoil()
            return
        pieces = self.pieces
        pieces.append(self._part(buffer, start + 2, end))
        if header & 0x40:
            self.pieces = []
            self._nal(b"".join(pieces))

    def _aggregate(self, buffer: bytearray, at: int, end: int) -> None:
        """STAP-A (5.7.1)."""
        for _ in range(MAX_AGGREGATED):
            if at + 2 > end:
                break
            size = buffer[at] << 8 | buffer[at + 1]
            at += 2
            if size == 0 or at + size > end:
                self._broken()
                return
            self._nal(bytes(buffer[at : at + size]))
            at += size

    def _odd(self, buffer: bytearray, start: int, end: int) -> None:
        """Start codes inside RTP (some firmware does that); all else was never agreed on."""
        payload = bytes(buffer[start:end])
        if not payload.startswith((b"\0\0\1", b"\0\0\0\1")):
            self._broken()
            return
        for part in payload.split(b"\0\0\1", MAX_AGGREGATED)[1:]:
            nal = part.rstrip(b"\0")
            if nal:
                self._nal(nal)

    def _nal(self, nal: bytes) -> None:
        kind = nal[0] & 0x1F
        if kind in _SLICES:
            if len(nal) < 2:
                self._broken()
                return
            # The slice header begins with first_mb_in_slice; 0 is written as a single 1 bit.
            self._unit.put_slice(nal, nal[1] >= 0x80, kind == IDR)
            if not nal[0] & 0x60 and self._looks:
                self._look_for_b_picture(nal)
        elif kind in _SETS:
            self._unit.put_parameter_set(kind, nal, kind == PPS)
        elif kind not in _DROPPED:
            self._broken()

    def _look_for_b_picture(self, nal: bytes) -> None:
        self._looks -= 1
        if h264_slice_is_b(nal):
            self.b_pictures = True
            self._looks = 0

    def _part(self, buffer: bytearray, start: int, end: int) -> memoryview:
        # The reader may have taken a larger buffer since the last packet.
        if buffer is not self._buffer:
            self._buffer, self._view = buffer, memoryview(buffer)
        return self._view[start:end]

    def _break_fragment(self) -> None:
        self.pieces = []
        self._broken()

    def _broken(self) -> None:
        self.malformed += 1
        self._unit.spoil()
