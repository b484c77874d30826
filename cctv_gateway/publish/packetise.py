"""Cuts access units into RTP payloads (RFC 6184), once per camera, ready for one send per run.

RTP headers, encryption and sockets belong to `egress.py`; only space for them is left here.
"""

from collections.abc import Sequence

from cctv_gateway.model import AccessUnit

RTP_HEADER_BYTES = 12
# With header, tag and a VPN's overhead this stays below an MTU of 1,280 (the least of IPv6).
MAX_PAYLOAD_BYTES = 1_180
# One send carries one run: GSO takes 64 segments and 64 KiB, and the pacer wants small steps.
MAX_RUN_PACKETS = 32
# The tag of AES-GCM (RFC 7714); templates for other tags are made when a viewer needs them.
GCM_TAG_BYTES = 16

_FU_A = 28
_STAP_A = 24
_PARAMETER_TYPES = frozenset((6, 7, 8))
# Access unit delimiters, end marks and filler tell a decoder nothing; 24 and up are no NAL units.
_CARRIED_TYPES = frozenset(range(1, 9)) | frozenset(range(13, 24))
_FRAGMENT_BYTES = MAX_PAYLOAD_BYTES - 2
_FU_START, _FU_END = 0x80, 0x40
_HEADER_SPACE = bytes(RTP_HEADER_BYTES)
_TAG_SPACE = bytes(GCM_TAG_BYTES)
_BETWEEN = _TAG_SPACE + _HEADER_SPACE


class Run:
    """Consecutive payloads of equal size, but for the last, which may be shorter.

    A template holds them at one stride, each behind space for its RTP header and before space
    for its authentication tag, so that a viewer copies it once and seals it in place.
    """

    __slots__ = ("_gcm_template", "_other", "count", "last_bytes", "payload_bytes")

    def __init__(
        self, count: int, payload_bytes: int, last_bytes: int, gcm_template: bytes
    ) -> None:
        self.count = count
        self.payload_bytes = payload_bytes
        self.last_bytes = last_bytes
        self._gcm_template = gcm_template
        self._other: tuple[int, bytes] | None = None

    def template(self, tag_bytes: int) -> bytes:
        if tag_bytes == GCM_TAG_BYTES:
            return self._gcm_template
        if self._other is None or self._other[0] != tag_bytes:
            tag = bytes(tag_bytes)
            payloads = (self.payload(index) for index in range(self.count))
            made = b"".join(_HEADER_SPACE + payload + tag for payload in payloads)
            self._other = (tag_bytes, made)
        return self._other[1]

    def payload(self, index: int) -> bytes:
        stride = RTP_HEADER_BYTES + self.payload_bytes + GCM_TAG_BYTES
        start = index * stride + RTP_HEADER_BYTES
        size = self.last_bytes if index == self.count - 1 else self.payload_bytes
        return self._gcm_template[start : start + size]

    @property
    def wire_bytes(self) -> int:
        return len(self._gcm_template)


class Frame:
    """One access unit as runs of payloads, shared by all who watch the stream.

    `wire_bytes` is its size with AES-GCM, without UDP and IP headers.
    """

    __slots__ = ("keyframe", "packets", "received_s", "rtp_90k", "runs", "wire_bytes")

    def __init__(self, unit: AccessUnit) -> None:
        self.rtp_90k = unit.rtp_90k
        self.keyframe = unit.keyframe
        self.received_s = unit.received_s
        self.runs = runs = _runs(unit.nals)
        self.packets = self.wire_bytes = 0
        for run in runs:
            self.packets += run.count
            self.wire_bytes += run.wire_bytes


def _runs(nals: Sequence[bytes]) -> list[Run]:
    """The payloads of one picture in order: aggregates, single NAL units, fragments."""
    runs: list[Run] = []
    waiting: list[bytes] = []
    for nal in nals:
        kind = nal[0] & 0x1F if nal else 0
        if kind in _PARAMETER_TYPES and len(nal) <= MAX_PAYLOAD_BYTES - 3:
            if _aggregate_bytes(waiting) + 2 + len(nal) > MAX_PAYLOAD_BYTES:
                runs.append(_aggregate(waiting))
                waiting = []
            waiting.append(nal)
        elif kind in _CARRIED_TYPES:
            if waiting:
                runs.append(_aggregate(waiting))
                waiting = []
            if len(nal) <= MAX_PAYLOAD_BYTES:
                runs.append(_single(nal))
            else:
                _add_fragments(runs, nal)
    if waiting:
        runs.append(_aggregate(waiting))
    return runs


def _single(payload: bytes) -> Run:
    return Run(1, len(payload), len(payload), b"".join((_HEADER_SPACE, payload, _TAG_SPACE)))


def _aggregate_bytes(nals: Sequence[bytes]) -> int:
    return 1 + sum(2 + len(nal) for nal in nals)


def _aggregate(nals: Sequence[bytes]) -> Run:
    """One STAP-A for several parameter sets (RFC 6184 section 5.7.1); a lone one as it is."""
    if len(nals) == 1:
        return _single(nals[0])
    importance = max(nal[0] & 0x60 for nal in nals)
    parts = [bytes((importance | _STAP_A,))]
    for nal in nals:
        parts += (len(nal).to_bytes(2, "big"), nal)
    return _single(b"".join(parts))


def _add_fragments(runs: list[Run], nal: bytes) -> None:
    """FU-A fragments (RFC 6184 section 5.8), all full but the last."""
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 0x1F
    end, step = len(nal), MAX_RUN_PACKETS * _FRAGMENT_BYTES
    for first in range(1, end, step):
        opens = bytes((indicator, kind | (_FU_START if first == 1 else 0)))
        closes = bytes((indicator, kind | (_FU_END if first + step >= end else 0)))
        stop = min(first + step, end)
        chunks = [nal[at : at + _FRAGMENT_BYTES] for at in range(first, stop, _FRAGMENT_BYTES)]
        runs.append(_fragment_run(chunks, opens, closes))


def _fragment_run(chunks: list[bytes], opens: bytes, closes: bytes) -> Run:
    """Join fragments with what stands between them; the last one has its own FU header."""
    last = chunks.pop()
    if not chunks:
        return _single(closes + last)
    middle = bytes((opens[0], opens[1] & 0x1F))
    parts = (
        _HEADER_SPACE, opens, (_BETWEEN + middle).join(chunks), _BETWEEN, closes, last, _TAG_SPACE
    )  # fmt: skip
    return Run(len(chunks) + 1, MAX_PAYLOAD_BYTES, 2 + len(last), b"".join(parts))
