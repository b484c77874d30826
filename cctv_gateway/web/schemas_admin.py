"""The JSON of the registrar's, the administrator's and the reviewers' screens.

Camera addresses and credentials have no field here: a finding is named by its id alone.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from cctv_gateway.model import Purpose
from cctv_gateway.web.schemas import Asked, Identifier, Told


class ScanState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class FindingState(StrEnum):
    NEW = "new"
    REGISTERED = "registered"
    FAILED = "failed"


class Scan(Told):
    id: str
    state: ScanState
    started_at: datetime
    progress: float = Field(ge=0, le=1)


class StreamProfile(Told):
    token: str
    encoding: str
    width: int
    height: int
    fps: float


class Finding(Told):
    """A device that answered; its address stays on the server."""

    id: str
    state: FindingState
    reason_code: str | None = Field(examples=["WRONG_PASSWORD"])
    vendor: str
    model: str
    firmware: str
    serial: str
    hardware: str
    scopes_name: str
    profiles: list[StreamProfile]
    clock_offset_s: float | None
    auth: str
    ptz: bool
    seen_at: datetime


class DiscoveryBody(Told):
    scan: Scan | None
    findings: list[Finding]


class StartScanRequest(Asked):
    """Which of the configured networks to search; there is nothing to choose yet."""


class RegisterRequest(Asked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "gj-buk-0123-4",
                    "number": 1587,
                    "name": "북구청 앞 4",
                    "site": "buk-0123",
                    "purposes": [],
                }
            ]
        }
    )

    id: Identifier
    number: int = Field(ge=1, le=4095)
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    site: Identifier
    purposes: list[Purpose] = Field(default_factory=list, max_length=8)


class Registered(Told):
    camera: str


class ConfigProblem(Told):
    file: str = Field(examples=["cameras.yaml"])
    line: int
    column: int
    code: str
    message: str
    message_ko: str
    fix: str
    fix_ko: str
    severity: Literal["error", "warning"]


class ConfigBody(Told):
    """`refused`: the newest file has errors; the revision shown here is the one that runs."""

    state: Literal["running", "refused"]
    revision: str
    loaded_at: datetime
    cameras: int
    problems: list[ConfigProblem]


class AuditItem(Told):
    """One line of the hash-chained record."""

    seq: int
    at: datetime
    event: str = Field(examples=["view.opened"])
    account: str | None
    role: str | None
    agency: str | None
    camera: str | None
    purpose: str | None
    view_id: str | None
    code: str | None
    details: dict[str, str | int | float | bool | None]
    hash: str


class AuditPage(Told):
    items: list[AuditItem]
    next_cursor: str | None


class AuditVerdict(Told):
    ok: bool
    records: int
    first_broken_seq: int | None
    checked_at: datetime


class AccountItem(Told):
    id: str
    name: str
    name_en: str
    roles: list[str] = Field(examples=[["parking_officer@buk"]])
    disabled: bool


class AccountList(Told):
    items: list[AccountItem]


class Health(Told):
    status: Literal["ok", "not_ready"]
    checks: dict[str, bool] = Field(default_factory=dict)
