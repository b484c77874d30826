"""Small strokes over a BGR picture with sub-pixel places, and the rectangles they touch.

What is drawn with them is in `sprites.py` and `car_sprite.py`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from cctv_gateway.simulator.street import Colour
from cctv_gateway.simulator.strip import Picture

Rect = tuple[int, int, int, int]
Tint = tuple[float, float, float]
Spot = tuple[float, float]
Outline = NDArray[np.int32]

# Fixed-point places of OpenCV's drawing functions.
SHIFT = 4
UNIT = 1 << SHIFT


def shown(colour: Colour, shade: float, shine: Tint) -> Tint:
    """A colour under a light."""
    return (
        colour[0] * shade * shine[0],
        colour[1] * shade * shine[1],
        colour[2] * shade * shine[2],
    )


def fill(picture: Picture, outline: Outline, colour: Tint) -> None:
    """A convex polygon in fixed-point places."""
    cv2.fillConvexPoly(picture, outline, colour, cv2.LINE_AA, SHIFT)


def ellipse(picture: Picture, middle: Spot, wide: float, tall: float, colour: Tint) -> None:
    axes = (max(UNIT // 2, int(wide * UNIT)), max(UNIT // 2, int(tall * UNIT)))
    cv2.ellipse(picture, fixed(middle), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, SHIFT)


def disc(picture: Picture, middle: Spot, radius: float, colour: Tint) -> None:
    size = max(UNIT, int(radius * UNIT))
    cv2.circle(picture, fixed(middle), size, colour, -1, cv2.LINE_AA, SHIFT)


def stroke(picture: Picture, start: Spot, end: Spot, colour: Tint, thick: int) -> None:
    cv2.line(picture, fixed(start), fixed(end), colour, thick, cv2.LINE_AA, SHIFT)


def fixed(place: Spot) -> tuple[int, int]:
    return int(place[0] * UNIT), int(place[1] * UNIT)


def quad(corners: tuple[Spot, Spot, Spot, Spot]) -> Outline:
    return np.array([fixed(corner) for corner in corners], np.int32)


def area(outline: Outline) -> float:
    """Twice the signed area in picture coordinates; its sign tells the winding."""
    corners = outline.tolist()
    last_x, last_y = corners[-1]
    total = 0.0
    for x, y in corners:
        total += last_x * y - x * last_y
        last_x, last_y = x, y
    return total


def rect_around(low: Spot, high: Spot, shape: tuple[int, ...], margin: float) -> Rect | None:
    """The even-sided rectangle around two corners within a picture; None when it is outside."""
    box = (
        max(0, int(low[0] - margin)) & ~1,
        max(0, int(low[1] - margin)) & ~1,
        min(shape[1], (int(high[0] + margin) + 2) & ~1),
        min(shape[0], (int(high[1] + margin) + 2) & ~1),
    )
    return box if box[2] > box[0] and box[3] > box[1] else None
