"""Writes RTP the way cameras do: H.264 and H.265 pictures cut into single, STAP-A and FU packets.

Scripts of whole cameras belong in `fake_camera.py`.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# 640x360 baseline, level 3.0, as libx264 writes it, and its PPS.
SPS = bytes.fromhex("6742c01ed900a02ff97016d40404050000030001000003003c0f1831e0")
SPS_1080 = bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000781e30632c0")
PPS = bytes.fromhex("68cb83cb20")
PPS_OTHER = bytes.fromhex("68ebe3cb22c0")


def idr(tag: int = 0, size: int = 3000) -> bytes:
    return bytes((0x65, 0x88)) + _body(tag, size)


def inter(tag: int = 0, size: int = 600) -> bytes:
    return bytes((0x41, 0x9A)) + _body(tag, size)


def second_slice(nal: bytes) -> bytes:
    """The same NAL unit, but as a later slice of its picture (first_mb_in_slice is not 0)."""
    return nal[:1] + bytes((0x40,)) + nal[2:]


def tag_of(nal: bytes) -> int:
    return nal[2] & 0x7F | (nal[3] & 0x7F) << 7


def _body(tag: int, size: int) -> bytes:
    """Without zeros, so that no start code can be found in it."""
    return bytes((tag & 0x7F | 0x80, tag >> 7 & 0x7F | 0x80, 0x55, 0xAA)) * (size // 4 + 1)


def rtp(
    payload: bytes,
    sequence: int,
    timestamp: int,
    marker: bool = False,
    ssrc: int = 0x1234,
    payload_type: int = 96,
) -> bytes:
    second = payload_type | (0x80 if marker else 0)
    head = struct.pack(">BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return head + payload


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return bytes((0x24, channel)) + len(packet).to_bytes(2, "big") + packet


def fu_a(nal: bytes, size: int = 1180) -> list[bytes]:
    """A NAL unit as FU-A payloads."""
    parts = [nal[at : at + size] for at in range(1, len(nal), size)]
    payloads = []
    for index, part in enumerate(parts):
        edge = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
        payloads.append(bytes((nal[0] & 0xE0 | 28, edge | nal[0] & 0x1F)) + part)
    return payloads


def stap_a(nals: Iterable[bytes]) -> bytes:
    return bytes((0x78,)) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def fu_h265(nal: bytes, size: int = 1180) -> list[bytes]:
    parts = [nal[at : at + size] for at in range(2, len(nal), size)]
    payloads = []
    for index, part in enumerate(parts):
        edge = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
        head = bytes((nal[0] & 0x81 | 49 << 1, nal[1], edge | nal[0] >> 1 & 0x3F))
        payloads.append(head + part)
    return payloads


@dataclass
class CameraTrack:
    """Numbers packets the way one sender does."""

    sequence: int = 0
    timestamp: int = 0
    ssrc: int = 0x1234
    ticks: int = 6000
    count: int = field(default=0)

    def picture(self, nals: Sequence[bytes], size: int = 1180) -> list[bytes]:
        """One picture's packets, the last with the marker; then time moves on."""
        payloads = [payload for nal in nals for payload in _payloads(nal, size)]
        packets = [
            self.packet(payload, marker=index == len(payloads) - 1)
            for index, payload in enumerate(payloads)
        ]
        self.timestamp += self.ticks
        return packets

    def packet(self, payload: bytes, marker: bool = False) -> bytes:
        packet = rtp(payload, self.sequence, self.timestamp, marker, self.ssrc)
        self.sequence += 1
        return packet

    def gop(self, pictures: int = 5, key_nals: Sequence[bytes] = (SPS, PPS)) -> list[bytes]:
        """A keyframe with parameter sets and the pictures up to the next one."""
        packets = []
        for index in range(pictures):
            self.count += 1
            nals = [*key_nals, idr(self.count)] if index == 0 else [inter(self.count)]
            packets += self.picture(nals)
        return packets


def _payloads(nal: bytes, size: int) -> list[bytes]:
    return [nal] if len(nal) <= size else fu_a(nal, size)
