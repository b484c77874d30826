"""The running rules as `decide` reads them: everything looked up once, indexed, frozen.

What a request is answered belongs in `control/decide.py`; reading the file belongs in `config`.
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from cctv_gateway.config import schema
from cctv_gateway.config.schema import Condition, Configuration, Effect, RoleKind, SharingMode
from cctv_gateway.control.schedule import Schedule, local_midnight
from cctv_gateway.model import (
    REGISTERED_PURPOSES,
    AccountId,
    Action,
    CameraId,
    DenyCode,
    DistrictId,
    IncidentId,
    Obligation,
    Profile,
    Purpose,
    RevisionId,
    RoleId,
    Variant,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ScheduleIndex = Mapping[str, Schedule]

PICTURE_ACTIONS: Final = frozenset(
    {
        *(Action.LIVE_VIEW, Action.SNAPSHOT, Action.REC_SEARCH, Action.REC_PLAY),
        *(Action.PLATE_SEARCH, Action.PTZ_PRESET, Action.PTZ_MOVE, Action.PTZ_EDIT_PRESET),
        *(Action.EXPORT_REQUEST, Action.EXPORT_DOWNLOAD, Action.SHARE_CREATE),
    }
)
# The order in which conditions are asked, and so which code a refusal carries: first what says
# whose camera it is, then what the person lacks, then what the hour or the case lacks.
PRECEDENCE: Final = (
    Condition.OWN_DISTRICT,
    Condition.PURPOSE_REGISTERED,
    Condition.AGREEMENT,
    Condition.SHIFT,
    Condition.TERMINAL,
    Condition.SHARING,
    Condition.INCIDENT,
    Condition.LETTER,
    Condition.SCHEDULE,
    Condition.OUTSIDE_GRACE,
    Condition.REASON,
    Condition.SECOND_PERSON,
)


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the rules know of a camera. `purposes` maps to the moment from which they hold."""

    camera: CameraId
    district: DistrictId
    purposes: Mapping[Purpose, datetime]
    paused: bool
    sharing_mode: SharingMode
    sharing_hours: Schedule | None
    enforcement_hours: Schedule | None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    account: AccountId
    roles: frozenset[tuple[RoleId, str]]
    disabled: bool
    contractor: bool
    shift: Schedule | None


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """An agreement holds from `begins` up to, not including, `ends`."""

    purposes: frozenset[Purpose]
    actions: frozenset[Action]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rule as it applies to one purpose and action, its conditions in order of precedence.

    `scope` maps an agency to the cameras the rule covers for it; what every picture needs by law
    (`_always_needed`) is part of an allowing rule's conditions whatever the file says.
    """

    rule: str
    allows: bool
    scope: Mapping[str, frozenset[CameraId]]
    own_district_only: bool
    conditions: tuple[Condition, ...]
    variant: Variant
    quality: Profile
    obligations: frozenset[Obligation]
    max_duration: timedelta | None
    code: DenyCode


CandidateIndex = Mapping[tuple[RoleId, Purpose, Action], tuple[Candidate, ...]]


@dataclass(frozen=True, slots=True)
class Rules:
    """One revision, compiled. `incidents` are the open ones; they live outside the file."""

    revision: RevisionId
    cameras: Mapping[CameraId, CameraFacts]
    accounts: Mapping[AccountId, AccountFacts]
    kinds: Mapping[RoleId, RoleKind]
    candidates: CandidateIndex
    agreements: Mapping[tuple[str, CameraId], tuple[AgreementFacts, ...]]
    terminals: Mapping[str, tuple[Network, ...]]
    watch_purposes: Mapping[RoleId, tuple[Purpose, ...]]
    durations: Mapping[str, timedelta]
    incidents: frozenset[IncidentId] = field(default_factory=frozenset)

    def with_incidents(self, incidents: Iterable[IncidentId]) -> "Rules":
        return replace(self, incidents=frozenset(incidents))

    def purposes(self, role: RoleId) -> tuple[Purpose, ...]:
        """For which purposes a role may ever watch, in the order of `Purpose`."""
        return self.watch_purposes.get(role, ())


def compile_rules(configuration: Configuration, revision: RevisionId) -> Rules:
    """Compile a configuration that `config.check` has passed."""
    zone = ZoneInfo(configuration.settings.timezone)
    schedules = {
        name: _schedule(one, configuration, zone) for name, one in configuration.schedules.items()
    }
    candidates = _candidates(configuration)
    return Rules(
        revision=revision,
        cameras={
            camera.id: _camera(camera, configuration, schedules, zone)
            for camera in configuration.cameras
        },
        accounts={
            name: _account(name, one, schedules) for name, one in configuration.accounts.items()
        },
        kinds={role: configuration.kind_of(role) for role in configuration.roles},
        candidates=candidates,
        agreements=_agreements(configuration, zone),
        terminals=_terminals(configuration),
        watch_purposes={role: _watch_purposes(role, candidates) for role in configuration.roles},
        durations={
            rule.id: timedelta(seconds=rule.max_seconds)
            for rule in configuration.rules
            if rule.max_seconds
        },
    )


def _watch_purposes(role: RoleId, candidates: CandidateIndex) -> tuple[Purpose, ...]:
    return tuple(
        purpose
        for purpose in Purpose
        if any(one.allows for one in candidates.get((role, purpose, Action.LIVE_VIEW), ()))
    )


def _schedule(one: schema.Schedule, configuration: Configuration, zone: ZoneInfo) -> Schedule:
    order = list(schema.Weekday)
    return Schedule(
        weekdays=frozenset(map(order.index, one.days)),
        windows=tuple((window.start_minute, window.end_minute) for window in one.windows),
        grace=tuple((window.start_minute, window.end_minute) for window in one.grace),
        open_on_holidays=one.holidays is schema.Holidays.OPEN,
        effective_from=one.effective_from,
        effective_to=one.effective_to,
        extra_holidays=frozenset(configuration.city.extra_holidays),
        zone=zone,
    )


def _camera(
    camera: schema.Camera, configuration: Configuration, schedules: ScheduleIndex, zone: ZoneInfo
) -> CameraFacts:
    hours = camera.enforcement.schedule if camera.enforcement else None
    return CameraFacts(
        camera=camera.id,
        district=configuration.district_of(camera),
        purposes={
            purpose: local_midnight(ground.effective_from, zone)
            for purpose, ground in camera.purposes.items()
        },
        paused=camera.paused,
        sharing_mode=camera.sharing_mode,
        sharing_hours=schedules[camera.sharing_window] if camera.sharing_window else None,
        enforcement_hours=schedules[hours] if hours else None,
    )


def _account(name: AccountId, one: schema.Account, schedules: ScheduleIndex) -> AccountFacts:
    return AccountFacts(
        account=name,
        roles=frozenset((held.role, held.agency) for held in one.roles),
        disabled=one.disabled,
        contractor=one.contractor,
        shift=schedules[one.shift] if one.shift else None,
    )


def _candidates(configuration: Configuration) -> CandidateIndex:
    agencies = {held.agency for one in configuration.accounts.values() for held in one.roles}
    found: dict[tuple[RoleId, Purpose, Action], list[Candidate]] = defaultdict(list)
    for rule in configuration.rules:
        scope = _scope(rule.cameras, configuration, agencies)
        for purpose in rule.purposes:
            for action in rule.actions:
                candidate = _candidate(rule, scope, purpose, action)
                for role in rule.roles:
                    found[role, purpose, action].append(candidate)
    return {key: tuple(candidates) for key, candidates in found.items()}


def _candidate(
    rule: schema.Rule,
    scope: Mapping[str, frozenset[CameraId]],
    purpose: Purpose,
    action: Action,
) -> Candidate:
    allows = rule.effect is Effect.ALLOW
    needed = rule.conditions | (_always_needed(purpose, action) if allows else frozenset())
    return Candidate(
        rule=rule.id,
        allows=allows,
        scope=scope,
        own_district_only=rule.cameras.district == schema.OWN_DISTRICT,
        conditions=tuple(one for one in PRECEDENCE if one in needed),
        variant=rule.variant,
        quality=rule.quality,
        obligations=rule.obligations | {Obligation.AUDIT},
        max_duration=timedelta(seconds=rule.max_seconds) if rule.max_seconds else None,
        code=rule.code or DenyCode.ROLE,
    )


def _always_needed(purpose: Purpose, action: Action) -> frozenset[Condition]:
    """What no file can waive: a registered purpose, the owner's agreement and sharing mode.

    Investigators and courts act on their letter instead, on any camera.
    """
    if action not in PICTURE_ACTIONS:
        return frozenset()
    if purpose in (Purpose.INVESTIGATION_PROVISION, Purpose.COURT_EXECUTION):
        return frozenset({Condition.LETTER})
    needed = {Condition.AGREEMENT}
    if purpose in REGISTERED_PURPOSES:
        needed.add(Condition.PURPOSE_REGISTERED)
    if purpose in (Purpose.CRIME_PREVENTION, Purpose.EMERGENCY_RESPONSE):
        needed.add(Condition.SHARING)
    return frozenset(needed)


def _scope(
    selector: schema.CameraSelector, configuration: Configuration, agencies: Iterable[str]
) -> Mapping[str, frozenset[CameraId]]:
    if selector.district == schema.OWN_DISTRICT:
        return {agency: _covered(selector, configuration, agency) for agency in agencies}
    everyone = _covered(selector, configuration, None)
    return dict.fromkeys(agencies, everyone)


def _covered(
    selector: schema.CameraSelector, configuration: Configuration, own: str | None
) -> frozenset[CameraId]:
    return frozenset(
        camera.id
        for camera in configuration.cameras
        if selector.covers(camera, configuration.district_of(camera), own)
    )


def _agreements(
    configuration: Configuration, zone: ZoneInfo
) -> Mapping[tuple[str, CameraId], tuple[AgreementFacts, ...]]:
    found: dict[tuple[str, CameraId], list[AgreementFacts]] = defaultdict(list)
    for agreement in configuration.agreements:
        facts = AgreementFacts(
            purposes=agreement.purposes,
            actions=agreement.actions,
            begins=local_midnight(agreement.valid_from, zone),
            ends=local_midnight(agreement.valid_to + timedelta(days=1), zone),
        )
        for camera in _shared(agreement, configuration):
            found[agreement.recipient, camera].append(facts)
    return {key: tuple(facts) for key, facts in found.items()}


def _shared(agreement: schema.Agreement, configuration: Configuration) -> Iterator[CameraId]:
    for camera in configuration.cameras:
        district = configuration.district_of(camera)
        # An owner can only share its own cameras, whatever the selector names.
        owned = district == agreement.owner
        if owned and agreement.cameras.covers(camera, district, agreement.owner):
            yield camera.id


def _terminals(configuration: Configuration) -> Mapping[str, tuple[Network, ...]]:
    found: dict[str, list[Network]] = defaultdict(list)
    for terminal in configuration.terminals.values():
        found[terminal.agency] += map(ipaddress.ip_network, terminal.networks)
    return {agency: tuple(networks) for agency, networks in found.items()}


@lru_cache(maxsize=4096)
def terminal_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address of a terminal as the web server names it; None when it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
