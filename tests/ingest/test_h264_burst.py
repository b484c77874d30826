"""The flat loop and the packet-by-packet way read every stream, whole or spoilt, the same."""

import random
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.access_unit import MarkerMemory, UnitAssembler
from cctv_gateway.ingest.h264 import H264Depacketizer
from cctv_gateway.ingest.h264_burst import H264Burst
from cctv_gateway.ingest.rtp import RtpReceiver
from cctv_gateway.ingest.rtsp_message import MessageReader
from cctv_gateway.ingest.timeline import Timeline
from cctv_gateway.model import AccessUnit, Codec
from tests.ingest.streams import (
    PPS,
    SPS,
    fu_a,
    idr,
    inter,
    interleaved,
    rtp,
    second_slice,
    stap_a,
)

CHANNEL = 2
PICTURES = {
    "keyframe": [stap_a([SPS, PPS]), *fu_a(idr(1, 4000), 700)],
    "fragments": fu_a(inter(2, 3000), 700),
    "two fragments": fu_a(inter(3, 1000), 700),
    "single": [inter(4, 300)],
    "two slices": [inter(5, 100), second_slice(inter(5, 100))],
    "fragmented slices": [*fu_a(inter(6, 900), 400), *fu_a(second_slice(inter(6, 900)), 400)],
    "unreferenced": [b"\x01" + inter(7, 80)[1:]],
    "set between": [PPS, *fu_a(inter(8, 900), 400)],
}


@dataclass
class Camera:
    """A reader with everything behind it; `units` is what comes out."""

    flat: bool
    units: list[AccessUnit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = MessageReader(lambda message: None)
        self.unit = UnitAssembler(Codec.H264, self.units.append, Timeline(), MarkerMemory())
        self.nals = H264Depacketizer(self.unit)
        self.receiver = RtpReceiver(96, self.nals)
        self.reader.routes = {CHANNEL: self.receiver.packet, CHANNEL + 1: lambda *frame: None}
        self.reader.on_reuse = self.nals.keep
        if self.flat:
            burst = H264Burst(CHANNEL, self.receiver, self.nals, self.unit)
            self.reader.on_burst = burst.take

    def read(self, data: bytes, cuts: random.Random) -> "Camera":
        at = 0
        while at < len(data):
            count = min(cuts.choice((1, 40, 700, 5_000, 60_000)), len(data) - at)
            self.reader.space()[:count] = data[at : at + count]
            self.unit.arrived_s += 0.01
            self.reader.filled(count)
            at += count
        return self

    def seen(self) -> dict[str, object]:
        return {
            "units": self.units,
            "expected": self.receiver.highest_sequence,
            "lost": self.receiver.lost,
            "malformed": (self.receiver.malformed, self.nals.malformed),
            "other": self.receiver.other_payloads,
            "dropped": self.unit.dropped,
            "bytes": self.unit.slice_bytes,
            "b_pictures": self.nals.b_pictures,
            "waiting": self.reader.waiting,
        }


def stream(names: list[str], first_sequence: int, marker: bool) -> list[bytes]:
    packets: list[bytes] = []
    for number, name in enumerate(names):
        payloads = PICTURES[name]
        for index, payload in enumerate(payloads):
            ends = marker and index == len(payloads) - 1
            packet = rtp(payload, first_sequence + len(packets), number * 6000, marker=ends)
            packets.append(interleaved(packet, CHANNEL))
    return packets


@given(
    names=st.lists(st.sampled_from(sorted(PICTURES)), max_size=12),
    first_sequence=st.sampled_from([0, 1, 65_530]),
    marker=st.booleans(),
    spoil=st.lists(st.tuples(st.integers(0, 40), st.sampled_from("dcsbrf")), max_size=4),
    seed=st.integers(0, 1 << 16),
)
def test_both_ways_agree(
    names: list[str], first_sequence: int, marker: bool, spoil: list[tuple[int, str]], seed: int
) -> None:
    packets = stream(["keyframe", "single", "single", *names, "fragments"], first_sequence, marker)
    for place, how in spoil:
        at = place % len(packets)
        packets[at] = _spoilt(packets[at], how, random.Random(seed + place))
    data = b"".join(packets)
    flat, plain = (Camera(way).read(data, random.Random(seed)).seen() for way in (True, False))
    assert flat == plain


def _spoilt(packet: bytes, how: str, chance: random.Random) -> bytes:
    """Dropped, cut short, sent twice, a byte of the heads changed, an RTCP frame, a frame alone."""
    if how == "d" or len(packet) < 5:
        return b""
    if how == "c":
        size = chance.randrange(0, 20)
        return packet[:2] + size.to_bytes(2, "big") + packet[4 : 4 + size]
    if how == "s":
        return packet * 2
    if how == "r":
        return interleaved(b"\x80\xc8\0\0", CHANNEL + 1) + packet
    if how == "f":
        return interleaved(b"", CHANNEL) + packet
    changed = bytearray(packet)
    changed[chance.randrange(4, min(20, len(changed)))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_a_trusted_camera_passes_in_the_flat_way_alone() -> None:
    packets = stream(["keyframe", "single", "single", "fragments", "single"], 1, marker=True)
    camera = Camera(flat=True).read(b"".join(packets[: len(PICTURES["keyframe"]) + 2]), _WHOLE)
    camera.reader.routes = {}
    camera.read(b"".join(packets[len(PICTURES["keyframe"]) + 2 :]), _WHOLE)
    assert camera.units[-2].nals == (inter(2, 3000),)
    assert camera.units[-1].nals == (inter(4, 300),)
    assert camera.reader.stray_frames == 0


class _Whole(random.Random):
    def choice(self, seq):  # type: ignore[no-untyped-def]
        return seq[-1]


_WHOLE = _Whole()
