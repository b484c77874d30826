"""Scenes are drawn the same way twice, differ between cameras, and follow preset and hour."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.simulator import strip
from cctv_gateway.simulator.daylight import SEOUL, STEPS, light_at
from cctv_gateway.simulator.lens import NEAR_M, View, clip_near
from cctv_gateway.simulator.scene import Scene
from cctv_gateway.simulator.street import plan_street, presets
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.traffic import LIVE_CYCLE_S, CarPose, Traffic

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SEOUL)
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=SEOUL)


def scene(number: int) -> Scene:
    return Scene(number, f"Street {number}", 320, 180)


def luma(picture: Picture) -> np.ndarray:
    """The picture below strip, name and clock."""
    return picture[20:180].astype(int)


@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_repainted_rectangles_leave_no_trace(now: datetime) -> None:
    used, fresh = scene(5), scene(5)
    for step in range(40):
        seen = used.draw(step, step * 0.7, now, View())
    assert np.array_equal(seen, fresh.draw(39, 39 * 0.7, now, View()))


def test_cameras_presets_and_hours_look_different() -> None:
    home = luma(scene(1).draw(0, 0, NOON, View()).copy())
    others = {
        "camera": luma(scene(2).draw(0, 0, NOON, View())),
        "preset": luma(scene(1).draw(0, 0, NOON, presets(plan_street(1))["P2"][1])),
        "night": luma(scene(1).draw(0, 0, NIGHT, View())),
    }
    for name, other in others.items():
        assert np.abs(home - other).mean() > 8, name
    assert others["night"].mean() < home.mean() * 0.75


def test_something_moves_and_the_strip_counts() -> None:
    moving = scene(3)
    before = luma(moving.draw(0, 0, NOON, View()).copy())
    picture = moving.draw(1, 2.0, NOON, View())
    assert strip.decode(picture[:180]) == strip.StripReading(3, 1)
    assert (np.abs(luma(picture) - before) > 20).any()


def test_a_view_that_is_not_painted_yet_shows_the_last_one() -> None:
    turned = scene(4)
    other = View(10.0, 0.0, 2.0)
    before = turned.draw(0, 0, NOON, View()).copy()
    outlook = turned.missing(NOON, other)
    assert outlook is not None
    assert np.array_equal(turned.draw(0, 0, NOON, other, wait=False), before)
    turned.paint(outlook)
    assert turned.missing(NOON, other) is None
    assert not np.array_equal(turned.draw(0, 0, NOON, other, wait=False), before)


def test_daylight_rises_and_falls() -> None:
    minutes = [light_at(NOON.replace(hour=0) + timedelta(minutes=at)).step for at in range(1440)]
    assert minutes[0] == 0
    assert minutes[720] == STEPS
    assert max(abs(a - b) for a, b in pairwise(minutes)) <= 1
    assert light_at(datetime(2026, 1, 1, 12, tzinfo=UTC).astimezone(SEOUL)).night == 1.0


@given(seconds=st.floats(0, 10_000), number=st.integers(1, 4095))
@settings(max_examples=50, deadline=None)
def test_traffic_repeats_after_a_cycle(seconds: float, number: int) -> None:
    traffic = Traffic(plan_street(number), cycle_s=10.0)
    poses, later = traffic.at(seconds), traffic.at(seconds + 10.0)
    assert len(poses) == len(later)
    depths = [pose.z_m for pose in poses]
    assert depths == sorted(depths, reverse=True)


def test_a_car_stops_in_the_zone_and_leaves() -> None:
    street = plan_street(1)
    traffic = Traffic(street)
    middle = sum(street.zone_z_m) / 2

    def stands(seconds: float) -> bool:
        return any(
            isinstance(pose, CarPose) and pose.z_m == middle and pose.x_m == street.zone_x_m
            for pose in traffic.at(seconds)
        )

    standing = [stands(float(second)) for second in range(int(LIVE_CYCLE_S))]
    assert standing.count(True) > 60
    assert not standing[0]
    assert not standing[-1]


@given(corners=st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=3, max_size=6))
def test_clipped_polygons_lie_before_the_camera(corners: list[tuple[float, float, float]]) -> None:
    assert (clip_near(np.array(corners))[:, 2] >= NEAR_M - 1e-6).all()
