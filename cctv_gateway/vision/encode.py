"""Encodes painted pictures to H.264 with libx264, one access unit out for one picture in.

It accepts only a `PaintedPicture`, so that no unmasked picture can get here by mistake.
"""

from fractions import Fraction
from typing import Any

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from cctv_gateway.model import AccessUnit
from cctv_gateway.vision.decode import TICK
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.paint import PaintedPicture
from cctv_gateway.vision.rate import Rate, fallback_rate

# The better preset costs 40 % more time and is worth it only where pictures are small.
_SMALL_PIXELS = 640 * 480
_CONSTANT_QUALITY = "23"
_CAP_FACTOR = 1.25
_MIN_BITS_PER_S, _MAX_BITS_PER_S = 100_000, 20_000_000
_MIN_FPS, _MAX_FPS = 1.0, 60.0
# Keyframes stand where the source has them, never where an interval ends.
_NO_INTERVAL = 1_000_000
_SEI, _DELIMITER = 6, 9


class Encoder:
    """One variant's encoder: constant quality, capped near the source's rate. Not thread-safe."""

    def __init__(self) -> None:
        self._context: VideoCodecContext | None = None
        self._rate: Rate | None = None
        self._last_90k: int | None = None

    def encode(
        self, picture: PaintedPicture, rtp_90k: int, keyframe: bool, source: Rate | None
    ) -> list[AccessUnit]:
        """The picture's unit; none when its time does not rise. Raises ENCODING_FAILED.

        The first picture, and the first of another size, is a keyframe whatever was asked for.
        """
        if self._last_90k is not None and rtp_90k <= self._last_90k:
            return []
        self._last_90k = rtp_90k
        frame = picture.frame
        frame.pts, frame.time_base = rtp_90k, TICK
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        try:
            packets = self._prepared(frame, keyframe, source).encode(frame)
        except FFmpegError as error:
            raise failure(FailureCode.ENCODING_FAILED) from error
        return [_unit(packet, rtp_90k) for packet in packets]

    def _prepared(
        self, frame: VideoFrame, keyframe: bool, source: Rate | None
    ) -> VideoCodecContext:
        wanted = source or self._rate or fallback_rate(frame.width, frame.height)
        context = self._context
        if context is None or not _fits(context, frame) or (keyframe and self._is_off(wanted)):
            self._context = context = _open(frame, wanted)
            self._rate = wanted
        return context

    def _is_off(self, wanted: Rate) -> bool:
        return self._rate is not None and wanted.differs(self._rate)


def split_annex_b(data: bytes) -> tuple[bytes, ...]:
    """The NAL units of a byte stream, without delimiters and x264's note on its settings."""
    nals = (part.rstrip(b"\x00") for part in data.split(b"\x00\x00\x01"))
    return tuple(nal for nal in nals if nal and nal[0] & 0x1F not in (_SEI, _DELIMITER))


def _unit(packet: "Packet[Any]", rtp_90k: int) -> AccessUnit:
    assert packet.pts == rtp_90k, "zero latency: the packet is of the picture just given"
    return AccessUnit(split_annex_b(bytes(packet)), rtp_90k, packet.is_keyframe, 0.0)


def _fits(context: VideoCodecContext, frame: VideoFrame) -> bool:
    return (context.width, context.height, context.pix_fmt, context.colorspace) == (
        frame.width,
        frame.height,
        frame.format.name,
        frame.colorspace,
    )


def _open(frame: VideoFrame, rate: Rate) -> VideoCodecContext:
    context = CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext), "libx264 is a video encoder"
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = frame.format.name
    context.colorspace, context.color_range = frame.colorspace, frame.color_range
    context.time_base = TICK
    context.framerate = Fraction(_clamp(rate.frames_per_s, _MIN_FPS, _MAX_FPS)).limit_denominator(
        1000
    )
    context.gop_size = _NO_INTERVAL
    context.max_b_frames = 0
    context.thread_count = 1
    context.options = _options(frame.width * frame.height, rate)
    return context


def _options(pixels: int, rate: Rate) -> dict[str, str]:
    capped = _clamp(rate.bits_per_s * _CAP_FACTOR, _MIN_BITS_PER_S, _MAX_BITS_PER_S)
    return {
        "preset": "superfast" if pixels <= _SMALL_PIXELS else "ultrafast",
        "tune": "zerolatency",
        "crf": _CONSTANT_QUALITY,
        "maxrate": str(round(capped)),
        "bufsize": str(round(capped)),
        "forced-idr": "1",
        "sc_threshold": "0",
    }


def _clamp(value: float, least: float, most: float) -> float:
    return max(least, min(value, most))
