"""Turns a camera's RTP timestamps into our own 90 kHz timeline, steered by the arrival clock.

The camera's wall clock (sender reports) is evidence, not time, and is not looked at here.
"""

TICKS_PER_S = 90_000
_WRAP = 0xFFFFFFFF
JUMP = 5 * TICKS_PER_S
# Pictures of a camera may come a little before or after their time without being steered.
_CALM = TICKS_PER_S // 5
# Further ahead of its own arrival than this, a picture's stamp cannot be true.
_MAX_LEAD = TICKS_PER_S
_REORDER = TICKS_PER_S


class Timeline:
    """Stamps that always rise, keep the camera's rhythm and stay near the arrival clock.

    It survives reconnects: after `restart` it goes on from the arrival clock.
    """

    __slots__ = ("_camera", "_own", "jumps")

    def __init__(self) -> None:
        self._camera: int | None = None
        self._own = -1
        self.jumps = 0

    def restart(self) -> None:
        """The camera may begin anywhere now."""
        self._camera = None

    def stamp(self, camera_90k: int, arrived_s: float) -> int:
        arrival = int(arrived_s * TICKS_PER_S)
        if self._camera is None:
            self._camera = camera_90k
            return self._anchor(arrival)
        step = (camera_90k - self._camera) & _WRAP
        if 0 < step <= JUMP:
            self._camera = camera_90k
            own = self._own + step
            if not -_CALM < own - arrival < _CALM:
                own = self._steered(own, step, own - arrival, arrival)
            self._own = own
            return own
        if -step & _WRAP <= _REORDER:
            # The same stamp again, or B-frames; their order on the wire is all that counts here.
            return self._stand_still(step, arrival)
        self.jumps += 1
        self._camera = camera_90k
        return self._anchor(arrival)

    def _anchor(self, arrival: int) -> int:
        self._own = max(arrival, self._own + 1)
        return self._own

    def _stand_still(self, step: int, arrival: int) -> int:
        """Behind the newest stamp: a tick further; a clock that stands goes by arrival."""
        return self._anchor(arrival) if step == 0 else self._anchor(0)

    def _steered(self, own: int, step: int, lead: int, arrival: int) -> int:
        """A camera whose clock runs fast or slow is pulled gently; a jump is cut off."""
        if lead > _MAX_LEAD or lead < -JUMP:
            self.jumps += 1
            return max(arrival, self._own + 1)
        if lead > 0:
            pull = min((lead - _CALM) // 16, step // 2)
        else:
            pull = -min((-lead - _CALM) // 64, step)
        return max(own - pull, self._own + 1)
