"""One TCP connection to a camera: feeds the sans-IO parts from the socket and ends with a reason.

Dialling and waiting belong in `conversation.py`, trying again in `supervisor.py`.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.ingest.access_unit import MarkerMemory, UnitAssembler
from cctv_gateway.ingest.auth import Authenticator
from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.ingest.h264 import H264Depacketizer
from cctv_gateway.ingest.h264_burst import H264Burst
from cctv_gateway.ingest.h265 import H265Depacketizer
from cctv_gateway.ingest.rtcp import parse_rtcp, receiver_report
from cctv_gateway.ingest.rtp import RtpReceiver
from cctv_gateway.ingest.rtsp_message import Message, MessageReader, take_nothing
from cctv_gateway.ingest.rtsp_url import RtspUrl
from cctv_gateway.ingest.sdp import StreamDescription
from cctv_gateway.ingest.session import (
    Action,
    ChannelsAgreed,
    Closed,
    Described,
    KeepAlive,
    Playing,
    Reopen,
    RtspSession,
    Send,
    Step,
)
from cctv_gateway.ingest.timeline import Timeline
from cctv_gateway.model import AccessUnit, Codec

CONNECT_WITHIN_S = 5.0
STALLED_AFTER_S = 5.0
# Smart codecs stretch their GOP to tens of seconds; a new PLAY makes most cameras send a keyframe.
KEYFRAME_WITHIN_S = 30.0
REPORT_EVERY_S = 5.0
# Requests and reports are small; a camera that takes none of them is gone.
MAX_UNSENT_BYTES = 64 * 1024

_LET_GO = frozenset(
    {Failure.CAMERA_CLOSED, Failure.CAMERA_ENDED, Failure.STALLED, Failure.SESSION_LOST}
)

# Why a connection ended: a GatewayError, a bug of ours, a redirect, or our own wish (None).
Ending = Exception | Reopen | None


@dataclass(slots=True)
class CameraMemory:
    """What one camera taught us, kept from connection to connection by its owner."""

    timeline: Timeline
    marker: MarkerMemory
    keepalive: KeepAlive | None = None

    @classmethod
    def blank(cls) -> "CameraMemory":
        return cls(Timeline(), MarkerMemory())


class CameraConnection(asyncio.BufferedProtocol):
    """From the first byte to the last. `ended` gets the reason; it never raises by itself.

    The owner calls `wake` whenever `deadline` has come, and `leave` or `abort` at the end.
    """

    def __init__(
        self,
        *,
        url: RtspUrl,
        authenticator: Authenticator,
        memory: CameraMemory,
        deliver: Callable[[AccessUnit], None],
        on_playing: Callable[[], None],
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._clock = clock
        self._meter = meter
        self._memory = memory
        self._deliver = deliver
        self._on_playing = on_playing
        self._reader = MessageReader(self._on_message)
        self._session = RtspSession(url, authenticator, memory.keepalive)
        self._transport: asyncio.Transport | None = None
        self._receiver: RtpReceiver | None = None
        self._unit: UnitAssembler | None = None
        self._depacketizer: H264Depacketizer | H265Depacketizer | None = None
        self._ssrc = secrets.randbits(32)
        self._reported_s = 0.0
        self._playing_since_s: float | None = None
        self._connect_deadline = clock.monotonic() + CONNECT_WITHIN_S
        self._leaving = False
        self._control_channel = -1
        self._expected = -1
        self._last_packet_s = 0.0
        self._counted: dict[str, int] = {}
        self.description: StreamDescription | None = None
        self.ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # --- what the owner asks -------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When `wake` wants to be called (monotonic)."""
        if self._transport is None:
            return self._connect_deadline
        if self._playing_since_s is None or self._receiver is None or self._unit is None:
            return self._session.deadline
        stalled = self._last_packet_s + STALLED_AFTER_S
        return min(self._session.deadline, stalled, self._unit.keyframe_s + KEYFRAME_WITHIN_S)

    @property
    def playing(self) -> bool:
        return self._playing_since_s is not None

    @property
    def lost_packets(self) -> int:
        return self._receiver.lost if self._receiver else 0

    @property
    def unit(self) -> UnitAssembler | None:
        return self._unit

    @property
    def b_pictures(self) -> bool:
        """Whether B-pictures were seen or announced; WebRTC viewers stumble over them."""
        if self._unit is None or self._depacketizer is None:
            return False
        announced = self._unit.parameter_sets.format
        return self._depacketizer.b_pictures or (announced is not None and announced.reorders)

    def wake(self, now: float) -> None:
        """Time has passed; find out what is overdue."""
        if self.ended.done():
            return
        if self._transport is None:
            if now >= self._connect_deadline:
                self.end(failed(Failure.CONNECT_TIMEOUT))
            return
        try:
            self._look_for_silence(now)
            self._do(self._session.wake(now))
        except GatewayError as error:
            self.end(error)

    def leave(self) -> None:
        """Send TEARDOWN where the camera holds a session; `closed` follows when it answers."""
        self._reader.routes = dict.fromkeys(self._reader.routes, _discard)
        self._reader.on_burst = take_nothing
        if self._transport is None or self._transport.is_closing():
            self.abort()
            return
        self._leaving = True
        try:
            self._do(self._session.close(self._clock.monotonic()))
        except GatewayError:
            # It takes no more bytes of ours, so it can't be told good-bye either.
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        self.end(None)
        if self._transport is not None:
            self._transport.abort()
        elif not self.closed.done():
            self.closed.set_result(None)

    def end(self, ending: Ending) -> None:
        """Note why the connection is over; the first reason counts."""
        if not self.ended.done():
            self._learn(ending)
            self.ended.set_result(ending)

    # --- what asyncio calls --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do all that asyncio's do without being their subclasses.
        self._transport = cast(asyncio.Transport, transport)
        if self.ended.done():
            self._transport.abort()
            return
        self._do(self._session.start(self._clock.monotonic()))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._reader.space()

    def buffer_updated(self, nbytes: int) -> None:
        unit = self._unit
        if unit is not None:
            unit.arrived_s = self._clock.monotonic()
        try:
            self._reader.filled(nbytes)
        except Exception as error:  # handed on whole: the supervisor tells failures from bugs
            self._fail(error)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(failed(Failure.CAMERA_CLOSED))
        if not self.closed.done():
            self.closed.set_result(None)

    # --- inside --------------------------------------------------------------------------------

    def _before_reuse(self) -> None:
        """All of a read is parsed: remember whether packets came, let go of the buffer."""
        receiver, unit, depacketizer = self._receiver, self._unit, self._depacketizer
        assert receiver is not None, "channels are agreed on for a described track"
        assert unit is not None, "channels are agreed on for a described track"
        assert depacketizer is not None, "channels are agreed on for a described track"
        if depacketizer.pieces:
            depacketizer.keep()
        if receiver.expected != self._expected:
            self._expected = receiver.expected
            self._last_packet_s = unit.arrived_s

    def _fail(self, error: Exception) -> None:
        self.end(error)
        assert self._transport is not None, "bytes came over a transport"
        self._transport.abort()

    def _on_message(self, message: Message) -> None:
        if self.ended.done() and not self._leaving:
            return
        self._do(self._session.receive(message, self._clock.monotonic()))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(data):
                    self._send(data)
                case Described(description):
                    self._prepare(description)
                case ChannelsAgreed(media, control):
                    self._route(media, control)
                case Playing():
                    self._play()
                case Reopen():
                    self.end(action)
                case Closed():
                    self.abort()

    def _send(self, data: bytes) -> None:
        assert self._transport is not None, "nothing is sent before the connection stands"
        if self._transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            raise failed(Failure.NO_REPLY)
        self._transport.write(data)

    def _prepare(self, description: StreamDescription) -> None:
        track = description.track
        memory = self._memory
        memory.timeline.restart()
        unit = UnitAssembler(track.codec, self._deliver, memory.timeline, memory.marker)
        h264 = track.codec is Codec.H264
        for nal in track.parameter_sets:
            kind = nal[0] & 0x1F if h264 else nal[0] >> 1 & 0x3F
            unit.parameter_sets.put(kind, nal)
        self._depacketizer = H264Depacketizer(unit) if h264 else H265Depacketizer(unit)
        self._receiver = RtpReceiver(track.payload_type, self._depacketizer)
        self._unit = unit
        self.description = description

    def _route(self, media: int, control: int) -> None:
        receiver, unit, depacketizer = self._receiver, self._unit, self._depacketizer
        assert receiver is not None, "a track is described before it is set up"
        assert unit is not None, "a track is described before it is set up"
        self._reader.routes = {media: receiver.packet, control: self._on_rtcp}
        if isinstance(depacketizer, H264Depacketizer):
            self._reader.on_burst = H264Burst(media, receiver, depacketizer, unit).take
        self._control_channel = control
        self._reader.on_reuse = self._before_reuse

    def _play(self) -> None:
        assert self._receiver is not None, "a track is described before it plays"
        assert self._unit is not None, "a track is described before it plays"
        now = self._clock.monotonic()
        self._playing_since_s = now
        self._last_packet_s = self._unit.keyframe_s = now
        self._on_playing()

    def _on_rtcp(self, buffer: bytearray, start: int, end: int) -> None:
        compound = parse_rtcp(bytes(buffer[start:end]))
        self._meter.count("ingest_rtcp_malformed" if compound.malformed else "ingest_rtcp")
        if compound.goodbye:
            raise failed(Failure.CAMERA_ENDED)
        now = self._clock.monotonic()
        receiver = self._receiver
        if compound.report is None or receiver is None or now < self._reported_s + REPORT_EVERY_S:
            return
        self._reported_s = now
        report = receiver_report(
            self._ssrc, compound.report, receiver.lost, receiver.highest_sequence, 0.0
        )
        head = bytes((0x24, self._control_channel)) + len(report).to_bytes(2, "big")
        self._send(head + report)

    def _look_for_silence(self, now: float) -> None:
        if self._playing_since_s is None or self._receiver is None or self._unit is None:
            return
        if now >= self._last_packet_s + STALLED_AFTER_S:
            raise failed(Failure.STALLED)
        if now >= self._unit.keyframe_s + KEYFRAME_WITHIN_S:
            raise failed(Failure.NO_KEYFRAME)

    def _learn(self, ending: Ending) -> None:
        """Flip the keep-alive method when the camera let go about when its timeout ran out."""
        since, session = self._playing_since_s, self._session
        let_go = isinstance(ending, GatewayError) and ending.code in _LET_GO
        if since is None or not let_go or session.step is not Step.PLAYING:
            return
        played_s = self._clock.monotonic() - since
        if 0.8 * session.timeout_s <= played_s <= 1.3 * session.timeout_s + STALLED_AFTER_S:
            options = session.keepalive is KeepAlive.OPTIONS
            self._memory.keepalive = KeepAlive.GET_PARAMETER if options else KeepAlive.OPTIONS

    def count_faults(self) -> None:
        """Put what was bad since the last call into the shared counters."""
        receiver, unit, depacketizer = self._receiver, self._unit, self._depacketizer
        faults = {
            "ingest_junk_bytes": self._reader.junk_bytes,
            "ingest_stray_frames": self._reader.stray_frames,
        }
        if receiver is not None and unit is not None and depacketizer is not None:
            faults |= {
                "ingest_lost_packets": receiver.lost,
                "ingest_malformed_packets": receiver.malformed + depacketizer.malformed,
                "ingest_other_payloads": receiver.other_payloads,
                "ingest_dropped_units": unit.dropped,
                "ingest_refused_parameter_sets": unit.parameter_sets.refused,
            }
        for name, count in faults.items():
            fresh = count - self._counted.get(name, 0)
            if fresh:
                self._counted[name] = count
                self._meter.count(name, fresh)


def _discard(buffer: bytearray, start: int, end: int) -> None:
    """For frames that still come while we leave."""
