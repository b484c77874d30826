"""What was sent lately to one viewer, so that a NACK can be answered; bounded in packets and age.

It holds references to the stream's own NAL units; sealing them again belongs to `egress.py`.
"""

from collections import deque
from dataclasses import dataclass

from cctv_gateway.publish.packetise import Run, payload_of

# libsrtp seals a repeated sequence number only within its window of 1,024 packets.
MAX_PACKETS = 800
MAX_AGE_S = 1.0

# Count of packets, when they were sent (s), NAL unit and where in it the run starts, first
# sequence number, RTP time, whether it ends its frame. A plain tuple, because one is made for
# each run and viewer.
_Remembered = tuple[int, float, bytes, int, int, int, bool]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet to be sent again."""

    payload: bytes
    sequence: int
    rtp_90k: int
    marker: bool


class History:
    """Runs in the order of sending; their memory is the stream's, shared with other viewers."""

    __slots__ = ("_packets", "_runs")

    def __init__(self) -> None:
        self._runs: deque[_Remembered] = deque()
        self._packets = 0

    def add(self, run: Run, sequence: int, rtp_90k: int, ends_frame: bool, sent_s: float) -> None:
        runs, count = self._runs, run.count
        # Not the run itself: its template is free again, and warm, for the next picture.
        runs.append((count, sent_s, run.nal, run.start, sequence, rtp_90k, ends_frame))
        self._packets += count
        while self._packets > MAX_PACKETS or runs[0][1] < sent_s - MAX_AGE_S:
            self._packets -= runs.popleft()[0]

    def find(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, newest first."""
        for count, _, nal, start, first, rtp_90k, ends_frame in reversed(self._runs):
            index = (sequence - first) & 0xFFFF
            if index < count:
                marker = ends_frame and index == count - 1
                return Packet(payload_of(nal, start, index), sequence, rtp_90k, marker)
        return None

    def clear(self) -> None:
        self._runs.clear()
        self._packets = 0

    @property
    def packets(self) -> int:
        return self._packets
