"""Who may do what: schedules, roles, rules, agreements, accounts and terminals.

How these are weighed for a request belongs in `control/`; passwords belong in the database.
"""

from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cctv_gateway.config.schema_cameras import Camera
from cctv_gateway.config.schema_values import (
    AgencyKey,
    Condition,
    DistrictKey,
    Effect,
    Holidays,
    IdGlob,
    Name,
    RoleKey,
    RoleKind,
    RuleKey,
    ScheduleKey,
    Section,
    SiteKey,
    Tag,
    Text,
    Weekday,
    WindowText,
)
from cctv_gateway.model import Action, DenyCode, DistrictId, Obligation, Profile, Purpose, Variant

OWN_DISTRICT = "own"

Purposes = Annotated[frozenset[Purpose], Field(min_length=1)]
Actions = Annotated[frozenset[Action], Field(min_length=1)]


class Schedule(Section):
    """Weekly hours, in the time zone of the settings."""

    days: Annotated[frozenset[Weekday], Field(min_length=1)] = Field(
        description="The days on which its windows begin."
    )
    holidays: Holidays = Field(
        Holidays.CLOSED, description="On public holidays: `closed`, or `open` as on other days."
    )
    windows: Annotated[tuple[WindowText, ...], Field(min_length=1, max_length=16)] = Field(
        description="`HH:MM-HH:MM`; one that ends before it starts runs over midnight."
    )
    grace: Annotated[tuple[WindowText, ...], Field(max_length=16)] = Field(
        (), description="Parts of the windows in which nobody is fined, such as lunch."
    )
    effective_from: date | None = Field(None, description="First day on which it holds.")
    effective_to: date | None = Field(None, description="Last day on which it holds.")
    notice: Text | None = Field(None, description="Number of the public notice.")


class Role(Section):
    """A job that people hold in one agency at a time."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    kind: RoleKind | None = Field(
        None, description="The kind of work, if the role's id does not already name it."
    )


class CameraSelector(Section):
    """Which cameras: every field that is given must fit, and any entry of a list fits.

    In the file `all` stands for every camera.
    """

    # Not strict about list or tuple: what passed `_read_all` counts as Python, not as JSON.
    everywhere: bool = Field(False, description="Every camera; usually written `cameras: all`.")
    district: DistrictKey | None = Field(
        None, description="A district, or `own` for the district of the account's role."
    )
    districts: tuple[DistrictKey, ...] = Field(
        (), strict=False, description="Any of these districts."
    )
    sites: tuple[SiteKey, ...] = Field((), strict=False, description="Any of these sites.")
    tags: tuple[Tag, ...] = Field((), strict=False, description="Cameras with any of these tags.")
    ids: tuple[IdGlob, ...] = Field(
        (), strict=False, description="Camera ids; `*` stands for any letters."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_all(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value != "all":
                raise PydanticCustomError("selector_word", "write `all` or a selector's fields")
            return {"everywhere": True}
        return value

    @model_validator(mode="after")
    def _refuse_empty(self) -> "CameraSelector":
        narrow = bool(self.district or self.districts or self.sites or self.tags or self.ids)
        if self.everywhere == narrow:
            raise PydanticCustomError("selector_empty", "a selector names cameras or says `all`")
        return self

    def covers(self, camera: Camera, district: DistrictId, own: str | None = None) -> bool:
        """Whether `camera` of `district` fits, for an account that acts for the agency `own`."""
        if self.everywhere:
            return True
        wanted = own if self.district == OWN_DISTRICT else self.district
        return (
            (self.district is None or wanted == district)
            and (not self.districts or district in self.districts)
            and (not self.sites or camera.site in self.sites)
            and (not self.tags or not set(self.tags).isdisjoint(camera.tags))
            and (not self.ids or any(fnmatchcase(camera.id, glob) for glob in self.ids))
        )


class Rule(Section):
    """One sentence of the rights. Without an allowing rule everything is denied."""

    id: RuleKey = Field(description="Its id, named in records and explanations.")
    effect: Effect = Field(description="`allow` or `deny`; a deny that matches always wins.")
    roles: Annotated[frozenset[RoleKey], Field(min_length=1)] = Field(description="For whom.")
    purposes: Purposes = Field(description="For which purposes.")
    actions: Actions = Field(description="For which actions.")
    cameras: CameraSelector = Field(description="On which cameras.")
    conditions: frozenset[Condition] = Field(
        frozenset(), description="What must hold, all of it, when the rule is used."
    )
    variant: Variant = Field(
        Variant.MASKED, description="Which picture: `raw`, or `masked` for its purpose."
    )
    quality: Profile = Field(Profile.MAIN, description="The best stream it may show.")
    obligations: frozenset[Obligation] = Field(
        frozenset({Obligation.AUDIT}), description="What it binds to; an audit record always."
    )
    max_seconds: Annotated[int, Field(ge=1, le=86400)] | None = Field(
        None, description="Seconds after which a view ends."
    )
    code: DenyCode | None = Field(None, description="The code a `deny` answers with.")


class Agreement(Section):
    """A district's agreement to share cameras with another agency."""

    id: RuleKey = Field(description="Its id.")
    owner: DistrictKey = Field(description="The district that shares.")
    recipient: AgencyKey = Field(description="The agency that may look.")
    purposes: Purposes = Field(description="For which purposes.")
    actions: Actions = Field(description="Which actions.")
    valid_from: date = Field(alias="from", description="First day.")
    valid_to: date = Field(alias="to", description="Last day; it holds until that day's end.")
    cameras: CameraSelector = Field(description="Which of the owner's cameras.")


class AccountRole(Section):
    """A role that an account holds in an agency."""

    role: RoleKey = Field(description="The role.")
    agency: AgencyKey = Field(description="The agency or district it is held for.")


class Account(Section):
    """A person or a system that may log in."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    roles: tuple[AccountRole, ...] = Field(
        (), description="The roles it may choose from, one at a time."
    )
    disabled: bool = Field(False, description="Refused at login; running views are cut.")
    contractor: bool = Field(False, description="Works for a contractor.")
    shift: ScheduleKey | None = Field(
        None, description="The schedule of its working hours; without one it is never on shift."
    )


class Terminal(Section):
    """Workplaces from which a rule with the condition `terminal` may be used."""

    name: Name = Field(description="Name in Korean.")
    name_en: Name | None = Field(None, description="Name in English.")
    agency: AgencyKey = Field(description="The agency that works there.")
    networks: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        repr=False, description="Their networks in CIDR notation."
    )
