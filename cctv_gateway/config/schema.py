"""The whole of `cameras.yaml` as one frozen value; import every name of the schema from here.

Reading the file belongs in `load`, what the parts must agree on in `check`.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from cctv_gateway.config.schema_cameras import (
    MAX_CAMERA_NUMBER,
    Address,
    Agency,
    Camera,
    City,
    District,
    Enforcement,
    Location,
    PtzLimit,
    PurposeGround,
    Site,
    Streams,
)
from cctv_gateway.config.schema_rules import (
    OWN_DISTRICT,
    Account,
    AccountRole,
    Agreement,
    CameraSelector,
    Role,
    Rule,
    Schedule,
    Terminal,
)
from cctv_gateway.config.schema_values import (
    AccountKey,
    AgencyKey,
    Condition,
    CredentialsKey,
    DistrictKey,
    Effect,
    Holidays,
    RoleKey,
    RoleKind,
    ScheduleKey,
    Section,
    SharingMode,
    SiteKey,
    TerminalKey,
    Weekday,
    Window,
)
from cctv_gateway.model import CameraId, DistrictId, RoleId

__all__ = [
    "MAX_CAMERA_NUMBER",
    "OWN_DISTRICT",
    "Account",
    "AccountRole",
    "Address",
    "Agency",
    "Agreement",
    "Camera",
    "CameraSelector",
    "City",
    "Condition",
    "Configuration",
    "Discovery",
    "District",
    "Effect",
    "Enforcement",
    "Holidays",
    "Location",
    "PtzLimit",
    "PurposeGround",
    "Role",
    "RoleKind",
    "Rule",
    "Schedule",
    "Section",
    "Settings",
    "SharingMode",
    "Site",
    "Streams",
    "Terminal",
    "Weekday",
    "Window",
]

NetworkPort = Annotated[int, Field(ge=1, le=65535)]


class Discovery(Section):
    """Where new cameras are looked for when a registrar starts a scan."""

    networks: tuple[str, ...] = Field(
        (), repr=False, description="CIDR ranges that are swept, such as `10.20.0.0/24`."
    )
    onvif_ports: tuple[NetworkPort, ...] = Field(
        (80, 8080, 8000, 2020), description="TCP ports on which ONVIF services are tried."
    )
    multicast: bool = Field(
        False, description="Whether the gateway's own networks are probed by multicast."
    )
    ws_discovery_port: NetworkPort = Field(
        3702, description="UDP port of WS-Discovery; another one for simulated cameras only."
    )
    credentials: tuple[CredentialsKey, ...] = Field(
        (), description="Names in the vault whose logins are tried on cameras that were found."
    )


class Settings(Section):
    """How the gateway itself behaves."""

    timezone: str = Field("Asia/Seoul", description="IANA name of the time zone of schedules.")
    idle_after_s: Annotated[int, Field(ge=0, le=3600)] = Field(
        10, description="Seconds for which a stream without viewers stays open."
    )
    simultaneous_connects: Annotated[int, Field(ge=1, le=1000)] = Field(
        32, description="How many cameras are connected to at the same moment."
    )
    discovery: Discovery = Field(
        default_factory=lambda: Discovery.model_validate({}),
        description="Where new cameras are looked for.",
    )


class Configuration(Section):
    """`cameras.yaml`, checked field by field."""

    version: Literal[1] = Field(description="The version of this format; always 1.")
    city: City = Field(description="The city.")
    districts: Mapping[DistrictKey, District] = Field(description="The districts, by id.")
    agencies: Mapping[AgencyKey, Agency] = Field(
        default_factory=dict, description="The other agencies, by id; districts are agencies too."
    )
    sites: Mapping[SiteKey, Site] = Field(default_factory=dict, description="The sites, by id.")
    cameras: tuple[Camera, ...] = Field((), description="The cameras.")
    schedules: Mapping[ScheduleKey, Schedule] = Field(
        default_factory=dict, description="The schedules, by id."
    )
    roles: Mapping[RoleKey, Role] = Field(default_factory=dict, description="The roles, by id.")
    rules: tuple[Rule, ...] = Field(
        (), description="The rules; of several that allow, the first one counts."
    )
    agreements: tuple[Agreement, ...] = Field((), description="The agreements.")
    accounts: Mapping[AccountKey, Account] = Field(
        default_factory=dict, description="The accounts, by login name."
    )
    terminals: Mapping[TerminalKey, Terminal] = Field(
        default_factory=dict, description="The workplaces of a control room, by id."
    )
    settings: Settings = Field(
        default_factory=lambda: Settings.model_validate({}), description="How the gateway behaves."
    )

    @cached_property
    def camera_by_id(self) -> Mapping[CameraId, Camera]:
        return {camera.id: camera for camera in self.cameras}

    def district_of(self, camera: Camera) -> DistrictId:
        """The district that owns a camera of this (checked) configuration."""
        return self.sites[camera.site].district

    def kind_of(self, role: RoleId) -> RoleKind:
        """The kind of work of a role of this (checked) configuration."""
        return self.roles[role].kind or RoleKind(role)
