"""Paints a mask's polygons over a decoded picture, in its YUV planes; nothing shows through.

What is painted stays painted: no blur, no mosaic. Decoding and encoding belong next door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from cctv_gateway.model import Polygon
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.polygons import check_polygons

Pixels = npt.NDArray[np.uint8]

# A calm grey that no street has as one even area.
FILL_LUMA = 60
FILL_CHROMA = 128
# The camera's own coding smears up to three pixels over a block's edge (H.264 section 8.7).
GROW_PX = 3
MAX_PIXELS = 4096 * 2304
MIN_SIDE_PX = 16
_PAINTABLE = frozenset({"yuv420p", "yuvj420p"})


class PaintedPicture:
    """A picture that has been through a `Painter`; encoders accept nothing else.

    It is the painter's own canvas: valid until that painter paints the next picture.
    """

    __slots__ = ("frame",)

    def __init__(self, frame: VideoFrame) -> None:
        self.frame = frame


@dataclass(frozen=True, slots=True)
class PlaneMask:
    """One plane's mask: a pixel becomes `source & keep | fill`."""

    keep: Pixels
    fill: Pixels

    def paint(self, source: Pixels, target: Pixels) -> None:
        np.bitwise_and(source, self.keep, out=target)
        np.bitwise_or(target, self.fill, out=target)


class Painter:
    """Paints one set of polygons; masks are drawn once for each picture size."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        check_polygons(polygons)
        self._polygons = tuple(polygons)
        self._canvas: _Canvas | None = None

    def paint(self, frame: VideoFrame) -> PaintedPicture:
        """The picture with the polygons painted over, on a canvas of our own.

        Never in `frame` itself: the decoder predicts its next pictures from those planes.
        """
        frame = _as_yuv420(frame)
        canvas = self._canvas
        if canvas is None or not canvas.fits(frame):
            # Drawn completely before it is kept: a failure leaves no half-made mask behind.
            self._canvas = None
            canvas = _Canvas(self._polygons, frame.width, frame.height, frame.format.name)
            self._canvas = canvas
        return canvas.paint(frame)


class _Canvas:
    """A picture buffer of one size and format, with the masks of its three planes."""

    def __init__(self, polygons: Sequence[Polygon], width: int, height: int, shape: str) -> None:
        self._frame = VideoFrame(width, height, shape)
        self._planes = planes_of(self._frame)
        self._masks = plane_masks(draw_mask(polygons, width, height))

    def fits(self, frame: VideoFrame) -> bool:
        own = self._frame
        return (own.width, own.height, own.format.name) == (
            frame.width,
            frame.height,
            frame.format.name,
        )

    def paint(self, frame: VideoFrame) -> PaintedPicture:
        for mask, source, target in zip(self._masks, planes_of(frame), self._planes, strict=True):
            mask.paint(source, target)
        self._frame.colorspace = frame.colorspace
        self._frame.color_range = frame.color_range
        return PaintedPicture(self._frame)


def draw_mask(polygons: Sequence[Polygon], width: int, height: int) -> Pixels:
    """Which chroma samples (2 × 2 pixels each) of a `width` × `height` picture are hidden: 255.

    Every polygon is drawn alone and its outer contour filled, so that crossing edges and
    overlaps, which OpenCV's even-odd rule would leave open, are hidden too.
    """
    mask = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        mask |= _draw_polygon(polygon, width, height)
    side = 2 * GROW_PX + 1
    mask = np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.uint8)
    hidden: Pixels = mask[::2, ::2] | mask[::2, 1::2] | mask[1::2, ::2] | mask[1::2, 1::2]
    if polygons and not hidden.any():
        raise failure(FailureCode.MASK_FAILED)
    return hidden


def _draw_polygon(polygon: Polygon, width: int, height: int) -> Pixels:
    corners = np.array([(x * (width - 1), y * (height - 1)) for x, y in polygon])
    drawn = np.zeros((height, width), np.uint8)
    cv2.fillPoly(drawn, [np.rint(corners).astype(np.int32)], 255)
    contours, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, contours, -1, 255, thickness=cv2.FILLED)
    return drawn


def plane_masks(hidden: Pixels) -> tuple[PlaneMask, PlaneMask, PlaneMask]:
    """The masks of Y, U and V. Luma hides whole 2 × 2 blocks, so that no plane shows more."""
    luma = hidden.repeat(2, axis=0).repeat(2, axis=1)
    chroma = _plane_mask(hidden, FILL_CHROMA)
    return _plane_mask(luma, FILL_LUMA), chroma, chroma


def _plane_mask(hidden: Pixels, fill: int) -> PlaneMask:
    return PlaneMask(keep=~hidden, fill=hidden & np.uint8(fill))


def planes_of(frame: VideoFrame) -> list[Pixels]:
    """The planes as arrays over the frame's own memory, without the padding of their rows."""
    return [_pixels(plane) for plane in frame.planes]


def _pixels(plane: Any) -> Pixels:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _as_yuv420(frame: VideoFrame) -> VideoFrame:
    """8-bit 4:2:0 with even sides, as the encoder needs it; nearly every camera sends just that."""
    width, height = frame.width & ~1, frame.height & ~1
    if min(width, height) < MIN_SIDE_PX or width * height > MAX_PIXELS:
        raise failure(FailureCode.PICTURE_UNSUPPORTED)
    if frame.format.name in _PAINTABLE and (width, height) == (frame.width, frame.height):
        return frame
    return frame.reformat(width=width, height=height, format="yuv420p", threads=1)
