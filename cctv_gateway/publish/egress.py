"""Sends one viewer's picture: numbers frames, seals them, paces bursts, skips to keyframes.

Cutting units into payloads is shared and done in `packetise.py`; RTCP is in `reports.py`.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.publish.history import History, Packet
from cctv_gateway.publish.pacer import Pacer
from cctv_gateway.publish.packetise import MAX_PAYLOAD_BYTES, RTP_HEADER_BYTES, Frame
from cctv_gateway.publish.path import ALL_SENT, SendPath
from cctv_gateway.publish.srtp import Source, SrtpKeys, new_sealer, rtp_header

# One GOP of the ring's cap may wait, and a little more; then it is better to skip.
MAX_BACKLOG_BYTES = 4_000_000
# A jump between two keyframes that the clock does not confirm means another timeline.
MAX_DRIFT_90K = 3 * 90_000
# Retransmissions: this many at once, and this many a second.
RESEND_BURST = 150.0
RESENDS_PER_S = 300.0

# A lost picture is answered with the current GOP, this often and up to this size.
REFRESH_EVERY_S = 1.0
MAX_REFRESH_BYTES = 1_500_000

_MASK_32 = 0xFFFFFFFF


class Stage(Enum):
    """Where an egress stands."""

    WAITING = "waiting for a keyframe"
    SENDING = "sending"
    STOPPED = "stopped"


# Looking up a member in its enumeration costs as much as a call.
_SENDING = Stage.SENDING


class Egress:
    """One viewer's RTP sender; a feed's listener."""

    # More than 30 attributes without slots would each be looked up in a dictionary.
    __slots__ = (
        "_backlog", "_backlog_bytes", "_history", "_last_90k", "_last_received_s",
        "_last_unit_90k", "_meter", "_monotonic", "_offset_90k", "_on_backlog", "_on_failed",
        "_on_first_frame", "_pacer", "_path", "_protect", "_refresh_due", "_refreshed_s",
        "_replay", "_resends", "_resends_filled_s", "_rtx", "_rtx_sequence", "_seal", "_sequence",
        "_source", "_stage", "_stride", "frames", "packets", "payload_bytes", "retransmitted",
        "skipped_frames",
    )  # fmt: skip

    def __init__(
        self,
        *,
        keys: SrtpKeys,
        path: SendPath,
        source: Source,
        rtx: Source | None,
        replay: Callable[[], Sequence[Frame]],
        clock: Clock,
        meter: Meter,
        on_first_frame: Callable[[], None],
        on_failed: Callable[[], None],
        on_backlog: Callable[[], None],
    ) -> None:
        self._seal = new_sealer(keys).seal
        self._protect: Callable[[bytes], bytes] = keys.outbound.protect
        self._stride = RTP_HEADER_BYTES + MAX_PAYLOAD_BYTES + keys.tag_bytes
        self._path = path
        self._source = source
        self._rtx = rtx
        self._replay = replay
        self._monotonic = clock.monotonic
        self._meter = meter
        self._on_first_frame = on_first_frame
        self._on_failed = on_failed
        self._on_backlog = on_backlog
        self._stage = Stage.WAITING
        self._pacer = Pacer(clock.monotonic())
        self._history = History()
        self._backlog: deque[tuple[Frame, int]] = deque()
        self._backlog_bytes = 0
        self._sequence = random.randrange(1 << 15)  # noqa: S311  # RFC 3550 5.1; SRTP protects it
        self._rtx_sequence = random.randrange(1 << 15)  # noqa: S311
        self._offset_90k: int | None = None
        self._last_90k = 0
        self._last_unit_90k = 0
        self._refresh_due = False
        self._refreshed_s = float("-inf")
        self._last_received_s = 0.0
        self._resends = RESEND_BURST
        self._resends_filled_s = clock.monotonic()
        self.packets = 0
        self.payload_bytes = 0
        self.frames = 0
        self.skipped_frames = 0
        self.retransmitted = 0

    # A feed's listener.

    def take(self, frame: Frame) -> None:
        """Send the frame now, or queue it behind a burst, or skip it."""
        if self._stage is _SENDING and not self._backlog and not self._refresh_due:
            now_s = self._monotonic()
            if self._pacer.may_send(now_s):
                self._send(frame, 0, now_s)
            else:
                self._queue(frame, 0)
        else:
            self._take_slowly(frame)

    def interrupted(self) -> None:
        """The source restarted: whatever comes next begins with a keyframe."""
        self._skip_to_keyframe()

    def failed(self) -> None:
        """Half of a frame may have been numbered; nothing more can be sent rightly."""
        self.stop()
        self._on_failed()

    # The viewer's side.

    def start(self) -> None:
        """Send the current GOP with its own timestamps, so that the newest picture is soon due."""
        for frame in self._replay():
            self.take(frame)

    def refresh(self) -> None:
        """The viewer lost its picture: the next frame is preceded by its GOP."""
        now_s = self._monotonic()
        if now_s - self._refreshed_s >= REFRESH_EVERY_S:
            self._refreshed_s = now_s
            self._refresh_due = True

    def switch(self, frame: Frame) -> None:
        """Go on with another stream's keyframe under the same SSRC and timeline."""
        assert frame.keyframe, "another stream begins with a keyframe"
        if self._stage is Stage.STOPPED:
            return
        self._skip_to_keyframe()
        self._align(frame)
        self.take(frame)

    def drain(self) -> bool:
        """Send what the pacer allows; tells whether anything still waits."""
        now_s = self._monotonic()
        while self._backlog and self._pacer.may_send(now_s):
            frame, first_run = self._backlog.popleft()
            self._backlog_bytes -= frame.wire_bytes
            self._send(frame, first_run, now_s)
        return bool(self._backlog)

    def resend(self, sequences: Sequence[int]) -> None:
        """Answer a NACK from the history, as RTX (RFC 4588) when it was negotiated."""
        if self._stage is Stage.STOPPED:
            return
        self._refill_resends()
        for sequence in sequences:
            if self._resends < 1:
                self._meter.count("publish_resend_capped")
                return
            # What is not found costs as much to look for, and comes from the same purse.
            self._resends -= 1
            packet = self._history.find(sequence)
            if packet is None:
                self._meter.count("publish_resend_too_old")
                continue
            self.retransmitted += 1
            self._path.send(self._protect(self._repeated(packet)))

    def lost(self, fraction: float) -> None:
        self._pacer.reported(fraction)

    def stop(self) -> None:
        """No packet leaves after this."""
        self._stage = Stage.STOPPED
        self._drop_backlog()
        self._history.clear()

    @property
    def stage(self) -> Stage:
        return self._stage

    @property
    def backlog_bytes(self) -> int:
        return self._backlog_bytes

    def rtp_now_90k(self, now_s: float) -> int:
        """The RTP time of this instant, for a sender report."""
        return (self._last_90k + round((now_s - self._last_received_s) * 90_000)) & _MASK_32

    def _take_slowly(self, frame: Frame) -> None:
        if self._stage is Stage.STOPPED:
            return
        if self._stage is Stage.WAITING:
            if not frame.keyframe:
                self.skipped_frames += 1
                return
            self._stage = Stage.SENDING
            self._follow_timeline(frame)
        if frame.keyframe and self._backlog:
            self._overtake()
        for waiting in self._with_refresh(frame):
            self._queue(waiting, 0)
        self.drain()

    def _with_refresh(self, frame: Frame) -> Sequence[Frame]:
        """`frame`, with its GOP before it when that is due.

        The old frames' timestamps are squeezed in between the last one sent and this one: a
        receiver decodes them all, shows the newest, and its clock mapping stays as it was.
        """
        if not self._refresh_due or (self._backlog and not frame.keyframe):
            return (frame,)
        self._refresh_due = False
        if frame.keyframe:
            return (frame,)
        gop = self._replay()
        step_90k = (frame.rtp_90k - self._last_unit_90k) // max(1, len(gop))
        if len(gop) < 2 or step_90k < 1 or sum(f.wire_bytes for f in gop) > MAX_REFRESH_BYTES:
            return (frame,)
        for place, old in enumerate(gop[:-1], start=1):
            old.rtp_90k = self._last_unit_90k + place * step_90k
        self._meter.count("publish_refreshed")
        return gop

    def _overtake(self) -> None:
        """A new keyframe makes the waiting frames useless, but for one that is half sent."""
        started = [entry for entry in self._backlog if entry[1] > 0]
        self.skipped_frames += len(self._backlog) - len(started)
        self._drop_backlog()
        for frame, first_run in started:
            self._queue(frame, first_run)

    def _queue(self, frame: Frame, first_run: int) -> None:
        if self._backlog_bytes + frame.wire_bytes > MAX_BACKLOG_BYTES:
            self._meter.note("publish_backlog_overflow")
            self._skip_to_keyframe()
            self.skipped_frames += 1
            return
        self._backlog.append((frame, first_run))
        self._backlog_bytes += frame.wire_bytes
        if len(self._backlog) == 1:
            self._on_backlog()

    def _drop_backlog(self) -> None:
        self._backlog.clear()
        self._backlog_bytes = 0

    def _skip_to_keyframe(self) -> None:
        self.skipped_frames += len(self._backlog)
        self._drop_backlog()
        if self._stage is Stage.SENDING:
            self._stage = Stage.WAITING

    def _send(self, frame: Frame, first_run: int, now_s: float) -> None:
        """Send runs as long as the bucket lasts, and put the rest first in the queue."""
        assert self._offset_90k is not None, "a timeline begins with its first keyframe"
        rtp_90k = (frame.rtp_90k + self._offset_90k) & _MASK_32
        self._last_90k, self._last_unit_90k = rtp_90k, frame.rtp_90k
        self._last_received_s = frame.received_s
        runs, sequence = frame.runs, self._sequence
        last = len(runs) - 1
        for index in range(first_run, last + 1):
            run = runs[index]
            packets = self._seal(run, self._source, sequence, rtp_90k, index == last)
            self._history.add(run, sequence, rtp_90k, index == last, now_s)
            sequence = self._sequence = (sequence + run.count) & 0xFFFF
            if self._path.send_run(packets, self._stride) is not ALL_SENT:
                self._send_refused()
                return
            size = len(packets)
            self.packets += run.count
            self.payload_bytes += size
            if not self._pacer.spend(size) and index < last:
                self._put_back(frame, index + 1)
                return
        self.frames += 1
        if self.frames == 1:
            self._on_first_frame()

    def _put_back(self, frame: Frame, next_run: int) -> None:
        self._backlog.appendleft((frame, next_run))
        self._backlog_bytes += frame.wire_bytes
        self._on_backlog()

    def _send_refused(self) -> None:
        self.skipped_frames += 1
        self._meter.count("publish_skipped_to_keyframe")
        self._skip_to_keyframe()

    def _follow_timeline(self, frame: Frame) -> None:
        """Keep the stream's own timestamps, unless the source began another timeline."""
        if self._offset_90k is None:
            self._align(frame)
            return
        shown = (frame.rtp_90k + self._offset_90k) & _MASK_32
        drift = (shown - self.rtp_now_90k(frame.received_s)) & _MASK_32
        if min(drift, _MASK_32 + 1 - drift) > MAX_DRIFT_90K:
            self._align(frame)

    def _align(self, frame: Frame) -> None:
        """Choose the offset so that `frame` follows what was sent by the time that has passed."""
        if self._offset_90k is None:
            start = random.randrange(1 << 31)  # noqa: S311  # RFC 3550 section 5.1
        else:
            passed = round((frame.received_s - self._last_received_s) * 90_000)
            start = self._last_90k + max(1, passed)
        self._offset_90k = start - frame.rtp_90k
        self._last_unit_90k = frame.rtp_90k

    def _refill_resends(self) -> None:
        now_s = self._monotonic()
        gained = (now_s - self._resends_filled_s) * RESENDS_PER_S
        self._resends_filled_s = now_s
        self._resends = min(RESEND_BURST, self._resends + gained)

    def _repeated(self, packet: Packet) -> bytes:
        """The same packet again, or its RTX twin: sealed twice it is byte for byte the same."""
        if self._rtx is None:
            head = rtp_header(self._source, packet.sequence, packet.rtp_90k, packet.marker)
            return head + packet.payload
        head = rtp_header(self._rtx, self._rtx_sequence, packet.rtp_90k, packet.marker)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return head + packet.sequence.to_bytes(2, "big") + packet.payload
