"""Frozen values that the rooms hand each other: ids, streams, access units, grants, reasons.

Behaviour lives in the rooms; a value belongs here only when two rooms need it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType, Self

from cctv_gateway.base.redact import Redacted

CameraId = NewType("CameraId", str)
SiteId = NewType("SiteId", str)
DistrictId = NewType("DistrictId", str)
AccountId = NewType("AccountId", str)
RoleId = NewType("RoleId", str)
IncidentId = NewType("IncidentId", str)
ViewId = NewType("ViewId", str)
RevisionId = NewType("RevisionId", str)


class Purpose(StrEnum):
    """Why somebody looks (domain page, section 3); the first three are registered per camera."""

    PARKING_ENFORCEMENT = "parking_enforcement"
    CRIME_PREVENTION = "crime_prevention"
    EMERGENCY_RESPONSE = "emergency_response"
    INVESTIGATION_PROVISION = "investigation_provision"
    COURT_EXECUTION = "court_execution"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    MAINTENANCE = "maintenance"
    AUDIT = "audit"


REGISTERED_PURPOSES = frozenset(
    {Purpose.PARKING_ENFORCEMENT, Purpose.CRIME_PREVENTION, Purpose.EMERGENCY_RESPONSE}
)


class Action(StrEnum):
    """What somebody asks to do."""

    LIVE_VIEW = "live.view"
    SNAPSHOT = "snapshot"
    REC_SEARCH = "rec.search"
    REC_PLAY = "rec.play"
    PLATE_SEARCH = "plate.search"
    PTZ_PRESET = "ptz.preset"
    PTZ_MOVE = "ptz.move"
    PTZ_EDIT_PRESET = "ptz.edit_preset"
    EXPORT_REQUEST = "export.request"
    EXPORT_APPROVE = "export.approve"
    EXPORT_DOWNLOAD = "export.download"
    SHARE_CREATE = "share.create"
    CAMERA_REGISTER = "camera.register"
    CAMERA_ACCEPT = "camera.accept"
    CAMERA_CONFIGURE = "camera.configure"
    SCHEDULE_EDIT = "schedule.edit"
    POLICY_EDIT = "policy.edit"
    POLICY_APPROVE = "policy.approve"
    USER_GRANT = "user.grant"
    AUDIT_READ = "audit.read"
    HOLD_SET = "hold.set"
    BREAKGLASS_OPEN = "breakglass.open"


class Obligation(StrEnum):
    """What a grant binds its holder, or us, to."""

    AUDIT = "au"
    WATERMARK = "wm"
    MASK = "mk"
    LEDGER = "lg"
    NOTIFY_OWNER = "nt"
    RETURN_TO_PRESET = "rp"
    EXPIRE = "ex"


class DenyCode(StrEnum):
    """Why a request is refused. A code never tells whether hidden footage or cameras exist."""

    NO_PURPOSE = "NO_PURPOSE"
    PURPOSE_NOT_REGISTERED = "PURPOSE_NOT_REGISTERED"
    OUT_OF_WINDOW = "OUT_OF_WINDOW"
    NOT_OWNER = "NOT_OWNER"
    NO_AGREEMENT = "NO_AGREEMENT"
    NO_INCIDENT = "NO_INCIDENT"
    NO_LETTER = "NO_LETTER"
    NO_REASON = "NO_REASON"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    SELF_APPROVAL = "SELF_APPROVAL"
    ROLE = "ROLE"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    PTZ_HELD = "PTZ_HELD"
    FOV_LIMIT = "FOV_LIMIT"
    RETENTION = "RETENTION"
    OFF_SHIFT = "OFF_SHIFT"
    CONTRACTOR = "CONTRACTOR"
    CAPTURE_PURPOSE = "CAPTURE_PURPOSE"
    AUDIO = "AUDIO"
    ZONE = "ZONE"
    PAUSED = "PAUSED"


class EndReason(StrEnum):
    """Why a view ended, beside the deny codes that a new decision may give."""

    VIEWER_CLOSED = "VIEWER_CLOSED"
    NEVER_STARTED = "NEVER_STARTED"
    CONNECTION_LOST = "CONNECTION_LOST"
    LOGGED_OUT = "LOGGED_OUT"
    TIME_LIMIT = "TIME_LIMIT"
    CAMERA_REMOVED = "CAMERA_REMOVED"
    RIGHTS_CHANGED = "RIGHTS_CHANGED"
    RELAY_FAILED = "RELAY_FAILED"
    SHUTDOWN = "SHUTDOWN"
    CRASHED = "CRASHED"


class Variant(StrEnum):
    """Which picture of a camera: as the camera sends it, or with its purpose's masks painted."""

    RAW = "raw"
    MASKED = "masked"


class Profile(StrEnum):
    """Which of a camera's two streams."""

    SUB = "sub"
    MAIN = "main"


class Quality(StrEnum):
    """What a viewer asks for; `auto` lets the gateway choose."""

    AUTO = "auto"
    SUB = "sub"
    MAIN = "main"


class CameraState(StrEnum):
    """The state of one camera's link. IDLE is healthy: nobody needs the picture."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    BACKOFF = "backoff"
    AUTH_FAILED = "auth_failed"
    FAULTED = "faulted"


class Codec(StrEnum):
    H264 = "h264"
    H265 = "h265"


class AccessUnit(NamedTuple):
    """One coded picture; a tuple, because one is made for each picture of each camera.

    `nals` are NAL units without start codes or length prefixes; before an IDR picture the
    parameter sets always stand first. `rtp_90k` is our own timeline in 90 kHz ticks: unwrapped,
    rising, without the camera's jumps. `received_s` is the monotonic time of the last packet.
    """

    nals: tuple[bytes, ...]
    rtp_90k: int
    keyframe: bool
    received_s: float
    codec: Codec = Codec.H264

    @property
    def size(self) -> int:
        return sum(map(len, self.nals))


@dataclass(frozen=True, slots=True)
class StreamKey:
    """Names one stream inside the relay. `purpose` chooses the masks, and only for MASKED."""

    camera: CameraId
    profile: Profile
    variant: Variant = Variant.RAW
    purpose: Purpose | None = None

    def __post_init__(self) -> None:
        masked = self.variant is Variant.MASKED
        assert masked == (self.purpose is not None), "a purpose names the masks of MASKED only"


# A polygon's corners as fractions of width and height, (0, 0) at the top left.
Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens a camera. Both parts are hidden from every log."""

    user: Redacted[str]
    password: Redacted[str]


@dataclass(frozen=True, slots=True)
class CameraLink:
    """All that the relay may know about a camera: how to reach it and what to paint over.

    `urls` are RTSP URLs without credentials. A purpose missing in `masks` has no registered mask.
    """

    camera: CameraId
    urls: Mapping[Profile, Redacted[str]]
    credentials: Credentials | None = None
    masks: Mapping[Purpose, tuple[Polygon, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """A frozen look at one RTSP pull, for lists and metrics."""

    state: CameraState
    since: datetime
    detail_code: str = ""
    frames: int = 0
    bytes: int = 0
    lost_packets: int = 0
    reconnects: int = 0


@dataclass(frozen=True, slots=True)
class ViewStats:
    """Counters of one view, from our side and from the receiver reports."""

    packets: int = 0
    bytes: int = 0
    frames: int = 0
    skipped_frames: int = 0
    retransmitted: int = 0
    lost_fraction: float = 0.0
    round_trip_s: float | None = None
    profile: Profile = Profile.SUB


class _ClosedConstructor(type):
    """A type whose values only its own `_mint` may make."""

    def __call__(cls, *args: object, **values: object) -> object:
        raise TypeError(f"{cls.__name__} is minted by control.decide alone")

    def _create(cls, *args: object, **values: object) -> object:
        return super().__call__(*args, **values)


@dataclass(frozen=True, slots=True)
class Grant(metaclass=_ClosedConstructor):
    """The right to one action on one camera, for one purpose, until `valid_until`.

    Media opens for a `Grant` and for nothing else. Only `control/decide.py` may call `mint`
    (the architecture test holds it). `valid_until` is the next instant (UTC) at which the answer
    may differ, so that it is always decided again then; None means no edge is known.
    `rule` and `revision` say why; `quality_cap` is the best profile it may show.
    """

    account: AccountId
    role: RoleId
    camera: CameraId
    purpose: Purpose
    action: Action
    variant: Variant
    quality_cap: Profile
    obligations: frozenset[Obligation]
    valid_until: datetime | None
    rule: str
    revision: RevisionId

    @classmethod
    def mint(
        cls,
        *,
        account: AccountId,
        role: RoleId,
        camera: CameraId,
        purpose: Purpose,
        action: Action,
        variant: Variant,
        quality_cap: Profile,
        obligations: frozenset[Obligation],
        valid_until: datetime | None,
        rule: str,
        revision: RevisionId,
    ) -> Self:
        made = cls._create(
            account, role, camera, purpose, action, variant, quality_cap,
            obligations, valid_until, rule, revision,
        )  # fmt: skip
        assert isinstance(made, cls), "the metaclass builds the class it was called on"
        return made

    def stream(self, profile: Profile) -> StreamKey:
        """The stream this grant may show, never better than its cap."""
        capped = Profile.SUB if self.quality_cap is Profile.SUB else profile
        masked = self.variant is Variant.MASKED
        return StreamKey(self.camera, capped, self.variant, self.purpose if masked else None)


@dataclass(frozen=True, slots=True)
class Denial:
    """A refusal. `retry_at` (UTC) is told only where the schedule is public knowledge."""

    code: DenyCode
    retry_at: datetime | None = None
