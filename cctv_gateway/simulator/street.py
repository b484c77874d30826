"""The plan of one camera's street, drawn by lot from its number: road, buildings, trees, mount.

A plan holds measures and colours only; `backdrop.py` paints it and `traffic.py` moves in it.
"""

import random
from dataclasses import dataclass

from cctv_gateway.simulator.lens import Mount, View

Colour = tuple[int, int, int]

LANE_M = 3.3
PARKING_BAY_M = 2.3
SIDEWALK_M = 3.4
FAR_M = 150.0
BEHIND_M = -14.0

WALLS: tuple[Colour, ...] = (
    (150, 170, 190), (92, 110, 150), (178, 182, 186), (140, 150, 155), (196, 206, 212),
    (120, 138, 168), (170, 176, 168), (104, 112, 120), (158, 186, 204), (82, 92, 128),
)  # fmt: skip
SIGNS: tuple[Colour, ...] = (
    (40, 40, 200), (170, 90, 20), (40, 150, 40), (20, 170, 230), (150, 30, 120),
    (220, 220, 225), (30, 100, 220), (120, 120, 20), (60, 20, 160),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Building:
    """A block beside the road; `side` is -1 on the left and 1 on the right."""

    side: int
    from_m: float
    to_m: float
    floors: int
    wall: Colour
    seed: int

    @property
    def height_m(self) -> float:
        return 4.2 + 3.1 * (self.floors - 1)


@dataclass(frozen=True, slots=True)
class Tree:
    x_m: float
    z_m: float
    height_m: float
    seed: int


@dataclass(frozen=True, slots=True)
class Street:
    """All that does not move. The road's middle is x = 0; `half_m` is half its width."""

    seed: int
    lanes_each_way: int
    half_m: float
    buildings: tuple[Building, ...]
    trees: tuple[Tree, ...]
    lamps_z_m: tuple[float, ...]
    crosswalk_z_m: float
    zone_z_m: tuple[float, float]
    school_zone: bool
    haze: float
    mount: Mount

    @property
    def kerb_m(self) -> float:
        """Where the house fronts begin."""
        return self.half_m + SIDEWALK_M

    @property
    def zone_x_m(self) -> float:
        """The middle of the no-parking zone, beside the right kerb."""
        return self.half_m - PARKING_BAY_M / 2


def plan_street(number: int) -> Street:
    """The street that camera `number` looks at; the same number gives the same street."""
    lot = random.Random(number * 7919 + 17)  # noqa: S311 - a drawing, not a secret
    lanes = lot.choice((1, 1, 2, 2))
    half = lanes * LANE_M + PARKING_BAY_M
    zone = lot.uniform(13.0, 19.0)
    return Street(
        seed=number,
        lanes_each_way=lanes,
        half_m=half,
        buildings=tuple(_row(lot, -1) + _row(lot, 1)),
        trees=tuple(_trees(lot, half)),
        lamps_z_m=tuple(lot.uniform(9, 15) + 27 * index for index in range(5)),
        crosswalk_z_m=zone + lot.uniform(16.0, 24.0),
        zone_z_m=(zone, zone + 12.0),
        school_zone=lot.random() < 0.35,
        haze=lot.uniform(0.25, 0.75),
        mount=_mount(lot, half),
    )


def presets(street: Street) -> dict[str, tuple[str, View]]:
    """The presets a camera is delivered with, by token: name and view. P1 is home."""
    lot = random.Random(street.seed * 31 + 5)  # noqa: S311 - a drawing, not a secret
    return {
        "P1": ("Home", View()),
        "P2": ("No-parking zone", View(lot.uniform(2, 6), lot.uniform(-7, -4), 1.9)),
        "P3": ("Far road", View(lot.uniform(1, 4), lot.uniform(4, 7), 3.2)),
        "P4": ("Left pavement", View(lot.uniform(-26, -20), lot.uniform(-2, 2), 1.4)),
        "P5": ("Right pavement", View(lot.uniform(14, 20), lot.uniform(-3, 1), 1.3)),
    }


def _mount(lot: random.Random, half_m: float) -> Mount:
    return Mount(
        x_m=half_m * lot.uniform(0.35, 0.75),
        y_m=lot.uniform(6.2, 8.4),
        z_m=0.0,
        yaw_deg=lot.uniform(-16, -5),
        pitch_deg=lot.uniform(12, 17),
        field_deg=lot.uniform(62, 76),
    )


def _row(lot: random.Random, side: int) -> list[Building]:
    """Houses from behind the camera to the horizon, with lanes and yards between some."""
    row = []
    at = BEHIND_M
    while at < FAR_M:
        width = lot.uniform(9, 19)
        floors = lot.choice((3, 3, 4, 4, 5, 6, 8)) if at < 60 else lot.choice((4, 5, 7, 10, 14))
        row.append(
            Building(side, at, at + width, floors, lot.choice(WALLS), lot.randrange(1 << 30))
        )
        at += width + lot.choice((0.4, 0.6, 3.5, 0.5))
    return row


def _trees(lot: random.Random, half_m: float) -> list[Tree]:
    """Roadside trees: on the left all along, on the right only far off, to keep the view free."""
    step = lot.uniform(8, 13)
    left = [
        Tree(-half_m - 0.9, 16 + step * index, lot.uniform(4.4, 6.4), lot.randrange(1 << 30))
        for index in range(int(100 / step))
    ]
    right = [
        Tree(half_m + 0.9, 40 + step * index, lot.uniform(4.2, 6.0), lot.randrange(1 << 30))
        for index in range(int(80 / step))
    ]
    return left + right
