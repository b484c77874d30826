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
_RUN_BYTES = MAX_RUN_PACKETS * _FRAGMENT_BYTES


def _joints(first: int) -> tuple[bytes, bytes, bytes]:
    """What stands before the first, a middle and the last fragment of a NAL unit."""
    indicator, kind = first & 0xE0 | _FU_A, first & 0x1F
    opens, middle, closes = (bytes((indicator, kind | flag)) for flag in (_FU_START, 0, _FU_END))
    return _HEADER_SPACE + opens, _BETWEEN + middle, _BETWEEN + closes


# By the first byte of the NAL unit.
_JOINTS = tuple(_joints(first) for first in range(256))


class Run:
    """Consecutive payloads of equal size, but for the last, which may be shorter.

    They are the whole of `nal`, or `count` fragments of it from `start` on. The template holds
    them at one stride, each behind space for its RTP header and before space for its
    authentication tag, so that a viewer copies it once and seals it in place. It is as large as
    the picture: whoever remembers a run for long keeps `nal`, which the stream's ring holds too.
    """

    __slots__ = (
        "_gcm_template", "_other", "count", "last_bytes", "nal", "payload_bytes", "start",
        "wire_bytes",
    )  # fmt: skip

    def __init__(
        self,
        nal: bytes,
        start: int,
        count: int,
        payload_bytes: int,
        last_bytes: int,
        gcm_template: bytes,
    ) -> None:
        self.nal = nal
        self.start = start
        self.count = count
        self.payload_bytes = payload_bytes
        self.last_bytes = last_bytes
        self.wire_bytes = len(gcm_template)
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
        return payload_of(self.nal, self.start, index)


def payload_of(nal: bytes, start: int, index: int) -> bytes:
    """One payload of the run that carries `nal` from `start` on; see `Run`."""
    if start == 0:
        return nal
    at = start + index * _FRAGMENT_BYTES
    kind = nal[0] & 0x1F
    if at == 1:
        kind |= _FU_START
    if at + _FRAGMENT_BYTES >= len(nal):
        kind |= _FU_END
    return bytes((nal[0] & 0xE0 | _FU_A, kind)) + nal[at : at + _FRAGMENT_BYTES]


class Frame:
    """One access unit as runs of payloads, shared by all who watch the stream.

    `wire_bytes` is its size with AES-GCM, without UDP and IP headers.
    """

    __slots__ = ("keyframe", "packets", "received_s", "rtp_90k", "runs", "wire_bytes")

    def __init__(self, unit: AccessUnit) -> None:
        nals, self.rtp_90k, self.keyframe, self.received_s, _ = unit
        self.runs = runs = _runs(nals)
        packets = wire_bytes = 0
        for run in runs:
            packets += run.count
            wire_bytes += run.wire_bytes
        self.packets, self.wire_bytes = packets, wire_bytes


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
    size = len(payload)
    return Run(payload, 0, 1, size, size, b"".join((_HEADER_SPACE, payload, _TAG_SPACE)))


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
    end = len(nal)
    opens, middle, closes = _JOINTS[nal[0]]
    for start in range(1, end, _RUN_BYTES):
        stop = min(start + _RUN_BYTES, end)
        chunks = [nal[at : at + _FRAGMENT_BYTES] for at in range(start, stop, _FRAGMENT_BYTES)]
        count = len(chunks)
        if count == 1:
            runs.append(_single(payload_of(nal, start, 0)))
            continue
        parts = [middle] * (2 * count + 1)
        parts[1::2] = chunks
        if start > 1:
            parts[0] = middle[GCM_TAG_BYTES:]
        else:
            parts[0] = opens
        if stop == end:
            parts[-3] = closes
        parts[-1] = _TAG_SPACE
        template = b"".join(parts)
        runs.append(Run(nal, start, count, MAX_PAYLOAD_BYTES, 2 + len(chunks[-1]), template))
