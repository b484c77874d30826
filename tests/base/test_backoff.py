"""Waits grow, are jittered, and have an end."""

from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.backoff import delay_s


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_every_wait_is_within_its_bounds(failures: int, random: float) -> None:
    wait_s = delay_s(failures, random, base_s=1.0, cap_s=60.0)
    assert 0.5 <= wait_s <= 60.0


def test_waits_double_until_the_cap() -> None:
    waits = [delay_s(failures, 1.0) for failures in range(1, 9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_two_cameras_do_not_come_back_in_step() -> None:
    assert delay_s(5, 0.1) != delay_s(5, 0.9)
