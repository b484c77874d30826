"""The one place where rights are decided and grants are minted: pure, total, deny by default.

What a condition means belongs in `control/conditions.py`; acting on the answer in `sessions`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from cctv_gateway.config.schema import RoleKind
from cctv_gateway.control.conditions import CHECKS, Case, Outcome
from cctv_gateway.control.request import Request
from cctv_gateway.control.rules import PICTURE_ACTIONS, PRECEDENCE, Candidate, Rules
from cctv_gateway.model import AccountId, Action, Denial, DenyCode, Grant, RoleId

_OPERATIONS: Final = frozenset(
    {
        *(Action.LIVE_VIEW, Action.PTZ_PRESET, Action.PTZ_MOVE, Action.PTZ_EDIT_PRESET),
        *(Action.PLATE_SEARCH, Action.BREAKGLASS_OPEN, Action.CAMERA_CONFIGURE),
    }
)
_PICTURES: Final = PICTURE_ACTIONS | {Action.EXPORT_APPROVE, Action.BREAKGLASS_OPEN}
# What no file can grant. An admin sees no picture at all; who checks others operates nothing;
# whoever edits the policy does not approve it.
_NEVER: Final[Mapping[RoleKind, frozenset[Action]]] = {
    RoleKind.SYSTEM_ADMIN: _PICTURES | {Action.POLICY_APPROVE},
    RoleKind.AUDITOR: _PICTURES | _OPERATIONS | {Action.POLICY_EDIT, Action.POLICY_APPROVE},
    RoleKind.PRIVACY_OFFICER: _OPERATIONS | {Action.POLICY_EDIT},
}
_CONTRACTOR_KINDS: Final = frozenset({RoleKind.CONTROL_OPERATOR, RoleKind.MAINTENANCE})
_CONTRACTOR_NEVER: Final = frozenset(
    {
        *(Action.EXPORT_APPROVE, Action.EXPORT_REQUEST, Action.EXPORT_DOWNLOAD),
        *(Action.POLICY_EDIT, Action.POLICY_APPROVE, Action.USER_GRANT, Action.CAMERA_ACCEPT),
        Action.SHARE_CREATE,
    }
)
NOT_OWNER: Final = Denial(DenyCode.NOT_OWNER)


class Allowed(NamedTuple):
    """The rule that allows, and until when (UTC) the answer holds."""

    candidate: Candidate
    until: datetime | None


def decide(request: Request, rules: Rules, now: datetime) -> Grant | Denial:
    """Answer one request. Never raises; what is not allowed is denied.

    The order of refusals: account, role held, purpose named, what the kind of role or a
    contractor may never do, a rule for role and purpose, the rule's cameras, an explicit deny,
    then the conditions in `PRECEDENCE`. Of several allowing rules that fail, the one that came
    furthest gives the code. An unknown camera is answered like one out of reach.
    """
    answer = judge(request, rules, now)
    if isinstance(answer, Denial):
        return answer
    assert request.purpose is not None, "judge allows nothing without a purpose"
    candidate = answer.candidate
    return Grant.mint(
        account=request.account,
        role=request.role,
        camera=request.camera,
        purpose=request.purpose,
        action=request.action,
        variant=candidate.variant,
        quality_cap=candidate.quality,
        obligations=candidate.obligations,
        valid_until=answer.until,
        rule=candidate.rule,
        revision=rules.revision,
    )


def judge(request: Request, rules: Rules, now: datetime) -> Allowed | Denial:
    """The decision without a grant, for lists and explanations."""
    denied = refused_person(request.account, request.role, request.agency, rules)
    if denied is not None:
        return denied
    if request.purpose is None:
        return Denial(DenyCode.NO_PURPOSE)
    denied = refused_kind(request.account, request.role, request.action, rules)
    if denied is not None:
        return denied
    candidates = rules.candidates.get((request.role, request.purpose, request.action), ())
    if not any(candidate.allows for candidate in candidates):
        return Denial(DenyCode.ROLE)
    camera = rules.cameras.get(request.camera)
    if camera is None:
        return NOT_OWNER
    case = Case(request, camera, rules.accounts[request.account], rules, now)
    return weigh(case, [one for one in candidates if _covers(one, request)])


def refused_person(account: AccountId, role: RoleId, agency: str, rules: Rules) -> Denial | None:
    """An unknown account is answered like a disabled one."""
    facts = rules.accounts.get(account)
    if facts is None or facts.disabled:
        return Denial(DenyCode.ACCOUNT_DISABLED)
    if (role, agency) not in facts.roles:
        return Denial(DenyCode.ROLE)
    return None


def refused_kind(account: AccountId, role: RoleId, action: Action, rules: Rules) -> Denial | None:
    """The invariants: what no rule can allow a kind of role, or a contractor."""
    kind = rules.kinds.get(role)
    if kind is None or action in _NEVER.get(kind, ()):
        return Denial(DenyCode.ROLE)
    beyond_contractors = kind not in _CONTRACTOR_KINDS or action in _CONTRACTOR_NEVER
    if beyond_contractors and rules.accounts[account].contractor:
        return Denial(DenyCode.CONTRACTOR)
    return None


def _covers(candidate: Candidate, request: Request) -> bool:
    return request.camera in candidate.scope.get(request.agency, ())


def weigh(case: Case, candidates: Sequence[Candidate]) -> Allowed | Denial:
    """Weigh the candidates that reach what the case is about."""
    edges: list[datetime] = []
    for candidate in candidates:
        if not candidate.allows and _first_failure(case, candidate, edges) is None:
            return Denial(candidate.code)
    best: tuple[int, Outcome] | None = None
    for candidate in candidates:
        if not candidate.allows:
            continue
        failure = _first_failure(case, candidate, edges)
        if failure is None:
            return _allow(candidate, edges, case.now)
        if best is None or failure[0] > best[0]:
            best = failure
    return NOT_OWNER if best is None else _denial(best[1])


def _first_failure(
    case: Case, candidate: Candidate, edges: list[datetime]
) -> tuple[int, Outcome] | None:
    """The first condition that fails with its rank; every edge met on the way is added."""
    for condition in candidate.conditions:
        outcome = CHECKS[condition](case)
        if outcome.edge is not None:
            edges.append(outcome.edge)
        if outcome.code is not None:
            return _RANK[condition], outcome
    return None


_RANK: Final = {condition: rank for rank, condition in enumerate(PRECEDENCE)}


def _allow(candidate: Candidate, edges: list[datetime], now: datetime) -> Allowed:
    if candidate.max_duration is not None:
        edges.append(now + candidate.max_duration)
    return Allowed(candidate, min(edges, default=None))


def _denial(outcome: Outcome) -> Denial:
    assert outcome.code is not None, "a failed condition names its code"
    return Denial(outcome.code, outcome.edge if outcome.public else None)
