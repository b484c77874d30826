"""RTP packets for H.264 (RFC 6184) and RTCP sender reports, framed for RTSP's TCP channel.

Who gets them belongs in `streams.py`; parsing of RTP belongs in `ingest`.
"""

import struct
from dataclasses import dataclass
from datetime import datetime

from cctv_gateway.simulator.encoder import NAL_PPS, NAL_SPS

PAYLOAD_TYPE = 96
MAX_PAYLOAD_BYTES = 1400
RTP_HEADER = struct.Struct(">BBHII")
FRAME_HEADER = struct.Struct(">cBH")
NAL_STAP_A = 24
NAL_FU_A = 28
RTCP_SENDER_REPORT = 200
RTCP_SDES = 202
NTP_EPOCH_OFFSET_S = 2_208_988_800


@dataclass(frozen=True, slots=True)
class FrameBlock:
    """One picture ready to be written: interleaved RTP on channel 0, RTCP on channel 1."""

    data: bytes
    keyframe: bool
    frame: int


def payloads(nals: tuple[bytes, ...]) -> list[bytes]:
    """RTP payloads of one access unit: a STAP-A of the parameter sets, single NALs, FU-As."""
    sets = [nal for nal in nals if nal[0] & 31 in (NAL_SPS, NAL_PPS)]
    made = [_aggregate(sets)] if len(sets) > 1 else list(sets)
    for nal in nals:
        if nal[0] & 31 in (NAL_SPS, NAL_PPS):
            continue
        made += [nal] if len(nal) <= MAX_PAYLOAD_BYTES else _fragments(nal)
    return made


def _aggregate(nals: list[bytes]) -> bytes:
    importance = max(nal[0] & 0x60 for nal in nals)
    parts = (struct.pack(">H", len(nal)) + nal for nal in nals)
    return bytes([importance | NAL_STAP_A]) + b"".join(parts)


def _fragments(nal: bytes) -> list[bytes]:
    indicator = nal[0] & 0xE0 | NAL_FU_A
    kind = nal[0] & 31
    body = nal[1:]
    step = MAX_PAYLOAD_BYTES - 2
    made = []
    for at in range(0, len(body), step):
        start = 0x80 if at == 0 else 0
        end = 0x40 if at + step >= len(body) else 0
        made.append(bytes([indicator, start | end | kind]) + body[at : at + step])
    return made


class BlockTemplate:
    """The interleaved bytes of one frame, in which only sequence and time are still open."""

    def __init__(self, nals: tuple[bytes, ...], ssrc: int) -> None:
        parts = payloads(nals)
        self._headers: list[int] = []
        self.packets = len(parts)
        self.octets = sum(map(len, parts))
        block = bytearray()
        for index, part in enumerate(parts):
            block += FRAME_HEADER.pack(b"$", 0, RTP_HEADER.size + len(part))
            self._headers.append(len(block))
            marker = 0x80 if index == len(parts) - 1 else 0
            block += RTP_HEADER.pack(0x80, PAYLOAD_TYPE | marker, 0, 0, ssrc)
            block += part
        self._block = bytes(block)

    def fill(self, sequence: int, timestamp: int) -> bytes:
        """The block with its packets numbered from `sequence` on."""
        block = bytearray(self._block)
        for index, at in enumerate(self._headers):
            struct.pack_into(
                ">HI", block, at + 2, (sequence + index) & 0xFFFF, timestamp & 0xFFFFFFFF
            )
        return bytes(block)


@dataclass(slots=True)
class SenderState:
    """The running RTP numbers of one sender."""

    ssrc: int
    sequence: int = 0
    packets: int = 0
    octets: int = 0

    def send(self, template: BlockTemplate, timestamp: int) -> bytes:
        """Number a frame's packets and count them."""
        data = template.fill(self.sequence, timestamp)
        self.sequence = (self.sequence + template.packets) & 0xFFFF
        self.packets += template.packets
        self.octets += template.octets
        return data

    def report(self, now: datetime, timestamp: int) -> bytes:
        """An interleaved sender report with SDES (RFC 3550, 6.4.1 and 6.5) on channel 1."""
        since = now.timestamp() + NTP_EPOCH_OFFSET_S
        ntp = int(since * (1 << 32)) & 0xFFFF_FFFF_FFFF_FFFF
        report = struct.pack(
            ">BBHIQIII", 0x80, RTCP_SENDER_REPORT, 6, self.ssrc, ntp, timestamp & 0xFFFFFFFF,
            self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF,
        )  # fmt: skip
        name = b"\x01\x06camera\x00\x00\x00\x00"
        sdes = struct.pack(">BBHI", 0x81, RTCP_SDES, 1 + len(name) // 4, self.ssrc) + name
        return FRAME_HEADER.pack(b"$", 1, len(report) + len(sdes)) + report + sdes


def retarget(block: bytes, rtp_channel: int, rtcp_channel: int) -> bytes:
    """The same block on other interleaved channels."""
    moved = bytearray(block)
    at = 0
    while at < len(moved):
        _, channel, size = FRAME_HEADER.unpack_from(moved, at)
        moved[at + 1] = rtcp_channel if channel else rtp_channel
        at += FRAME_HEADER.size + size
    return bytes(moved)
