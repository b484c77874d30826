"""Who moves in a street and where at a moment: cars, one that stops where it must not, walkers.

All movement repeats after one cycle, so that a recorded cycle can be played as a loop.
"""

import random
from dataclasses import dataclass

from cctv_gateway.simulator.street import BEHIND_M, LANE_M, PARKING_BAY_M, Colour, Street

TRACK_FROM_M = BEHIND_M
TRACK_M = 150.0
LIVE_CYCLE_S = 120.0
# In a cycle shorter than this the offender stands all the time: no room to come and go.
MIN_STOPPING_CYCLE_S = 40.0
CAR_M_PER_S = 10.5
WALK_M_PER_S = 1.25

KINDS = ("sedan", "sedan", "suv", "van", "truck", "bus", "sedan")
PAINTS: tuple[Colour, ...] = (
    (226, 228, 228), (226, 228, 228), (60, 58, 56), (58, 56, 54), (150, 152, 154), (168, 170, 170),
    (120, 70, 36), (44, 40, 150), (120, 108, 92), (34, 120, 190),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (60, 50, 46), (150, 100, 50), (60, 60, 170), (190, 190, 196), (70, 120, 80), (40, 40, 44),
    (130, 80, 130), (90, 150, 190),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CarPose:
    """A car on the ground: `heading` is 1 away from the camera and -1 towards it."""

    x_m: float
    z_m: float
    heading: int
    model: str
    paint: Colour
    braking: bool = False
    hazard: bool = False


@dataclass(frozen=True, slots=True)
class WalkerPose:
    """A person: `stride` runs from 0 to 1 through one double step."""

    x_m: float
    z_m: float
    height_m: float
    stride: float
    top: Colour
    legs: Colour


Pose = CarPose | WalkerPose


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in a lane that a new car takes on each pass."""

    heading: int
    phase: float
    looks: tuple[tuple[float, str, Colour], ...]


@dataclass(frozen=True, slots=True)
class _Walk:
    x_m: float
    from_m: float
    heading: int
    phase: float
    height_m: float
    top: Colour
    legs: Colour


class Traffic:
    """The moving part of one street."""

    def __init__(self, street: Street, cycle_s: float = LIVE_CYCLE_S) -> None:
        lot = random.Random(street.seed * 101 + 3)  # noqa: S311 - a drawing
        self._street, self._cycle_s = street, cycle_s
        self._passes = max(1, round(CAR_M_PER_S * cycle_s / TRACK_M))
        self._strolls = max(1, round(WALK_M_PER_S * cycle_s / 70.0))
        self._stroll_m = WALK_M_PER_S * cycle_s / self._strolls
        self._slots = tuple(_slots(lot, street, self._passes))
        self._walks = tuple(_walks(lot, street, self._stroll_m))
        self._offender = (lot.choice(("sedan", "suv", "van")), lot.choice(PAINTS))

    def at(self, seconds: float) -> list[Pose]:
        """Everybody's place, the farthest first."""
        share = seconds / self._cycle_s % 1.0
        poses: list[Pose] = [self._car(slot, share) for slot in self._slots]
        poses += [self._walker(walk, share, seconds) for walk in self._walks]
        stopped = self._stopping(share, seconds)
        if stopped is not None:
            poses.append(stopped)
        return sorted(poses, key=lambda pose: -pose.z_m)

    def _car(self, slot: _Slot, share: float) -> CarPose:
        travelled = share * self._passes + slot.phase
        count, part = divmod(travelled, 1.0)
        part = part if slot.heading > 0 else 1.0 - part
        x_m, model, paint = slot.looks[int(count) % len(slot.looks)]
        return CarPose(x_m, TRACK_FROM_M + part * TRACK_M, slot.heading, model, paint)

    def _walker(self, walk: _Walk, share: float, seconds: float) -> WalkerPose:
        part = (share * self._strolls + walk.phase) % 1.0
        part = part if walk.heading > 0 else 1.0 - part
        z_m = walk.from_m + part * self._stroll_m
        stride = (seconds * 0.95 + walk.phase) % 1.0
        return WalkerPose(walk.x_m, z_m, walk.height_m, stride, walk.top, walk.legs)

    def _stopping(self, share: float, seconds: float) -> CarPose | None:
        """The offender: comes, pulls in, stands with hazard lights, leaves."""
        model, paint = self._offender
        zone = sum(self._street.zone_z_m) / 2
        blink = seconds % 0.8 < 0.4
        if self._cycle_s < MIN_STOPPING_CYCLE_S:
            return CarPose(self._street.zone_x_m, zone, 1, model, paint, hazard=blink)
        at_s = share * self._cycle_s
        arrive_s, leave_s = 10.0, self._cycle_s * 0.72
        lane_x = self._street.half_m - PARKING_BAY_M - LANE_M / 2
        if at_s < arrive_s:
            left = 1.0 - at_s / arrive_s
            z_m = zone - (zone - TRACK_FROM_M) * left**2
            x_m = _glide(self._street.zone_x_m, lane_x, left * 2.0)
            return CarPose(x_m, z_m, 1, model, paint, braking=True)
        if at_s < leave_s:
            return CarPose(self._street.zone_x_m, zone, 1, model, paint, hazard=blink)
        gone = (at_s - leave_s) / 14.0
        if gone >= 1.0:
            return None
        z_m = zone + (TRACK_FROM_M + TRACK_M - zone) * gone**2
        return CarPose(_glide(self._street.zone_x_m, lane_x, gone * 3.0), z_m, 1, model, paint)


def _glide(start: float, end: float, share: float) -> float:
    part = min(1.0, max(0.0, share))
    return start + (end - start) * part * part * (3 - 2 * part)


def _slots(lot: random.Random, street: Street, passes: int) -> list[_Slot]:
    slots = []
    for heading in (-1, 1):
        for lane in range(street.lanes_each_way):
            x_m = heading * (lane + 0.5) * LANE_M
            count = lot.choice((2, 2, 3))
            first = lot.random()
            for index in range(count):
                phase = (first + (index + lot.uniform(0, 0.35)) / count) % 1.0
                looks = tuple(
                    (x_m + lot.uniform(-0.2, 0.2), lot.choice(KINDS), lot.choice(PAINTS))
                    for _ in range(passes)
                )
                slots.append(_Slot(heading, phase, looks))
    return slots


def _walks(lot: random.Random, street: Street, length_m: float) -> list[_Walk]:
    walks = []
    for _ in range(lot.choice((5, 6, 8))):
        side = lot.choice((-1, -1, 1))
        x_m = side * (street.half_m + lot.uniform(1.2, 2.9))
        start = lot.uniform(9, 40) if length_m < 30 else lot.uniform(8, 16)
        walks.append(
            _Walk(
                x_m, start, lot.choice((-1, 1)), lot.random(), lot.uniform(1.55, 1.82),
                lot.choice(CLOTHES), lot.choice(CLOTHES),
            )
        )  # fmt: skip
    return walks
