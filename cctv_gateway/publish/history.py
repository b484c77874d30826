"""What was sent lately to one viewer, so that a NACK can be answered; bounded in packets and age.

It holds references to shared runs and no packets; sealing them again belongs to `egress.py`.
"""

from collections import deque
from dataclasses import dataclass

from cctv_gateway.publish.packetise import Run

# libsrtp seals a repeated sequence number only within its window of 1,024 packets.
MAX_PACKETS = 800
MAX_AGE_S = 1.0

# Run, first sequence number, RTP time, whether it ends its frame, when it was sent (s). A plain
# tuple, because one is made for each run and viewer.
_Remembered = tuple[Run, int, int, bool, float]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet to be sent again."""

    payload: bytes
    sequence: int
    rtp_90k: int
    marker: bool


class History:
    """Runs in the order of sending; memory is the runs' own, shared with other viewers."""

    def __init__(self) -> None:
        self._runs: deque[_Remembered] = deque()
        self._packets = 0

    def add(self, run: Run, sequence: int, rtp_90k: int, ends_frame: bool, sent_s: float) -> None:
        runs = self._runs
        runs.append((run, sequence, rtp_90k, ends_frame, sent_s))
        self._packets += run.count
        while self._packets > MAX_PACKETS or runs[0][4] < sent_s - MAX_AGE_S:
            self._packets -= runs.popleft()[0].count

    def find(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, newest first."""
        for run, first, rtp_90k, ends_frame, _ in reversed(self._runs):
            index = (sequence - first) & 0xFFFF
            if index < run.count:
                marker = ends_frame and index == run.count - 1
                return Packet(run.payload(index), sequence, rtp_90k, marker)
        return None

    def clear(self) -> None:
        self._runs.clear()
        self._packets = 0

    @property
    def packets(self) -> int:
        return self._packets
