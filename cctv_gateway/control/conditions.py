"""Each condition of a rule as one small function: does it hold, with which code not, until when.

In which order they are asked belongs in `control/rules.py`, what follows in `control/decide.py`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from cctv_gateway.config.schema import Condition, SharingMode
from cctv_gateway.control.request import Request
from cctv_gateway.control.rules import AccountFacts, CameraFacts, Rules, terminal_address
from cctv_gateway.control.schedule import Schedule
from cctv_gateway.model import REGISTERED_PURPOSES, DenyCode, Purpose

MIN_REASON_LETTERS: Final = 2


class Case(NamedTuple):
    """All that a condition may look at."""

    request: Request
    camera: CameraFacts
    account: AccountFacts
    rules: Rules
    now: datetime


class Outcome(NamedTuple):
    """`code` is None when the condition holds; `edge` is when (UTC) that may next change.

    `public` says that the edge comes from published hours and may be told to anybody.
    """

    code: DenyCode | None = None
    edge: datetime | None = None
    public: bool = False


HOLDS: Final = Outcome()


def own_district(case: Case) -> Outcome:
    same = case.request.agency == case.camera.district
    return HOLDS if same else Outcome(DenyCode.NOT_OWNER)


def purpose_registered(case: Case) -> Outcome:
    """Case purposes rest on papers, not on the camera's notice."""
    purpose = case.request.purpose
    if purpose not in REGISTERED_PURPOSES:
        return HOLDS
    begins = case.camera.purposes.get(purpose)
    if begins is None:
        return Outcome(DenyCode.PURPOSE_NOT_REGISTERED)
    if case.now < begins:
        return Outcome(DenyCode.PURPOSE_NOT_REGISTERED, begins)
    return HOLDS


def agreement(case: Case) -> Outcome:
    """Another agency's camera needs an agreement in force, and an owner who has not paused it."""
    request, camera = case.request, case.camera
    if request.agency == camera.district:
        return HOLDS
    covering = [
        one
        for one in case.rules.agreements.get((request.agency, camera.camera), ())
        if request.purpose in one.purposes and request.action in one.actions
    ]
    ends = [one.ends for one in covering if one.begins <= case.now < one.ends]
    if not ends:
        begins = [one.begins for one in covering if case.now < one.begins]
        return Outcome(DenyCode.NO_AGREEMENT, min(begins, default=None))
    return Outcome(DenyCode.PAUSED if camera.paused else None, max(ends))


def shift(case: Case) -> Outcome:
    """Whoever has no registered working hours is never on shift."""
    hours = case.account.shift
    if hours is None:
        return Outcome(DenyCode.OFF_SHIFT)
    on_shift, edge = hours.now_and_next(case.now)
    return Outcome(None if on_shift else DenyCode.OFF_SHIFT, edge)


def terminal(case: Case) -> Outcome:
    seen = case.request.terminal
    address = None if seen is None else terminal_address(seen)
    networks = case.rules.terminals.get(case.request.agency, ())
    inside = address is not None and any(address in network for network in networks)
    return HOLDS if inside else Outcome(DenyCode.ZONE)


def sharing(case: Case) -> Outcome:
    """What the owner lets others use the camera for; an emergency needs no hour but an incident."""
    purpose, camera = case.request.purpose, case.camera
    if purpose is Purpose.EMERGENCY_RESPONSE:
        return incident(case)
    if purpose is not Purpose.CRIME_PREVENTION or camera.sharing_mode is SharingMode.ALWAYS:
        return HOLDS
    if camera.sharing_mode is SharingMode.INCIDENT_ONLY:
        return incident(case)
    return _in_hours(camera.sharing_hours, case.now)


def incident(case: Case) -> Outcome:
    linked = case.request.incident in case.rules.incidents
    return HOLDS if linked else Outcome(DenyCode.NO_INCIDENT)


def letter(case: Case) -> Outcome:
    return HOLDS if _written(case.request.letter) else Outcome(DenyCode.NO_LETTER)


def schedule(case: Case) -> Outcome:
    """The hours of the purpose: enforcement hours for parking, sharing hours for crime."""
    if case.request.purpose is Purpose.PARKING_ENFORCEMENT:
        return _in_hours(case.camera.enforcement_hours, case.now)
    return sharing(case)


def outside_grace(case: Case) -> Outcome:
    return _in_hours(case.camera.enforcement_hours, case.now, outside_grace=True)


def reason(case: Case) -> Outcome:
    return HOLDS if _written(case.request.reason) else Outcome(DenyCode.NO_REASON)


def second_person(case: Case) -> Outcome:
    # A request carries no approval yet, so what needs a second person cannot be done.
    return Outcome(DenyCode.NEEDS_APPROVAL)


def _in_hours(hours: Schedule | None, now: datetime, *, outside_grace: bool = False) -> Outcome:
    if hours is None:
        return Outcome(DenyCode.OUT_OF_WINDOW)
    opened, edge = hours.now_and_next(now, outside_grace=outside_grace)
    return Outcome(None if opened else DenyCode.OUT_OF_WINDOW, edge, public=True)


def _written(text: str | None) -> bool:
    return text is not None and len(text.strip()) >= MIN_REASON_LETTERS


CHECKS: Final[Mapping[Condition, Callable[[Case], Outcome]]] = {
    Condition.OWN_DISTRICT: own_district,
    Condition.PURPOSE_REGISTERED: purpose_registered,
    Condition.AGREEMENT: agreement,
    Condition.SHIFT: shift,
    Condition.TERMINAL: terminal,
    Condition.SHARING: sharing,
    Condition.INCIDENT: incident,
    Condition.LETTER: letter,
    Condition.SCHEDULE: schedule,
    Condition.OUTSIDE_GRACE: outside_grace,
    Condition.REASON: reason,
    Condition.SECOND_PERSON: second_person,
}
