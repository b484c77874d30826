"""The pure chain: every kind of tampering is found, and every event survives the round trip."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.control.audit import (
    MAX_TEXT,
    AuditEvent,
    AuditKind,
    AuditRecord,
    BreakKind,
    ChainBreak,
    ChainHead,
    Decision,
    StoredRecord,
    body_of,
    bounded,
    index_columns,
    parse_body,
    seal,
    verify,
)
from cctv_gateway.model import (
    AccountId,
    Action,
    CameraId,
    IncidentId,
    Obligation,
    Purpose,
    RevisionId,
    RoleId,
    ViewId,
)

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

events = st.builds(
    AuditEvent,
    kind=st.sampled_from(AuditKind),
    account=st.none() | st.text().map(AccountId),
    role=st.none() | st.text().map(RoleId),
    agency=st.none() | st.text(),
    purpose=st.none() | st.sampled_from(Purpose),
    case=st.none() | st.text().map(IncidentId),
    action=st.none() | st.sampled_from(Action),
    camera=st.none() | st.text().map(CameraId),
    terminal=st.none() | st.text(),
    decision=st.none() | st.sampled_from(Decision),
    code=st.none() | st.text(),
    obligations=st.frozensets(st.sampled_from(Obligation)),
    rule=st.none() | st.text(),
    revision=st.none() | st.text().map(RevisionId),
    view=st.none() | st.text().map(ViewId),
    reason=st.none() | st.text(),
    held_ms=st.none() | st.integers(min_value=0),
    detail=st.none() | st.text(),
)


def chain(count: int) -> list[AuditRecord]:
    head, records = ChainHead(), []
    for index in range(count):
        event = AuditEvent(AuditKind.VIEW_OPENED, account=AccountId(f"kim{index}"))
        record = seal(head, START + timedelta(seconds=index), event)
        records.append(record)
        head = ChainHead(record.number, record.hash)
    return records


def stored(record: AuditRecord) -> StoredRecord:
    return StoredRecord(record.number, body_of(record), record.hash, index_columns(record))


def head_of(records: list[AuditRecord]) -> ChainHead:
    return ChainHead(records[-1].number, records[-1].hash) if records else ChainHead()


@pytest.mark.parametrize("count", [0, 1, 50])
def test_an_untouched_chain_holds(count: int) -> None:
    records = chain(count)
    assert verify(map(stored, records), head_of(records)) is None


@given(st.text(), events, st.datetimes(timezones=st.just(UTC)))
def test_events_survive_the_round_trip(previous: str, event: AuditEvent, at: datetime) -> None:
    record = seal(ChainHead(7, previous.encode().hex()), at, bounded(event))
    assert parse_body(body_of(record), record.hash) == record


@given(events)
def test_bounded_text_can_always_be_stored(event: AuditEvent) -> None:
    record = seal(ChainHead(), START, bounded(event))
    assert "\0" not in "".join(value or "" for _, value in index_columns(record))
    body_of(record).encode()
    assert len(bounded(replace(event, reason="x" * 9999)).reason or "") == MAX_TEXT


def test_control_characters_do_not_reach_the_record() -> None:
    event = AuditEvent(AuditKind.LOGIN_FAILED, account=AccountId("a\0b\nc\ud800"))
    assert bounded(event).account == "a\ufffdb\ufffdc\ufffd"


Tamper = Callable[[list[StoredRecord]], list[StoredRecord]]


def _with(index: int, **changes: object) -> Tamper:
    def tamper(rows: list[StoredRecord]) -> list[StoredRecord]:
        rows[index] = replace(rows[index], **changes)  # type: ignore[arg-type]
        return rows

    return tamper


def _resealed(rows: list[StoredRecord]) -> list[StoredRecord]:
    """One record changed and its own hash made right again."""
    record = parse_body(rows[4].body, rows[4].hash)
    event = replace(record.event, account=AccountId("nobody"))
    again = seal(ChainHead(record.number - 1, record.previous), record.at, event)
    rows[4] = stored(again)
    return rows


TAMPERS: dict[str, tuple[Tamper, ChainBreak]] = {
    "body changed": (
        lambda rows: _with(4, body=rows[4].body.replace("kim4", "lee4"))(rows),
        ChainBreak(BreakKind.CHANGED, 5),
    ),
    "hash changed": (_with(4, hash="f" * 64), ChainBreak(BreakKind.CHANGED, 5)),
    "search column changed": (
        _with(4, columns=(("kind", "view.opened"), ("account", "x"))),
        ChainBreak(BreakKind.CHANGED, 5),
    ),
    "changed and sealed again": (_resealed, ChainBreak(BreakKind.CHANGED, 6)),
    "removed": (lambda rows: rows[:4] + rows[5:], ChainBreak(BreakKind.REMOVED, 5)),
    "first removed": (lambda rows: rows[1:], ChainBreak(BreakKind.REMOVED, 1)),
    "removed and renumbered": (
        lambda rows: rows[:4] + [replace(row, number=row.number - 1) for row in rows[5:]],
        ChainBreak(BreakKind.CHANGED, 5),
    ),
    "swapped": (
        lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]],
        ChainBreak(BreakKind.REMOVED, 4),
    ),
    "repeated": (
        lambda rows: [*rows[:5], *rows[4:]],
        ChainBreak(BreakKind.REORDERED, 6),
    ),
    "tail cut": (lambda rows: rows[:-3], ChainBreak(BreakKind.TRUNCATED, 8)),
    "emptied": (lambda rows: [], ChainBreak(BreakKind.TRUNCATED, 1)),
    "not a record": (_with(4, body="[]"), ChainBreak(BreakKind.CHANGED, 5)),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_tampering_is_found_at_its_place(name: str) -> None:
    tamper, expected = TAMPERS[name]
    records = chain(10)
    assert verify(tamper([stored(one) for one in records]), head_of(records)) == expected


def test_a_head_that_does_not_fit_is_found() -> None:
    records = chain(3)
    broken = verify(map(stored, records), ChainHead(3, "0" * 64))
    assert broken == ChainBreak(BreakKind.HEAD_CHANGED, 3)
    assert verify(map(stored, records), head_of(records[:2])) is not None


def test_the_witness_tells_of_a_tail_cut_with_its_head() -> None:
    records = chain(10)
    rows = [stored(one) for one in records]
    witness = head_of(records[:8])
    assert verify(rows, head_of(records), witness) is None
    broken = verify(rows[:5], head_of(records[:5]), witness)
    assert broken == ChainBreak(BreakKind.TRUNCATED, 6)


def test_the_witness_tells_of_a_chain_written_anew() -> None:
    records, other = chain(10), []
    head = ChainHead()
    for record in records:
        made = seal(head, record.at, replace(record.event, account=AccountId("else")))
        other.append(made)
        head = ChainHead(made.number, made.hash)
    broken = verify(map(stored, other), head, head_of(records[:8]))
    assert broken == ChainBreak(BreakKind.CHANGED, 8)


@given(st.lists(st.integers(0, 9), min_size=0, max_size=12))
def test_only_the_true_order_holds(order: list[int]) -> None:
    records = chain(10)
    broken = verify([stored(records[index]) for index in order], head_of(records))
    assert (broken is None) == (order == list(range(10)))


@given(st.text() | st.recursive(st.integers() | st.text(), st.lists).map(str))
def test_broken_bodies_raise_the_designed_error_only(body: str) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_body(body, "0" * 64)
    assert raised.value.code == "AUDIT_UNREADABLE"


@pytest.mark.parametrize(
    "body",
    [
        '{"number":1,"previous":"","at":"2026-01-01T00:00:00Z","obligations":[],"kind":"x"}',
        '{"number":1,"previous":"","at":"0001-01-01T00:00:00+09:00","obligations":[]}',
        '{"number":1,"previous":"","at":"2026-01-01T00:00:00Z","obligations":[[]],"kind":"login"}',
        '{"number":1,"previous":"","at":"2026-01-01T00:00:00Z","obligations":[],"new":1}',
        "[" * 100_000,
    ],
)
def test_bodies_that_nearly_fit(body: str) -> None:
    with pytest.raises(GatewayError):
        parse_body(body, "0" * 64)
