"""The shapes of cars: side profiles, and meshes of points made from them.

How a mesh is drawn is in `car_sprite.py`.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cctv_gateway.simulator.lens import Points


@dataclass(frozen=True, slots=True)
class CarModel:
    """A side profile (length, height in metres) from front bumper over the roof to the rear.

    `glass` are the indices of profile edges that are windscreens.
    """

    width_m: float
    profile: tuple[tuple[float, float], ...]
    glass: tuple[int, ...]
    window: tuple[tuple[float, float], ...]
    wheels: tuple[float, float]
    wheel_m: float


MODELS = {
    "sedan": CarModel(
        1.82,
        ((2.3, 0.3), (2.32, 0.68), (2.15, 0.82), (1.05, 0.98), (0.35, 1.42), (-0.95, 1.44),
         (-1.7, 1.05), (-2.25, 0.98), (-2.32, 0.6), (-2.28, 0.3)),
        (3, 5),
        ((0.9, 0.98), (0.3, 1.34), (-0.9, 1.36), (-1.5, 1.02)),
        (1.4, -1.4), 0.33,
    ),
    "suv": CarModel(
        1.9,
        ((2.25, 0.35), (2.28, 0.85), (2.1, 1.0), (1.15, 1.12), (0.55, 1.68), (-1.7, 1.7),
         (-2.2, 1.15), (-2.28, 0.8), (-2.25, 0.35)),
        (3, 5),
        ((1.0, 1.12), (0.5, 1.58), (-1.6, 1.6), (-1.95, 1.15)),
        (1.4, -1.4), 0.38,
    ),
    "van": CarModel(
        1.95,
        ((2.4, 0.35), (2.45, 0.9), (2.2, 1.15), (1.6, 1.85), (-2.4, 1.95), (-2.5, 1.2),
         (-2.5, 0.35)),
        (2, 4),
        ((1.9, 1.2), (1.5, 1.75), (-2.2, 1.78), (-2.2, 1.2)),
        (1.6, -1.6), 0.36,
    ),
    "truck": CarModel(
        2.1,
        ((3.0, 0.4), (3.05, 1.1), (2.7, 1.95), (1.6, 2.05), (1.55, 2.5), (-3.1, 2.5), (-3.1, 0.6)),
        (1,),
        ((2.85, 1.2), (2.62, 1.85), (1.75, 1.9), (1.75, 1.2)),
        (2.0, -1.9), 0.45,
    ),
    "bus": CarModel(
        2.5,
        ((5.2, 0.4), (5.3, 1.1), (5.15, 3.0), (-5.2, 3.1), (-5.3, 1.5), (-5.25, 0.4)),
        (1, 3),
        ((5.0, 1.3), (4.95, 2.6), (-4.9, 2.6), (-4.9, 1.3)),
        (3.3, -2.9), 0.5,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mesh:
    """Points of a model around its middle: left profile, right profile, windows, wheels, rest."""

    points: Points
    count: int
    model: CarModel
    shades: tuple[float, ...]

    @property
    def half_m(self) -> float:
        return self.model.width_m / 2

    @property
    def roof_m(self) -> float:
        return max(height for _, height in self.model.profile)


def _mesh(model: CarModel) -> Mesh:
    half = model.width_m / 2
    roof = max(height for _, height in model.profile)
    sides = []
    for side in (-1.0, 1.0):
        # The cabin leans inwards, which is most of what makes a box look like a car.
        sides += [
            (side * half * (1.0 - 0.16 * max(0.0, up - 0.9) / max(0.1, roof - 0.9)), up, along)
            for along, up in model.profile
        ]
    for side in (-1.0, 1.0):
        sides += [(side * half * 0.95, up, along) for along, up in model.window]
    for side in (-1.0, 1.0):
        for along in model.wheels:
            for turn in np.arange(8) * np.pi / 4:
                sides.append(
                    (
                        side * half * 1.01,
                        model.wheel_m * (1 + float(np.sin(turn))),
                        along + model.wheel_m * float(np.cos(turn)),
                    )
                )
    front, rear = model.profile[1][0], model.profile[-2][0]
    bright = model.profile[1][1]
    for along in (front, rear):
        sides += [(-half * 0.72, bright, along), (half * 0.72, bright, along), (0.0, 0.55, along)]
    length = model.profile[0][0] + 0.15
    for x_m, z_m in ((-1, 1), (1, 1), (1, -1), (-1, -1)):
        sides.append((x_m * (half + 0.15), 0.01, z_m * length))
    return Mesh(np.array(sides), len(model.profile), model, tuple(_shades(model)))


def _shades(model: CarModel) -> list[float]:
    """Flat strips catch more of the sky than upright ones."""
    shades = []
    for (from_z, from_y), (to_z, to_y) in pairwise(model.profile):
        run, rise = abs(to_z - from_z), abs(to_y - from_y)
        shades.append(0.68 + 0.38 * run / (run + rise + 1e-6))
    return shades


MESHES = {name: _mesh(model) for name, model in MODELS.items()}
