"""Paints what does not move in a view: sky, road, houses, trees, lamps, wires, the camera's name.

Cars and people are drawn over it in `sprites.py`.
"""

import random

import cv2
import numpy as np

from cctv_gateway.simulator.daylight import Light
from cctv_gateway.simulator.facades import Facade
from cctv_gateway.simulator.lens import Lens, Points, Sheet, outline_of, paint_sheet
from cctv_gateway.simulator.street import BEHIND_M, FAR_M, Building, Street, Tree
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.textures import Ground, sky

# Small pictures are drawn at twice their size and shrunk, which smooths distant markings.
SUPERSAMPLE_BELOW_PX = 1000
SIDE_WALL_M = 9.0
LEAVES_NEAR = 170
LEAVES_FAR = 60
LEAF = np.array((44.0, 92.0, 66.0))


def paint_backdrop(street: Street, lens: Lens, light: Light) -> Picture:
    """The still part of a view as a BGR picture of the lens's size."""
    factor = 2 if lens.width < SUPERSAMPLE_BELOW_PX else 1
    large = Lens(lens.mount, lens.view, lens.width * factor, lens.height * factor)
    canvas = _Canvas(street, large, light).paint()
    small = cv2.resize(canvas, (lens.width, lens.height), interpolation=cv2.INTER_AREA)
    return _finish(small.astype(np.uint8), street.seed)


class _Canvas:
    """One painting in progress."""

    def __init__(self, street: Street, lens: Lens, light: Light) -> None:
        self._street, self._lens, self._light = street, lens, light
        self._picture: Picture = np.zeros((lens.height, lens.width, 3), np.uint8)
        self._detail = lens.width / 1280 * min(2.0, lens.view.zoom)

    def paint(self) -> Picture:
        self._sky()
        for from_m, to_m, px_per_m in ((62, FAR_M, 7.0), (30, 62, 13.0), (BEHIND_M, 30, 26.0)):
            sharp = px_per_m * min(1.5, max(0.6, self._detail))
            paint_sheet(
                self._picture, self._lens,
                Ground(self._street, from_m, to_m, sharp).sheet(self._light),
            )  # fmt: skip
        self._haze()
        for building in sorted(self._street.buildings, key=lambda b: -b.from_m):
            self._building(building)
        for tree in sorted(self._street.trees, key=lambda t: -t.z_m):
            self._tree(tree)
        for index, z_m in sorted(enumerate(self._street.lamps_z_m), key=lambda lamp: -lamp[1]):
            self._lamp(1 if index % 2 else -1, z_m)
        self._zone_sign()
        self._wires()
        return self._picture

    def _horizon(self) -> int:
        point, _ = self._lens.project(np.array([[0.0, self._lens.mount.y_m, 900.0]]))
        return int(np.clip(point[0, 1], 0, self._lens.height))

    def _sky(self) -> None:
        horizon = self._horizon()
        if horizon > 1:
            self._picture[:horizon] = sky(self._lens.width, horizon, self._light, self._street.seed)
        ground = np.array((120, 122, 122)) * self._light.ambient_bgr
        self._picture[horizon:] = ground.clip(0, 255).astype(np.uint8)
        self._hills()

    def _hills(self) -> None:
        """A mountain behind the town, since most of Gwangju's streets end in one."""
        lot = random.Random(self._street.seed)  # noqa: S311 - a drawing
        across = np.linspace(-700, 900, 40)
        heights = [30 + 70 * np.exp(-(((x - lot.uniform(0, 60)) / 260) ** 2)) for x in across]
        ridge = [(x, h + lot.uniform(-4, 4), 1100.0) for x, h in zip(across, heights, strict=True)]
        outline = np.array([*ridge, (900, 0, 1100.0), (-700, 0, 1100.0)])
        tint = np.array((168, 152, 134)) * self._light.day + np.array((40, 32, 30)) * (
            self._light.night
        )
        self._fill(outline, (int(tint[0]), int(tint[1]), int(tint[2])))

    def _haze(self) -> None:
        """Far ground fades into the air."""
        horizon = self._horizon()
        depth = max(8, self._lens.height // 10)
        band = self._picture[horizon : horizon + depth]
        fade = np.linspace(0.65 * self._street.haze, 0, depth)[: len(band), None, None]
        air = np.array((204, 198, 190)) * self._light.day + np.array((46, 40, 40)) * (
            self._light.night
        )
        band[:] = (band * (1 - fade) + air * fade).astype(np.uint8)

    def _building(self, building: Building) -> None:
        street, height = self._street, building.height_m
        x_m = building.side * street.kerb_m
        far = building.from_m > 70
        sharp = (5.0 if far else 14.0) * min(1.5, max(0.7, self._detail))
        faces = (
            ((float(building.side), 0.0, 0.0), SIDE_WALL_M, sharp * 0.7, False),
            ((0.0, 0.0, 1.0), building.to_m - building.from_m, sharp, True),
        )
        for along, width_m, px_per_m, shops in faces:
            corner = (x_m, height, building.from_m)
            if self._is_seen(corner, along, (width_m, height)):
                texture = Facade(building, width_m, px_per_m, shops).texture(self._light)
                self._sheet(texture, corner, along, px_per_m, far)

    def _is_seen(
        self, corner: tuple[float, float, float], along: tuple[float, float, float],
        size_m: tuple[float, float],
    ) -> bool:  # fmt: skip
        down = np.array((0.0, -1.0, 0.0))
        outline = outline_of(self._lens, np.array(corner), np.array(along), down, size_m)
        return outline is not None

    def _sheet(
        self, texture: Picture, origin: tuple[float, float, float],
        along: tuple[float, float, float], px_per_m: float, far: bool,
    ) -> None:  # fmt: skip
        if along[0]:
            texture = cv2.convertScaleAbs(texture, alpha=0.72).astype(np.uint8)
        if far:
            air = 175 * self._light.day + 38 * self._light.night
            share = 0.3 + 0.3 * self._street.haze
            texture = cv2.convertScaleAbs(texture, alpha=1 - share, beta=air * share).astype(
                np.uint8
            )
        paint_sheet(self._picture, self._lens, Sheet(texture, origin, along, (0, -1, 0), px_per_m))

    def _tree(self, tree: Tree) -> None:
        ambient = np.array(self._light.ambient_bgr) + 0.16 * self._light.night
        self._pole(tree.x_m, tree.z_m, tree.height_m * 0.55, 0.2, tuple(ambient * (52, 66, 84)))
        lot = np.random.default_rng(tree.seed)
        count = LEAVES_NEAR if tree.z_m < 45 else LEAVES_FAR
        across, up = np.sort(lot.normal(0, 0.6, count)), lot.uniform(-1, 1, count)
        reach = np.clip(across, -1.4, 1.4) * 1.25 * np.sqrt(1.0 - up * up)
        height = tree.height_m * (0.7 + 0.27 * up)
        places = np.stack([tree.x_m + reach, height, np.full(count, tree.z_m)], axis=1)
        # Lit from above and a little from the left.
        tone = 0.87 + 0.3 * up - 0.17 * across + lot.uniform(-0.12, 0.12, count)
        colours = np.maximum(0.3, tone)[:, None] * LEAF * ambient
        self._discs(places, lot.uniform(0.16, 0.36, count) * (LEAVES_NEAR / count) ** 0.5, colours)

    def _lamp(self, side: int, z_m: float) -> None:
        x_m = side * (self._street.half_m + 0.7)
        grey = tuple(np.array((120, 122, 122)) * self._light.ambient_bgr)
        self._pole(x_m, z_m, 8.2, 0.13, grey)
        arm = np.array([[x_m, 8.2, z_m], [x_m - side * 2.0, 8.5, z_m]])
        self._line(arm, 0.1, grey)
        if self._light.night > 0.4:
            self._disc((x_m - side * 2.0, 8.4, z_m), 0.34, (110, 150, 175))
            self._disc((x_m - side * 2.0, 8.4, z_m), 0.2, (225, 245, 255))

    def _zone_sign(self) -> None:
        """A round no-parking sign at the kerb: red ring, blue field, red bar."""
        x_m, z_m = self._street.half_m + 0.5, self._street.zone_z_m[1] - 1.5
        ambient = np.array(self._light.ambient_bgr) + 0.25 * self._light.night
        self._pole(x_m, z_m, 2.5, 0.07, tuple(ambient * (150, 150, 150)))
        self._disc((x_m, 2.6, z_m), 0.42, tuple(ambient * (50, 40, 205)))
        self._disc((x_m, 2.6, z_m), 0.31, tuple(ambient * (170, 80, 30)))
        bar = np.array([[x_m - 0.24, 2.84, z_m], [x_m + 0.24, 2.36, z_m]])
        self._line(bar, 0.09, tuple(ambient * (50, 40, 205)))

    def _wires(self) -> None:
        tint = tuple(np.array((52, 50, 50)) * self._light.ambient_bgr)
        for index, height in enumerate((8.6, 8.9, 9.6)):
            x_m = -self._street.half_m - 1.1 - index * 0.2
            spots = np.arange(4.0, 110.0, 1.5)
            sag = 0.5 * np.sin((spots % 30.0) / 30.0 * np.pi)
            points = np.stack([np.full_like(spots, x_m), height - sag, spots], axis=1)
            self._line(points, 0.03, tint)

    def _pole(
        self, x_m: float, z_m: float, height: float, thick_m: float, colour: tuple[float, ...]
    ) -> None:
        self._line(np.array([[x_m, 0, z_m], [x_m, height, z_m]]), thick_m, colour)

    def _line(self, points: np.ndarray, thick_m: float, colour: tuple[float, ...]) -> None:
        pixels, depth = self._lens.project(points)
        if (depth < 1.0).any():
            return
        thick = max(1, round(thick_m * self._lens.focal_px / float(depth.mean())))
        shape = np.clip(pixels * 16, -1e6, 1e6).astype(np.int32)
        cv2.polylines(self._picture, [shape], False, colour, thick, cv2.LINE_AA, 4)

    def _disc(
        self, place: tuple[float, float, float], radius_m: float, colour: tuple[float, ...]
    ) -> None:
        self._discs(np.array([place]), np.array([radius_m]), np.array([colour]))

    def _discs(self, places: Points, radii_m: Points, colours: Points) -> None:
        """Round spots, the later over the earlier."""
        pixels, depth = self._lens.project(places)
        if (depth < 1.0).any():
            return
        radii = np.maximum(16, radii_m * self._lens.focal_px / depth * 16).astype(int).tolist()
        middles = np.clip(pixels * 16, -1e6, 1e6).astype(int).tolist()
        for middle, radius, colour in zip(middles, radii, colours.tolist(), strict=True):
            cv2.circle(self._picture, middle, radius, colour, -1, cv2.LINE_AA, 4)

    def _fill(self, corners: np.ndarray, colour: tuple[int, int, int]) -> None:
        outline = self._lens.polygon(corners)
        if outline is not None:
            shape = np.clip(outline * 16, -1e7, 1e7).astype(np.int32)
            cv2.fillPoly(self._picture, [shape], colour, cv2.LINE_AA, 4)


def _finish(picture: Picture, seed: int) -> Picture:
    """What a cheap lens and sensor add: darker corners and a little fixed noise."""
    height, width = picture.shape[:2]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    corner = 1.0 - 0.17 * (across**2 + down**2) ** 1.5 / 2
    lot = np.random.default_rng(seed)
    noise = lot.normal(0, 2.0, (height, width, 1)).astype(np.float32)
    return (picture * corner[..., None] + noise).clip(0, 255).astype(np.uint8)
