"""Payloads: a foreign depacketiser gives back what went in, sizes and runs keep their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.model import AccessUnit
from cctv_gateway.publish.packetise import (
    GCM_TAG_BYTES,
    MAX_PAYLOAD_BYTES,
    MAX_RUN_PACKETS,
    RTP_HEADER_BYTES,
    Frame,
)

SPS, PPS = b"\x67" + b"s" * 20, b"\x68" + b"p" * 4


def frame(*nals: bytes) -> Frame:
    return Frame(AccessUnit(nals, 0, True, 0.0))


def payloads(made: Frame) -> list[bytes]:
    return [run.payload(index) for run in made.runs for index in range(run.count)]


def nals_of(packets: list[bytes]) -> list[bytes]:
    """A depacketiser after RFC 6184, written from the text and for tests only."""
    nals: list[bytes] = []
    for packet in packets:
        kind = packet[0] & 0x1F
        if kind == 24:
            at = 1
            while at < len(packet):
                size = int.from_bytes(packet[at : at + 2], "big")
                nals.append(packet[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if packet[1] & 0x80:
                nals.append(bytes((packet[0] & 0xE0 | packet[1] & 0x1F,)))
            nals[-1] += packet[2:]
        else:
            nals.append(packet)
    return nals


def test_a_keyframe_is_an_aggregate_and_full_fragments() -> None:
    made = frame(SPS, PPS, b"\x65" + bytes(5_000))
    sizes = [len(payload) for payload in payloads(made)]
    assert sizes == [1 + 2 + len(SPS) + 2 + len(PPS), 1180, 1180, 1180, 1180, 5_000 - 4 * 1178 + 2]
    assert [run.count for run in made.runs] == [1, 5]
    assert payloads(made)[0][0] == 24 | 0x60


def test_fragments_open_and_close_once() -> None:
    flags = [payload[1] & 0xC0 for payload in payloads(frame(b"\x65" + bytes(100_000)))]
    assert flags == [0x80, *[0] * (len(flags) - 2), 0x40]


@pytest.mark.parametrize("size", [1, 1179, 1180, 1181, 1179 + 1178, 32 * 1178 + 1, 32 * 1178 + 2])
def test_edges_of_fragmenting(size: int) -> None:
    nal = b"\x41" + bytes(index % 251 for index in range(size))
    assert nals_of(payloads(frame(nal))) == [nal]


def test_what_decoders_do_not_need_is_left_out() -> None:
    made = frame(b"\x09\xf0", SPS, b"", b"\x0c" + bytes(50), b"\x1c\x00", PPS, b"\x65abc")
    assert nals_of(payloads(made)) == [SPS, PPS, b"\x65abc"]


NALS = st.lists(
    st.builds(
        lambda kind, size: bytes((0x60 | kind,)) + bytes(i % 253 for i in range(size)),
        st.sampled_from([1, 5, 6, 7, 8]),
        st.one_of(st.integers(1, 3_000), st.sampled_from([1178, 1179, 40_000])),
    ),
    max_size=8,
)


@given(NALS)
def test_round_trip_and_bounds(nals: list[bytes]) -> None:
    made = frame(*nals)
    assert nals_of(payloads(made)) == nals
    assert made.packets == len(payloads(made))
    for run in made.runs:
        assert 1 <= run.count <= MAX_RUN_PACKETS
        assert run.last_bytes <= run.payload_bytes <= MAX_PAYLOAD_BYTES
        assert run.count == 1 or run.payload_bytes == MAX_PAYLOAD_BYTES


@given(NALS, st.sampled_from([10, 16]))
def test_templates_hold_payloads_at_one_stride(nals: list[bytes], tag_bytes: int) -> None:
    for run in frame(*nals).runs:
        template = run.template(tag_bytes)
        stride = RTP_HEADER_BYTES + run.payload_bytes + tag_bytes
        last = RTP_HEADER_BYTES + run.last_bytes + tag_bytes
        assert len(template) == (run.count - 1) * stride + last
        for index in range(run.count):
            start = index * stride + RTP_HEADER_BYTES
            assert template[start:].startswith(run.payload(index))


def test_wire_bytes_count_headers_and_tags() -> None:
    assert frame(b"\x65" + bytes(99)).wire_bytes == 100 + RTP_HEADER_BYTES + GCM_TAG_BYTES
