"""A stream's rate, measured on its own timeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.model import AccessUnit
from cctv_gateway.vision.rate import Rate, SourceRate, fallback_rate


def unit(frame: int, size: int = 1000, keyframe: bool = False, step_90k: int = 6000) -> AccessUnit:
    return AccessUnit((bytes(size),), frame * step_90k, keyframe, 0.0)


def test_a_steady_stream() -> None:
    rate = SourceRate()
    for frame in range(61):
        rate.feed(unit(frame, keyframe=frame % 30 == 0))
    measured = rate.measured()
    assert measured is not None
    assert measured.frames_per_s == pytest.approx(15)
    assert measured.bits_per_s == pytest.approx(15 * 8000)


def test_half_a_second_is_needed() -> None:
    rate = SourceRate()
    for frame in range(8):
        assert rate.measured() is None
        rate.feed(unit(frame, keyframe=frame == 0))
    rate.feed(unit(8))
    assert rate.measured() is not None


def test_keyframes_in_a_row_are_one_group() -> None:
    rate = SourceRate()
    for frame in range(20):
        rate.feed(unit(frame, keyframe=True))
    measured = rate.measured()
    assert measured is not None
    assert measured.frames_per_s == pytest.approx(15, rel=0.2)


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        (Rate(15, 1000), Rate(15, 1000), False),
        (Rate(15, 1000), Rate(15, 1400), False),
        (Rate(15, 1000), Rate(15, 1600), True),
        (Rate(15, 1000), Rate(15, 600), True),
        (Rate(15, 1000), Rate(30, 1000), True),
    ],
)
def test_what_is_worth_a_new_encoder(one: Rate, other: Rate, far: bool) -> None:
    assert one.differs(other) is far


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.booleans()), max_size=30))
def test_times_that_jump_break_nothing(times: list[tuple[int, bool]]) -> None:
    rate = SourceRate()
    for rtp_90k, keyframe in times:
        rate.feed(AccessUnit((b"abc",), rtp_90k, keyframe, 0.0))
        measured = rate.measured()
        assert measured is None or (measured.frames_per_s > 0 and measured.bits_per_s > 0)


def test_a_guess_grows_with_the_picture() -> None:
    assert fallback_rate(1920, 1080).bits_per_s > fallback_rate(640, 360).bits_per_s
