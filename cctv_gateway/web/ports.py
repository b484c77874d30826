"""What the routes ask of the other rooms: small Protocols and the plain values that cross them.

How they are fulfilled is the business of `adapters.py` and of the composition root.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from cctv_gateway.config.schema import RoleKind
from cctv_gateway.control.audit import AuditEvent, AuditRecord
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.control.request import Holder
from cctv_gateway.control.views import Attached, EndCode, OpenedView, ViewSnapshot
from cctv_gateway.model import (
    AccountId,
    CameraId,
    CameraState,
    EndReason,
    IncidentId,
    Purpose,
    Quality,
    RevisionId,
    RoleId,
    ViewId,
)


@dataclass(frozen=True, slots=True)
class RoleCard:
    """A role that an account holds at an agency, with the names people read."""

    role: RoleId
    kind: RoleKind
    agency: str
    name: str
    name_en: str
    agency_name: str
    agency_name_en: str
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the running revision."""

    account: AccountId
    name: str
    name_en: str
    roles: tuple[RoleCard, ...]
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, in the one role chosen for this login, and that role's kind of work."""

    holder: Holder
    kind: RoleKind


@dataclass(frozen=True, slots=True)
class CameraCard:
    """What a screen may know of a camera; there is no address in it."""

    id: CameraId
    number: int
    name: str
    name_en: str
    site: str
    site_name: str
    site_name_en: str
    district: str
    district_name: str
    district_name_en: str
    location: tuple[float, float] | None
    purposes: tuple[Purpose, ...]
    search: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StateOfCamera:
    state: CameraState
    since: datetime | None


NEVER_PULLED = StateOfCamera(CameraState.IDLE, None)


@dataclass(frozen=True, slots=True)
class FileProblem:
    file: str
    line: int
    column: int
    code: str
    message: str
    message_ko: str
    fix: str
    fix_ko: str
    severity: str


@dataclass(frozen=True, slots=True)
class ConfigStatus:
    """`problems` belong to the newest file; `revision` is the one that runs."""

    revision: RevisionId
    loaded_at: datetime
    cameras: int
    refused: bool = False
    problems: tuple[FileProblem, ...] = ()

    @property
    def state(self) -> Literal["running", "refused"]:
        return "refused" if self.refused else "running"


@dataclass(frozen=True, slots=True)
class AuditCheck:
    records: int
    first_broken_seq: int | None


@dataclass(frozen=True, slots=True)
class StreamProfileCard:
    token: str
    encoding: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class FindingCard:
    """`state` and `ScanCard.state` hold the values of the enums in `schemas_admin.py`."""

    id: str
    state: str
    reason_code: str | None
    vendor: str
    model: str
    firmware: str
    serial: str
    hardware: str
    scopes_name: str
    profiles: tuple[StreamProfileCard, ...]
    clock_offset_s: float | None
    auth: str
    ptz: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ScanCard:
    id: str
    state: str
    started_at: datetime
    progress: float
    found: int = 0


@dataclass(frozen=True, slots=True)
class NewCamera:
    """What the registrar decides about a finding."""

    camera: CameraId
    number: int
    name: str
    site: str
    purposes: tuple[Purpose, ...] = ()


class Views(Protocol):
    """The book of open views, `control.sessions.SessionBook`. Raises `GatewayError` only."""

    async def open(
        self,
        who: Holder,
        camera: CameraId,
        purpose: Purpose | None,
        reason: str | None = None,
        incident: IncidentId | None = None,
        quality: Quality = Quality.AUTO,
    ) -> OpenedView: ...

    async def attach(self, whep_secret: str, offer_sdp: str) -> Attached: ...

    async def trickle(self, resource_secret: str, fragment: str) -> str | None: ...

    async def hang_up(self, resource_secret: str) -> None: ...

    async def close(self, view_id: ViewId, by: AccountId | None = None) -> None: ...

    async def select(self, view_id: ViewId, quality: Quality) -> None: ...

    async def end_login(self, login_id: str, reason: EndCode = EndReason.LOGGED_OUT) -> None: ...

    def views(self) -> tuple[ViewSnapshot, ...]: ...


class Posters(Protocol):
    async def poster(self, who: Holder, camera: CameraId, purpose: Purpose) -> bytes:
        """A JPEG under a decision, recorded at most once a minute; raises `GatewayError`."""


class States(Protocol):
    def all(self) -> Mapping[CameraId, StateOfCamera]:
        """Every camera that is or was pulled; the others are idle."""

    def state(self, camera: CameraId) -> StateOfCamera: ...


class AuditTrail(Protocol):
    """The chained record. All calls raise `GatewayError` only."""

    async def append(self, event: AuditEvent) -> object:
        """Returns when the record is durable."""

    async def page(self, query: AuditQuery) -> Sequence[AuditRecord]: ...

    async def verify(self) -> AuditCheck: ...


class ConfigDesk(Protocol):
    def status(self) -> ConfigStatus: ...

    async def set_disabled(self, account: AccountId, disabled: bool, by: Holder) -> None: ...


class Discovery(Protocol):
    def scan(self) -> ScanCard | None: ...

    def findings(self) -> Sequence[FindingCard]: ...

    async def start(self, by: Holder) -> ScanCard: ...

    async def register(self, by: Holder, finding: str, camera: NewCamera) -> CameraId: ...


Ready = Callable[[], Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`origins` are exact (`https://host:port`), `hosts` are host names without port."""

    origins: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "::1"})
    cookie_secure: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    login_idle_s: float = 30 * 60
    login_lifetime_s: float = 12 * 3600
    body_timeout_s: float = 10.0
    ping_s: float = 15.0
