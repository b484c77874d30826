"""H.264 as a street camera sends it: constrained latency, a keyframe every two seconds.

Which pictures are encoded and when is decided in `pump.py` and `loops.py`.
"""

from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
from av.video.frame import PictureType

from cctv_gateway.simulator.spec import FRAMES_PER_GOP, FRAMES_PER_S, PictureFormat
from cctv_gateway.simulator.strip import Picture

NAL_IDR = 5
NAL_SEI = 6
NAL_SPS = 7
NAL_PPS = 8


class Encoder:
    """One encoder for I420 pictures of one format. Not thread-safe."""

    def __init__(self, picture: PictureFormat) -> None:
        kilobits = picture.bits_per_s // 1000
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = picture.width, picture.height
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, FRAMES_PER_S)
        context.framerate = Fraction(FRAMES_PER_S, 1)
        context.bit_rate = picture.bits_per_s
        context.thread_count = 1
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "main",
            "forced-idr": "1",
            "x264-params": (
                f"keyint={FRAMES_PER_GOP}:min-keyint={FRAMES_PER_GOP}:scenecut=0:bframes=0"
                f":repeat-headers=1:annexb=1:sliced-threads=0"
                f":vbv-maxrate={kilobits * 3 // 2}:vbv-bufsize={kilobits}"
            ),
        }
        self._context = context

    def encode(self, picture: Picture, frame: int, keyframe: bool = False) -> tuple[bytes, ...]:
        """The NAL units of one picture; `frame` must rise. A keyframe starts with SPS and PPS."""
        shot = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        shot.pts = frame
        shot.time_base = Fraction(1, FRAMES_PER_S)
        if keyframe:
            shot.pict_type = PictureType.I
        stream = b"".join(bytes(packet) for packet in self._context.encode(shot))
        return tuple(nal for nal in split_annex_b(stream) if nal[0] & 31 != NAL_SEI)


def split_annex_b(stream: bytes) -> tuple[bytes, ...]:
    """NAL units of an Annex B byte stream (ITU-T H.264, B.1)."""
    parts = stream.split(b"\x00\x00\x01")[1:]
    units = [part.rstrip(b"\x00") for part in parts]
    return tuple(unit for unit in units if unit)


def is_keyframe(nals: tuple[bytes, ...]) -> bool:
    return any(nal[0] & 31 == NAL_IDR for nal in nals)


@lru_cache(maxsize=8)
def parameter_sets(picture: PictureFormat) -> tuple[bytes, bytes]:
    """SPS and PPS that the encoder gives for a format; they do not depend on the pictures."""
    grey = np.full((picture.height * 3 // 2, picture.width), 128, np.uint8)
    nals = Encoder(picture).encode(grey, 0, keyframe=True)
    sps = next(nal for nal in nals if nal[0] & 31 == NAL_SPS)
    pps = next(nal for nal in nals if nal[0] & 31 == NAL_PPS)
    return sps, pps
