"""How many bytes a viewer may be sent now: a token bucket whose rate follows reported loss.

It knows no packets and no sockets; the queue of what must wait is in `egress.py`.
"""

# A sub-stream's GOP (125 kB) takes 60 ms, a main stream's (1 MB) half a second.
START_BYTES_PER_S = 2_000_000.0
MIN_BYTES_PER_S = 500_000.0
MAX_BYTES_PER_S = 8_000_000.0
# What even a shallow router queue on the way holds.
BURST_BYTES = 32_000.0

_LOSS_TO_SLOW_DOWN = 0.05
_LOSS_TO_SPEED_UP = 0.01


class Pacer:
    """A bucket that starts full; it may go into debt by one run, never by more."""

    __slots__ = ("_filled_s", "_tokens", "bytes_per_s")

    def __init__(self, now_s: float) -> None:
        self.bytes_per_s = START_BYTES_PER_S
        self._tokens = BURST_BYTES
        self._filled_s = now_s

    def may_send(self, now_s: float) -> bool:
        """Refill the bucket and tell whether it holds anything."""
        tokens = self._tokens + (now_s - self._filled_s) * self.bytes_per_s
        if tokens > BURST_BYTES:
            tokens = BURST_BYTES
        self._filled_s, self._tokens = now_s, tokens
        return tokens > 0

    def spend(self, size: int) -> bool:
        """Take `size` bytes; tells whether any are left."""
        self._tokens -= size
        return self._tokens > 0

    def reported(self, lost_fraction: float) -> None:
        """Follow a receiver report: halve on loss, grow by a quarter without."""
        if lost_fraction > _LOSS_TO_SLOW_DOWN:
            self.bytes_per_s = max(MIN_BYTES_PER_S, self.bytes_per_s / 2)
        elif lost_fraction < _LOSS_TO_SPEED_UP:
            self.bytes_per_s = min(MAX_BYTES_PER_S, self.bytes_per_s * 1.25)
