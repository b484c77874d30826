"""Footage for the tests of vision: a drawn scene as a camera would encode it, and a viewer's eye.

Nothing here is shared with the code under test: it has its own encoder and decoder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from cctv_gateway.model import AccessUnit

Picture = npt.NDArray[np.uint8]
TICK = Fraction(1, 90_000)
FRAME_90K = 6000
START_90K = 1 << 40


@dataclass(frozen=True)
class Footage:
    """Access units and what a viewer of the unmasked stream would see (BGR)."""

    units: tuple[AccessUnit, ...]
    seen: tuple[Picture, ...]


def scene(width: int, height: int, count: int) -> Iterable[Picture]:
    random = np.random.default_rng(7)
    noise = random.integers(0, 255, (height, width, 3), dtype=np.uint8)
    street = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 6), noise, 0, 255, cv2.NORM_MINMAX)
    for frame in range(count):
        picture = street.copy()
        for car in range(6):
            x = (frame * (3 + car) * width // 640 + car * width // 6) % width
            y = car * height // 7
            corner = (x + width // 10, y + height // 10)
            cv2.rectangle(picture, (x, y), corner, (car * 40, 250 - car * 30, 90 + car * 20), -1)
        yield np.asarray(picture, np.uint8)


def encoder(width: int, height: int, pix_fmt: str = "yuv420p", **options: str) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, pix_fmt
    context.time_base, context.framerate = TICK, Fraction(15)
    context.thread_count = 1
    context.gop_size = 1000
    context.options = {"preset": "veryfast", "crf": "24", "forced-idr": "1", **options}
    if "bf" not in options:
        context.options = {**context.options, "tune": "zerolatency"}
    return context


@lru_cache
def film(
    width: int = 320,
    height: int = 180,
    count: int = 30,
    gop: int = 10,
    start_90k: int = START_90K,
    pix_fmt: str = "yuv420p",
    reordered: bool = False,
) -> Footage:
    options = {"bf": "2", "b-adapt": "0"} if reordered else {}
    context = encoder(width, height, pix_fmt, **options)
    units: list[AccessUnit] = []
    for index, picture in enumerate(scene(width, height, count)):
        frame = VideoFrame.from_ndarray(picture, "bgr24").reformat(format=pix_fmt)
        frame.pts, frame.time_base = start_90k + index * FRAME_90K, TICK
        frame.pict_type = PictureType.I if index % gop == 0 else PictureType.NONE
        units += map(_unit, context.encode(frame))
    units += map(_unit, context.encode(None))
    return Footage(tuple(units), tuple(look(units)))


def blank(width: int, height: int) -> AccessUnit:
    """One black picture."""
    frame = VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), "bgr24")
    (packet,) = encoder(width, height).encode(frame.reformat(format="yuv420p"))
    return _unit(packet)


def look(units: Iterable[AccessUnit]) -> list[Picture]:
    """What a viewer of `units` sees, in BGR."""
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames(units)]


def frames(units: Iterable[AccessUnit]) -> list[VideoFrame]:
    context: Any = av.CodecContext.create("h264", "r")
    shown: list[VideoFrame] = []
    for unit in units:
        packet = av.Packet(b"".join(b"\0\0\0\1" + nal for nal in unit.nals))
        packet.pts, packet.time_base = unit.rtp_90k, TICK
        shown += context.decode(packet)
    return [*shown, *context.decode(None)]


def psnr(one: Picture, other: Picture, where: npt.NDArray[np.bool_]) -> float:
    error = np.mean((one[where].astype(float) - other[where].astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def inside(
    width: int, height: int, polygon: Sequence[tuple[float, float]]
) -> npt.NDArray[np.bool_]:
    """The polygon's pixels by the crossing rule, worked out without OpenCV."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    x, y = x / width, y / height
    odd = np.zeros((height, width), bool)
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            odd ^= crosses & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return odd


def _unit(packet: Any) -> AccessUnit:
    data = bytes(packet)
    nals = tuple(nal.rstrip(b"\0") for nal in data.split(b"\0\0\1") if nal.rstrip(b"\0"))
    return AccessUnit(nals, packet.pts, packet.is_keyframe, 1.5)
