"""One view on its way to one browser: joins ICE, DTLS, egress and RTCP feedback.

The table of views, the socket and the timers belong to `publisher.py`.
"""

import asyncio
from collections.abc import Callable
from enum import Enum

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import Grant, Profile, ViewId, ViewStats
from cctv_gateway.publish import reports
from cctv_gateway.publish.answer import Track
from cctv_gateway.publish.dtls import DtlsLink
from cctv_gateway.publish.egress import Egress
from cctv_gateway.publish.feed import Seat
from cctv_gateway.publish.feedback import Feedback, MalformedRtcp, parse_feedback
from cctv_gateway.publish.ice import IceAgent, Peer
from cctv_gateway.publish.packetise import Frame
from cctv_gateway.publish.path import SendPath
from cctv_gateway.publish.srtp import Source, SrtpError, SrtpKeys

# A browser needs well under 5 s from offer to keys even over a relay.
CONNECT_WITHIN_S = 20.0


class Phase(Enum):
    """Where a view stands."""

    CONNECTING = "connecting"
    RUNNING = "running"
    ENDED = "ended"


class Viewer:
    """Owns everything that belongs to one view; the port's `Member`."""

    def __init__(
        self,
        *,
        view: ViewId,
        grant: Grant,
        hub_seat: Callable[[Profile], Seat],
        seat: Seat,
        track: Track,
        mid: str | None,
        ice: IceAgent,
        path: SendPath,
        new_link: Callable[[Callable[[bytes], None], Callable[[], None]], DtlsLink],
        clock: Clock,
        meter: Meter,
        on_started: Callable[[], None],
        on_closed: Callable[[], None],
        on_failed: Callable[[], None],
        on_backlog: Callable[["Viewer"], None],
    ) -> None:
        self.view = view
        self.grant = grant
        self.mid = mid
        self.ice = ice
        self._hub_seat = hub_seat
        self._seat = seat
        self._next_seat: Seat | None = None
        self._track = track
        self._path = path
        self._clock = clock
        self._meter = meter
        self._on_started = on_started
        self._on_failed = on_failed
        self._on_backlog = on_backlog
        self._link = new_link(self._send_dtls, on_closed)
        self._opened_s = clock.monotonic()
        self._phase = Phase.CONNECTING
        self._keys: SrtpKeys | None = None
        self._egress: Egress | None = None
        self._lost_fraction = 0.0
        self._round_trip_s: float | None = None
        self.connecting: asyncio.Task[None] | None = None

    @property
    def phase(self) -> Phase:
        return self._phase

    async def connect(self) -> None:
        """Wait for the viewer's handshake, then start the picture; raises GatewayError."""
        keys = await self._link.connect()
        if self._phase is not Phase.CONNECTING:
            return
        self._phase = Phase.RUNNING
        self._keys = keys
        self._egress = self._new_egress(keys)
        self._egress.start()
        self._seat.listen(self._egress)
        if self._next_seat is not None:
            self._next_seat.listen(_Switch(self))
        self.report()

    def silence(self) -> None:
        """Stop the picture: no RTP leaves after this returns."""
        self._phase = Phase.ENDED
        self._seat.leave()
        if self._next_seat is not None:
            self._next_seat.leave()
        if self._egress is not None:
            self._egress.stop()

    async def say_goodbye(self) -> None:
        """Tell the silenced viewer that it is over (RTCP BYE, close_notify) and free the rest."""
        if self._keys is not None:
            self._send_rtcp(reports.goodbye(ssrc=self._track.ssrc, cname=self._track.cname))
        if self.connecting is not None and not self.connecting.done():
            self.connecting.cancel()
            await asyncio.wait([self.connecting])
        await self._link.close()

    def select(self, profile: Profile) -> None:
        """Show another profile from its next keyframe on; the grant's cap holds."""
        wanted = self.grant.stream(profile)
        if self._next_seat is not None:
            self._next_seat.leave()
            self._next_seat = None
        if wanted == self._seat.key or self._phase is Phase.ENDED:
            return
        seat = self._hub_seat(profile)
        if self._phase is Phase.CONNECTING:
            self._seat.leave()
            self._seat = seat
            return
        self._next_seat = seat
        seat.listen(_Switch(self))

    def switched(self, frame: Frame) -> None:
        """The selected stream's keyframe is here: leave the old stream and go on with it."""
        seat, egress = self._next_seat, self._egress
        assert seat is not None, "only a chosen stream is switched to"
        assert egress is not None, "only a running view switches"
        self._seat.leave()
        self._seat, self._next_seat = seat, None
        seat.listen(egress)
        egress.switch(frame)

    def failed(self) -> None:
        """A bug stopped the view while it was changing its stream."""
        self._on_failed()

    def overdue(self, now_s: float) -> bool:
        """Whether the viewer never came, or has been silent for too long."""
        if self._phase is Phase.CONNECTING and now_s - self._opened_s > CONNECT_WITHIN_S:
            return True
        return self._phase is Phase.RUNNING and self.ice.consent_lost(now_s)

    def drain(self) -> bool:
        return self._egress is not None and self._egress.drain()

    def report(self) -> None:
        """Send a sender report, once something was sent."""
        egress = self._egress
        if egress is None or egress.packets == 0:
            return
        self._send_rtcp(
            reports.sender_report(
                ssrc=self._track.ssrc,
                cname=self._track.cname,
                ntp=reports.ntp_time(self._clock.now()),
                rtp_90k=egress.rtp_now_90k(self._clock.monotonic()),
                packets=egress.packets,
                payload_bytes=egress.payload_bytes,
            )
        )

    def counters(self) -> ViewStats:
        egress = self._egress
        if egress is None:
            return ViewStats(profile=self._seat.key.profile)
        return ViewStats(
            packets=egress.packets,
            bytes=egress.payload_bytes,
            frames=egress.frames,
            skipped_frames=egress.skipped_frames,
            retransmitted=egress.retransmitted,
            lost_fraction=self._lost_fraction,
            round_trip_s=self._round_trip_s,
            profile=self._seat.key.profile,
        )

    # What the port hands over.

    def moved(self, peer: Peer) -> None:
        self._path.move(peer)

    def dtls_arrived(self, data: bytes) -> None:
        if not self._link.feed(data):
            self._meter.count("publish_dtls_overflow")

    def rtcp_arrived(self, data: bytes) -> None:
        keys = self._keys
        if keys is None or self._phase is not Phase.RUNNING:
            return
        try:
            plain = keys.inbound.unprotect_rtcp(data)
            feedback = parse_feedback(plain, self._track.ssrc)
        except (SrtpError, ValueError) as error:
            kind = "malformed" if isinstance(error, MalformedRtcp) else "unauthentic"
            self._meter.count(f"publish_rtcp_{kind}")
            return
        try:
            self._follow(feedback)
        except Exception:
            self._on_failed()

    def _follow(self, feedback: Feedback) -> None:
        egress = self._egress
        assert egress is not None, "a running view has an egress"
        if (report := feedback.report) is not None:
            ntp = reports.ntp_time(self._clock.now())
            self._lost_fraction = report.lost_fraction
            self._round_trip_s = reports.round_trip_s(ntp, report.last_report, report.delay)
            egress.lost(report.lost_fraction)
        if feedback.nacks:
            egress.resend(feedback.nacks)
        if feedback.picture_lost:
            self._meter.count("publish_picture_lost")
            egress.refresh()

    def _new_egress(self, keys: SrtpKeys) -> Egress:
        track, rtx = self._track, None
        if track.rtx_ssrc is not None and track.format.rtx_payload_type is not None:
            rtx = Source(track.rtx_ssrc, track.format.rtx_payload_type)
        return Egress(
            keys=keys,
            path=self._path,
            source=Source(track.ssrc, track.format.payload_type),
            rtx=rtx,
            replay=lambda: self._seat.replay(),
            clock=self._clock,
            meter=self._meter,
            on_first_frame=self._on_started,
            on_failed=self._on_failed,
            on_backlog=lambda: self._on_backlog(self),
        )

    def _send_dtls(self, data: bytes) -> None:
        self._path.send(data)

    def _send_rtcp(self, packet: bytes) -> None:
        assert self._keys is not None, "RTCP needs the keys of a finished handshake"
        self._path.send(self._keys.outbound.protect_rtcp(packet))


class _Switch:
    """Listens to the selected stream until its keyframe comes."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def take(self, frame: Frame) -> None:
        if frame.keyframe:
            self._viewer.switched(frame)

    def interrupted(self) -> None:
        """Nothing of this stream was shown yet."""

    def failed(self) -> None:
        self._viewer.failed()
