"""Draws cars and people in perspective over a picture and tells which rectangles they touched.

Where they are is decided in `traffic.py`.
"""

import math

import numpy as np

from cctv_gateway.simulator.brush import (
    SHIFT,
    UNIT,
    Rect,
    Spot,
    Tint,
    disc,
    ellipse,
    rect_around,
    shown,
    stroke,
)
from cctv_gateway.simulator.car_models import MESHES, Mesh
from cctv_gateway.simulator.car_sprite import DARK, CarLook, draw_far, draw_near
from cctv_gateway.simulator.daylight import Light
from cctv_gateway.simulator.lens import Lens, Points
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.traffic import CarPose, Pose, WalkerPose

NEAR_M = 2.0
# A car lower than this has no details worth drawing.
SMALL_PX = 24
SKIN = (140, 170, 205)
SHADE = (40, 40, 40)


class Painter:
    """Draws poses for one lens and light over a BGR picture.

    Small arrays cost more in calls than in work, so single points are projected as plain floats
    and a mesh is turned into camera axes once for each lens.
    """

    def __init__(self, lens: Lens, light: Light, lamps_z_m: tuple[float, ...]) -> None:
        self._lens, self._night = lens, light.night
        self._ambient = light.ambient_bgr
        self._lamps_z_m = lamps_z_m
        self._focal_px = lens.focal_px
        self._rows: list[list[float]] = lens.matrix.tolist()
        self._turned: dict[tuple[str, int], tuple[Points, float]] = {}

    def draw(self, picture: Picture, pose: Pose) -> Rect | None:
        """Draw one pose; returns the touched rectangle (left, top, right, bottom), if any."""
        if isinstance(pose, CarPose):
            return self._car(picture, pose)
        return self._walker(picture, pose)

    def _flat(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
        """Homogeneous picture coordinates of a point."""
        x, y, z = self._rows
        return (
            x[0] * x_m + x[1] * y_m + x[2] * z_m + x[3],
            y[0] * x_m + y[1] * y_m + y[2] * z_m + y[3],
            z[0] * x_m + z[1] * y_m + z[2] * z_m + z[3],
        )

    def _shine(self, z_m: float) -> Tint:
        """What a colour keeps at a place: ambient light and the nearest street lamp."""
        blue, green, red = self._ambient
        if not self._night:
            return blue, green, red
        near = min(abs(z_m - at) for at in self._lamps_z_m)
        lamp = self._night * 0.6 / (1.0 + near * near / 30)
        return blue + lamp * 0.6, green + lamp * 0.9, red + lamp

    def _car(self, picture: Picture, pose: CarPose) -> Rect | None:
        mesh = MESHES[pose.model]
        middle = self._flat(pose.x_m, 0.0, pose.z_m)
        turned, nearest_m = self._mesh(pose, mesh)
        if middle[2] + nearest_m < NEAR_M:
            return None
        px_per_m = self._focal_px / middle[2]
        look = CarLook(pose, self._shine(pose.z_m), self._night, px_per_m)
        margin = 14 if self._night > DARK else 3
        if mesh.roof_m * px_per_m < SMALL_PX:
            return self._far_car(picture, look, mesh, middle, margin)
        flat = turned + middle
        shape = (flat[:, :2] * (UNIT / flat[:, 2:])).astype(np.int32)
        left, top = (shape.min(axis=0) >> SHIFT).tolist()
        right, bottom = (shape.max(axis=0) >> SHIFT).tolist()
        rect = rect_around((left, top), (right, bottom), picture.shape, margin)
        if rect is not None:
            draw_near(picture, look, mesh, shape)
        return rect

    def _far_car(
        self, picture: Picture, look: CarLook, mesh: Mesh,
        middle: tuple[float, float, float], margin: float,
    ) -> Rect | None:  # fmt: skip
        x, y = middle[0] / middle[2], middle[1] / middle[2]
        half, tall = mesh.half_m * 1.2 * look.px_per_m, mesh.roof_m * look.px_per_m
        rect = rect_around((x - half, y - tall), (x + half, y + half / 2), picture.shape, margin)
        if rect is not None:
            draw_far(picture, look, mesh, (x, y))
        return rect

    def _mesh(self, pose: CarPose, mesh: Mesh) -> tuple[Points, float]:
        """The mesh in camera axes, still around the origin, and its least depth."""
        key = (pose.model, pose.heading)
        if key not in self._turned:
            points = mesh.points * (pose.heading, 1.0, pose.heading)
            turned = points @ self._lens.matrix[:, :3].T
            self._turned[key] = (turned, float(turned[:, 2].min()))
        return self._turned[key]

    def _walker(self, picture: Picture, pose: WalkerPose) -> Rect | None:
        low = self._flat(pose.x_m, 0.0, pose.z_m)
        high = self._flat(pose.x_m, pose.height_m, pose.z_m)
        if min(low[2], high[2]) < NEAR_M:
            return None
        foot = (low[0] / low[2], low[1] / low[2])
        head = (high[0] / high[2], high[1] / high[2])
        tall = foot[1] - head[1]
        half = max(2.0, tall * 0.3)
        rect = rect_around(
            (min(foot[0], head[0]) - half, head[1]), (max(foot[0], head[0]) + half, foot[1]),
            picture.shape, 4.0 + tall * 0.12,
        )  # fmt: skip
        if rect is not None and tall >= 3:
            _figure(picture, pose, foot, head, self._shine(pose.z_m))
        return rect


def _figure(picture: Picture, pose: WalkerPose, foot: Spot, head: Spot, shine: Tint) -> None:
    tall = foot[1] - head[1]
    swing = math.sin(pose.stride * 2 * math.pi) * tall * 0.13
    hip, neck = _between(foot, head, 0.5), _between(foot, head, 0.8)
    thick = max(1, round(tall * 0.11))
    legs, top = shown(pose.legs, 0.9, shine), shown(pose.top, 1.0, shine)
    ellipse(picture, foot, tall * 0.2, tall * 0.05, shown(SHADE, 1.0, shine))
    for side in (-1, 1):
        stroke(picture, hip, (foot[0] + side * swing, foot[1]), legs, thick)
        hand = (hip[0] + side * (tall * 0.1 + swing * 0.6), hip[1])
        stroke(picture, neck, hand, top, max(1, thick // 2))
    stroke(picture, neck, hip, top, max(2, round(tall * 0.2)))
    disc(picture, _between(foot, head, 0.92), tall * 0.075, shown(SKIN, 0.9, shine))


def _between(start: Spot, end: Spot, share: float) -> Spot:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
