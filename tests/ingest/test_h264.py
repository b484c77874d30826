"""From RTP payloads to whole pictures: every packing, every loss, every lie of a marker bit."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.access_unit import MAX_UNIT_BYTES, MarkerMemory, UnitAssembler
from cctv_gateway.ingest.h264 import H264Depacketizer
from cctv_gateway.ingest.rtp import RtpReceiver
from cctv_gateway.ingest.timeline import Timeline
from cctv_gateway.model import AccessUnit, Codec
from tests.ingest.streams import (
    PPS,
    PPS_OTHER,
    SPS,
    SPS_1080,
    CameraTrack,
    fu_a,
    idr,
    inter,
    rtp,
    second_slice,
    stap_a,
    tag_of,
)

SEI = b"\x06\x05\x04vend"
AUD = b"\x09\x10"


class Pictures:
    """A track's receiver, depacketiser and assembler, and the units that came out."""

    def __init__(self, sets: Iterable[bytes] = (), memory: MarkerMemory | None = None) -> None:
        self.units: list[AccessUnit] = []
        self.memory = memory or MarkerMemory()
        self.assembler = UnitAssembler(Codec.H264, self.units.append, Timeline(), self.memory)
        for nal in sets:
            self.assembler.parameter_sets.put(nal[0] & 0x1F, nal)
        self.depacketizer = H264Depacketizer(self.assembler)
        self.receiver = RtpReceiver(96, self.depacketizer)

    def feed(self, packets: Iterable[bytes]) -> "Pictures":
        buffer = bytearray(0x10000)
        for packet in packets:
            buffer[: len(packet)] = packet
            self.receiver.packet(buffer, 0, len(packet))
            self.depacketizer.keep()
            buffer[: len(packet)] = bytes(len(packet))
        return self

    @property
    def nals(self) -> list[tuple[bytes, ...]]:
        return [unit.nals for unit in self.units]


def trusting() -> MarkerMemory:
    memory = MarkerMemory()
    memory.proved()
    memory.proved()
    return memory


def test_pictures_come_out_whole_with_parameter_sets_first() -> None:
    track = CameraTrack()
    pictures = Pictures(memory=trusting()).feed(track.gop(3) + track.gop(2))
    assert pictures.nals == [
        (SPS, PPS, idr(1)), (inter(2),), (inter(3),), (SPS, PPS, idr(4)), (inter(5),),
    ]  # fmt: skip
    assert [unit.keyframe for unit in pictures.units] == [True, False, False, True, False]


@pytest.mark.parametrize(
    "packed",
    [
        [SPS, PPS, idr(1, 90)],
        [stap_a([SPS, PPS]), *fu_a(idr(1, 90), 20)],
        [stap_a([AUD, SPS, PPS, SEI, idr(1, 90)])],
        [AUD, PPS, SPS, SEI, *fu_a(idr(1, 90), 91)],
        [b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS, idr(1, 90)],
        [b"\0\0\1" + SPS + b"\0\0\0\1" + PPS + b"\0\0\1" + idr(1, 90)],
    ],
)
def test_every_way_of_packing(packed: list[bytes]) -> None:
    packets = [
        rtp(payload, index, 0, marker=index == len(packed) - 1)
        for index, payload in enumerate(packed)
    ]
    pictures = Pictures(memory=trusting()).feed(packets)
    assert pictures.nals == [(SPS, PPS, idr(1, 90))]
    assert pictures.depacketizer.malformed == 0


def test_a_nal_unit_may_span_two_receive_buffers() -> None:
    pictures = Pictures(memory=trusting())
    for packet in CameraTrack().gop(2):
        pictures.receiver.packet(bytearray(packet), 0, len(packet))
        pictures.depacketizer.keep()
    assert pictures.nals == [(SPS, PPS, idr(1)), (inter(2),)]


def test_sets_of_the_description_stand_before_each_keyframe() -> None:
    track = CameraTrack()
    pictures = Pictures((SPS, PPS)).feed(track.gop(2, ()) + track.gop(2, ()))
    assert [nals[:2] for nals in pictures.nals if len(nals) > 1] == [(SPS, PPS)] * 2


def test_a_keyframe_waits_until_both_sets_are_known() -> None:
    track = CameraTrack()
    packets = track.gop(3, (SPS,)) + track.gop(2, (PPS,)) + track.gop(2, ())
    pictures = Pictures(memory=trusting()).feed(packets)
    assert pictures.nals[0] == (SPS, PPS, idr(4))
    assert pictures.assembler.dropped == 3


def test_sets_may_change_in_mid_stream() -> None:
    track = CameraTrack()
    packets = track.gop(2) + track.gop(2, (SPS_1080, PPS_OTHER)) + track.gop(1, ())
    pictures = Pictures(memory=trusting()).feed(packets)
    assert pictures.nals[0][:2] == (SPS, PPS)
    assert pictures.nals[2][:2] == (SPS_1080, PPS_OTHER)
    assert pictures.nals[4][:2] == (SPS_1080, PPS_OTHER)
    picture = pictures.assembler.parameter_sets.format
    assert picture is not None
    assert (picture.width, picture.height) == (1920, 1080)


def test_a_changed_pps_travels_with_the_next_picture() -> None:
    track = CameraTrack()
    packets = track.gop(2) + track.picture([PPS_OTHER, inter(9)]) + track.picture([inter(10)])
    pictures = Pictures(memory=trusting()).feed(packets)
    assert pictures.nals[2:] == [(PPS_OTHER, inter(9)), (inter(10),)]


@given(st.data())
def test_after_any_loss_only_decodable_pictures_come_out(data: st.DataObject) -> None:
    """Each unit out is one that went in, whole, and refers to nothing that is missing."""
    track = CameraTrack()
    sent = [packet for _ in range(4) for packet in track.gop(4)]
    dropped = data.draw(st.sets(st.integers(0, len(sent) - 1), max_size=6))
    trust = trusting() if data.draw(st.booleans()) else None
    pictures = Pictures(memory=trust)
    pictures.feed(packet for index, packet in enumerate(sent) if index not in dropped)
    last = 0
    for unit in pictures.units:
        slices = [nal for nal in unit.nals if nal[0] & 0x1F in (1, 5)]
        assert len(slices) == 1
        number = tag_of(slices[0])
        assert slices[0] == (idr(number) if unit.keyframe else inter(number))
        assert unit.keyframe or number == last + 1
        last = number


@pytest.mark.parametrize("lost", range(1, 7))
def test_a_loss_costs_the_rest_of_its_group_and_no_more(lost: int) -> None:
    track = CameraTrack()
    first, second = track.gop(5), track.gop(2)
    pictures = Pictures(memory=trusting()).feed(first[:lost] + first[lost + 1 :] + second)
    assert [unit.keyframe for unit in pictures.units][-2:] == [True, False]
    assert pictures.receiver.lost == 1


def test_without_markers_the_timestamp_cuts() -> None:
    track = CameraTrack()
    packets = [bytes((packet[0], packet[1] & 0x7F)) + packet[2:] for packet in track.gop(5)]
    pictures = Pictures().feed(packets)
    assert [nals[-1] for nals in pictures.nals] == [idr(1), inter(2), inter(3), inter(4)]


def test_a_marker_on_every_slice_never_lets_half_a_picture_out() -> None:
    pictures = Pictures()
    whole = []
    for index in range(6):
        first = idr(index) if index % 3 == 0 else inter(index)
        parts = [first, second_slice(first)]
        whole.append((SPS, PPS, *parts) if index % 3 == 0 else tuple(parts))
        payloads = [SPS, PPS, *parts] if index % 3 == 0 else parts
        pictures.feed(
            rtp(payload, index * 9 + at, index * 6000, marker=True)
            for at, payload in enumerate(payloads)
        )
        pictures.receiver.expected = index * 9 + 9
    assert pictures.nals == whole[:5]
    assert pictures.memory.lies
    assert not pictures.memory.trusted


def test_a_marker_that_begins_to_lie_is_found_out() -> None:
    track = CameraTrack()
    pictures = Pictures(memory=trusting()).feed(track.gop(2))
    pictures.feed([track.packet(inter(7), marker=True)])
    pictures.feed([track.packet(second_slice(inter(7)), marker=True)])
    track.timestamp += 6000
    pictures.feed(track.gop(3))
    assert pictures.memory.lies
    assert pictures.nals[-2:] == [(SPS, PPS, idr(3)), (inter(4),)]


def test_a_clock_that_stands_still_still_yields_pictures() -> None:
    track = CameraTrack(ticks=0)
    pictures = Pictures().feed(track.gop(6))
    stamps = [unit.rtp_90k for unit in pictures.units]
    assert len(stamps) == 6
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    "payload", [b"\x7c\x85", b"\x1d\xff\xff", b"\x78\x00\x00", b"\x78\xff\xffab", b"\x65", b"\x61"]
)
def test_broken_payloads_are_counted_and_cost_until_the_keyframe(payload: bytes) -> None:
    track = CameraTrack()
    pictures = Pictures(memory=trusting()).feed(track.gop(2))
    pictures.feed([track.packet(payload)])
    track.timestamp += 6000
    pictures.feed([*track.picture([inter(8)]), *track.gop(1)])
    assert pictures.depacketizer.malformed >= 1
    assert [nals[-1] for nals in pictures.nals] == [idr(1), inter(2), idr(3)]


def test_pictures_out_of_measure_are_dropped_and_memory_stays_bounded() -> None:
    track = CameraTrack()
    pictures = Pictures(memory=trusting()).feed(track.gop(2))
    part = b"\x7c\x05" + b"x" * 60_000
    pictures.feed([track.packet(b"\x7c\x85" + b"x" * 100)])
    pictures.feed(track.packet(part) for _ in range(MAX_UNIT_BYTES // 60_000 + 5))
    assert pictures.depacketizer.malformed == 1
    pictures.feed(track.packet(PPS[:4] + bytes((index,))) for index in range(200))
    assert len(pictures.assembler.parameter_sets.nals) <= 32
    track.timestamp += 6000
    pictures.feed(track.gop(1))
    assert pictures.units[-1].keyframe


def test_b_pictures_are_recognised() -> None:
    track = CameraTrack()
    pictures = Pictures(memory=trusting()).feed(track.gop(2))
    assert not pictures.depacketizer.b_pictures
    # first_mb 0 -> "1", slice_type 6 (B) -> "00111"
    pictures.feed(track.picture([bytes((0x01, 0b10011100)) + b"x" * 20]))
    assert pictures.depacketizer.b_pictures


@given(st.lists(st.binary(min_size=1, max_size=40) | st.sampled_from([SPS, PPS, idr(1, 20)])))
def test_no_payload_does_harm(payloads: list[bytes]) -> None:
    pictures = Pictures((SPS, PPS))
    pictures.feed(
        rtp(payload, index, (payload[0] % 3) * 6000, marker=payload[-1] % 2 == 0)
        for index, payload in enumerate(payloads)
    )
    assert all(unit.nals and all(unit.nals) for unit in pictures.units)
