"""What there is: the city, its districts, agencies and sites, and each camera with its purposes.

Who may look at a camera, and when, belongs in `schema_rules`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from cctv_gateway.config.schema_values import (
    CameraKey,
    CredentialsKey,
    DistrictKey,
    Host,
    Name,
    ScheduleKey,
    Section,
    SharingMode,
    SiteKey,
    StreamPath,
    Tag,
    Text,
)
from cctv_gateway.model import Purpose

MAX_CAMERA_NUMBER = 4095

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Corner = tuple[Fraction, Fraction]
MaskPolygon = Annotated[tuple[Corner, ...], Field(min_length=3, max_length=64)]
Masks = Annotated[tuple[MaskPolygon, ...], Field(max_length=32)]
Port = Annotated[int, Field(ge=1, le=65535)]


class City(Section):
    """The city that runs the gateway."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    extra_holidays: tuple[date, ...] = Field(
        (), description="Public holidays that the calendar library cannot know, as dates."
    )


class District(Section):
    """An autonomous district; it owns cameras and is an agency too."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    contact: Text | None = Field(None, description="Telephone number for the signboard.")


class Agency(Section):
    """An agency that owns no camera, such as the control center or the police."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")


class Location(Section):
    """A point on the map (WGS 84)."""

    lat: Annotated[float, Field(ge=-90, le=90)] = Field(description="Latitude in degrees.")
    lon: Annotated[float, Field(ge=-180, le=180)] = Field(description="Longitude in degrees.")


class Site(Section):
    """A place where one or more cameras stand (개소)."""

    district: DistrictKey = Field(description="The district that owns the site's cameras.")
    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    location: Location = Field(description="Where it is.")


class Address(Section):
    """How the gateway reaches a camera. Never shown to a viewer, never logged."""

    host: Host = Field(repr=False, description="Host name or IP address, without a port.")
    rtsp_port: Port = Field(554, repr=False, description="TCP port of RTSP.")
    onvif_port: Port = Field(80, repr=False, description="TCP port of the ONVIF services.")


class Streams(Section):
    """RTSP paths of a camera, with a query if it needs one, without credentials."""

    main: StreamPath = Field(repr=False, description="Path of the full-size stream.")
    sub: StreamPath | None = Field(
        None, repr=False, description="Path of the small stream; the main one stands in for none."
    )


class PurposeGround(Section):
    """Why a camera may serve a purpose: nothing is shared without all of these."""

    ground: Text = Field(description="The law it rests on, such as `PIPA25-1-4`.")
    notice: Text = Field(description="Number of the public notice (행정예고).")
    notice_date: date = Field(description="Day of the public notice.")
    sign_updated: date = Field(description="Day on which the signboard named the purpose.")
    effective_from: date = Field(description="First day on which the purpose holds.")


class Enforcement(Section):
    """How a camera works for parking enforcement."""

    schedule: ScheduleKey = Field(description="The schedule of enforcement hours.")
    shot_interval_min: Annotated[int, Field(ge=0, le=120)] | None = Field(
        None, description="Minutes between the first and the second shot of a car."
    )
    home_preset: Name | None = Field(None, description="The preset of the enforcement picture.")


class PtzLimit(Section):
    """The registered field of view for a purpose."""

    presets: tuple[Name, ...] = Field((), description="The presets that may be called.")


class Camera(Section):
    """One camera (대)."""

    id: CameraKey = Field(description="Its id; it stays the same for the camera's whole life.")
    number: Annotated[int, Field(ge=1, le=MAX_CAMERA_NUMBER)] = Field(
        description="The short number that people say and tiles show; unique."
    )
    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    site: SiteKey = Field(description="The site where it stands; its district owns the camera.")
    address: Address = Field(repr=False, description="How the gateway reaches it.")
    streams: Streams = Field(repr=False, description="Its RTSP paths.")
    credentials: CredentialsKey | None = Field(
        None, description="Name of the login in the vault; the password itself is never here."
    )
    sharing_mode: SharingMode = Field(
        description="When it may serve crime prevention: `always`, in a `time_window`, or for "
        "an incident only (`incident_only`)."
    )
    sharing_window: ScheduleKey | None = Field(
        None, description="The schedule of the sharing hours; needed for `time_window` only."
    )
    purposes: Mapping[Purpose, PurposeGround] = Field(
        description="The registered purposes, each with its ground: `parking_enforcement`, "
        "`crime_prevention`, `emergency_response`."
    )
    enforcement: Enforcement | None = Field(
        None, description="Needed with the purpose `parking_enforcement`."
    )
    masks: Mapping[Purpose, Masks] = Field(
        default_factory=dict,
        description="For each purpose the polygons that are painted over, as fractions of width "
        "and height from the top left. An empty list says: checked, nothing to hide.",
    )
    ptz_limits: Mapping[Purpose, PtzLimit] = Field(
        default_factory=dict, description="For each purpose where the camera may point."
    )
    paused: bool = Field(False, description="The owner has paused every sharing of it.")
    retention_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="Days until a recording is destroyed."
    )
    tags: tuple[Tag, ...] = Field((), description="Words for selectors.")
