"""Decisions: the scenarios, totality, invariants that no file can waive, and the next edge."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cctv_gateway.config.schema import RoleKind
from cctv_gateway.control.authorize import Permit, authorize
from cctv_gateway.control.conditions import CHECKS
from cctv_gateway.control.decide import Allowed, decide, judge
from cctv_gateway.control.explain import explain
from cctv_gateway.control.request import Holder, Request
from cctv_gateway.control.rules import PICTURE_ACTIONS, PRECEDENCE, Rules
from cctv_gateway.control.verdicts import Verdict, usable_purposes, verdicts, visible
from cctv_gateway.model import (
    AccountId,
    Action,
    CameraId,
    Denial,
    DenyCode,
    Grant,
    IncidentId,
    Obligation,
    Profile,
    Purpose,
    RoleId,
)
from tests.control.city import (
    B1,
    CRIME,
    EMERGENCY,
    G1,
    MAINTENANCE,
    OFFICER,
    OPERATOR,
    PARKING,
    REGISTRAR,
    S1,
    city_rules,
    city_rules_with,
    request,
    seoul,
)

SCENARIOS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("scenarios.yaml")
)
NOON = seoul("2026-11-23 12:00")


def rules() -> Rules:
    return city_rules().with_incidents([IncidentId("112-A")])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one['n']} {one['why']}")
def test_scenario(scenario: dict[str, Any]) -> None:
    asked = {key: scenario[key] for key in scenario if key in ASKED}
    answer = decide(request(**asked), rules(), _time(scenario["at"]))
    if "deny" in scenario:
        assert isinstance(answer, Denial), answer
        retry = _time(scenario["retry"]) if "retry" in scenario else None
        assert (answer.code, answer.retry_at) == (scenario["deny"], retry)
        return
    assert isinstance(answer, Grant), answer
    assert answer.rule == scenario["allow"]
    if "until" in scenario:
        assert answer.valid_until == _time(scenario["until"])
    if "variant" in scenario:
        assert answer.variant == scenario["variant"]
    if "obligations" in scenario:
        assert answer.obligations == {Obligation(one) for one in scenario["obligations"]}


ASKED = {
    *("account", "role", "agency", "camera", "purpose"),
    *("action", "reason", "incident", "letter", "terminal"),
}


def _time(value: datetime | str) -> datetime:
    return seoul(str(value))


def test_every_scenario_is_numbered_once() -> None:
    numbers = [one["n"] for one in SCENARIOS]
    assert len(numbers) == len(set(numbers))


some_texts = st.none() | st.text(max_size=8)
requests = st.builds(
    Request,
    account=st.sampled_from(sorted(city_rules().accounts)) | st.text(max_size=5).map(AccountId),
    role=st.sampled_from(sorted(city_rules().kinds)) | st.text(max_size=5).map(RoleId),
    agency=st.sampled_from(["buk", "control_center", "police", "fire", "city_hall", "seo", "?"]),
    camera=st.sampled_from(sorted(city_rules().cameras)) | st.text(max_size=5).map(CameraId),
    purpose=st.none() | st.sampled_from(Purpose),
    action=st.sampled_from(Action),
    reason=some_texts,
    incident=st.sampled_from([None, IncidentId("112-A"), IncidentId("x")]),
    letter=some_texts,
    terminal=some_texts | st.sampled_from(["127.0.0.1", "10.0.0.1", "::1"]),
)
likely = st.sampled_from(
    [
        OPERATOR.request(B1, CRIME),
        OPERATOR.request(G1, CRIME),
        OPERATOR.request(S1, EMERGENCY, incident=IncidentId("112-A")),
        OFFICER.request(B1, PARKING),
        OFFICER.request(B1, PARKING, Action.SNAPSHOT),
        REGISTRAR.request(B1, MAINTENANCE, reason="why"),
        replace(OPERATOR.request(B1, CRIME), account=AccountId("operator.morning")),
    ]
)
moments = st.timedeltas(timedelta(0), timedelta(days=2500)).map(
    lambda past: seoul("2023-01-01 00:00") + past
)


@given(requests | likely, moments)
def test_decide_is_total_and_repeatable(asked: Request, at: datetime) -> None:
    answer = decide(asked, rules(), at)
    assert isinstance(answer, Grant | Denial)
    assert decide(asked, rules(), at) == answer
    if isinstance(answer, Grant):
        assert (answer.account, answer.camera) == (asked.account, asked.camera)
        assert Obligation.AUDIT in answer.obligations
        assert rules().kinds[asked.role] not in (RoleKind.SYSTEM_ADMIN, RoleKind.AUDITOR)
        assert answer.valid_until is None or answer.valid_until > at


@given(likely, moments, st.floats(0, 1))
def test_the_answer_holds_until_its_edge(asked: Request, at: datetime, part: float) -> None:
    answer = judge(asked, rules(), at)
    if isinstance(answer, Allowed) and answer.until is not None:
        inside = at + (answer.until - at - timedelta(microseconds=1)) * part
        again = judge(asked, rules(), inside)
        assert isinstance(again, Allowed)
        assert again.candidate == answer.candidate


@given(requests, moments)
def test_explanations_fit_the_answer(asked: Request, at: datetime) -> None:
    explained = explain(asked, rules(), at)
    assert explained.answer == judge(asked, rules(), at)
    if isinstance(explained.answer, Allowed):
        rule = explained.answer.candidate.rule
        assert all(line.holds for line in explained.lines if line.rule == rule)


def test_an_explanation_names_what_fails() -> None:
    lines = explain(OFFICER.request(B1, PARKING), rules(), seoul("2026-11-23 23:00")).lines
    failed = [(line.rule, line.condition.value, line.code) for line in lines if not line.holds]
    assert ("parking-live", "schedule", DenyCode.OUT_OF_WINDOW) in failed


def test_every_condition_has_a_check_and_a_place() -> None:
    assert set(CHECKS) == set(PRECEDENCE)


FREE_FOR_ALL = (
    "rules:\n",
    "rules:\n  - {id: all, effect: allow, roles: [ROLE], purposes: [crime_prevention, "
    "parking_enforcement, emergency_response, maintenance], actions: [ACTIONS], cameras: all, "
    "variant: raw}\n",
)
LEGAL = "live.view, snapshot"


def _generous(role: str, actions: str = LEGAL) -> Rules:
    old, new = FREE_FOR_ALL
    return city_rules_with((old, new.replace("ROLE", role).replace("ACTIONS", actions)))


@pytest.mark.parametrize(
    ("camera", "purpose", "code"),
    [
        ("n1", CRIME, DenyCode.PURPOSE_NOT_REGISTERED),
        ("f1", CRIME, DenyCode.PURPOSE_NOT_REGISTERED),
        ("d1", CRIME, DenyCode.NO_AGREEMENT),
        ("b1", PARKING, DenyCode.NO_AGREEMENT),
        ("p1", CRIME, DenyCode.PAUSED),
        ("g1", CRIME, DenyCode.OUT_OF_WINDOW),
        ("s1", CRIME, DenyCode.NO_INCIDENT),
        ("b1", EMERGENCY, DenyCode.NO_INCIDENT),
    ],
)
def test_no_rule_waives_the_law(camera: str, purpose: Purpose, code: DenyCode) -> None:
    answer = decide(
        OPERATOR.request(CameraId(camera), purpose), _generous("control_operator"), NOON
    )
    assert isinstance(answer, Denial)
    assert answer.code == code


@pytest.mark.parametrize(
    "kind", [RoleKind.SYSTEM_ADMIN, RoleKind.AUDITOR, RoleKind.PRIVACY_OFFICER]
)
@pytest.mark.parametrize("action", [Action.LIVE_VIEW, Action.PTZ_MOVE])
def test_no_rule_lets_overseers_watch_or_operate(kind: RoleKind, action: Action) -> None:
    # The file's check refuses this already; the decision must not depend on it.
    generous = _generous("control_operator", "live.view, ptz.move")
    kinds = {**generous.kinds, RoleId("control_operator"): kind}
    answer = decide(OPERATOR.request(B1, CRIME, action), replace(generous, kinds=kinds), NOON)
    assert answer == Denial(DenyCode.ROLE)


def test_a_contractor_only_operates() -> None:
    account = replace(rules().accounts[OFFICER.account], contractor=True)
    contracted = replace(rules(), accounts={OFFICER.account: account})
    answer = decide(OFFICER.request(B1, PARKING), contracted, NOON)
    assert answer == Denial(DenyCode.CONTRACTOR)


def test_there_is_no_action_for_sound() -> None:
    assert not [action for action in Action if "audio" in action or "sound" in action]


def test_of_two_rules_the_first_that_holds_counts() -> None:
    both = _generous("parking_officer")
    answer = decide(OFFICER.request(B1, PARKING), both, NOON)
    assert isinstance(answer, Grant)
    assert (answer.rule, answer.quality_cap) == ("all", Profile.MAIN)


def test_a_failed_rule_still_names_the_next_edge() -> None:
    """At eight the first rule begins to hold and the picture changes, so the answer ends there."""
    later = city_rules_with(
        ("rules:\n", "rules:\n  - {id: day, effect: allow, roles: [parking_officer], purposes: "
         "[parking_enforcement], actions: [live.view], cameras: {district: own}, conditions: "
         "[schedule], variant: masked}\n  - {id: any, effect: allow, roles: [parking_officer], "
         "purposes: [parking_enforcement], actions: [live.view], cameras: {district: own}, "
         "variant: masked, quality: sub}\n"),
    )  # fmt: skip
    answer = decide(OFFICER.request(B1, PARKING), later, seoul("2026-11-23 07:00"))
    assert isinstance(answer, Grant)
    assert (answer.rule, answer.valid_until) == ("any", seoul("2026-11-23 08:00"))


@pytest.mark.parametrize(
    ("holder", "action", "district", "expected"),
    [
        (REGISTRAR, Action.CAMERA_REGISTER, "buk", "registrar-work"),
        (REGISTRAR, Action.CAMERA_REGISTER, None, "registrar-work"),
        (REGISTRAR, Action.CAMERA_CONFIGURE, "seo", DenyCode.NOT_OWNER),
        (REGISTRAR, Action.CAMERA_ACCEPT, "buk", DenyCode.ROLE),
        (REGISTRAR, Action.LIVE_VIEW, "buk", DenyCode.ROLE),
        (OFFICER, Action.AUDIT_READ, None, DenyCode.ROLE),
        (
            Holder("l", AccountId("auditor"), RoleId("auditor"), "city_hall"),
            Action.AUDIT_READ,
            None,
            "oversight",
        ),
        (
            Holder("l", AccountId("auditor"), RoleId("auditor"), "city_hall"),
            Action.POLICY_EDIT,
            None,
            DenyCode.ROLE,
        ),
        (
            Holder("l", AccountId("nobody"), RoleId("auditor"), "city_hall"),
            Action.AUDIT_READ,
            None,
            DenyCode.ACCOUNT_DISABLED,
        ),
    ],
)
def test_authorize(
    holder: Holder, action: Action, district: str | None, expected: str | DenyCode
) -> None:
    answer = authorize(holder, action, rules(), NOON, district=district)
    found = answer.rule if isinstance(answer, Permit) else answer.code
    assert found == expected


@pytest.mark.parametrize("action", sorted(PICTURE_ACTIONS))
@pytest.mark.parametrize("holder", [OPERATOR, OFFICER, REGISTRAR])
def test_a_permit_never_stands_for_a_picture(holder: Holder, action: Action) -> None:
    assert isinstance(authorize(holder, action, rules(), NOON), Denial)


def test_lists_name_only_what_the_role_may_ever_see() -> None:
    assert visible(rules(), OFFICER) == ("b1", "p1")
    assert visible(rules(), OPERATOR) == ("b1", "g1", "s1", "d1", "p1", "f1")
    assert usable_purposes(rules(), OPERATOR, B1) == (CRIME, EMERGENCY)
    assert usable_purposes(rules(), OPERATOR, CameraId("nowhere")) == ()


def test_verdicts_agree_with_decisions() -> None:
    at = seoul("2026-11-23 21:00")
    for camera in visible(rules(), OPERATOR):
        for purpose, found in verdicts(rules(), OPERATOR, camera, at).items():
            answer = decide(OPERATOR.request(camera, purpose), rules(), at)
            if isinstance(answer, Denial):
                assert found == Verdict(False, answer.code, answer.retry_at)
            else:
                assert found == Verdict(
                    True, valid_until=answer.valid_until, variant=answer.variant
                )
