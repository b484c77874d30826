"""Takes H.265 out of RTP payloads (RFC 7798, without decoding order numbers).

Pictures are put together in `access_unit.py`; few browsers play the result, so the codec is told.
"""

from cctv_gateway.ingest.access_unit import MAX_UNIT_BYTES, UnitAssembler

IDR_W_RADL, IDR_N_LP = 19, 20
VPS, SPS, PPS = 32, 33, 34
AGGREGATION, FRAGMENTATION = 48, 49
_LAST_SLICE = 31
# Delimiters, end marks, filler and SEI: see h264.py.
_DROPPED = frozenset({35, 36, 37, 38, 39, 40})
MAX_AGGREGATED = 64


class H265Depacketizer:
    """Feeds an assembler from the payloads of one track.

    Only IDR pictures count as keyframes: pictures that follow a CRA may refer to what was before.
    """

    __slots__ = (
        "_buffer", "_kept", "_room", "_unit", "_view", "b_pictures", "malformed", "pieces",
    )  # fmt: skip

    def __init__(self, unit: UnitAssembler) -> None:
        self._unit = unit
        self._buffer = bytearray()
        self._view = memoryview(self._buffer)
        self._kept = 0
        self.pieces: list[bytes | memoryview] = []
        self._room = 0
        self.b_pictures = False
        self.malformed = 0

    def keep(self) -> None:
        """The buffer is about to be reused: copy what an unfinished NAL unit needs of it."""
        if self.pieces:
            self.pieces[self._kept :] = [b"".join(self.pieces[self._kept :])]
            self._kept = len(self.pieces)
            if self._room < 0:
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
        kind = buffer[start] >> 1 & 0x3F
        if kind == FRAGMENTATION:
            self._fragment(buffer, start, end)
        elif kind == AGGREGATION:
            self._aggregate(buffer, start + 2, end)
        else:
            self._nal(bytes(buffer[start:end]))
        if marker:
            if self.pieces:
                self._break_fragment()
            unit.mark()

    def _fragment(self, buffer: bytearray, start: int, end: int) -> None:
        """FU (4.4.3)."""
        if end - start < 4:
            self._broken()
            return
        header = buffer[start + 2]
        if header & 0x80:
            if self.pieces:
                self._break_fragment()
            first = buffer[start] & 0x81 | (header & 0x3F) << 1
            self.pieces = [bytes((first, buffer[start + 1]))]
            self._room, self._kept = MAX_UNIT_BYTES, 0
        elif not self.pieces:
            self._unit.spoil()
            return
        pieces = self.pieces
        pieces.append(self._part(buffer, start + 3, end))
        self._room -= end - start
        if header & 0x40:
            self.pieces = []
            self._nal(b"".join(pieces))

    def _aggregate(self, buffer: bytearray, at: int, end: int) -> None:
        """AP (4.4.2)."""
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

    def _nal(self, nal: bytes) -> None:
        kind = nal[0] >> 1 & 0x3F
        if len(nal) < 3:
            self._broken()
        elif kind <= _LAST_SLICE:
            self._unit.put_slice(nal, nal[2] >= 0x80, kind in (IDR_W_RADL, IDR_N_LP))
        elif VPS <= kind <= PPS:
            self._unit.put_parameter_set(kind, nal, kind == PPS)
        elif kind not in _DROPPED and kind < AGGREGATION:
            self._broken()

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
