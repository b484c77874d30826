"""House fronts as lit textures: shops with signs at the ground, windows above.

Where a front stands is decided in `backdrop.py`.
"""

import random

import cv2
import numpy as np

from cctv_gateway.simulator.daylight import Light
from cctv_gateway.simulator.street import SIGNS, Building, Colour
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.textures import Glow, grain, lit

GLASS = (96, 84, 70)
DARK_GLASS = (62, 54, 48)
SHOP_HEIGHT_M = 4.2
FLOOR_M = 3.1


class Facade:
    """One front, drawn from its building's lot. `shops` puts shop windows at the ground."""

    def __init__(self, building: Building, width_m: float, px_per_m: float, shops: bool) -> None:
        self._lot = random.Random(building.seed + int(shops))  # noqa: S311 - a drawing
        self._building = building
        self._px = px_per_m
        self._shops = shops
        size = (int(building.height_m * px_per_m), max(8, int(width_m * px_per_m)))
        self._albedo: Picture = np.full((*size, 3), building.wall, np.uint8)
        self._glow: Glow = np.zeros((*size, 3), np.float32)

    def texture(self, light: Light) -> Picture:
        rows, columns = self._albedo.shape[:2]
        noise = grain((rows, columns), self._building.seed % 9973, max(2, int(self._px)), 0.05)
        self._albedo = (self._albedo * noise[..., None]).clip(0, 255).astype(np.uint8)
        self._floors()
        if self._shops:
            self._ground_floor()
        self._box(0, 0, columns / self._px, 0.35, _shade(self._building.wall, 0.7))
        street_light = np.linspace(0.0, 0.34, rows, dtype=np.float32)[:, None, None] ** 1.5
        return lit(self._albedo, light, self._glow + street_light)

    def _floors(self) -> None:
        rows, columns = self._albedo.shape[:2]
        width_m = columns / self._px
        pitch = self._lot.choice((1.9, 2.3, 2.8, 3.4))
        ribbon = self._lot.random() < 0.3
        for floor in range(self._building.floors - 1):
            top = 0.9 + floor * FLOOR_M
            if ribbon:
                self._window(0.4, top, width_m - 0.4, top + 1.7)
                continue
            for left in np.arange(0.6, width_m - pitch * 0.7, pitch):
                self._window(left, top, left + pitch * 0.62, top + 1.6)
        if self._lot.random() < 0.6:
            self._vertical_sign(rows / self._px)

    def _window(self, left: float, top: float, right: float, bottom: float) -> None:
        lamp = self._lot.random() < 0.28
        self._box(left - 0.09, top - 0.09, right + 0.09, bottom + 0.12, (196, 198, 200))
        self._box(left, top, right, bottom, self._lot.choice((GLASS, DARK_GLASS, (120, 108, 92))))
        self._box(left, top + 0.1, right, top + 0.35, (140, 126, 108))
        middle = (left + right) / 2
        self._box(middle - 0.04, top, middle + 0.04, bottom, (176, 178, 180))
        if lamp:
            tint = self._lot.choice(((1.2, 1.9, 2.3), (1.9, 2.1, 2.1), (1.0, 1.6, 2.2)))
            self._shine(left, top, right, bottom, tint)
        if self._lot.random() < 0.12:
            self._box(left, bottom + 0.15, left + 0.8, bottom + 0.75, (206, 208, 208))
            self._box(left + 0.1, bottom + 0.25, left + 0.55, bottom + 0.65, (150, 152, 152))

    def _ground_floor(self) -> None:
        width_m = self._albedo.shape[1] / self._px
        base = self._building.height_m - SHOP_HEIGHT_M
        left = 0.2
        while left < width_m - 2.0:
            right = min(width_m - 0.2, left + self._lot.uniform(4.0, 7.5))
            self._shop(left, base, right)
            left = right + 0.25

    def _shop(self, left: float, base: float, right: float) -> None:
        colour = self._lot.choice(SIGNS)
        self._box(left, base + 0.1, right, base + 1.15, colour)
        self._shine(left, base + 0.1, right, base + 1.15, (1.3, 1.3, 1.3))
        self._lettering(left + 0.4, base + 0.32, right - 0.4, 0.62)
        self._box(left, base + 1.25, right, base + SHOP_HEIGHT_M - 0.3, (104, 100, 92))
        goods = (self._lot.randint(70, 120), self._lot.randint(80, 125), self._lot.randint(85, 135))
        self._box(left + 0.15, base + 1.4, right - 0.15, base + SHOP_HEIGHT_M - 0.35, goods)
        for at in np.arange(left + 0.15, right - 0.3, 1.4):
            self._box(at, base + 1.3, at + 0.08, base + SHOP_HEIGHT_M - 0.3, (60, 60, 62))
        if self._lot.random() < 0.7:
            self._shine(left, base + 1.25, right, base + SHOP_HEIGHT_M - 0.3, (0.9, 1.2, 1.35))

    def _vertical_sign(self, height_m: float) -> None:
        colour = self._lot.choice(SIGNS)
        top = 0.8
        bottom = min(height_m - SHOP_HEIGHT_M - 0.3, top + 5.5)
        self._box(0.15, top, 1.0, bottom, colour)
        self._shine(0.15, top, 1.0, bottom, (1.2, 1.2, 1.2))
        for at in np.arange(top + 0.2, bottom - 0.7, 0.85):
            self._glyph(0.28, at, 0.58)

    def _lettering(self, left: float, top: float, right: float, size: float) -> None:
        count = max(2, min(7, int((right - left) / (size * 1.25))))
        for index in range(self._lot.randint(2, count)):
            self._glyph(left + index * size * 1.25, top, size)

    def _glyph(self, left: float, top: float, size: float) -> None:
        """A block of strokes that reads as a letter from afar."""
        ink = (236, 238, 238)
        thin = size * 0.2
        if self._lot.random() < 0.6:
            self._box(left, top, left + size, top + thin, ink)
        self._box(left, top, left + thin, top + size * 0.55, ink)
        if self._lot.random() < 0.6:
            self._box(left + size * 0.75, top, left + size * 0.75 + thin, top + size * 0.6, ink)
        self._box(left, top + size * 0.75, left + size * 0.95, top + size * 0.75 + thin, ink)

    def _box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        x0, y0, x1, y1 = (int(value * self._px) for value in (left, top, right, bottom))
        cv2.rectangle(self._albedo, (x0, y0), (max(x0, x1), max(y0, y1)), colour, -1)

    def _shine(
        self, left: float, top: float, right: float, bottom: float,
        tint: tuple[float, float, float],
    ) -> None:  # fmt: skip
        x0, y0, x1, y1 = (max(0, int(value * self._px)) for value in (left, top, right, bottom))
        self._glow[y0 : y1 + 1, x0 : x1 + 1] = tint


def _shade(colour: Colour, by: float) -> Colour:
    blue, green, red = (min(255, int(part * by)) for part in colour)
    return blue, green, red
