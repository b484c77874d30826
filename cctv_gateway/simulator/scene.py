"""One camera's moving picture as an I420 frame: street, traffic, name, clock and strip.

Only what moves is drawn again: touched rectangles are restored from the kept background and
converted to YUV. When a frame is due is decided in `pump.py`.
"""

from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from cctv_gateway.simulator import strip
from cctv_gateway.simulator.backdrop import paint_backdrop
from cctv_gateway.simulator.brush import Rect
from cctv_gateway.simulator.daylight import SEOUL, Light, light_at
from cctv_gateway.simulator.lens import Lens, View
from cctv_gateway.simulator.sprites import Painter
from cctv_gateway.simulator.street import plan_street
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.traffic import LIVE_CYCLE_S, Traffic

KEPT_BACKDROPS = 2
NEUTRAL_CHROMA = 128
# Up to this width one conversion of all costs less than one for each touched rectangle.
CONVERT_WHOLE_PX = 960

# What a background depends on.
Outlook = tuple[View, Light]


class Scene:
    """Draws the frames of one camera at one size. Not thread-safe: one thread draws a scene."""

    def __init__(
        self, number: int, label: str, width: int, height: int, cycle_s: float = LIVE_CYCLE_S
    ) -> None:
        assert width % 4 == height % 2 == 0, "I420 planes need even sides"
        self._number, self._label = number, label
        self._street = plan_street(number)
        self._traffic = Traffic(self._street, cycle_s)
        self._size = (width, height)
        # Replaced, never changed, so that a painting thread may add to it.
        self._backdrops: dict[Outlook, _Backdrop] = {}
        self._shown: _Backdrop | None = None
        self._work: Picture = np.zeros((height, width, 3), np.uint8)
        self._frame: Picture = np.zeros((height * 3 // 2, width), np.uint8)
        self._dirty: list[Rect] = []

    def draw(
        self, frame: int, seconds: float, now: datetime, view: View, wait: bool = True
    ) -> Picture:
        """The frame as I420 (height * 3/2, width); the array is reused by the next call.

        `seconds` moves the traffic, `now` (aware) sets the light and the clock's text. Without
        `wait` a view whose background is not painted yet shows the last one.
        """
        local = now.astimezone(SEOUL)
        backdrop = self._backdrop((view, light_at(local)), wait)
        stale = self._restore(backdrop)
        self._dirty = self._actors(backdrop, seconds)
        self._dirty.append(self._clock(local))
        if self._size[0] <= CONVERT_WHOLE_PX:
            cv2.cvtColor(self._work, cv2.COLOR_BGR2YUV_I420, self._frame)
        else:
            for rect in (*stale, *self._dirty):
                self._convert(rect)
        self._strip(frame)
        return self._frame

    def bgr(self, frame: int, seconds: float, now: datetime, view: View) -> Picture:
        """The same picture as BGR, for snapshots."""
        self.draw(frame, seconds, now, view)
        return cv2.cvtColor(self._frame, cv2.COLOR_YUV2BGR_I420).astype(np.uint8)

    def missing(self, now: datetime, view: View) -> Outlook | None:
        """What must be painted before `view` can be shown now."""
        outlook = (view, light_at(now.astimezone(SEOUL)))
        return None if outlook in self._backdrops else outlook

    def paint(self, outlook: Outlook) -> None:
        """Paint a background and keep it; may run on another thread than the drawing."""
        view, light = outlook
        width, height = self._size
        lens = Lens(self._street.mount, view, width, height)
        picture = paint_backdrop(self._street, lens, light)
        _write(picture, self._label, (0.012, 0.062))
        painter = Painter(lens, light, self._street.lamps_z_m)
        self._backdrops = {
            **dict(list(self._backdrops.items())[1 - KEPT_BACKDROPS :]),
            outlook: _Backdrop(picture, painter),
        }

    @property
    def is_ready(self) -> bool:
        return bool(self._backdrops)

    def _backdrop(self, outlook: Outlook, wait: bool) -> "_Backdrop":
        if wait and outlook not in self._backdrops:
            self.paint(outlook)
        # Read once: another thread may put a new mapping in its place.
        kept = self._backdrops
        found = kept.get(outlook, self._shown)
        return found or next(reversed(kept.values()))

    def _restore(self, backdrop: "_Backdrop") -> list[Rect]:
        """Put the background back where the last frame was painted over."""
        if backdrop is not self._shown:
            self._shown = backdrop
            np.copyto(self._work, backdrop.picture)
            np.copyto(self._frame, backdrop.i420)
            return []
        for left, top, right, bottom in self._dirty:
            self._work[top:bottom, left:right] = backdrop.picture[top:bottom, left:right]
        return self._dirty

    def _actors(self, backdrop: "_Backdrop", seconds: float) -> list[Rect]:
        touched = [backdrop.painter.draw(self._work, pose) for pose in self._traffic.at(seconds)]
        return [rect for rect in touched if rect is not None]

    def _clock(self, local: datetime) -> Rect:
        width, height = self._size
        _write(self._work, local.strftime("%Y-%m-%d %H:%M:%S"), (0.63, 0.062))
        return (int(width * 0.62) & ~1, height // 45 & ~1, width, int(height * 0.09) & ~1)

    def _convert(self, rect: Rect) -> None:
        """Bring a touched rectangle from the BGR picture into the I420 planes."""
        left, top, right, bottom = rect
        wide, tall = right - left, bottom - top
        patch = cv2.cvtColor(
            np.ascontiguousarray(self._work[top:bottom, left:right]), cv2.COLOR_BGR2YUV_I420
        ).reshape(-1)
        luma, quarter = wide * tall, wide * tall // 4
        half = (tall // 2, wide // 2)
        y, u, v = _planes(self._frame)
        y[top:bottom, left:right] = patch[:luma].reshape(tall, wide)
        area = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
        u[area] = patch[luma : luma + quarter].reshape(half)
        v[area] = patch[luma + quarter :].reshape(half)

    def _strip(self, frame: int) -> None:
        y, u, v = _planes(self._frame)
        strip.paint(y, self._number, frame)
        rows = -(-strip.strip_height(len(y)) // 2)
        u[:rows] = NEUTRAL_CHROMA
        v[:rows] = NEUTRAL_CHROMA


def jpeg(picture: Picture) -> bytes:
    """A still for the snapshot URI."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert done, "a BGR picture can always be coded"
    return data.tobytes()


class _Backdrop:
    """A kept background in both colour spaces, with the painter that fits it."""

    def __init__(self, picture: Picture, painter: Painter) -> None:
        self.picture = picture
        self.i420 = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        self.painter = painter


def _planes(frame: Picture) -> tuple[Picture, Picture, Picture]:
    """Views of the luma and the two chroma planes of an I420 array."""
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    flat: NDArray[np.uint8] = frame.reshape(-1)
    luma, quarter = height * width, height * width // 4
    half = (height // 2, width // 2)
    return (
        frame[:height],
        flat[luma : luma + quarter].reshape(half),
        flat[luma + quarter :].reshape(half),
    )


def _write(picture: Picture, text: str, place: tuple[float, float]) -> None:
    """White letters with a dark rim; `place` is the baseline's start in shares of the picture."""
    height, width = picture.shape[:2]
    scale = height / 360 * 0.42
    at = (int(place[0] * width), int(place[1] * height))
    thick = max(1, round(height / 500))
    cv2.putText(
        picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), thick * 3, cv2.LINE_AA
    )
    cv2.putText(
        picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (245, 245, 245), thick, cv2.LINE_AA
    )
