"""Cuts: every edge ends the views that lost their ground, whatever else goes wrong just then."""

import asyncio
import time
from dataclasses import replace

import pytest

from cctv_gateway.base.clock import settle
from cctv_gateway.control import cutter
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.rules import Rules
from cctv_gateway.model import AccountId, IncidentId, ViewId
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
    seoul,
)
from tests.control.desk import desk


async def test_the_end_of_the_hours_cuts() -> None:
    async with desk("2026-11-23 19:58") as use:
        opened = await use.attached(OFFICER, B1, PARKING)
        assert opened.valid_until == seoul("2026-11-23 20:00")
        await use.clock.advance(119.9)
        assert opened.view_id in use.relay.running
        await use.clock.advance(0.1)
        assert not use.relay.running
        assert use.cut_codes == ["OUT_OF_WINDOW"]
        assert (use.closings[0].code, use.closings[0].held_ms) == ("OUT_OF_WINDOW", 120_000)


async def test_a_renewed_right_keeps_running() -> None:
    """At 08:00 the sharing hours of crime prevention go on for a camera shared at any hour."""
    async with desk("2026-11-23 13:59") as use:
        morning = replace(OPERATOR, account=AccountId("operator.morning"), login="m")
        kept = await use.attached()
        lost = await use.attached(morning)
        await use.clock.advance(61)
        assert list(use.relay.running) == [kept.view_id]
        assert use.cut_codes == ["OFF_SHIFT"]
        assert lost.view_id == use.closings[0].view


async def test_time_limits_are_counted_from_the_opening() -> None:
    async with desk() as use:
        await use.attached(REGISTRAR, B1, MAINTENANCE)
        await use.clock.advance(40)
        assert await use.book.replace_rules(city_rules()) == ()
        await use.clock.advance(19)
        assert len(use.relay.running) == 1
        await use.clock.advance(1)
        assert use.cut_codes == ["TIME_LIMIT"]


CRIME_RULE = "conditions: [shift, terminal], variant: raw, obligations: [au, wm]}"
BUK_AGREEMENT = "from: 2024-04-01, to: 2027-03-31, cameras: {district: buk}}\n  - {id: gwangsan,"
OPERATORS_ROLE = "contractor: true, roles: [{role: control_operator"
LOSSES = {
    "ACCOUNT_DISABLED": ("최관제, shift", "최관제, disabled: true, shift"),
    "ROLE": (OPERATORS_ROLE, "roles: [{role: control_supervisor"),
    "NO_AGREEMENT": (BUK_AGREEMENT, BUK_AGREEMENT.replace("2027-03-31", "2026-11-22")),
    "PAUSED": ("sharing_mode: always\n", "sharing_mode: always\n    paused: true\n"),
    "RIGHTS_CHANGED": (CRIME_RULE, CRIME_RULE.replace("raw", "raw, quality: sub")),
    "PURPOSE_NOT_REGISTERED": ("      crime_prevention: *p\n", ""),
}


def without_operator() -> Rules:
    return city_rules_with(LOSSES["ACCOUNT_DISABLED"])


@pytest.mark.parametrize("code", LOSSES)
async def test_new_rules_cut_who_lost(code: str) -> None:
    async with desk() as use:
        opened = await use.attached()
        officer = await use.attached(OFFICER, B1, PARKING)
        cut = await use.book.replace_rules(city_rules_with(LOSSES[code]))
        assert cut == (opened.view_id,)
        assert list(use.relay.running) == [officer.view_id]
        assert use.cut_codes == [code]
        assert use.closings[0].code == code


async def test_a_removed_camera_cuts() -> None:
    async with desk() as use:
        opened = await use.attached()
        cameras = {key: one for key, one in city_rules().cameras.items() if key != B1}
        await use.book.replace_rules(replace(city_rules(), cameras=cameras))
        assert opened.view_id not in use.relay.running
        assert use.cut_codes == ["CAMERA_REMOVED"]


async def test_a_waiting_view_takes_over_a_changed_grant() -> None:
    async with desk() as use:
        opened = await use.book.open(OPERATOR, B1, CRIME)
        changed = city_rules_with(LOSSES["RIGHTS_CHANGED"])
        assert await use.book.replace_rules(changed) == ()
        await use.book.attach(opened.whep_secret, "offer")
        assert use.relay.running[opened.view_id].quality_cap == "sub"


async def test_a_closed_incident_cuts() -> None:
    incident = IncidentId("112-A")
    async with desk() as use:
        await use.book.set_incidents([incident])
        opened = await use.book.open(OPERATOR, S1, EMERGENCY, incident=incident)
        await use.book.attach(opened.whep_secret, "offer")
        assert await use.book.replace_rules(city_rules()) == ()
        assert await use.book.set_incidents([]) == (opened.view_id,)
        assert use.cut_codes == ["NO_INCIDENT"]
        assert use.closings[0].case == incident


async def test_a_cut_while_the_record_is_being_stored() -> None:
    async with desk() as use:
        use.store.gate.clear()
        opening = asyncio.ensure_future(use.book.open(OPERATOR, B1, CRIME))
        await settle()
        cutting = asyncio.ensure_future(use.book.replace_rules(without_operator()))
        await settle()
        use.store.gate.set()
        assert len(await cutting) == 1
        with pytest.raises(DeniedError) as raised:
            await opening
        assert raised.value.code == "ACCOUNT_DISABLED"
        assert use.store.kinds() == [AuditKind.VIEW_OPENED, AuditKind.VIEW_CLOSED]


async def test_a_cut_while_media_is_opening() -> None:
    async with desk() as use:
        opened = await use.book.open(OPERATOR, B1, CRIME)
        use.relay.open_gate.clear()
        attaching = asyncio.ensure_future(use.book.attach(opened.whep_secret, "offer"))
        await settle()
        await use.book.replace_rules(without_operator())
        use.relay.open_gate.set()
        with pytest.raises(DeniedError) as raised:
            await attaching
        assert raised.value.code == "ACCOUNT_DISABLED"
        assert use.relay.opened == [opened.view_id]
        assert not use.relay.running


async def test_a_right_that_ended_before_the_attach() -> None:
    async with desk("2026-11-23 19:59:50") as use:
        opened = await use.book.open(OFFICER, B1, PARKING)
        # The clock jumps over the edge, and the viewer is faster than the alarm.
        use.clock._now = seoul("2026-11-23 20:00:01")
        with pytest.raises(DeniedError) as raised:
            await use.book.attach(opened.whep_secret, "offer")
        assert raised.value.code == "OUT_OF_WINDOW"
        assert not use.relay.opened


async def test_a_cut_does_not_wait_for_the_audit() -> None:
    async with desk() as use:
        await use.attached()
        use.store.failures = 3
        await use.book.replace_rules(without_operator())
        assert not use.relay.running
        assert use.cut_codes == ["ACCOUNT_DISABLED"]
        assert use.book.unrecorded == 1
        assert not use.closings
        await use.clock.advance(60)
        assert use.book.unrecorded == 0
        closing = use.closings[0]
        assert closing.code == "ACCOUNT_DISABLED"
        assert closing.held_ms == 0
        assert "happened at 2026-11-23T01:00:00" in (closing.detail or "")


@pytest.mark.parametrize(
    ("error", "counter"),
    [(None, "cut_retried"), (AssertionError("a bug"), "cut_faulted")],
)
async def test_a_cut_that_fails_is_tried_until_it_works(
    error: Exception | None, counter: str
) -> None:
    async with desk() as use:
        opened = await use.attached()
        use.relay.cut_error = error or use.relay.cut_error
        use.relay.cut_failures = 4
        await use.book.replace_rules(without_operator())
        assert opened.view_id in use.relay.running
        await use.clock.advance(1)
        assert not use.relay.running
        assert use.meter.totals()[counter] == 4
        assert len(use.closings) == 1


async def test_a_cut_that_hangs_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "CUT_LIMIT_S", 0.01)
    async with desk("2026-11-23 19:59") as use:
        hung: list[ViewId] = [(await use.attached(OFFICER, B1, PARKING)).view_id]
        use.relay.cut_gate.clear()
        await use.clock.advance(60)
        await use.book.replace_rules(without_operator())
        assert use.book.views() == ()
        use.relay.cut_gate.set()
        await asyncio.sleep(0.02)
        await use.clock.advance(1)
        assert not set(hung) & set(use.relay.running)


async def test_a_caller_that_gives_up_does_not_stop_a_cut() -> None:
    async with desk() as use:
        opened = await use.attached()
        use.relay.cut_gate.clear()
        closing = asyncio.ensure_future(use.book.close(opened.view_id))
        await settle()
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        use.relay.cut_gate.set()
        await settle()
        assert not use.relay.running
        assert len(use.closings) == 1


async def test_a_thousand_views_are_decided_and_cut_within_a_second() -> None:
    async with desk() as use:
        logins = [replace(OPERATOR, login=f"l{index}") for index in range(50)]
        for login in logins:
            for _ in range(20):
                await use.attached(login)
        officer = await use.attached(OFFICER, B1, PARKING)
        changed = without_operator()
        began = time.perf_counter()
        assert len(await use.book.replace_rules(changed)) == 1000
        took_s = time.perf_counter() - began
        assert list(use.relay.running) == [officer.view_id]
        assert took_s < 1
        assert len(use.closings) == 1000


async def test_a_thousand_views_end_at_one_edge() -> None:
    async with desk("2026-11-24 07:59") as use:
        logins = [replace(OPERATOR, login=f"l{index}") for index in range(50)]
        for login in logins:
            for _ in range(20):
                await use.attached(login, G1)
        began = time.perf_counter()
        await use.clock.advance(60)
        await settle(200)
        assert not use.relay.running
        assert time.perf_counter() - began < 1
        assert set(use.cut_codes) == {"OUT_OF_WINDOW"}
