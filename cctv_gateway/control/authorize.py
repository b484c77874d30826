"""Decides actions that show no camera: reading the audit, registering, approving, editing.

What shows a picture or moves a camera needs a grant from `control/decide.py`, not a permit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cctv_gateway.config.schema import SharingMode
from cctv_gateway.control.conditions import Case
from cctv_gateway.control.decide import NOT_OWNER, refused_kind, refused_person, weigh
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import PICTURE_ACTIONS, CameraFacts, Candidate, Rules
from cctv_gateway.model import (
    AccountId,
    Action,
    CameraId,
    Denial,
    DenyCode,
    DistrictId,
    Purpose,
    RevisionId,
    RoleId,
)

NO_CAMERA = CameraId("")


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to one action that opens no media."""

    account: AccountId
    role: RoleId
    action: Action
    rule: str
    revision: RevisionId


def authorize(
    holder: Holder,
    action: Action,
    rules: Rules,
    now: datetime,
    *,
    district: str | None = None,
    reason: str | None = None,
) -> Permit | Denial:
    """`district` is whose camera the action is about, None when it is about none."""
    denied = refused_person(holder.account, holder.role, holder.agency, rules)
    denied = denied or refused_kind(holder.account, holder.role, action, rules)
    if denied is not None:
        return denied
    found = tuple(_rules_for(holder.role, action, rules))
    if action in PICTURE_ACTIONS or not any(one.allows for one in found):
        return Denial(DenyCode.ROLE)
    about = district or holder.agency
    reaching = [one for one in found if about == holder.agency or not one.own_district_only]
    if not reaching:
        return NOT_OWNER
    request = holder.request(NO_CAMERA, None, action, reason=reason)
    account = rules.accounts[holder.account]
    answer = weigh(Case(request, _nothing_of(about), account, rules, now), reaching)
    if isinstance(answer, Denial):
        return answer
    return Permit(holder.account, holder.role, action, answer.candidate.rule, rules.revision)


def _rules_for(role: RoleId, action: Action, rules: Rules) -> Iterator[Candidate]:
    for purpose in Purpose:
        yield from rules.candidates.get((role, purpose, action), ())


def _nothing_of(district: str) -> CameraFacts:
    """Stands in for the camera of a request that is about none; it serves no purpose."""
    return CameraFacts(
        camera=NO_CAMERA,
        district=DistrictId(district),
        purposes={},
        paused=False,
        sharing_mode=SharingMode.INCIDENT_ONLY,
        sharing_hours=None,
        enforcement_hours=None,
    )
