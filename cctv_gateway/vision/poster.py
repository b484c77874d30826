"""One JPEG of the last picture in some access units: decode, paint, scale, compress.

Which units, whose masks and who may see it is decided before; nothing is kept here.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit
from cctv_gateway.vision.decode import Decoder
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.paint import PaintedPicture, Painter
from cctv_gateway.vision.variant import paint
from cctv_gateway.vision.wire import PosterRequest

_QUALITY = 82


def make_jpeg(request: PosterRequest) -> bytes:
    """The picture as JPEG, no wider than `max_width`. Raises `GatewayError` only."""
    painted = paint(Painter(request.polygons), last_picture(request.units))
    return _compress(_scaled(painted, request.max_width))


def last_picture(units: Sequence[AccessUnit]) -> VideoFrame:
    """The newest picture that can be read; PICTURE_UNREADABLE when there is none."""
    if not units or not units[0].keyframe:
        raise failure(FailureCode.PICTURE_UNREADABLE)
    decoder = Decoder(units[0].codec)
    last: VideoFrame | None = None
    try:
        for unit in units:
            last = _newest(decoder.decode(unit), last)
        last = _newest(decoder.flush(), last)
    except GatewayError:
        # What follows a broken picture is made of it; the one before is the newest good one.
        if last is None:
            raise
    if last is None:
        raise failure(FailureCode.PICTURE_UNREADABLE)
    return last


def _newest(frames: Sequence[VideoFrame], before: VideoFrame | None) -> VideoFrame | None:
    return frames[-1] if frames else before


def _scaled(picture: PaintedPicture, max_width: int) -> VideoFrame:
    """Scaled after painting: what the filter mixes at the mask's edge is already grey."""
    frame = picture.frame
    width = max(1, min(max_width, frame.width))
    height = max(1, round(frame.height * width / frame.width))
    try:
        return frame.reformat(
            width=width, height=height, format="bgr24", interpolation="AREA", threads=1
        )
    except FFmpegError as error:
        raise failure(FailureCode.ENCODING_FAILED) from error


def _compress(frame: VideoFrame) -> bytes:
    pixels = np.asarray(frame.to_ndarray(), np.uint8)
    try:
        ok, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    except cv2.error as error:
        raise failure(FailureCode.ENCODING_FAILED) from error
    if not ok:
        raise failure(FailureCode.ENCODING_FAILED)
    return data.tobytes()
