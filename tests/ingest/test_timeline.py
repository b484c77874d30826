"""Whatever a camera's clock does, our timeline rises and stays near the arrival clock."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.ingest.timeline import TICKS_PER_S, Timeline

FRAME = 6000


def stamps(camera: list[int], arrivals: list[float]) -> list[int]:
    timeline = Timeline()
    return [
        timeline.stamp(stamp & 0xFFFFFFFF, arrived)
        for stamp, arrived in zip(camera, arrivals, strict=True)
    ]


def steps(values: list[int]) -> list[int]:
    return [after - before for before, after in pairwise(values)]


def test_the_cameras_rhythm_is_kept_though_packets_jitter() -> None:
    arrivals = [100 + index / 15 + (0.04 if index % 3 else 0) for index in range(200)]
    assert set(steps(stamps([index * FRAME for index in range(200)], arrivals))) == {FRAME}


def test_the_wrap_of_the_cameras_clock_is_not_seen() -> None:
    start = 0xFFFFFFFF - 3 * FRAME
    arrivals = [5 + index / 15 for index in range(10)]
    assert set(steps(stamps([start + index * FRAME for index in range(10)], arrivals))) == {FRAME}


@pytest.mark.parametrize("jump_s", [7, -7, 3600, -3600, 20_000])
def test_a_jump_is_cut_off(jump_s: int) -> None:
    camera = [index * FRAME + (jump_s * TICKS_PER_S if index >= 10 else 0) for index in range(20)]
    arrivals = [50 + index / 15 for index in range(20)]
    assert max(steps(stamps(camera, arrivals))) <= FRAME + 1


@pytest.mark.parametrize("speed", [0.6, 0.99, 1.01, 1.6])
def test_a_clock_that_runs_wrong_is_pulled_without_jumps(speed: float) -> None:
    count = 3000
    own = stamps(
        [int(index * FRAME * speed) for index in range(count)],
        [10 + index / 15 for index in range(count)],
    )
    assert abs(own[-1] / TICKS_PER_S - (10 + count / 15)) < 2.5
    assert max(steps(own)) <= 2 * FRAME
    assert min(steps(own)) >= FRAME // 4


def test_a_reset_every_thirteen_seconds_is_survived() -> None:
    period = 13 * 15
    own = stamps(
        [index % period * FRAME for index in range(1000)], [index / 15 for index in range(1000)]
    )
    assert min(steps(own)) > 0
    assert abs(own[-1] - 999 * FRAME) < TICKS_PER_S


def test_a_standing_clock_goes_by_arrival() -> None:
    own = stamps([7] * 10, [1 + index / 8 for index in range(10)])
    assert steps(own) == [11250] * 9


def test_b_pictures_keep_their_order_on_the_wire() -> None:
    own = stamps([0, 3 * FRAME, FRAME, 2 * FRAME, 6 * FRAME], [9 + at / 15 for at in range(5)])
    assert steps(own) == [3 * FRAME, 1, 1, 3 * FRAME]


def test_it_goes_on_after_a_reconnect() -> None:
    timeline = Timeline()
    before = timeline.stamp(90_000, 10.0)
    timeline.restart()
    assert timeline.stamp(5, 12.0) == before + 2 * TICKS_PER_S


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.floats(0, 3), st.booleans()), max_size=60))
def test_it_always_rises_and_is_never_far_ahead(events: list[tuple[int, float, bool]]) -> None:
    timeline = Timeline()
    now, last = 100.0, -1
    for stamp, wait_s, restart in events:
        now += wait_s
        if restart:
            timeline.restart()
        own = timeline.stamp(stamp, now)
        assert own > last
        assert own <= (now + 1.1) * TICKS_PER_S + len(events)
        last = own
