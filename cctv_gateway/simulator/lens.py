"""A pinhole camera on a pole: where points of the street (metres) land in the picture (pixels).

X points right across the road, Y up, Z along the road; what stands in the street is elsewhere.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from cctv_gateway.simulator.strip import Picture

Points = NDArray[np.float64]

NEAR_M = 0.8


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera looks, relative to its mount: degrees to the right, up, and magnification."""

    pan_deg: float = 0.0
    tilt_deg: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class Mount:
    """How a camera hangs: position in metres, heading to the right of Z, downward pitch."""

    x_m: float
    y_m: float
    z_m: float
    yaw_deg: float
    pitch_deg: float
    field_deg: float


@dataclass(frozen=True)
class Lens:
    """The projection of one mount and view onto a picture of a given size."""

    mount: Mount
    view: View
    width: int
    height: int

    @property
    def focal_px(self) -> float:
        return float(self.view.zoom * self.width / 2 / np.tan(np.radians(self.mount.field_deg / 2)))

    @cached_property
    def matrix(self) -> Points:
        """The 3x4 projection matrix."""
        yaw = np.radians(self.mount.yaw_deg + self.view.pan_deg)
        pitch = np.radians(self.mount.pitch_deg - self.view.tilt_deg)
        forward = np.array(
            [np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
        )
        right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
        axes = np.stack([right, np.cross(right, forward), forward])
        place = np.array([self.mount.x_m, self.mount.y_m, self.mount.z_m])
        inner = np.array(
            [
                [self.focal_px, 0.0, self.width / 2],
                [0.0, self.focal_px, self.height / 2],
                [0.0, 0.0, 1.0],
            ]
        )
        return np.asarray(inner @ np.hstack([axes, -(axes @ place)[:, None]]))

    def project(self, points: Points) -> tuple[Points, Points]:
        """Pixels (n, 2) and depths (n,) of points (n, 3); pixels mean little below NEAR_M."""
        flat = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        depth = flat[:, 2]
        return flat[:, :2] / np.maximum(depth, 1e-3)[:, None], depth

    def polygon(self, corners: Points) -> Points | None:
        """A flat polygon in pixels, clipped at the near plane; None when all lies behind."""
        flat = corners @ self.matrix[:, :3].T + self.matrix[:, 3]
        kept = clip_near(flat)
        return None if len(kept) < 3 else kept[:, :2] / kept[:, 2:]

    def plane(self, origin: Points, along: Points, down: Points) -> Points:
        """The homography from coordinates on a plane to pixels."""
        turn = self.matrix[:, :3]
        columns = [turn @ along, turn @ down, turn @ origin + self.matrix[:, 3]]
        return np.stack(columns, axis=1)


def clip_near(flat: Points) -> Points:
    """Cut homogeneous points (x, y, depth) of a polygon at NEAR_M (Sutherland-Hodgman)."""
    kept: list[Points] = []
    for here, after in zip(flat, np.roll(flat, -1, axis=0), strict=True):
        inside, next_inside = here[2] >= NEAR_M, after[2] >= NEAR_M
        if inside:
            kept.append(here)
        if inside != next_inside:
            share = (NEAR_M - here[2]) / (after[2] - here[2])
            kept.append(here + share * (after - here))
    return np.array(kept).reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A flat textured rectangle in the street: origin and unit directions in metres."""

    texture: Picture
    origin: tuple[float, float, float]
    along: tuple[float, float, float]
    down: tuple[float, float, float]
    px_per_m: float


def outline_of(
    lens: Lens, origin: Points, along: Points, down: Points, size_m: tuple[float, float]
) -> Points | None:
    """A rectangle in the street as a polygon in pixels; None when it is out of the picture."""
    corners = np.array(
        [origin, origin + along * size_m[0], origin + along * size_m[0] + down * size_m[1],
         origin + down * size_m[1]]
    )  # fmt: skip
    outline = lens.polygon(corners)
    if outline is None or _box(outline, (lens.height, lens.width)) is None:
        return None
    return outline


def paint_sheet(canvas: Picture, lens: Lens, sheet: Sheet) -> None:
    """Draw a textured rectangle in perspective over `canvas`."""
    rows, columns = sheet.texture.shape[:2]
    origin, along, down = map(np.array, (sheet.origin, sheet.along, sheet.down))
    size_m = (columns / sheet.px_per_m, rows / sheet.px_per_m)
    outline = outline_of(lens, origin, along, down, size_m)
    box = None if outline is None else _box(outline, canvas.shape)
    if outline is None or box is None:
        return
    left, top, right, bottom = box
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=np.float64)
    flat = lens.plane(origin, along / sheet.px_per_m, down / sheet.px_per_m)
    drawn = cv2.warpPerspective(
        sheet.texture, shift @ flat, (right - left, bottom - top),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8, copy=False)  # fmt: skip
    mask = np.zeros(drawn.shape[:2], np.uint8)
    shape = np.clip((outline - (left, top)) * 16, -1e6, 1e6).astype(np.int32)
    cv2.fillConvexPoly(mask, shape, 255, cv2.LINE_AA, 4)
    _blend(canvas[top:bottom, left:right], drawn, mask)


def _box(outline: Points, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    low = np.floor(np.clip(outline.min(axis=0), 0, (shape[1], shape[0]))).astype(int)
    high = np.ceil(np.clip(outline.max(axis=0) + 1, 0, (shape[1], shape[0]))).astype(int)
    if (high <= low).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _blend(target: Picture, drawn: Picture, mask: Picture) -> None:
    """Copy under the mask; only the few pixels on the rim are mixed."""
    rim = cv2.findNonZero(cv2.inRange(mask, np.array(1), np.array(254)))
    before = None
    if rim is not None:
        columns, rows = rim.reshape(-1, 2).T
        before = target[rows, columns].astype(np.float32)
    cv2.copyTo(drawn, mask, target)
    if before is not None:
        share = mask[rows, columns].astype(np.float32)[:, None] / 255
        target[rows, columns] = (drawn[rows, columns] * share + before * (1 - share)).astype(
            np.uint8
        )
