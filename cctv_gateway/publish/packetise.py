"""Cuts access units into RTP payloads (RFC 6184), once per camera, ready for one send per run.

RTP headers, encryption and sockets belong to `egress.py`; only space for them is left here.
"""

from collections.abc import Iterator, Sequence

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

    __slots__ = ("_templates", "count", "last_bytes", "payload_bytes")

    def __init__(
        self, count: int, payload_bytes: int, last_bytes: int, gcm_template: bytes
    ) -> None:
        self.count = count
        self.payload_bytes = payload_bytes
        self.last_bytes = last_bytes
        self._templates = {GCM_TAG_BYTES: gcm_template}

    def template(self, tag_bytes: int) -> bytes:
        made = self._templates.get(tag_bytes)
        if made is None:
            tag = bytes(tag_bytes)
            payloads = (self.payload(index) for index in range(self.count))
            made = b"".join(_HEADER_SPACE + payload + tag for payload in payloads)
            self._templates[tag_bytes] = made
        return made

    def payload(self, index: int) -> bytes:
        stride = RTP_HEADER_BYTES + self.payload_bytes + GCM_TAG_BYTES
        start = index * stride + RTP_HEADER_BYTES
        size = self.last_bytes if index == self.count - 1 else self.payload_bytes
        return self._templates[GCM_TAG_BYTES][start : start + size]


class Frame:
    """One access unit as runs of payloads, shared by all who watch the stream.

    `wire_bytes` is its size with AES-GCM, without UDP and IP headers.
    """

    __slots__ = ("keyframe", "packets", "received_s", "rtp_90k", "runs", "wire_bytes")

    def __init__(self, unit: AccessUnit) -> None:
        self.rtp_90k = unit.rtp_90k
        self.keyframe = unit.keyframe
        self.received_s = unit.received_s
        self.runs = tuple(_runs(unit.nals))
        self.packets = sum(run.count for run in self.runs)
        self.wire_bytes = sum(len(run.template(GCM_TAG_BYTES)) for run in self.runs)


def _runs(nals: Sequence[bytes]) -> Iterator[Run]:
    """The payloads of one picture in order: aggregates, single NAL units, fragments."""
    waiting: list[bytes] = []
    for nal in nals:
        if not nal or nal[0] & 0x1F not in _CARRIED_TYPES:
            continue
        if nal[0] & 0x1F in _PARAMETER_TYPES and len(nal) <= MAX_PAYLOAD_BYTES - 3:
            if _aggregate_bytes(waiting) + 2 + len(nal) > MAX_PAYLOAD_BYTES:
                yield _aggregate(waiting)
                waiting = []
            waiting.append(nal)
            continue
        if waiting:
            yield _aggregate(waiting)
            waiting = []
        if len(nal) <= MAX_PAYLOAD_BYTES:
            yield _single(nal)
        else:
            yield from _fragments(nal)
    if waiting:
        yield _aggregate(waiting)


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


def _fragments(nal: bytes) -> Iterator[Run]:
    """FU-A fragments (RFC 6184 section 5.8), all full but the last."""
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 0x1F
    starts = range(1, len(nal), _FRAGMENT_BYTES)
    for first in range(0, len(starts), MAX_RUN_PACKETS):
        some = starts[first : first + MAX_RUN_PACKETS]
        opens = bytes((indicator, kind | (_FU_START if first == 0 else 0)))
        closes = bytes((indicator, kind | (_FU_END if some[-1] == starts[-1] else 0)))
        yield _fragment_run(nal, some, opens, closes)


def _fragment_run(nal: bytes, starts: range, opens: bytes, closes: bytes) -> Run:
    """Join fragments with what stands between them; the last one has its own FU header."""
    middle = opens[:1] + bytes((opens[1] & 0x1F,))
    chunks = [nal[start : start + _FRAGMENT_BYTES] for start in starts]
    last_bytes = 2 + len(chunks[-1])
    if len(chunks) == 1:
        return _single(closes + chunks[0])
    body = (_BETWEEN + middle).join(chunks[:-1])
    template = b"".join((_HEADER_SPACE, opens, body, _BETWEEN, closes, chunks[-1], _TAG_SPACE))
    return Run(len(chunks), MAX_PAYLOAD_BYTES, last_bytes, template)
