"""The small values that `cameras.yaml` is made of: ids, names, windows, enums, and the strict base.

Sections of the file belong in the other `schema_*` modules, rules about the whole file in `check`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from cctv_gateway.model import AccountId, CameraId, DistrictId, RoleId, SiteId

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
LOGIN_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"
NAME_PATTERN = r"^[^\x00-\x1f\x7f]+$"
HOST_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9A-Fa-f:]{2,45}$"
PATH_PATTERN = r"^/[^\s@\x00-\x1f\x7f]*$"
SELECTOR_PATTERN = r"^[a-z0-9*][a-z0-9_*-]{0,62}$"
MINUTES_A_DAY = 24 * 60

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")

_id = StringConstraints(pattern=ID_PATTERN)
CameraKey = Annotated[CameraId, _id]
SiteKey = Annotated[SiteId, _id]
DistrictKey = Annotated[DistrictId, _id]
AgencyKey = Annotated[str, _id]
TerminalKey = Annotated[str, _id]
RoleKey = Annotated[RoleId, _id]
AccountKey = Annotated[AccountId, StringConstraints(pattern=LOGIN_PATTERN)]
ScheduleKey = Annotated[str, _id]
RuleKey = Annotated[str, _id]
CredentialsKey = Annotated[str, _id]
Tag = Annotated[str, _id]
IdGlob = Annotated[str, StringConstraints(pattern=SELECTOR_PATTERN)]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(pattern=NAME_PATTERN, min_length=1, max_length=500)]
Host = Annotated[str, StringConstraints(pattern=HOST_PATTERN)]
StreamPath = Annotated[str, StringConstraints(pattern=PATH_PATTERN, max_length=512)]


class Section(BaseModel):
    """A part of the file: immutable, without unknown keys, without silent conversion."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=False,
    )


class SharingMode(StrEnum):
    """When a camera's picture may be shared for crime prevention."""

    ALWAYS = "always"
    TIME_WINDOW = "time_window"
    INCIDENT_ONLY = "incident_only"


class Weekday(StrEnum):
    """Days in the order of `datetime.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Holidays(StrEnum):
    """What a schedule does on a public holiday."""

    CLOSED = "closed"
    OPEN = "open"


class Effect(StrEnum):
    """What a rule does when it matches; a deny always wins."""

    ALLOW = "allow"
    DENY = "deny"


class Condition(StrEnum):
    """What must hold for a rule (the letters of the domain: D P T T A I R S Z L 2)."""

    OWN_DISTRICT = "own_district"
    PURPOSE_REGISTERED = "purpose_registered"
    SCHEDULE = "schedule"
    OUTSIDE_GRACE = "outside_grace"
    SHARING = "sharing"
    AGREEMENT = "agreement"
    INCIDENT = "incident"
    REASON = "reason"
    SHIFT = "shift"
    TERMINAL = "terminal"
    LETTER = "letter"
    SECOND_PERSON = "second_person"


class RoleKind(StrEnum):
    """The kinds of work that the invariants in code know about."""

    PARKING_OFFICER = "parking_officer"
    CAMERA_REGISTRAR = "camera_registrar"
    CONTROL_OPERATOR = "control_operator"
    CONTROL_SUPERVISOR = "control_supervisor"
    AGENCY_LIAISON = "agency_liaison"
    DSR_HANDLER = "dsr_handler"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    INTEGRATION_CLIENT = "integration_client"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A part of a day, written `HH:MM-HH:MM`, in local time; the end is not part of it.

    Minutes count from the midnight that begins the day it belongs to, so that a window over
    midnight ends beyond 1,440 (`20:00-08:00` is 1200 to 1920).
    """

    start_minute: int
    end_minute: int

    @property
    def crosses_midnight(self) -> bool:
        return self.end_minute > MINUTES_A_DAY

    def holds(self, minute: int) -> bool:
        """Whether a minute, counted from the window's own day, lies inside."""
        return self.start_minute <= minute < self.end_minute

    def __str__(self) -> str:
        end = self.end_minute if self.end_minute == MINUTES_A_DAY else self.end_minute % 1440
        return f"{_clock_text(self.start_minute)}-{_clock_text(end)}"


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_window(value: object) -> Window:
    """A `Window` from its text; raises pydantic's error with the type `window_format`."""
    if isinstance(value, Window):
        return value
    found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("window_format", "a window is written HH:MM-HH:MM")
    start = int(found[1]) * 60 + int(found[2])
    end = int(found[3] or found[5]) * 60 + int(found[4] or found[6])
    if start == end:
        raise PydanticCustomError("window_empty", "a window must not end when it starts")
    return Window(start, end if end > start else end + MINUTES_A_DAY)


WindowText = Annotated[
    Window, PlainValidator(parse_window, json_schema_input_type=str), PlainSerializer(str)
]
