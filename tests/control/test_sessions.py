"""Views from opening to closing: the record comes first, the secret works once, the end is told."""

import asyncio
from dataclasses import replace

import pytest

from cctv_gateway.base.clock import settle
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.control import places, sessions
from cctv_gateway.control.audit import AuditKind, Decision
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.views import ViewState
from cctv_gateway.model import EndReason, Obligation, Quality, ViewId
from tests.control.city import B1, CRIME, OFFICER, OPERATOR, PARKING, seoul
from tests.control.desk import desk


async def test_a_view_is_recorded_before_it_can_start() -> None:
    async with desk() as use:
        use.store.gate.clear()
        opening = asyncio.ensure_future(use.book.open(OPERATOR, B1, CRIME, "순찰"))
        await settle()
        assert not opening.done()
        assert [one.state for one in use.book.views()] == [ViewState.OPENING]
        use.store.gate.set()
        opened = await opening
        record = use.store.records[0].event
        assert (record.kind, record.view) == (AuditKind.VIEW_OPENED, opened.view_id)
        assert (record.account, record.role, record.agency) == (
            "operator",
            "control_operator",
            "control_center",
        )
        assert (record.camera, record.purpose, record.reason) == ("b1", CRIME, "순찰")
        assert (record.decision, record.rule, record.terminal) == (
            Decision.ALLOW,
            "crime-live",
            "127.0.0.1",
        )
        assert record.obligations == {Obligation.AUDIT, Obligation.WATERMARK}
        assert record.revision == use.book.rules.revision
        assert opened.whep_secret not in str(use.store.records)
        assert opened.whep_secret not in repr(opened)
        assert opened.valid_until == seoul("2027-04-01 00:00")


async def test_no_audit_no_view() -> None:
    async with desk() as use:
        use.store.failures = 1
        with pytest.raises(GatewayError) as raised:
            await use.book.open(OPERATOR, B1, CRIME)
        assert raised.value.code == "AUDIT_FAILED"
        assert use.book.views() == ()
        assert not use.events


async def test_a_lost_answer_of_the_database_leaves_one_opening_and_one_closing() -> None:
    async with desk() as use:
        use.store.commits_before_failing = True
        use.store.failures = 1
        opened = await use.attached()
        assert list(use.relay.running) == [opened.view_id]
        use.store.failures = 1
        await use.book.close(opened.view_id)
        await use.clock.advance(60)
        assert use.store.kinds() == [AuditKind.VIEW_OPENED, AuditKind.VIEW_CLOSED]
        assert use.book.unrecorded == 0


async def test_a_denial_is_recorded_before_it_is_told() -> None:
    async with desk("2026-11-23 23:00") as use:
        with pytest.raises(DeniedError) as raised:
            await use.book.open(OFFICER, B1, PARKING)
        assert raised.value.code == "OUT_OF_WINDOW"
        assert raised.value.retry_at == seoul("2026-11-24 08:00")
        record = use.store.records[0].event
        assert (record.kind, record.decision, record.code) == (
            AuditKind.VIEW_DENIED,
            Decision.DENY,
            "OUT_OF_WINDOW",
        )
        use.store.failures = 1
        with pytest.raises(GatewayError) as failed:
            await use.book.open(OFFICER, B1, PARKING)
        assert failed.value.code == "AUDIT_FAILED"


async def test_from_open_to_hang_up() -> None:
    async with desk() as use:
        opened = await use.book.open(OPERATOR, B1, CRIME, quality=Quality.SUB)
        attached = await use.book.attach(opened.whep_secret, "offer")
        assert attached.answer_sdp == "answer to offer"
        assert attached.resource_secret != opened.whep_secret
        assert use.relay.running[opened.view_id] == opened.grant
        use.book.media_started(opened.view_id)
        shown = use.book.view(opened.view_id)
        assert shown is not None
        assert (shown.state, shown.playing) == (ViewState.ATTACHED, True)
        assert await use.book.trickle(attached.resource_secret, "x") == f"{opened.view_id} heard x"
        await use.book.select(opened.view_id, Quality.MAIN)
        assert use.relay.selected == [(opened.view_id, Quality.MAIN)]
        await use.clock.advance(12.5)
        await use.book.hang_up(attached.resource_secret)
        closing = use.closings[0]
        assert (closing.code, closing.held_ms, closing.view) == (
            "VIEWER_CLOSED",
            12500,
            opened.view_id,
        )
        assert closing.detail == "by operator"
        for call in (use.book.hang_up(attached.resource_secret), use.book.trickle("x", "y")):
            with pytest.raises(GatewayError) as raised:
                await call
            assert raised.value.code == "WHEP_UNKNOWN"
    assert use.opened_events == 1
    assert use.cut_codes == ["VIEWER_CLOSED"]


async def test_the_secret_works_once() -> None:
    async with desk() as use:
        opened = await use.attached()
        with pytest.raises(GatewayError) as raised:
            await use.book.attach(opened.whep_secret, "offer")
        assert raised.value.code == "WHEP_UNKNOWN"
        assert list(use.relay.running) == [opened.view_id]


async def test_two_attaches_at_once_start_one_view() -> None:
    async with desk() as use:
        opened = await use.book.open(OPERATOR, B1, CRIME)
        both = await asyncio.gather(
            use.book.attach(opened.whep_secret, "a"),
            use.book.attach(opened.whep_secret, "b"),
            return_exceptions=True,
        )
        assert [isinstance(one, GatewayError) for one in both] == [False, True]
        assert use.relay.opened == [opened.view_id]


async def test_the_secret_is_good_for_thirty_seconds() -> None:
    async with desk() as use:
        opened = await use.book.open(OPERATOR, B1, CRIME)
        await use.clock.advance(29.9)
        assert len(use.book.views()) == 1
        await use.clock.advance(0.2)
        assert use.book.views() == ()
        with pytest.raises(GatewayError) as raised:
            await use.book.attach(opened.whep_secret, "offer")
        assert raised.value.code == "WHEP_UNKNOWN"
        assert use.closings[0].code == "NEVER_STARTED"
        assert not use.relay.opened


@pytest.mark.parametrize("secret", ["", "x" * 10_000, "\ud800", "né"])
async def test_strange_secrets_are_unknown(secret: str) -> None:
    async with desk() as use:
        with pytest.raises(GatewayError) as raised:
            await use.book.attach(secret, "offer")
        assert raised.value.kind is ErrorKind.NOT_FOUND


async def test_secrets_hold_256_random_bits() -> None:
    async with desk() as use:
        made = {(await use.book.open(OPERATOR, B1, CRIME)).whep_secret for _ in range(20)}
        assert len(made) == 20
        assert all(len(secret) >= 43 for secret in made)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ErrorKind.BAD_REQUEST, "NEVER_STARTED"),
        (ErrorKind.UNREACHABLE, "RELAY_FAILED"),
    ],
)
async def test_media_that_does_not_open_ends_the_view(kind: ErrorKind, code: str) -> None:
    async with desk() as use:
        use.relay.open_error = GatewayError(kind, "SDP", "no")
        opened = await use.book.open(OPERATOR, B1, CRIME)
        with pytest.raises(GatewayError) as raised:
            await use.book.attach(opened.whep_secret, "offer")
        assert raised.value.code == "SDP"
        assert use.book.views() == ()
        assert use.closings[0].code == code


async def test_a_bug_in_the_media_side_leaves_no_view_open() -> None:
    async with desk() as use:
        use.relay.open_error = ValueError("a bug")
        opened = await use.book.open(OPERATOR, B1, CRIME)
        with pytest.raises(ValueError, match="a bug"):
            await use.book.attach(opened.whep_secret, "offer")
        assert use.book.views() == ()
        await settle()
        assert use.closings[0].code == "RELAY_FAILED"


async def test_media_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "ATTACH_LIMIT_S", 0.01)
    async with desk() as use:
        use.relay.open_gate.clear()
        opened = await use.book.open(OPERATOR, B1, CRIME)
        with pytest.raises(GatewayError) as raised:
            await use.book.attach(opened.whep_secret, "offer")
        assert raised.value.code == "RELAY_SLOW"
        assert use.closings[0].code == "RELAY_FAILED"


async def test_closing_twice_records_once() -> None:
    async with desk() as use:
        opened = await use.attached()
        await asyncio.gather(*(use.book.close(opened.view_id) for _ in range(3)))
        await use.book.close(opened.view_id)
        await use.book.close(ViewId("unknown"))
        use.book.media_lost(opened.view_id, EndReason.CONNECTION_LOST)
        await settle()
        assert len(use.closings) == 1
        assert use.relay.cuts == [opened.view_id]


async def test_a_viewer_that_vanishes_is_recorded() -> None:
    async with desk() as use:
        opened = await use.attached()
        use.book.media_lost(opened.view_id, EndReason.CONNECTION_LOST)
        await settle()
        assert use.closings[0].code == "CONNECTION_LOST"
        assert use.book.views() == ()


async def test_a_login_takes_its_views_with_it() -> None:
    async with desk() as use:
        await use.attached()
        await use.attached()
        other = await use.attached(OFFICER, B1, PARKING)
        await use.book.end_login(OPERATOR.login)
        await use.book.end_login("unknown")
        assert use.cut_codes == ["LOGGED_OUT", "LOGGED_OUT"]
        assert list(use.relay.running) == [other.view_id]


async def test_views_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_VIEWS_PER_LOGIN", 3)
    monkeypatch.setattr(places, "MAX_WAITING_VIEWS", 4)
    async with desk() as use:
        for _ in range(3):
            await use.book.open(OPERATOR, B1, CRIME)
        with pytest.raises(GatewayError) as raised:
            await use.book.open(OPERATOR, B1, CRIME)
        assert (raised.value.kind, raised.value.code) == (ErrorKind.OVERLOADED, "TOO_MANY_VIEWS")
        await use.book.open(OFFICER, B1, PARKING)
        with pytest.raises(GatewayError):
            await use.book.open(OFFICER, B1, PARKING)
        assert use.meter.totals()["views_refused"] == 2


async def test_one_account_cannot_take_all_waiting_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_WAITING_PER_ACCOUNT", 3)
    async with desk() as use:
        for number in range(3):
            await use.attached(replace(OPERATOR, login=f"running {number}"))
        for number in range(3):
            await use.book.open(replace(OPERATOR, login=f"waiting {number}"), B1, CRIME)
        with pytest.raises(GatewayError) as raised:
            await use.book.open(OPERATOR, B1, CRIME)
        assert raised.value.code == "TOO_MANY_VIEWS"
        await use.book.open(OFFICER, B1, PARKING)


async def test_selecting_an_unknown_view() -> None:
    async with desk() as use:
        with pytest.raises(GatewayError) as raised:
            await use.book.select(ViewId("x"), Quality.MAIN)
        assert raised.value.code == "VIEW_UNKNOWN"
        waiting = await use.book.open(OPERATOR, B1, CRIME)
        await use.book.select(waiting.view_id, Quality.MAIN)
        assert not use.relay.selected


async def test_shutdown_closes_everything() -> None:
    async with desk() as use:
        await use.attached()
        await use.book.open(OPERATOR, B1, CRIME)
        assert await use.book.close_all()
        assert [one.code for one in use.closings] == ["SHUTDOWN", "SHUTDOWN"]
        assert not use.relay.running


async def test_views_that_a_crash_left_open_are_closed_at_the_next_start() -> None:
    async with desk() as use:
        opened = await use.attached()
        crashed = use.store
        use.book.media_lost(opened.view_id, EndReason.VIEWER_CLOSED)
        await settle()
        # What a crash leaves: the opening without its closing.
        closing = crashed.records.pop()
        assert await use.book.recover() == 1
        assert crashed.records[-1].event.code == "CRASHED"
        assert crashed.records[-1].event.view == closing.event.view
        assert await use.book.recover() == 0


async def test_a_caller_that_gives_up_while_the_record_is_stored() -> None:
    async with desk() as use:
        use.store.gate.clear()
        opening = asyncio.ensure_future(use.book.open(OPERATOR, B1, CRIME))
        await settle()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        use.store.gate.set()
        await settle()
        assert use.book.views() == ()
        assert use.closings[0].code == "NEVER_STARTED"
