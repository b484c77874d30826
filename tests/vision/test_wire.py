"""The seam's messages: every message comes back as it was, anything else is refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit, Codec
from cctv_gateway.vision.failure import FailureCode
from cctv_gateway.vision.wire import (
    MAX_MESSAGE_BYTES,
    MAX_NALS,
    MAX_UNIT_BYTES,
    Failure,
    Feed,
    Jpeg,
    Message,
    OpenVariant,
    Outcome,
    PosterRequest,
    Result,
    decode_message,
    encode_message,
    fits_feed,
)

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))

units = st.builds(
    AccessUnit,
    nals=st.lists(st.binary(max_size=40), max_size=5).map(tuple),
    rtp_90k=st.integers(-(2**63), 2**63 - 1),
    keyframe=st.booleans(),
    received_s=st.just(0.0),
    codec=st.sampled_from(Codec),
)
fraction = st.floats(0, 1)
polygons = st.lists(
    st.lists(st.tuples(fraction, fraction), min_size=3, max_size=6).map(tuple), max_size=4
).map(tuple)
many_units = st.lists(units, max_size=4).map(tuple)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(OpenVariant, polygons),
    st.builds(Feed, units, st.booleans(), st.booleans()),
    st.builds(Result, st.sampled_from(Outcome), many_units),
    st.builds(PosterRequest, many_units, polygons, st.integers(0, 4096)),
    st.builds(Jpeg, st.binary(max_size=50)),
    st.builds(Failure, st.sampled_from(FailureCode)),
)


def unit(nals: tuple[bytes, ...] = (b"\x65",), rtp_90k: int = 0) -> AccessUnit:
    return AccessUnit(nals, rtp_90k, True, 0.0)


@given(messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert decode_message(encode_message(message)) == message


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_understood(data: bytes) -> None:
    decode_or_refuse(data)


@given(messages, st.integers(0, 400), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_understood(message: Message, at: int, value: int) -> None:
    data = bytearray(encode_message(message))
    data[at % len(data)] = value
    decode_or_refuse(bytes(data))


@given(messages, st.integers(1, 400))
def test_a_cut_message_is_refused(message: Message, missing: int) -> None:
    data = encode_message(message)
    cut = data[: max(0, len(data) - missing)]
    if not isinstance(message, Jpeg) or len(cut) < 2:
        with pytest.raises(GatewayError):
            decode_message(cut)


@given(messages)
def test_bytes_too_many_are_refused(message: Message) -> None:
    if not isinstance(message, Jpeg):
        with pytest.raises(GatewayError):
            decode_message(encode_message(message) + b"\x00")


def decode_or_refuse(data: bytes) -> None:
    with suppress(GatewayError):
        decode_message(data)


@pytest.mark.parametrize(
    "message",
    [
        Feed(unit((b"",) * (MAX_NALS + 1))),
        Feed(unit(rtp_90k=2**63)),
        Jpeg(bytes(MAX_MESSAGE_BYTES)),
        PosterRequest((unit(),), (SQUARE,), -1),
        PosterRequest((unit(),), (SQUARE,), 5000),
    ],
    ids=["NAL units", "time", "size", "negative width", "width"],
)
def test_what_breaks_a_bound_is_not_sent(message: Message) -> None:
    with pytest.raises(GatewayError, match="VISION_MESSAGE"):
        encode_message(message)


def test_a_length_that_lies_costs_no_memory() -> None:
    head = bytes((1, 2, 0)) + struct.pack("!qBBH", 0, 1, 0, 1)
    with pytest.raises(GatewayError, match="VISION_MESSAGE"):
        decode_message(head + struct.pack("!I", 0xFFFFFFFF))


def test_another_version_is_refused() -> None:
    data = encode_message(Jpeg(b"picture"))
    with pytest.raises(GatewayError, match="VISION_MESSAGE"):
        decode_message(b"\x02" + data[1:])


def test_what_fits_a_feed() -> None:
    assert fits_feed(unit((bytes(MAX_UNIT_BYTES),)))
    assert not fits_feed(unit((bytes(MAX_UNIT_BYTES), b"1")))
    assert not fits_feed(unit((b"1",) * (MAX_NALS + 1)))
