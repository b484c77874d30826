"""A stream's current parameter sets, from the SDP or from the band, whichever spoke last.

When they are sent is decided in `access_unit.py`.
"""

from collections.abc import Callable

from cctv_gateway.ingest.bits import BitsExhausted
from cctv_gateway.ingest.picture import (
    PictureFormat,
    h264_format,
    h264_set_id,
    h265_format,
    h265_set_id,
)
from cctv_gateway.model import Codec

MAX_SETS = 32
MAX_SET_BYTES = 4096

H264_KINDS = (7, 8)
H265_KINDS = (32, 33, 34)


class ParameterSets:
    """Keyed by kind and id, so that a changed set replaces its older self."""

    def __init__(self, codec: Codec) -> None:
        h264 = codec is Codec.H264
        self._kinds = H264_KINDS if h264 else H265_KINDS
        self._format_kind = 7 if h264 else 33
        self._id_of: Callable[[bytes], int] = h264_set_id if h264 else h265_set_id
        self._format_of = h264_format if h264 else h265_format
        self._sets: dict[tuple[int, int], bytes] = {}
        self.nals: tuple[bytes, ...] = ()
        self.complete = False
        self.format: PictureFormat | None = None
        self.refused = 0

    def put(self, kind: int, nal: bytes) -> bool:
        """Take a set; True when it changes anything. Nonsense is refused and counted."""
        if kind not in self._kinds:
            return False
        try:
            key = (kind, self._id_of(nal))
        except BitsExhausted:
            self.refused += 1
            return False
        if self._sets.get(key) == nal:
            return False
        if len(nal) > MAX_SET_BYTES or (key not in self._sets and len(self._sets) >= MAX_SETS):
            self.refused += 1
            return False
        self._sets[key] = nal
        self._changed(kind, nal)
        return True

    def _changed(self, kind: int, nal: bytes) -> None:
        # Sorted by kind first: SPS before PPS, as decoders want them.
        self.nals = tuple(nal for _, nal in sorted(self._sets.items()))
        self.complete = {kind for kind, _ in self._sets} == set(self._kinds)
        if kind == self._format_kind:
            try:
                self.format = self._format_of(nal)
            except BitsExhausted:
                self.refused += 1
                self.format = None
