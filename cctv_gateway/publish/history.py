"""What was sent lately to one viewer, so that a NACK can be answered; bounded in packets and age.

It holds references to shared runs and no packets; sealing them again belongs to `egress.py`.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from cctv_gateway.publish.packetise import Run

# libsrtp seals a repeated sequence number only within its window of 1,024 packets.
MAX_PACKETS = 800
MAX_AGE_S = 1.0


class Remembered(NamedTuple):
    """A run as it was numbered for this viewer; made for each run, so it must be cheap to make."""

    run: Run
    sequence: int
    rtp_90k: int
    ends_frame: bool
    sent_s: float


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
        self._runs: deque[Remembered] = deque()
        self._packets = 0

    def add(self, sent: Remembered) -> None:
        self._runs.append(sent)
        self._packets += sent.run.count
        oldest_s = sent.sent_s - MAX_AGE_S
        while self._packets > MAX_PACKETS or self._runs[0].sent_s < oldest_s:
            self._packets -= self._runs.popleft().run.count

    def find(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, newest first."""
        for sent in reversed(self._runs):
            index = (sequence - sent.sequence) & 0xFFFF
            if index < sent.run.count:
                marker = sent.ends_frame and index == sent.run.count - 1
                return Packet(sent.run.payload(index), sequence, sent.rtp_90k, marker)
        return None

    def clear(self) -> None:
        self._runs.clear()
        self._packets = 0

    @property
    def packets(self) -> int:
        return self._packets
