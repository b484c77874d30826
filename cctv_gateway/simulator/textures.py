"""Flat textures of a street, already lit: road with its markings, house fronts, sky.

They are drawn straight on; how they lie in the picture is decided in `backdrop.py`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from cctv_gateway.simulator.daylight import Light
from cctv_gateway.simulator.lens import Sheet
from cctv_gateway.simulator.street import LANE_M, PARKING_BAY_M, Colour, Street
from cctv_gateway.simulator.strip import Picture

Glow = NDArray[np.float32]

ASPHALT = (92, 88, 86)
PAVING = (138, 146, 152)
YELLOW = (40, 178, 226)
WHITE = (226, 228, 228)
RED_PAVING = (66, 72, 148)
LAMP_BGR = (0.5, 0.72, 0.88)
MARGIN_M = 5.0


def lit(albedo: Picture, light: Light, glow: Glow | None = None) -> Picture:
    """Colours under the ambient light plus `glow` (per pixel, BGR shares) at night."""
    ambient = np.array(light.ambient_bgr, np.float32)
    if glow is None or not light.night:
        return cv2.convertScaleAbs(albedo * ambient).astype(np.uint8)
    return cv2.convertScaleAbs(albedo * (ambient + glow * light.night)).astype(np.uint8)


def grain(shape: tuple[int, int], seed: int, coarse_px: int, strength: float) -> Glow:
    """Smooth noise around 1.0, the same for the same seed."""
    lot = np.random.default_rng(seed)
    small = lot.normal(1.0, strength, (shape[0] // coarse_px + 2, shape[1] // coarse_px + 2))
    wide = cv2.resize(small.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return wide.astype(np.float32, copy=False)


class Ground:
    """The road between two distances, seen from above; rows run away from the camera."""

    def __init__(self, street: Street, from_m: float, to_m: float, px_per_m: float) -> None:
        self._street = street
        self._from_m, self._px = from_m, px_per_m
        self._left_m = -street.kerb_m - MARGIN_M
        width = int((street.kerb_m + MARGIN_M) * 2 * px_per_m)
        self._size = (int((to_m - from_m) * px_per_m), width)
        self._to_m = to_m
        self._albedo: Picture = np.full((*self._size, 3), PAVING, np.uint8)

    def sheet(self, light: Light) -> Sheet:
        """Draw it under `light`."""
        self._surfaces()
        self._lines()
        self._zone()
        self._crosswalk()
        seed = self._street.seed * 1009 + int(self._to_m)
        texture = self._albedo * self._noise(seed)[..., None]
        lamps = self._lamps() if light.night else None
        shown = lit(texture.clip(0, 255).astype(np.uint8), light, lamps)
        return Sheet(shown, (self._left_m, 0.0, self._from_m), (1, 0, 0), (0, 0, 1), self._px)

    def _noise(self, seed: int) -> Glow:
        fine = grain(self._size, seed, max(1, int(self._px / 12)), 0.07)
        stains = grain(self._size, seed + 1, max(2, int(self._px * 1.6)), 0.06)
        return fine * stains

    def _box(self, left_m: float, near_m: float, right_m: float, far_m: float, to: Colour) -> None:
        """Fill a rectangle given in metres."""
        corner = ((left_m - self._left_m) * self._px, (near_m - self._from_m) * self._px)
        other = ((right_m - self._left_m) * self._px, (far_m - self._from_m) * self._px)
        low = tuple(round(value * 16) for value in corner)
        high = tuple(round(value * 16) for value in other)
        outline = np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.int32)
        cv2.fillConvexPoly(self._albedo, outline, to, cv2.LINE_AA, 4)

    def _surfaces(self) -> None:
        half = self._street.half_m
        step = max(2, round(0.6 * self._px))
        self._albedo[::step] = (118, 126, 132)
        self._albedo[:, ::step] = (118, 126, 132)
        self._box(-half, self._from_m, half, self._to_m, ASPHALT)
        for x_m in (-half - 0.3, half):
            self._box(x_m, self._from_m, x_m + 0.3, self._to_m, (168, 172, 174))

    def _lines(self) -> None:
        half = self._street.half_m
        for x_m in (-0.18, 0.06):
            self._box(x_m, self._from_m, x_m + 0.12, self._to_m, YELLOW)
        edge = half - PARKING_BAY_M
        for x_m in (-edge, edge - 0.12):
            self._box(x_m, self._from_m, x_m + 0.12, self._to_m, WHITE)
        for lane in range(1, self._street.lanes_each_way):
            for side in (-1, 1):
                for z_m in np.arange(self._from_m // 8 * 8, self._to_m, 8.0):
                    x_m = side * lane * LANE_M - 0.06
                    self._box(x_m, z_m, x_m + 0.12, z_m + 3.0, WHITE)

    def _zone(self) -> None:
        """The no-parking zone: red surface, double yellow kerb line and hatching."""
        near, far = self._street.zone_z_m
        right = self._street.half_m
        left = right - PARKING_BAY_M
        if self._street.school_zone:
            self._box(left, near, right, far, RED_PAVING)
        for x_m in (right - 0.24, right - 0.52):
            self._box(x_m, near - 6, x_m + 0.13, far + 14, YELLOW)
        for z_m in (near, far):
            self._box(left, z_m - 0.07, right, z_m + 0.07, YELLOW)
        self._box(left, near, left + 0.13, far, YELLOW)
        for start in np.arange(near, far - 2, 1.5):
            ends = [self._spot(left, start), self._spot(right, start + 2.0)]
            cv2.line(
                self._albedo, ends[0], ends[1], YELLOW, max(1, int(0.11 * self._px)), cv2.LINE_AA
            )

    def _crosswalk(self) -> None:
        near = self._street.crosswalk_z_m
        half = self._street.half_m - 0.3
        for x_m in np.arange(-half, half - 0.4, 0.95):
            self._box(x_m, near, x_m + 0.5, near + 4.0, WHITE)
        self._box(0.2, near - 2.6, half, near - 2.2, WHITE)
        self._box(-half, near + 6.2, -0.2, near + 6.6, WHITE)

    def _spot(self, x_m: float, z_m: float) -> tuple[int, int]:
        return int((x_m - self._left_m) * self._px), int((z_m - self._from_m) * self._px)

    def _lamps(self) -> Glow:
        """Pools of light under the street lamps; drawn small, since they are soft."""
        rows = np.linspace(self._from_m, self._to_m, max(8, self._size[0] // 16))[:, None]
        columns = np.linspace(self._left_m, -self._left_m, max(8, self._size[1] // 16))[None]
        pool = np.zeros((rows.shape[0], columns.shape[1]), np.float32)
        for index, z_m in enumerate(self._street.lamps_z_m):
            x_m = (self._street.half_m - 1.2) * (1 if index % 2 else -1)
            pool += np.exp(-((columns - x_m) ** 2 / 26 + (rows - z_m) ** 2 / 42)).astype(np.float32)
        wide = cv2.resize(pool, (self._size[1], self._size[0])).astype(np.float32, copy=False)
        return wide[..., None] * np.array(LAMP_BGR, np.float32)


def sky(width: int, height: int, light: Light, seed: int) -> Picture:
    """A gradient with clouds; orange near the horizon when the sun is low."""
    top = np.array((206, 158, 110)) if light.day else np.array((0, 0, 0))
    low = np.array((232, 222, 206))
    share = np.linspace(0, 1, height)[:, None, None] ** 0.8
    day = top * (1 - share) + low * share
    if light.warm:
        day = day * np.array((0.75, 0.85, 1.0)) + share * np.array((-40, 10, 40))
    dark = np.array((34, 24, 20)) * (1 - share) + np.array((58, 50, 52)) * share
    cloud = grain((height, width), seed, max(4, width // 9), 0.10)[..., None]
    mixed = (day * light.day + dark * light.night) * np.clip(cloud, 0.8, 1.25)
    return mixed.clip(0, 255).astype(np.uint8) + np.zeros((height, width, 3), np.uint8)
