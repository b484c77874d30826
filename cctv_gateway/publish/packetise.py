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
_HEADER_SPACE = bytes(RTP_HEADER_BYTES)


class Run:
    """Consecutive payloads of equal size, but for the last, which may be shorter.

    A template holds them at one stride, each behind space for its RTP header and before space
    for its authentication tag, so that a viewer copies it once and seals it in place.
    """

    __slots__ = ("_templates", "count", "last_bytes", "payload_bytes")

    def __init__(self, payloads: Sequence[bytes]) -> None:
        self.count = len(payloads)
        self.payload_bytes = len(payloads[0])
        self.last_bytes = len(payloads[-1])
        self._templates = {GCM_TAG_BYTES: _template(payloads, GCM_TAG_BYTES)}

    def template(self, tag_bytes: int) -> bytes:
        made = self._templates.get(tag_bytes)
        if made is None:
            payloads = [self.payload(index) for index in range(self.count)]
            made = self._templates[tag_bytes] = _template(payloads, tag_bytes)
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
        self.runs = tuple(_runs(_payloads(unit.nals)))
        self.packets = sum(run.count for run in self.runs)
        self.wire_bytes = sum(len(run.template(GCM_TAG_BYTES)) for run in self.runs)


def _template(payloads: Sequence[bytes], tag_bytes: int) -> bytes:
    gap = bytes(tag_bytes) + _HEADER_SPACE
    return b"".join((_HEADER_SPACE, gap.join(payloads), bytes(tag_bytes)))


def _payloads(nals: Sequence[bytes]) -> Iterator[bytes]:
    """The payloads of one picture in order: aggregates, single NAL units, fragments."""
    waiting: list[bytes] = []
    for nal in nals:
        if not nal or nal[0] & 0x1F not in _CARRIED_TYPES:
            continue
        if nal[0] & 0x1F in _PARAMETER_TYPES and len(nal) <= MAX_PAYLOAD_BYTES - 3:
            if _aggregate_bytes(waiting) + 2 + len(nal) > MAX_PAYLOAD_BYTES:
                yield from _aggregate(waiting)
                waiting = []
            waiting.append(nal)
            continue
        yield from _aggregate(waiting)
        waiting = []
        yield from (nal,) if len(nal) <= MAX_PAYLOAD_BYTES else _fragments(nal)
    yield from _aggregate(waiting)


def _aggregate_bytes(nals: Sequence[bytes]) -> int:
    return 1 + sum(2 + len(nal) for nal in nals)


def _aggregate(nals: Sequence[bytes]) -> Iterator[bytes]:
    """One STAP-A for several parameter sets (RFC 6184 section 5.7.1)."""
    if len(nals) < 2:
        yield from nals
        return
    importance = max(nal[0] & 0x60 for nal in nals)
    parts = [bytes((importance | _STAP_A,))]
    for nal in nals:
        parts += (len(nal).to_bytes(2, "big"), nal)
    yield b"".join(parts)


def _fragments(nal: bytes) -> Iterator[bytes]:
    """FU-A fragments (RFC 6184 section 5.8), all full but the last."""
    indicator = nal[0] & 0xE0 | _FU_A
    kind = nal[0] & 0x1F
    start, end = 1, len(nal)
    while start < end:
        stop = start + _FRAGMENT_BYTES
        flags = (0x80 if start == 1 else 0) | (0x40 if stop >= end else 0)
        yield bytes((indicator, flags | kind)) + nal[start:stop]
        start = stop


def _runs(payloads: Iterator[bytes]) -> Iterator[Run]:
    run: list[bytes] = []
    for payload in payloads:
        if run and not _fits(run, payload):
            yield Run(run)
            run = []
        run.append(payload)
    if run:
        yield Run(run)


def _fits(run: Sequence[bytes], payload: bytes) -> bool:
    """Only full payloads repeat, so that all runs share one stride."""
    return len(run[-1]) == MAX_PAYLOAD_BYTES and len(run) < MAX_RUN_PACKETS and bool(payload)
