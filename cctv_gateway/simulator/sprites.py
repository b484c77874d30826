"""Draws cars and people in perspective over a picture and tells which rectangles they touched.

Where they are is decided in `traffic.py`.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from cctv_gateway.simulator.daylight import Light
from cctv_gateway.simulator.lens import Lens, Points
from cctv_gateway.simulator.street import Colour
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.traffic import CarPose, Pose, WalkerPose

Rect = tuple[int, int, int, int]

SHIFT = 4
UNIT = 1 << SHIFT
NEAR_M = 2.0
# Below this height a car has no details worth drawing.
SMALL_PX = 22
GLASS = (70, 58, 48)
TYRE = (30, 30, 30)


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
class _Mesh:
    """Points of a model around its middle: left profile, right profile, windows, wheels, rest."""

    points: Points
    count: int
    model: CarModel
    shades: tuple[float, ...]


def _mesh(model: CarModel) -> _Mesh:
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
    return _Mesh(np.array(sides), len(model.profile), model, tuple(_shades(model)))


def _shades(model: CarModel) -> list[float]:
    """Flat strips catch more of the sky than upright ones."""
    shades = []
    for (from_z, from_y), (to_z, to_y) in pairwise(model.profile):
        run, rise = abs(to_z - from_z), abs(to_y - from_y)
        shades.append(0.68 + 0.38 * run / (run + rise + 1e-6))
    return shades


MESHES = {name: _mesh(model) for name, model in MODELS.items()}


class Painter:
    """Draws poses for one lens and light over a BGR picture."""

    def __init__(self, lens: Lens, light: Light, lamps_z_m: tuple[float, ...]) -> None:
        self._lens, self._light = lens, light
        self._ambient = light.ambient_bgr
        self._lamps_z_m = lamps_z_m

    def draw(self, picture: Picture, pose: Pose) -> Rect | None:
        """Draw one pose; returns the touched rectangle (left, top, right, bottom), if any."""
        if isinstance(pose, CarPose):
            return self._car(picture, pose)
        return self._walker(picture, pose)

    def _lit(self, colour: Colour, shade: float, z_m: float) -> tuple[float, float, float]:
        lamp = 0.0
        if self._light.night:
            near = min(abs(z_m - at) for at in self._lamps_z_m)
            lamp = self._light.night * 0.6 / (1.0 + near * near / 30)
        blue, green, red = self._ambient
        return (
            colour[0] * shade * (blue + lamp * 0.6),
            colour[1] * shade * (green + lamp * 0.9),
            colour[2] * shade * (red + lamp),
        )

    def _car(self, picture: Picture, pose: CarPose) -> Rect | None:
        mesh = MESHES[pose.model]
        place = np.array([pose.x_m, 0.0, pose.z_m])
        turned = mesh.points * (pose.heading, 1.0, pose.heading) + place
        pixels, depth = self._lens.project(turned)
        if depth.min() < NEAR_M:
            return None
        glow_m = 30.0 if self._light.night > 0.4 else 0.0
        rect = _rect(pixels, picture.shape, 3 if not glow_m else 14)
        if rect is None:
            return None
        shape = (pixels * UNIT).astype(np.int32)
        car = _Car(self, picture, pose, mesh, shape, float(depth.mean()))
        if rect[3] - rect[1] < SMALL_PX:
            car.draw_far()
        else:
            car.draw()
        return rect

    def _walker(self, picture: Picture, pose: WalkerPose) -> Rect | None:
        foot = np.array(
            [[pose.x_m, 0, pose.z_m], [pose.x_m, pose.height_m, pose.z_m]], dtype=np.float64
        )
        pixels, depth = self._lens.project(foot)
        if depth.min() < NEAR_M:
            return None
        tall = float(pixels[0, 1] - pixels[1, 1])
        half = max(2.0, tall * 0.3)
        rim = 2.0 + tall * 0.12
        rect = _rect(
            np.vstack([pixels - (half, rim), pixels + np.array((half, rim))]), picture.shape, 2
        )
        if rect is not None and tall >= 3:
            self._figure(picture, pose, pixels, tall)
        return rect

    def _figure(self, picture: Picture, pose: WalkerPose, pixels: Points, tall: float) -> None:
        foot, head = pixels
        swing = float(np.sin(pose.stride * 2 * np.pi)) * tall * 0.13
        hip = (foot + (head - foot) * 0.5).tolist()
        neck = (foot + (head - foot) * 0.8).tolist()
        thick = max(1, round(tall * 0.11))
        legs, top = self._lit(pose.legs, 0.9, pose.z_m), self._lit(pose.top, 1.0, pose.z_m)
        skin = self._lit((140, 170, 205), 0.9, pose.z_m)
        _ellipse(picture, foot, tall * 0.2, tall * 0.05, self._lit((40, 40, 40), 1.0, pose.z_m))
        for side in (-1, 1):
            _stroke(picture, hip, [foot[0] + side * swing, foot[1]], legs, thick)
        for side in (-1, 1):
            hand = [hip[0] + side * (tall * 0.1 + swing * 0.6), hip[1]]
            _stroke(picture, neck, hand, top, max(1, thick // 2))
        _stroke(picture, neck, hip, top, max(2, round(tall * 0.2)))
        centre = foot + (head - foot) * 0.92
        cv2.circle(
            picture, _fixed(centre), max(UNIT, int(tall * 0.075 * UNIT)), skin, -1, cv2.LINE_AA,
            SHIFT,
        )  # fmt: skip


class _Car:
    """One car being drawn."""

    def __init__(
        self, painter: Painter, picture: Picture, pose: CarPose, mesh: _Mesh,
        shape: NDArray[np.int32], depth_m: float,
    ) -> None:  # fmt: skip
        self._painter, self._picture, self._pose = painter, picture, pose
        self._shape, self._depth_m = shape, depth_m
        self._mesh = mesh
        count, windows = mesh.count, len(mesh.model.window)
        self._left, self._right = shape[:count], shape[count : 2 * count]
        at = 2 * count
        self._windows = (shape[at : at + windows], shape[at + windows : at + 2 * windows])
        at += 2 * windows
        self._wheels = shape[at : at + 32].reshape(4, 8, 2)
        self._front, self._rear = shape[at + 32 : at + 35], shape[at + 35 : at + 38]
        self._shadow = shape[at + 38 : at + 42]

    def draw_far(self) -> None:
        """A car of a few pixels: shadow, body, windows and lights."""
        self._fill(self._shadow, (34, 33, 32), 0.8)
        low, high = np.vstack((self._left, self._right)), self._mesh.count // 2
        (left, top), (right, bottom) = low.min(axis=0).tolist(), low.max(axis=0).tolist()
        middle = (self._left[high, 1] + bottom) // 2
        inset = (right - left) // 8
        body = np.array([(left, middle), (right, middle), (right, bottom), (left, bottom)])
        cabin = np.array([(left + inset, top), (right - inset, top), (right, middle),
                          (left, middle)])  # fmt: skip
        self._fill(cabin, GLASS, 1.2)
        self._fill(body, self._pose.paint, 0.8)
        self._lights()

    def draw(self) -> None:
        self._fill(self._shadow, (34, 33, 32), 0.8)
        self._skin()
        if _area(self._left) > 0:
            self._side(0)
        if _area(self._right) < 0:
            self._side(1)
        self._lights()

    def _skin(self) -> None:
        """The strips across the car, from bumper to bumper, that face the camera."""
        left, right = self._left, self._right
        strips = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
        across, along = strips[:, 2] - strips[:, 0], strips[:, 3] - strips[:, 1]
        winding = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
        for index in np.flatnonzero(winding < 0).tolist():
            shade = self._mesh.shades[index]
            if index in self._mesh.model.glass:
                self._fill(strips[index], GLASS, 1.0)
            else:
                self._fill(strips[index], self._pose.paint, shade)

    def _side(self, side: int) -> None:
        outline = self._right if side else self._left
        colour = self._painter._lit(self._pose.paint, 0.8, self._pose.z_m)
        cv2.fillPoly(self._picture, [outline], colour, cv2.LINE_AA, SHIFT)
        self._fill(self._windows[side], GLASS, 0.9)
        for wheel in self._wheels[side * 2 : side * 2 + 2]:
            self._fill(wheel, TYRE, 1.0)

    def _lights(self) -> None:
        away = self._pose.heading > 0
        lamps = self._rear if away else self._front
        night = self._painter._light.night
        size = max(1.0, 0.13 * self._painter._lens.focal_px / self._depth_m)
        plate = lamps[2]
        self._spot(plate, size * 1.6, size * 0.55, self._painter._lit((214, 220, 220), 1, 0.0))
        colour: Colour = (40, 36, 190) if away else (228, 232, 232)
        if away and (self._pose.braking or night > 0.4):
            colour = (70, 60, 255)
        if not away and night > 0.4:
            colour = (235, 250, 255)
        if self._pose.hazard:
            colour = (40, 170, 255)
        for lamp in lamps[:2]:
            if night > 0.4 and not away:
                self._spot(lamp, size * 2.3, size * 2.0, (120, 140, 150))
            self._spot(lamp, size * 1.25, size * 0.8, colour)

    def _spot(
        self, place: NDArray[np.int32], wide: float, tall: float,
        colour: tuple[float, float, float],
    ) -> None:  # fmt: skip
        _ellipse(self._picture, place / UNIT, wide, tall, colour)

    def _fill(self, outline: NDArray[np.int32], colour: Colour, shade: float) -> None:
        shown = self._painter._lit(colour, shade, self._pose.z_m)
        cv2.fillConvexPoly(self._picture, outline, shown, cv2.LINE_AA, SHIFT)


def _area(outline: NDArray[np.int32]) -> float:
    """Twice the signed area in picture coordinates; its sign tells the winding."""
    corners = outline.tolist()
    last_x, last_y = corners[-1]
    area = 0.0
    for x, y in corners:
        area += last_x * y - x * last_y
        last_x, last_y = x, y
    return area


def _rect(pixels: Points, shape: tuple[int, ...], margin: int) -> Rect | None:
    """The even-sided rectangle around points within a picture; None when it is outside."""
    left, top = (pixels.min(axis=0) - margin).tolist()
    right, bottom = (pixels.max(axis=0) + margin).tolist()
    box = (
        max(0, int(left)) & ~1, max(0, int(top)) & ~1,
        min(shape[1], (int(right) + 2) & ~1), min(shape[0], (int(bottom) + 2) & ~1),
    )  # fmt: skip
    return box if box[2] > box[0] and box[3] > box[1] else None


def _fixed(place: Points | list[float]) -> tuple[int, int]:
    return int(place[0] * UNIT), int(place[1] * UNIT)


def _stroke(
    picture: Picture, start: list[float], end: list[float], colour: tuple[float, float, float],
    thick: int,
) -> None:  # fmt: skip
    cv2.line(picture, _fixed(start), _fixed(end), colour, thick, cv2.LINE_AA, SHIFT)


def _ellipse(
    picture: Picture, middle: Points, wide: float, tall: float,
    colour: tuple[float, float, float],
) -> None:  # fmt: skip
    axes = (max(UNIT // 2, int(wide * UNIT)), max(UNIT // 2, int(tall * UNIT)))
    cv2.ellipse(picture, _fixed(middle), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, SHIFT)
