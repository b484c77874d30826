"""One masked variant's way through the worker: decode, paint, encode, always in this order.

It fails closed: whatever goes wrong, the picture stays in here. Threads and sockets do not belong.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
from av.video.frame import VideoFrame

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit, Polygon
from cctv_gateway.vision.decode import Decoder
from cctv_gateway.vision.encode import Encoder
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.paint import PaintedPicture, Painter
from cctv_gateway.vision.polygons import check_mask
from cctv_gateway.vision.rate import SourceRate
from cctv_gateway.vision.wire import Feed, Outcome, Result

# No decoder holds back more pictures than its reference buffer has (H.264 A.3.1).
_MAX_HELD = 32


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is remembered of a unit until its picture comes out of the decoder."""

    keyframe: bool
    silent: bool


class VariantPipeline:
    """The state of one variant. Calls must follow one another, on whatever thread."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        check_mask(polygons)
        self._painter = Painter(polygons)
        self._decoder: Decoder | None = None
        self._encoder = Encoder()
        self._rate = SourceRate()
        self._marks: OrderedDict[int, _Mark] = OrderedDict()

    def feed(self, feed: Feed) -> Result:
        """The masked units this unit led to; a `GatewayError` ends the variant for good."""
        if feed.fresh:
            self._begin_anew()
        self._rate.feed(feed.unit)
        decoder = self._decoder_for(feed.unit)
        if decoder is None:
            return Result(Outcome.WAITING)
        self._remember(feed.unit, feed.silent)
        try:
            frames = decoder.decode(feed.unit)
        except GatewayError:
            self._decoder = None
            return Result(Outcome.UNREADABLE)
        return Result(Outcome.DONE, tuple(self._show(frames)))

    def _begin_anew(self) -> None:
        self._decoder = None
        self._encoder = Encoder()
        self._rate = SourceRate()

    def _decoder_for(self, unit: AccessUnit) -> Decoder | None:
        """The running decoder, or a new one for a keyframe, or none yet."""
        running = self._decoder
        if running is not None and running.codec is unit.codec:
            return running
        self._marks.clear()
        self._decoder = Decoder(unit.codec) if unit.keyframe else None
        return self._decoder

    def _remember(self, unit: AccessUnit, silent: bool) -> None:
        self._marks[unit.rtp_90k] = _Mark(unit.keyframe, silent)
        while len(self._marks) > _MAX_HELD:
            self._marks.popitem(last=False)

    def _show(self, frames: Sequence[VideoFrame]) -> list[AccessUnit]:
        units: list[AccessUnit] = []
        for frame in frames:
            # A picture without a mark is one the decoder made up to fill a gap.
            if frame.pts is None or (mark := self._marks.pop(frame.pts, None)) is None:
                continue
            if not mark.silent:
                units += self._encode(frame, frame.pts, mark.keyframe)
        return units

    def _encode(self, frame: VideoFrame, rtp_90k: int, keyframe: bool) -> list[AccessUnit]:
        painted = paint(self._painter, frame)
        return self._encoder.encode(painted, rtp_90k, keyframe, self._rate.measured())


def paint(painter: Painter, frame: VideoFrame) -> PaintedPicture:
    """The painted picture; MASK_FAILED for whatever NumPy or OpenCV dislike about it."""
    try:
        return painter.paint(frame)
    except (cv2.error, ValueError) as error:
        raise failure(FailureCode.MASK_FAILED) from error
