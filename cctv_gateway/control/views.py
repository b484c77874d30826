"""What a view is: its states, what is told of it, and the audit events of its life.

Opening, cutting and timing belong in `control/sessions.py`.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from cctv_gateway.control.audit import AuditEvent, AuditKind, Decision
from cctv_gateway.control.request import Holder, Request
from cctv_gateway.model import (
    AccountId,
    CameraId,
    Denial,
    DenyCode,
    EndReason,
    Grant,
    Obligation,
    Purpose,
    Quality,
    RevisionId,
    RoleId,
    Variant,
    ViewId,
)

EndCode = DenyCode | EndReason


class ViewState(StrEnum):
    """OPENING: its record is being stored. PENDING: its secret waits. ATTACHING: media starts."""

    OPENING = "opening"
    PENDING = "pending"
    ATTACHING = "attaching"
    ATTACHED = "attached"
    ENDED = "ended"


_STEPS: Final = {
    ViewState.OPENING: {ViewState.PENDING, ViewState.ENDED},
    ViewState.PENDING: {ViewState.ATTACHING, ViewState.ENDED},
    ViewState.ATTACHING: {ViewState.ATTACHED, ViewState.ENDED},
    ViewState.ATTACHED: {ViewState.ENDED},
    ViewState.ENDED: set[ViewState](),
}
WITH_MEDIA: Final = frozenset({ViewState.ATTACHING, ViewState.ATTACHED})


@dataclass(slots=True, eq=False)
class View:
    """One view, owned and changed by the session book alone.

    `secret` and `resource` are hashes; `attach_by_s` is on the monotonic clock.
    """

    id: ViewId
    holder: Holder
    request: Request
    quality: Quality
    grant: Grant
    opened_at: datetime
    opened_s: float
    deadline: datetime | None
    secret: bytes
    attach_by: datetime
    attach_by_s: float
    state: ViewState = ViewState.OPENING
    resource: bytes | None = None
    playing: bool = False
    ended_by: EndCode | None = None

    def step(self, to: ViewState) -> None:
        assert to in _STEPS[self.state], f"{self.state} may go to {_STEPS[self.state]}, not {to}"
        self.state = to

    @property
    def valid_until(self) -> datetime | None:
        return earliest(self.grant.valid_until, self.deadline)

    @property
    def next_look(self) -> datetime | None:
        """When it must be looked at again without being asked."""
        waiting = self.state in (ViewState.OPENING, ViewState.PENDING)
        return earliest(self.valid_until, self.attach_by if waiting else None)


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class OpenedView:
    """What the opener gets. The secret is shown this once and never logged."""

    view_id: ViewId
    whep_secret: str = field(repr=False)
    grant: Grant
    valid_until: datetime | None
    attach_by: datetime

    @property
    def obligations(self) -> frozenset[Obligation]:
        return self.grant.obligations

    @property
    def variant(self) -> Variant:
        return self.grant.variant


@dataclass(frozen=True, slots=True)
class Attached:
    answer_sdp: str
    resource_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ViewSnapshot:
    """A frozen look at an open view, for lists."""

    view_id: ViewId
    login_id: str
    account: AccountId
    role: RoleId
    agency: str
    camera: CameraId
    purpose: Purpose
    variant: Variant
    quality: Quality
    opened_at: datetime
    valid_until: datetime | None
    state: ViewState
    playing: bool


@dataclass(frozen=True, slots=True)
class ViewOpened:
    view: ViewSnapshot


@dataclass(frozen=True, slots=True)
class ViewCut:
    """A view ended, whoever ended it; `code` says why."""

    view_id: ViewId
    login_id: str
    account: AccountId
    camera: CameraId
    code: EndCode
    at: datetime


ViewEvent = ViewOpened | ViewCut


class MediaPort(Protocol):
    """What sessions need of the media side; `relay.contract.Relay` fulfils it."""

    async def open(self, view: ViewId, grant: Grant, offer_sdp: str, quality: Quality) -> str: ...

    async def trickle(self, view: ViewId, fragment: str) -> str | None: ...

    async def cut(self, view: ViewId) -> None:
        """No RTP packet leaves after this returns; unknown views are no error."""

    async def select(self, view: ViewId, quality: Quality) -> None: ...


def snapshot(view: View) -> ViewSnapshot:
    return ViewSnapshot(
        view_id=view.id,
        login_id=view.holder.login,
        account=view.holder.account,
        role=view.holder.role,
        agency=view.holder.agency,
        camera=view.grant.camera,
        purpose=view.grant.purpose,
        variant=view.grant.variant,
        quality=view.quality,
        opened_at=view.opened_at,
        valid_until=view.valid_until,
        state=view.state,
        playing=view.playing,
    )


def _event(kind: AuditKind, request: Request, revision: RevisionId) -> AuditEvent:
    return AuditEvent(
        kind=kind,
        account=request.account,
        role=request.role,
        agency=request.agency,
        purpose=request.purpose,
        case=request.incident,
        action=request.action,
        camera=request.camera,
        terminal=request.terminal,
        reason=request.reason,
        revision=revision,
    )


def denied_event(
    kind: AuditKind, request: Request, denial: Denial, revision: RevisionId
) -> AuditEvent:
    plain = _event(kind, request, revision)
    return replace(plain, decision=Decision.DENY, code=denial.code.value)


def granted_event(
    kind: AuditKind, request: Request, grant: Grant, view: ViewId | None
) -> AuditEvent:
    return replace(
        _event(kind, request, grant.revision),
        decision=Decision.ALLOW,
        obligations=grant.obligations,
        rule=grant.rule,
        view=view,
    )


def closed_event(view: View, code: EndCode, by: AccountId | None, now_s: float) -> AuditEvent:
    return replace(
        _event(AuditKind.VIEW_CLOSED, view.request, view.grant.revision),
        code=code.value,
        rule=view.grant.rule,
        view=view.id,
        held_ms=max(0, round((now_s - view.opened_s) * 1000)),
        detail=f"by {by}" if by is not None else None,
    )


def crashed_event(opened: AuditEvent) -> AuditEvent:
    """The closing of a view that a crash left open; how long it was watched is not known."""
    return replace(
        opened,
        kind=AuditKind.VIEW_CLOSED,
        decision=None,
        obligations=frozenset(),
        code=EndReason.CRASHED.value,
    )


def digest(secret: str) -> bytes:
    # Looked up by hash: how long a look-up takes says nothing about the secret.
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def shows(grant: Grant) -> tuple[object, ...]:
    """What the media side was told; when it changes, the running picture is not the granted one."""
    return grant.variant, grant.quality_cap
