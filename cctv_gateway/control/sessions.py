"""The book of all views: decide, record, open; decide again at every edge; cut, record why.

What is allowed belongs in `control/decide.py`; how media runs belongs behind `MediaPort`.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.cutter import Cutter
from cctv_gateway.control.decide import decide
from cctv_gateway.control.edges import Edges
from cctv_gateway.control.places import has_room
from cctv_gateway.control.recorder import Recorder
from cctv_gateway.control.refusals import (
    DeniedError,
    relay_slow,
    too_many,
    unknown_secret,
    unknown_view,
)
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.views import (
    WITH_MEDIA,
    Attached,
    EndCode,
    MediaPort,
    OpenedView,
    View,
    ViewCut,
    ViewEvent,
    ViewOpened,
    ViewSnapshot,
    ViewState,
    closed_event,
    crashed_event,
    denied_event,
    digest,
    granted_event,
    shows,
    snapshot,
)
from cctv_gateway.model import (
    AccountId,
    CameraId,
    Denial,
    EndReason,
    Grant,
    IncidentId,
    Purpose,
    Quality,
    ViewId,
)

ATTACH_WITHIN_S = 30.0
SECRET_BYTES = 32
ATTACH_LIMIT_S = 10.0
SETTLE_LIMIT_S = 1.0
SHUTDOWN_LIMIT_S = 5.0


class SessionBook:
    """Owner of every view. Media runs for a view of this book or not at all."""

    def __init__(
        self,
        *,
        clock: Clock,
        relay: MediaPort,
        audit: AuditLog,
        rules: Rules,
        tasks: TaskOwner,
        meter: Meter,
    ) -> None:
        self._clock = clock
        self._relay = relay
        self._audit = audit
        self._rules = rules
        self._tasks = tasks
        self._meter = meter
        self._recorder = Recorder(audit, clock=clock, meter=meter, tasks=tasks)
        self._cutter = Cutter(relay, clock=clock, meter=meter, tasks=tasks)
        self._edges = Edges(clock, tasks, self._pass_edges)
        self._views: dict[ViewId, View] = {}
        self._by_secret: dict[bytes, ViewId] = {}
        self._by_resource: dict[bytes, ViewId] = {}
        self._by_login: dict[str, set[ViewId]] = {}
        self._listeners: list[Callable[[ViewEvent], None]] = []

    # Reading

    @property
    def rules(self) -> Rules:
        return self._rules

    @property
    def unrecorded(self) -> int:
        """Closings that the audit does not have yet; above zero for long is an alarm."""
        return self._recorder.waiting

    def views(self) -> tuple[ViewSnapshot, ...]:
        return tuple(map(snapshot, self._views.values()))

    def view(self, view: ViewId) -> ViewSnapshot | None:
        found = self._views.get(view)
        return None if found is None else snapshot(found)

    def on_event(self, listener: Callable[[ViewEvent], None]) -> None:
        """Listeners are called on the loop and return at once."""
        self._listeners.append(listener)

    # Opening

    async def open(
        self,
        who: Holder,
        camera: CameraId,
        purpose: Purpose | None,
        reason: str | None = None,
        incident: IncidentId | None = None,
        quality: Quality = Quality.AUTO,
    ) -> OpenedView:
        """Decide, record, and hand out a secret that is good for one attach within 30 s.

        Raises DeniedError (recorded), or GatewayError(OVERLOADED, TOO_MANY_VIEWS | AUDIT_*).
        """
        self._refuse_overload(who)
        request = who.request(camera, purpose, reason=reason, incident=incident)
        answer = decide(request, self._rules, self._clock.now())
        if isinstance(answer, Denial):
            event = denied_event(AuditKind.VIEW_DENIED, request, answer, self._rules.revision)
            await self._audit.append(event)
            raise DeniedError(answer.code, answer.retry_at)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        now, now_s = self._clock.now(), self._clock.monotonic()
        view = View(
            id=ViewId(secrets.token_hex(8)),
            holder=who,
            request=request,
            quality=quality,
            grant=answer,
            opened_at=now,
            opened_s=now_s,
            deadline=self._deadline(answer, now),
            secret=digest(secret),
            attach_by=now + timedelta(seconds=ATTACH_WITHIN_S),
            attach_by_s=now_s + ATTACH_WITHIN_S,
        )
        await self._enter(view)
        valid_until = view.valid_until
        return OpenedView(view.id, secret, view.grant, valid_until, view.attach_by)

    async def _enter(self, view: View) -> None:
        """Store the opening record. The view stands in the book before, so that it can be cut."""
        self._views[view.id] = view
        self._by_login.setdefault(view.holder.login, set()).add(view.id)
        try:
            await self._audit.append(
                granted_event(AuditKind.VIEW_OPENED, view.request, view.grant, view.id)
            )
        except GatewayError:
            self._forget(view)
            raise
        except asyncio.CancelledError:
            # The record may be stored already, so its closing must follow.
            self._begin_end(view, EndReason.NEVER_STARTED)
            raise
        if view.state is ViewState.ENDED:
            assert view.ended_by is not None, "an ended view says why"
            raise DeniedError(view.ended_by)
        view.step(ViewState.PENDING)
        self._by_secret[view.secret] = view.id
        self._edges.set(view.id, view.next_look)
        self._emit(ViewOpened(snapshot(view)))

    def _refuse_overload(self, who: Holder) -> None:
        if not has_room(self._views.values(), who):
            self._meter.note("views_refused")
            raise too_many()

    def _deadline(self, grant: Grant, since: datetime) -> datetime | None:
        limit = self._rules.durations.get(grant.rule)
        return None if limit is None else since + limit

    # Running

    async def attach(self, whep_secret: str, offer_sdp: str) -> Attached:
        """Start the media of a pending view. The secret is used up, whatever comes of it.

        Raises GatewayError(NOT_FOUND, WHEP_UNKNOWN) for a secret that is unknown, used or old.
        """
        view = self._take_secret(whep_secret)
        late = self._clock.monotonic() >= view.attach_by_s
        code = EndReason.NEVER_STARTED if late else self._review(view)
        if code is not None:
            await self._end({view: code})
            raise unknown_secret() if late else DeniedError(code)
        view.step(ViewState.ATTACHING)
        self._edges.set(view.id, view.next_look)
        answer = await self._start_media(view, offer_sdp)
        if view.state is ViewState.ENDED:
            # It was cut while the media side was still opening it.
            await self._cutter.stop(view.id)
            assert view.ended_by is not None, "an ended view says why"
            raise DeniedError(view.ended_by)
        resource_secret = secrets.token_urlsafe(SECRET_BYTES)
        view.resource = digest(resource_secret)
        self._by_resource[view.resource] = view.id
        view.step(ViewState.ATTACHED)
        return Attached(answer, resource_secret)

    async def _start_media(self, view: View, offer_sdp: str) -> str:
        try:
            async with asyncio.timeout(ATTACH_LIMIT_S):
                return await self._relay.open(view.id, view.grant, offer_sdp, view.quality)
        except TimeoutError as error:
            await self._end({view: EndReason.RELAY_FAILED})
            raise relay_slow() from error
        except GatewayError as error:
            theirs = error.kind in (ErrorKind.BAD_REQUEST, ErrorKind.UNSUPPORTED)
            code = EndReason.NEVER_STARTED if theirs else EndReason.RELAY_FAILED
            await self._end({view: code})
            raise
        except asyncio.CancelledError:
            self._begin_end(view, EndReason.NEVER_STARTED)
            raise
        except Exception:
            # A bug of ours, told by whoever catches it; the view must not stay open without media.
            self._begin_end(view, EndReason.RELAY_FAILED)
            raise

    async def trickle(self, resource_secret: str, fragment: str) -> str | None:
        """Raises GatewayError(NOT_FOUND, WHEP_UNKNOWN), or what the media side answers."""
        return await self._relay.trickle(self._by_resource_secret(resource_secret).id, fragment)

    async def hang_up(self, resource_secret: str) -> None:
        view = self._by_resource_secret(resource_secret)
        await self._end({view: EndReason.VIEWER_CLOSED}, view.holder.account)

    async def close(
        self,
        view_id: ViewId,
        by: AccountId | None = None,
        reason: EndCode = EndReason.VIEWER_CLOSED,
    ) -> None:
        """End one view; one that is gone already is no error."""
        if (view := self._views.get(view_id)) is not None:
            await self._end({view: reason}, by)

    async def select(self, view_id: ViewId, quality: Quality) -> None:
        """Raises GatewayError(NOT_FOUND, VIEW_UNKNOWN)."""
        view = self._views.get(view_id)
        if view is None:
            raise unknown_view()
        view.quality = quality
        if view.state is ViewState.ATTACHED:
            await self._relay.select(view_id, quality)

    def media_started(self, view_id: ViewId) -> None:
        """The media side sent a view's first packet."""
        if (view := self._views.get(view_id)) is not None:
            view.playing = True

    def media_lost(self, view_id: ViewId, reason: EndReason) -> None:
        """The media side lost a view; its closing is recorded."""
        if (view := self._views.get(view_id)) is not None:
            self._begin_end(view, reason)

    # Deciding again

    async def replace_rules(self, rules: Rules) -> tuple[ViewId, ...]:
        """Decide every view again by new rules; the views that lost their ground, all cut."""
        self._rules = rules.with_incidents(self._rules.incidents)
        return await self._review_all()

    async def set_incidents(self, incidents: Iterable[IncidentId]) -> tuple[ViewId, ...]:
        """Decide every view again by the incidents that are open now."""
        self._rules = self._rules.with_incidents(incidents)
        return await self._review_all()

    async def _review_all(self) -> tuple[ViewId, ...]:
        losers = self._losers(self._views.values())
        await self._end(losers)
        return tuple(view.id for view in losers)

    async def _pass_edges(self, due: list[ViewId]) -> None:
        views = [self._views[view_id] for view_id in due if view_id in self._views]
        for view in self._losers(views).items():
            self._begin_end(*view)

    def _losers(self, views: Iterable[View]) -> dict[View, EndCode]:
        reviewed = [(view, self._review(view)) for view in views]
        return {view: code for view, code in reviewed if code is not None}

    def _review(self, view: View) -> EndCode | None:
        """Why a view must end now; None renews its grant."""
        now = self._clock.now()
        waiting = view.state in (ViewState.OPENING, ViewState.PENDING)
        if waiting and now >= view.attach_by:
            return EndReason.NEVER_STARTED
        if view.deadline is not None and now >= view.deadline:
            return EndReason.TIME_LIMIT
        if view.grant.camera not in self._rules.cameras:
            return EndReason.CAMERA_REMOVED
        answer = decide(view.request, self._rules, now)
        if isinstance(answer, Denial):
            return answer.code
        if not waiting and shows(answer) != shows(view.grant):
            return EndReason.RIGHTS_CHANGED
        view.grant = answer
        view.deadline = self._deadline(answer, view.opened_at)
        self._edges.set(view.id, view.next_look)
        return None

    # Ending

    async def end_login(self, login_id: str, reason: EndCode = EndReason.LOGGED_OUT) -> None:
        """End every view of a login."""
        mine = self._by_login.get(login_id, set())
        await self._end({self._views[view_id]: reason for view_id in mine})

    async def close_all(self, reason: EndReason = EndReason.SHUTDOWN) -> bool:
        """End every view and wait up to five seconds; False when closings are not durable."""
        await self._end(dict.fromkeys(self._views.values(), reason))
        return await self._recorder.settle(SHUTDOWN_LIMIT_S)

    async def recover(self) -> int:
        """Close the records that a crash left open; call it once, before the first view."""
        left = await self._audit.store.unclosed_views()
        crashed = [one.event for one in left if one.event.view not in self._views]
        await asyncio.gather(*map(self._audit.append, map(crashed_event, crashed)))
        return len(crashed)

    async def _end(self, losers: Mapping[View, EndCode], by: AccountId | None = None) -> None:
        """Cut all at once, then give their records a second to become durable."""
        endings = {self._begin_end(view, code, by) for view, code in losers.items()}
        if running := {ending for ending in endings if ending is not None}:
            # A caller that goes away does not stop the cuts: `wait` leaves the tasks alone.
            await asyncio.wait(running)
            await self._recorder.settle(SETTLE_LIMIT_S)

    def _begin_end(
        self, view: View, code: EndCode, by: AccountId | None = None
    ) -> asyncio.Task[None] | None:
        if view.state is ViewState.ENDED:
            return None
        had_media = view.state in WITH_MEDIA
        view.step(ViewState.ENDED)
        view.ended_by = code
        self._forget(view)
        return self._tasks.start(self._finish(view, code, by, had_media), "end")

    async def _finish(
        self, view: View, code: EndCode, by: AccountId | None, had_media: bool
    ) -> None:
        if had_media:
            await self._cutter.stop(view.id)
        event = closed_event(view, code, by, self._clock.monotonic())
        self._recorder.submit(event)
        holder = view.holder
        camera, at = view.grant.camera, self._clock.now()
        self._emit(ViewCut(view.id, holder.login, holder.account, camera, code, at))

    def _forget(self, view: View) -> None:
        self._views.pop(view.id, None)
        self._by_secret.pop(view.secret, None)
        if view.resource is not None:
            self._by_resource.pop(view.resource, None)
        mine = self._by_login.get(view.holder.login, set())
        mine.discard(view.id)
        if not mine:
            self._by_login.pop(view.holder.login, None)
        self._edges.set(view.id, None)

    def _take_secret(self, secret: str) -> View:
        view_id = self._by_secret.pop(digest(secret), None)
        view = None if view_id is None else self._views.get(view_id)
        if view is None:
            raise unknown_secret()
        return view

    def _by_resource_secret(self, secret: str) -> View:
        view_id = self._by_resource.get(digest(secret))
        view = None if view_id is None else self._views.get(view_id)
        if view is None:
            raise unknown_secret()
        return view

    def _emit(self, event: ViewEvent) -> None:
        for listener in self._listeners:
            listener(event)
