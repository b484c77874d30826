"""The JSON that browsers send and receive: people, cameras, views, problems; snake_case, UTC times.

Registry, audit and event shapes live in `schemas_admin.py` and `schemas_events.py`; no shape
here ever holds an address, a password or a stored token.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cctv_gateway.config.schema import RoleKind
from cctv_gateway.model import CameraState, DenyCode, Obligation, Purpose, Quality, Variant

# What may stand in an id that a client sends; wide enough for Korean ids, never control signs.
Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f/\\]+$")
]
ShortText = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]


class Asked(BaseModel):
    """A request body: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """A response body; every field is always present, absent values are null."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True
    )


class FieldProblem(Told):
    """One field of the request that cannot be used; the value itself is never repeated."""

    pointer: str = Field(examples=["/purpose"], description="JSON pointer (RFC 6901) or `?name`")
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """An error (RFC 9457) with a stable code and a sentence to act on in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(examples=["/problems/OUT_OF_WINDOW"])
    title: str = Field(examples=["Denied"])
    status: int = Field(examples=[403])
    code: str = Field(examples=["OUT_OF_WINDOW"])
    detail: str = Field(description="English sentence")
    detail_ko: str = Field(description="한국어 안내문")
    request_id: str
    retry_at: datetime | None = None
    fields: list[FieldProblem] | None = None


class LoginRequest(Asked):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"account": "kim", "password": "a long pass phrase"}]},
        hide_input_in_errors=True,
    )

    account: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)] = Field(
        json_schema_extra={"format": "password"}
    )


class RoleChoice(Asked):
    """One of the roles that `Me.roles` lists."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "parking_officer", "agency": "buk"}]}
    )

    role: Identifier
    agency: Identifier


class ActiveRole(Told):
    role: str
    agency: str


class RoleItem(Told):
    role: str = Field(examples=["parking_officer"])
    kind: RoleKind = Field(description="The kind of work; decides which screens there are")
    agency: str = Field(examples=["buk"])
    name: str = Field(examples=["단속 담당"])
    name_en: str = Field(examples=["Parking officer"])
    agency_name: str = Field(examples=["북구"])
    agency_name_en: str = Field(examples=["Buk-gu"])
    purposes: list[Purpose] = Field(description="Purposes for which this role may ever look")


class Me(Told):
    """Who is logged in. `csrf` goes into the header `X-CSRF-Token` of every change."""

    account: str
    name: str
    name_en: str
    roles: list[RoleItem]
    active: ActiveRole | None
    csrf: str
    now: datetime = Field(description="The gateway's clock, for count-downs")


class Location(Told):
    lat: float
    lon: float


class Verdict(Told):
    """What opening a live view for one purpose would answer right now."""

    allowed: bool
    code: DenyCode | None = None
    retry_at: datetime | None = None
    valid_until: datetime | None = None
    variant: Variant | None = None


class CameraItem(Told):
    id: str = Field(examples=["gj-buk-0123-1"])
    number: int = Field(examples=[17])
    name: str
    name_en: str
    site: str
    site_name: str
    site_name_en: str
    district: str
    district_name: str
    district_name_en: str
    location: Location | None
    state: CameraState
    state_since: datetime | None
    purposes: list[Purpose] = Field(
        description="Purposes of this camera for which the active role may ever look"
    )
    verdicts: dict[str, Verdict] = Field(description="By purpose")


class CameraPage(Told):
    items: list[CameraItem]
    next_cursor: str | None
    total: int


class CameraName(Told):
    id: str
    number: int
    name: str
    name_en: str


class OpenViewRequest(Asked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"camera": "gj-buk-0123-1", "purpose": "crime_prevention", "quality": "auto"},
                {
                    "camera": "gj-seo-0007-2",
                    "purpose": "emergency_response",
                    "incident": "112-2026-0077",
                    "reason": "Child missing near the station",
                    "quality": "main",
                },
            ]
        }
    )

    camera: Identifier
    purpose: Purpose
    reason: ShortText | None = None
    incident: Identifier | None = None
    quality: Quality = Quality.AUTO


class OpenedViewBody(Told):
    """A view that was granted and recorded; its picture is fetched from `whep_url` within 30 s."""

    view_id: str
    whep_url: str = Field(examples=["/whep/mD0…"], description="One-time WHEP endpoint")
    valid_until: datetime | None
    obligations: list[Obligation]
    variant: Variant
    camera: CameraName
    watermark: str = Field(examples=["김단속 · 통합관제센터 · 방범 · 2026-11-23 10:00"])


class ChangeViewRequest(Asked):
    model_config = ConfigDict(json_schema_extra={"examples": [{"quality": "main"}]})

    quality: Quality


class ViewItem(Told):
    """An open view: one's own, or anybody's for those who review."""

    view_id: str
    camera: CameraName
    account: str
    role: str
    agency: str
    purpose: Purpose
    variant: Variant
    quality: Quality
    opened_at: datetime
    valid_until: datetime | None
    state: Literal["waiting", "playing"]


class ViewList(Told):
    items: list[ViewItem]
