"""Decodes access units with FFmpeg, one picture out for one unit in wherever the stream allows it.

What happens to the pictures, and when to give a stream up, belongs to the callers.
"""

from fractions import Fraction
from typing import Any

from av.codec.context import CodecContext, Flags, ThreadType
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from cctv_gateway.model import AccessUnit, Codec
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.paint import MAX_PIXELS

TICK = Fraction(1, 90_000)
_START_CODE = b"\x00\x00\x00\x01"
_FFMPEG_NAMES = {Codec.H264: "h264", Codec.H265: "hevc"}


class Decoder:
    """One stream's decoder. Not thread-safe; its `pts` are the units' `rtp_90k`."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self._context = _open(codec)

    def decode(self, unit: AccessUnit) -> list[VideoFrame]:
        """The pictures that are ready now, in order of display.

        Raises PICTURE_UNREADABLE, also for a picture that the decoder had to make up in part.
        """
        packet: Packet[Any] = Packet(annex_b(unit.nals))
        packet.pts = packet.dts = unit.rtp_90k
        packet.time_base = TICK
        return self._pictures(packet)

    def flush(self) -> list[VideoFrame]:
        """The pictures still held back; the decoder ends with this."""
        return self._pictures(None)

    def _pictures(self, packet: "Packet[Any] | None") -> list[VideoFrame]:
        try:
            frames = self._context.decode(packet)
        except FFmpegError as error:
            raise failure(FailureCode.PICTURE_UNREADABLE) from error
        if any(frame.is_corrupt for frame in frames):
            raise failure(FailureCode.PICTURE_UNREADABLE)
        return frames


def annex_b(nals: tuple[bytes, ...]) -> bytes:
    """NAL units as a byte stream (H.264 annex B)."""
    return b"".join(_START_CODE + nal for nal in nals)


def _open(codec: Codec) -> VideoCodecContext:
    context = CodecContext.create(_FFMPEG_NAMES[codec], "r")
    assert isinstance(context, VideoCodecContext), "both codecs are video"
    # Frame threads would hold back a picture each; the pool gives every stream one thread.
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    context.flags |= Flags.low_delay
    context.options = {"max_pixels": str(MAX_PIXELS)}
    return context
