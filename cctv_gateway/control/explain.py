"""Says for a person why a request is answered as it is: each rule, each condition, held or not.

The answer itself comes from `control/decide.py`; this only shows its steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cctv_gateway.config.schema import Condition
from cctv_gateway.control.conditions import CHECKS, Case
from cctv_gateway.control.decide import Allowed, judge
from cctv_gateway.control.request import Request
from cctv_gateway.control.rules import Candidate, Rules
from cctv_gateway.model import Denial, DenyCode


@dataclass(frozen=True, slots=True)
class Line:
    """One condition of one rule. `edge` (UTC) is when it may change."""

    rule: str
    condition: Condition
    code: DenyCode | None
    edge: datetime | None

    @property
    def holds(self) -> bool:
        return self.code is None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`lines` is empty when the request failed before any rule was weighed."""

    answer: Allowed | Denial
    lines: tuple[Line, ...]


def explain(request: Request, rules: Rules, now: datetime) -> Explanation:
    return Explanation(judge(request, rules, now), tuple(_lines(request, rules, now)))


def _lines(request: Request, rules: Rules, now: datetime) -> Iterator[Line]:
    camera, account = rules.cameras.get(request.camera), rules.accounts.get(request.account)
    if camera is None or account is None or request.purpose is None:
        return
    case = Case(request, camera, account, rules, now)
    for candidate in rules.candidates.get((request.role, request.purpose, request.action), ()):
        if request.camera in candidate.scope.get(request.agency, ()):
            yield from _conditions(case, candidate)


def _conditions(case: Case, candidate: Candidate) -> Iterator[Line]:
    for condition in candidate.conditions:
        outcome = CHECKS[condition](case)
        yield Line(candidate.rule, condition, outcome.code, outcome.edge)
