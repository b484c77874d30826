"""The last group of pictures of a stream, so that a new subscriber starts at a keyframe at once.

Who receives it and how fast is the business of `hub.py` and of the subscribers.
"""

from cctv_gateway.model import AccessUnit

# 2 s of 4 Mbit/s is 1 MB; a camera with a longer GOP keeps its keyframe's start and no more.
DEFAULT_CAP_BYTES = 3_000_000


class GopRing:
    """Holds the units since the newest keyframe, at most `cap_bytes` of them.

    A GOP that outgrows the cap is forgotten until the next keyframe: a replay with a hole would
    show smeared pictures.
    """

    def __init__(self, cap_bytes: int = DEFAULT_CAP_BYTES) -> None:
        self._cap_bytes = cap_bytes
        self._units: list[AccessUnit] = []
        self._bytes = 0
        self.overflows = 0

    def push(self, unit: AccessUnit, size: int) -> None:
        """`size` is the unit's, counted once by the caller."""
        if unit.keyframe:
            self._units.clear()
            self._bytes = 0
        elif not self._units:
            return
        self._units.append(unit)
        self._bytes += size
        if self._bytes > self._cap_bytes:
            self.overflows += 1
            self.clear()

    def clear(self) -> None:
        self._units.clear()
        self._bytes = 0

    def units(self) -> tuple[AccessUnit, ...]:
        """From the keyframe on, oldest first; empty when there is none."""
        return tuple(self._units)

    @property
    def size(self) -> int:
        return self._bytes
