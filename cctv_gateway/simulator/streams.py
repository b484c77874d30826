"""A camera's streams and their readers: numbered frames in, bytes written to each connection.

Nothing here draws or encodes; see `pump.py` (LIVE) and `loops.py` (SHARED).
"""

import random
from collections.abc import Callable
from typing import Protocol

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.simulator.packets import FRAME_HEADER, FrameBlock, retarget
from cctv_gateway.simulator.rtsp_session import Channels
from cctv_gateway.simulator.spec import Faults

# A reader that is this far behind skips to the next keyframe...
MAX_BACKLOG_BYTES = 1_000_000
# ...and one that takes nothing for this long is hung up on.
MAX_STALL_S = 10.0
GARBAGE_BYTES = 600


class Wire(Protocol):
    """The writing side of a connection (an asyncio transport)."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def abort(self) -> None: ...


class Source(Protocol):
    """What a reader can subscribe to."""

    def add(self, reader: "Reader") -> None: ...
    def remove(self, reader: "Reader") -> None: ...


class Reader:
    """One playing connection. It starts at a keyframe and never buffers without bound."""

    def __init__(
        self, wire: Wire, channels: Channels, faults: Faults, clock: Clock, meter: Meter
    ) -> None:
        self._wire, self._clock, self._meter = wire, clock, meter
        self._moved = None if channels == Channels() else channels
        self._faults = faults
        self._faulty = faults != Faults()
        self._waiting = True
        self._behind_since: float | None = None
        self.frames = 0

    def deliver(self, block: FrameBlock) -> None:
        """Write a frame, or skip it when the connection is behind."""
        if self._waiting and not block.keyframe:
            return
        if self._wire.get_write_buffer_size() > MAX_BACKLOG_BYTES:
            self._fall_behind()
            return
        self._waiting = False
        self._behind_since = None
        self.frames += 1
        if self._faulty and not self._act_up():
            return
        data = block.data
        if self._moved is not None:
            data = retarget(data, self._moved.rtp, self._moved.rtcp)
        self._wire.write(data)

    def _fall_behind(self) -> None:
        now = self._clock.monotonic()
        self._waiting = True
        self._meter.count("simulator_frames_skipped")
        if self._behind_since is None:
            self._behind_since = now
        elif now - self._behind_since > MAX_STALL_S:
            self._meter.count("simulator_readers_dropped")
            self._wire.abort()

    def _act_up(self) -> bool:
        """Play the camera's faults; False keeps this frame back."""
        faults = self._faults
        if faults.drop_after is not None and self.frames > faults.drop_after:
            self._wire.abort()
            return False
        if faults.stall_after is not None and self.frames > faults.stall_after:
            return False
        if faults.garbage_every is not None and self.frames % faults.garbage_every == 0:
            self._wire.write(garbage(self.frames))
        return True


def garbage(seed: int) -> bytes:
    """Well-framed interleaved packets whose RTP is broken: random, empty, cut short."""
    lot = random.Random(seed)  # noqa: S311 - rubbish on purpose
    parts = (lot.randbytes(GARBAGE_BYTES), b"", b"\x80\x60\x00")
    return b"".join(FRAME_HEADER.pack(b"$", 0, len(part)) + part for part in parts)


class Readers:
    """The readers of one stream; tells when the first comes and the last goes."""

    def __init__(self, on_change: Callable[[int], None] = lambda count: None) -> None:
        self._readers: tuple[Reader, ...] = ()
        self._on_change = on_change

    def add(self, reader: Reader) -> None:
        self._readers = (*self._readers, reader)
        self._on_change(len(self._readers))

    def remove(self, reader: Reader) -> None:
        if reader in self._readers:
            self._readers = tuple(other for other in self._readers if other is not reader)
            self._on_change(len(self._readers))

    def deliver(self, block: FrameBlock) -> None:
        for reader in self._readers:
            reader.deliver(block)

    def __len__(self) -> int:
        return len(self._readers)
