"""Measures a stream's pictures and bits a second, so that the masked stream may cost about as much.

Nothing here knows an encoder or a clock: time is the stream's own.
"""

from dataclasses import dataclass

from cctv_gateway.model import AccessUnit

MIN_SPAN_90K = 45_000
_FALLBACK_BITS_PER_PIXEL = 0.1
_FALLBACK_FPS = 15.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What an encoder should aim at."""

    frames_per_s: float
    bits_per_s: float

    def differs(self, other: "Rate") -> bool:
        """By more than half: worth a new encoder."""
        return _far(self.frames_per_s, other.frames_per_s) or _far(
            self.bits_per_s, other.bits_per_s
        )


class SourceRate:
    """The rate of the last whole group of pictures, each at least half a second long."""

    def __init__(self) -> None:
        self._since_90k: int | None = None
        self._span_90k = 0
        self._frames = 0
        self._bytes = 0
        self._last: Rate | None = None

    def feed(self, unit: AccessUnit) -> None:
        if self._since_90k is None or (unit.keyframe and self._span_90k >= MIN_SPAN_90K):
            self._last = self._current() or self._last
            self._since_90k = unit.rtp_90k
            self._frames = self._bytes = 0
        self._span_90k = max(0, unit.rtp_90k - self._since_90k)
        self._frames += 1
        self._bytes += unit.size

    def measured(self) -> Rate | None:
        """None while less than half a second is known; the first group counts while it grows."""
        return self._last or self._current()

    def _current(self) -> Rate | None:
        if self._span_90k < MIN_SPAN_90K or self._frames < 2:
            return None
        # The last picture's own duration is not known yet; take the mean of the others.
        span_s = self._span_90k / 90_000 * self._frames / (self._frames - 1)
        return Rate(self._frames / span_s, self._bytes * 8 / span_s)


def fallback_rate(width: int, height: int) -> Rate:
    """A guess for a stream of which only one picture is known."""
    return Rate(_FALLBACK_FPS, width * height * _FALLBACK_FPS * _FALLBACK_BITS_PER_PIXEL)


def _far(one: float, other: float) -> bool:
    return not other / 1.5 <= one <= other * 1.5
