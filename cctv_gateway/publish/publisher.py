"""The relay's way to browsers: opens, tends and cuts views over one UDP port.

It accepts media rights as a `Grant` only, and never learns which account, camera address or rule
stands behind one.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Sequence

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import Action, EndReason, Grant, Profile, ViewId, ViewStats
from cctv_gateway.publish.answer import Address, Track, write_answer
from cctv_gateway.publish.demux import Demux
from cctv_gateway.publish.dtls import Certificate, DtlsLink, new_certificate
from cctv_gateway.publish.feed import Feeds, Seat
from cctv_gateway.publish.ice import IceAgent, new_credentials
from cctv_gateway.publish.offer import Offer, parse_offer
from cctv_gateway.publish.path import DatagramSocket, SendPath, open_udp_socket
from cctv_gateway.publish.sdpfrag import parse_fragment, write_fragment
from cctv_gateway.publish.viewer import Phase, Viewer

log = logging.getLogger(__name__)

HubOf = Callable[[Profile], Hub]

MAX_VIEWS = 4_096
# Handshakes cost memory and CPU before the viewer has shown anything.
MAX_CONNECTING = 1_024
# aiortc's certificates are valid for 30 days; a gateway runs longer than that.
RENEW_CERTIFICATE_S = 14 * 24 * 3600.0

PACE_EVERY_S = 0.005
# Each view is reported and looked after every 2 s, a twentieth of them at a time.
TEND_EVERY_S = 0.1
TEND_PHASES = 20


class Publisher:
    """Owns the socket and all views. `on_started` and `on_lost` are called on the loop."""

    def __init__(
        self,
        *,
        clock: Clock,
        meter: Meter,
        bind_host: str,
        port: int,
        announce: Sequence[str],
        on_started: Callable[[ViewId], None],
        on_lost: Callable[[ViewId, EndReason], None],
        open_socket: Callable[[str, int], DatagramSocket] = open_udp_socket,
    ) -> None:
        self._clock = clock
        self._meter = meter
        self._bind = (bind_host, port)
        self._announce = tuple(announce)
        self._on_started = on_started
        self._on_lost = on_lost
        self._open_socket = open_socket
        self._feeds = Feeds(meter)
        self._viewers: dict[ViewId, Viewer] = {}
        self._backlogged: set[Viewer] = set()
        self._backlog_waits = asyncio.Event()
        self._tasks: TaskOwner | None = None
        self._socket: DatagramSocket | None = None
        self._demux: Demux | None = None
        self._certificate: tuple[float, Certificate] | None = None
        self.port = port

    async def start(self) -> None:
        """Bind the port and make the certificate; raises GatewayError when the port is taken."""
        assert self._socket is None, "a publisher starts once"
        try:
            self._socket = self._open_socket(*self._bind)
        except OSError as error:
            raise GatewayError(
                ErrorKind.CONFLICT,
                "MEDIA_PORT_TAKEN",
                f"UDP port {self._bind[1]} cannot be bound; choose another media port.",
                f"UDP 포트 {self._bind[1]}을(를) 열 수 없습니다. 다른 미디어 포트를 지정하십시오.",
            ) from error
        self.port = self._socket.getsockname()[1]
        self._demux = Demux(self._socket, self._clock, self._meter)
        self._demux.open(asyncio.get_running_loop())
        self._current_certificate()
        self._tasks = TaskOwner("publish")
        self._tasks.start(self._pace(), "pace")
        self._tasks.start(self._tend(), "tend")

    async def stop(self) -> None:
        """Cut every view and close the port; safe to call twice."""
        if self._tasks is None or self._demux is None:
            return
        await asyncio.gather(*(self.cut(view) for view in tuple(self._viewers)))
        tasks, self._tasks = self._tasks, None
        await tasks.close()
        self._demux.close(asyncio.get_running_loop())

    async def open(
        self, view: ViewId, grant: Grant, hub_of: HubOf, profile: Profile, offer_sdp: str
    ) -> str:
        """Answer an offer; the picture starts when the viewer's handshake is done.

        Raises GatewayError: BAD_OFFER, NO_H264, NO_GRANT, WRONG_STREAM, VIEW_EXISTS, FULL.
        """
        _check_grant(grant)
        self._check_room(view)
        offer = parse_offer(offer_sdp)
        seat = self._seat(grant, hub_of, profile)
        viewer, answer = self._new_viewer(view, grant, hub_of, seat, offer)
        self._viewers[view] = viewer
        demux, tasks = self._running()
        demux.add(viewer)
        viewer.connecting = tasks.start(self._connect(viewer), "connect")
        return answer

    async def trickle(self, view: ViewId, fragment: str) -> str | None:
        """Apply a WHEP PATCH body; the answer fragment when it restarts ICE."""
        viewer = self._find(view)
        parsed = parse_fragment(fragment)
        if parsed.ice is None or parsed.ice == viewer.ice.remote:
            return None
        local = viewer.ice.restart(parsed.ice)
        demux, _ = self._running()
        demux.renew(viewer)
        return write_fragment(local, viewer.mid, self._addresses())

    async def cut(self, view: ViewId) -> None:
        """End a view; no RTP leaves after this returns. Unknown views are no error."""
        viewer = self._viewers.get(view)
        if viewer is not None:
            self._forget(viewer)
            await viewer.say_goodbye()

    def select(self, view: ViewId, profile: Profile) -> None:
        """Show another profile of the same grant from its next keyframe on."""
        self._find(view).select(profile)
        self._feeds.sweep()

    def stats(self, view: ViewId) -> ViewStats | None:
        viewer = self._viewers.get(view)
        return None if viewer is None else viewer.counters()

    @property
    def views(self) -> int:
        return len(self._viewers)

    def _new_viewer(
        self, view: ViewId, grant: Grant, hub_of: HubOf, seat: Seat, offer: Offer
    ) -> tuple[Viewer, str]:
        assert self._socket is not None, "a running publisher has a socket"
        certificate = self._current_certificate()
        track = _new_track(offer, seat)
        local = new_credentials()
        viewer = Viewer(
            view=view,
            grant=grant,
            hub_seat=lambda profile: self._seat(grant, hub_of, profile),
            seat=seat,
            track=track,
            mid=offer.sections[offer.video].mid,
            ice=IceAgent(local, offer.ice, self._clock.monotonic()),
            path=SendPath(self._socket, self._meter),
            new_link=lambda send, on_closed: DtlsLink(
                certificate, offer.fingerprints, send, on_closed
            ),
            clock=self._clock,
            meter=self._meter,
            on_started=lambda: self._on_started(view),
            on_closed=lambda: self._lose(viewer),
            on_failed=lambda: self._fault(viewer),
            on_backlog=self._has_backlog,
        )
        session_id = secrets.randbits(62)
        answer = write_answer(
            offer, track, local, certificate.fingerprint, self._addresses(), session_id
        )
        return viewer, answer

    def _seat(self, grant: Grant, hub_of: HubOf, profile: Profile) -> Seat:
        """A place at the one stream that the grant allows for `profile`."""
        wanted = grant.stream(profile)
        hub = hub_of(wanted.profile)
        if hub.key != wanted:
            raise GatewayError(
                ErrorKind.DENIED,
                "WRONG_STREAM",
                "The stream is not the one that the grant allows; open the view again.",
                "허가된 영상이 아닙니다. 다시 열어 주십시오.",
            )
        return self._feeds.join(hub)

    async def _connect(self, viewer: Viewer) -> None:
        try:
            await viewer.connect()
        except GatewayError as error:
            self._meter.note("publish_connect_failed", error.code)
            self._lose(viewer)
        except Exception:
            self._fault(viewer)

    def _fault(self, viewer: Viewer) -> None:
        """A bug of ours costs the one view it appeared in; call it while it is being handled."""
        log.exception("a bug ended one view; the others go on")
        self._meter.count("publish_view_faulted")
        self._lose(viewer, EndReason.RELAY_FAILED)

    def _lose(self, viewer: Viewer, reason: EndReason = EndReason.CONNECTION_LOST) -> None:
        """The viewer went away or never came: tell control once, and clean up."""
        if self._viewers.get(viewer.view) is not viewer or self._tasks is None:
            return
        self._forget(viewer)
        self._tasks.start(viewer.say_goodbye(), "goodbye")
        self._on_lost(viewer.view, reason)

    def _forget(self, viewer: Viewer) -> None:
        demux, _ = self._running()
        del self._viewers[viewer.view]
        self._backlogged.discard(viewer)
        demux.remove(viewer)
        viewer.silence()
        self._feeds.sweep()

    def _has_backlog(self, viewer: Viewer) -> None:
        self._backlogged.add(viewer)
        self._backlog_waits.set()

    async def _pace(self) -> None:
        """Drain what the pacers held back, as long as anything waits."""
        while True:
            await self._backlog_waits.wait()
            await self._clock.sleep(PACE_EVERY_S)
            for viewer in tuple(self._backlogged):
                if not self._drain(viewer):
                    self._backlogged.discard(viewer)
            if not self._backlogged:
                self._backlog_waits.clear()

    def _drain(self, viewer: Viewer) -> bool:
        try:
            return viewer.drain()
        except Exception:
            self._fault(viewer)
            return False

    async def _tend(self) -> None:
        """Send reports and notice silent viewers, a part of them at each step."""
        phase = 0
        while True:
            await self._clock.sleep(TEND_EVERY_S)
            phase = (phase + 1) % TEND_PHASES
            now_s = self._clock.monotonic()
            for viewer in tuple(self._viewers.values())[phase::TEND_PHASES]:
                self._look_after(viewer, now_s)

    def _look_after(self, viewer: Viewer, now_s: float) -> None:
        if viewer.overdue(now_s):
            self._meter.note("publish_viewer_silent")
            self._lose(viewer)
            return
        try:
            viewer.report()
        except Exception:
            self._fault(viewer)

    def _current_certificate(self) -> Certificate:
        now_s = self._clock.monotonic()
        if self._certificate is None or now_s - self._certificate[0] > RENEW_CERTIFICATE_S:
            self._certificate = (now_s, new_certificate())
        return self._certificate[1]

    def _addresses(self) -> tuple[Address, ...]:
        return tuple(Address(host, self.port) for host in self._announce)

    def _running(self) -> tuple[Demux, TaskOwner]:
        if self._demux is None or self._tasks is None:
            raise GatewayError(
                ErrorKind.OVERLOADED,
                "PUBLISHER_STOPPED",
                "The gateway is starting or stopping; try again in a moment.",
                "게이트웨이가 시작 또는 종료 중입니다. 잠시 후 다시 시도하십시오.",
            )
        return self._demux, self._tasks

    def _find(self, view: ViewId) -> Viewer:
        viewer = self._viewers.get(view)
        if viewer is None:
            raise GatewayError(
                ErrorKind.NOT_FOUND,
                "NO_SUCH_VIEW",
                "The view has ended; open it again.",
                "종료된 영상입니다. 다시 열어 주십시오.",
            )
        return viewer

    def _check_room(self, view: ViewId) -> None:
        self._running()
        if view in self._viewers:
            raise GatewayError(
                ErrorKind.CONFLICT,
                "VIEW_EXISTS",
                "The view was already started; open a new one.",
                "이미 시작된 영상입니다. 새로 여십시오.",
            )
        connecting = sum(one.phase is Phase.CONNECTING for one in self._viewers.values())
        if len(self._viewers) >= MAX_VIEWS or connecting >= MAX_CONNECTING:
            raise GatewayError(
                ErrorKind.OVERLOADED,
                "FULL",
                "Too many views are open on this gateway; close some and try again.",
                "열려 있는 영상이 너무 많습니다. 일부를 닫고 다시 시도하십시오.",
            )


def _check_grant(grant: Grant) -> None:
    assert isinstance(grant, Grant), "no media without a grant"
    if grant.action is not Action.LIVE_VIEW:
        raise GatewayError(
            ErrorKind.DENIED,
            "NO_GRANT",
            "The grant does not allow live viewing.",
            "실시간 영상을 볼 권한이 아닙니다.",
        )


def _new_track(offer: Offer, seat: Seat) -> Track:
    chosen = offer.choose(seat.profile_idc())
    ssrc, rtx_ssrc = random.sample(range(1, 1 << 32), 2)
    return Track(
        format=chosen,
        ssrc=ssrc,
        rtx_ssrc=None if chosen.rtx_payload_type is None else rtx_ssrc,
        cname=secrets.token_urlsafe(12),
    )
