"""RTP payloads can be put together again, and blocks carry the right running numbers."""

import struct
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.simulator.packets import (
    MAX_PAYLOAD_BYTES,
    BlockTemplate,
    SenderState,
    payloads,
    retarget,
)

SPS, PPS = b"\x67sps", b"\x68pp"


def split(block: bytes) -> list[tuple[int, bytes]]:
    """Channel and packet of each interleaved frame."""
    found = []
    while block:
        assert block[:1] == b"$"
        size = int.from_bytes(block[2:4], "big")
        found.append((block[1], block[4 : 4 + size]))
        block = block[4 + size :]
    return found


def assemble(parts: list[bytes]) -> list[bytes]:
    """NAL units from payloads (RFC 6184, sections 5.6 to 5.8)."""
    nals: list[bytes] = []
    for part in parts:
        kind = part[0] & 31
        if kind == 24:
            at = 1
            while at < len(part):
                size = int.from_bytes(part[at : at + 2], "big")
                nals.append(part[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if part[1] & 0x80:
                nals.append(bytes([part[0] & 0xE0 | part[1] & 31]))
            nals[-1] += part[2:]
        else:
            nals.append(part)
    return nals


@given(sizes=st.lists(st.integers(1, 4000), min_size=1, max_size=4), keyframe=st.booleans())
@settings(max_examples=40, deadline=None)
def test_payloads_round_trip(sizes: list[int], keyframe: bool) -> None:
    slices = tuple(b"\x65" + bytes(size) for size in sizes)
    nals = (SPS, PPS, *slices) if keyframe else slices
    parts = payloads(nals)
    assert max(map(len, parts)) <= MAX_PAYLOAD_BYTES
    assert tuple(assemble(parts)) == nals


def test_numbers_run_on_over_the_wrap() -> None:
    sender = SenderState(ssrc=7, sequence=0xFFFE)
    template = BlockTemplate((SPS, PPS, b"\x65" + bytes(3000)), 7)
    packets = [packet for _, packet in split(sender.send(template, 0x1_0000_0010))]
    heads = [struct.unpack_from(">BBHII", packet) for packet in packets]
    assert [head[2] for head in heads] == [0xFFFE, 0xFFFF, 0, 1][: len(heads)]
    assert {head[3] for head in heads} == {0x10}
    assert [bool(head[1] & 0x80) for head in heads] == [False] * (len(heads) - 1) + [True]
    assert sender.packets == len(heads)


def test_sender_report_and_other_channels() -> None:
    sender = SenderState(ssrc=7)
    report = sender.report(datetime(2026, 11, 23, tzinfo=UTC), 90)
    moved = retarget(sender.send(BlockTemplate((b"\x41ab",), 7), 90) + report, 4, 9)
    channels = [channel for channel, _ in split(moved)]
    assert channels == [4, 9]
    kind, size = struct.unpack_from(">xBH", split(moved)[1][1])
    assert (kind, size) == (200, 6)
    assert len(split(moved)[1][1]) % 4 == 0
