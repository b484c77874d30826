"""Sizes, profiles and picture order out of parameter sets of real encoders, and out of rubbish."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.bits import BitsExhausted
from cctv_gateway.ingest.parameter_sets import MAX_SET_BYTES, ParameterSets
from cctv_gateway.ingest.picture import (
    PictureFormat,
    h264_format,
    h264_set_id,
    h264_slice_is_b,
    h265_format,
    h265_set_id,
)
from cctv_gateway.model import Codec


@pytest.mark.parametrize(
    ("sps", "expected"),
    [
        (
            "6742c016d900a02ff9610000030001000003001e0f162e48",
            PictureFormat(640, 360, 66, 22, reorders=False),
        ),
        (
            "67640028acd940780227e58400000300040000030079898003d090007a1392ca01e30632c0",
            PictureFormat(1920, 1080, 100, 40, reorders=True),
        ),
        (
            "67640016acd940b07b420000030002000003003c3e28532c",
            PictureFormat(704, 480, 100, 22, reorders=True),
        ),
        (
            "6764000cacb202a33c44d080000003008000000f078a1524",
            PictureFormat(322, 182, 100, 12, reorders=False),
        ),
    ],
    ids=["baseline", "rate-controlled", "interlaced", "cropped"],
)
def test_h264(sps: str, expected: PictureFormat) -> None:
    assert h264_format(bytes.fromhex(sps)) == expected


@pytest.mark.parametrize(
    ("sps", "expected"),
    [
        (
            "42010101600000030090000003000003003fa00502016965959a4932b9a020000003002000000301e1",
            PictureFormat(640, 360, 1, 63, reorders=True),
        ),
        (
            "420101016000000300900000030000030078a003c4801107249964a924cae68080000003008000000784",
            PictureFormat(1922, 1082, 1, 120, reorders=False),
        ),
    ],
)
def test_h265(sps: str, expected: PictureFormat) -> None:
    assert h265_format(bytes.fromhex(sps)) == expected


@given(st.binary(min_size=1, max_size=60))
def test_no_parameter_set_does_harm(body: bytes) -> None:
    for read in (h264_format, h265_format, h264_set_id, h265_set_id):
        for head in (b"", b"\x67", b"\x42\x01"):
            with contextlib.suppress(BitsExhausted):
                read(head + body)
    h264_slice_is_b(body)


def test_nonsense_is_refused_and_counted() -> None:
    sets = ParameterSets(Codec.H264)
    assert not sets.put(7, b"\x67")
    assert not sets.put(8, b"\x68\x80" + b"x" * MAX_SET_BYTES)
    assert not sets.put(6, b"\x06")
    for number in range(40):
        sets.put(8, bytes((0x68,)) + (1 << 15 | (number + 1) << 9).to_bytes(3, "big"))
    assert sets.refused >= 2
    assert len(sets.nals) <= 32
