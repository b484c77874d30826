"""Schedules against a second, naive reading of the same words, minute by minute."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.control.schedule import (
    SEOUL,
    Schedule,
    is_holiday,
    is_open,
    local_midnight,
    next_edge,
)

WEEKDAYS = frozenset(range(5))
ENFORCEMENT = Schedule(
    WEEKDAYS, ((480, 1200),), grace=((690, 810),), effective_from=date(2024, 4, 1)
)
NIGHT = Schedule(frozenset(range(7)), ((1200, 1920),), open_on_holidays=True)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("schedule", "at", "opened", "edge"),
    [
        (ENFORCEMENT, "2026-11-23 10:00", True, "2026-11-23 20:00"),
        (ENFORCEMENT, "2026-11-23 08:00", True, "2026-11-23 20:00"),
        (ENFORCEMENT, "2026-11-23 07:59:59.999999", False, "2026-11-23 08:00"),
        (ENFORCEMENT, "2026-11-23 20:00", False, "2026-11-24 08:00"),
        (ENFORCEMENT, "2026-11-22 10:00", False, "2026-11-23 08:00"),
        # Chuseok 2026 begins on a Thursday; the next working day is Monday.
        (ENFORCEMENT, "2026-09-24 10:00", False, "2026-09-28 08:00"),
        # The substitute for National Foundation Day, which falls on a Saturday.
        (ENFORCEMENT, "2026-10-05 10:00", False, "2026-10-06 08:00"),
        (ENFORCEMENT, "2024-03-29 10:00", False, "2024-04-01 08:00"),
        (ENFORCEMENT, "2026-12-31 21:00", False, "2027-01-04 08:00"),
        (NIGHT, "2026-11-23 21:00", True, "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 03:00", True, "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 15:00", False, "2026-11-24 20:00"),
        (NIGHT, "2026-12-31 23:00", True, "2027-01-01 08:00"),
        (NIGHT, "2027-01-01 05:00", True, "2027-01-01 08:00"),
    ],
)
def test_known_hours(schedule: Schedule, at: str, opened: bool, edge: str) -> None:
    assert is_open(schedule, seoul(at)) is opened
    assert next_edge(schedule, seoul(at)) == seoul(edge)


def test_grace_counts_only_when_asked() -> None:
    noon = seoul("2026-11-23 12:00")
    assert is_open(ENFORCEMENT, noon)
    assert not is_open(ENFORCEMENT, noon, outside_grace=True)
    assert next_edge(ENFORCEMENT, noon, outside_grace=True) == seoul("2026-11-23 13:30")
    before = seoul("2026-11-23 11:00")
    assert next_edge(ENFORCEMENT, before, outside_grace=True) == seoul("2026-11-23 11:30")


def test_a_schedule_that_never_changes_has_no_edge() -> None:
    always = Schedule(frozenset(range(7)), ((0, 1440),), open_on_holidays=True)
    ended = Schedule(frozenset(range(7)), ((0, 1440),), effective_to=date(2020, 1, 1))
    at = seoul("2026-11-23 10:00")
    assert is_open(always, at)
    assert next_edge(always, at) is None
    assert not is_open(ended, at)
    assert next_edge(ended, at) is None


def test_a_window_belongs_to_the_day_it_starts_on() -> None:
    monday_night = Schedule(frozenset({0}), ((1320, 1800),))
    assert is_open(monday_night, seoul("2026-11-24 05:00"))
    assert not is_open(monday_night, seoul("2026-11-23 05:00"))


def test_holidays_of_the_deployer_count() -> None:
    day = date(2026, 11, 24)
    closed = Schedule(WEEKDAYS, ((480, 1200),), extra_holidays=frozenset({day}))
    assert is_holiday(day, frozenset({day}))
    assert not is_open(closed, seoul("2026-11-24 10:00"))
    assert is_open(closed, seoul("2026-11-25 10:00"))


def test_local_midnight() -> None:
    assert local_midnight(date(2026, 11, 24)) == datetime(2026, 11, 23, 15, tzinfo=UTC)


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda s: (s[0], s[0] + s[1]))
days = st.dates(date(2025, 12, 25), date(2026, 1, 8)) | st.dates(
    date(2026, 9, 1), date(2026, 10, 20)
)
schedules = st.builds(
    Schedule,
    weekdays=st.frozensets(st.integers(0, 6)),
    windows=st.lists(spans, max_size=3).map(tuple),
    grace=st.lists(spans, max_size=2).map(tuple),
    open_on_holidays=st.booleans(),
    effective_from=st.none() | days,
    effective_to=st.none() | days,
    extra_holidays=st.frozensets(days, max_size=2),
)
moments = st.tuples(days, st.integers(0, 86399)).map(
    lambda day: datetime.combine(day[0], datetime.min.time(), SEOUL) + timedelta(seconds=day[1])
)
KNOWN_HOLIDAYS = {
    *(date(2025, 12, 25), date(2026, 1, 1), date(2026, 10, 9)),
    *(date(2026, 9, 24), date(2026, 9, 25), date(2026, 9, 26)),
    *(date(2026, 10, 3), date(2026, 10, 5)),
}


def naive_open(schedule: Schedule, at: datetime, outside_grace: bool) -> bool:
    local = at.astimezone(SEOUL)
    minute = local.hour * 60 + local.minute
    for back in (0, 1, 2):
        day, counted = local.date() - timedelta(days=back), minute + back * 1440
        if any(start <= counted < end for start, end in schedule.windows) and naive_day(
            schedule, day
        ):
            break
    else:
        return False
    in_grace = any(
        start <= minute + back * 1440 < end for back in (0, 1, 2) for start, end in schedule.grace
    )
    return not (outside_grace and in_grace)


def naive_day(schedule: Schedule, day: date) -> bool:
    holiday = day in KNOWN_HOLIDAYS or day in schedule.extra_holidays
    begun = schedule.effective_from is None or schedule.effective_from <= day
    ended = schedule.effective_to is not None and day > schedule.effective_to
    working = schedule.open_on_holidays or not holiday
    return day.weekday() in schedule.weekdays and begun and not ended and working


@settings(max_examples=150)
@given(schedules, moments, st.booleans())
def test_open_as_the_naive_reading_says(
    schedule: Schedule, at: datetime, outside_grace: bool
) -> None:
    expected = naive_open(schedule, at, outside_grace)
    assert is_open(schedule, at, outside_grace=outside_grace) is expected
    for moment in (at, at + timedelta(hours=3), at, at - timedelta(days=1)):
        remembered = schedule.now_and_next(moment, outside_grace=outside_grace)
        assert remembered == (
            is_open(schedule, moment, outside_grace=outside_grace),
            next_edge(schedule, moment, outside_grace=outside_grace),
        )


@settings(max_examples=25)
@given(schedules, moments, st.booleans())
def test_the_next_edge_is_the_first_minute_that_differs(
    schedule: Schedule, at: datetime, outside_grace: bool
) -> None:
    edge = next_edge(schedule, at, outside_grace=outside_grace)
    now = naive_open(schedule, at, outside_grace)
    minute = at.replace(second=0) + timedelta(minutes=1)
    looked_until = minute + timedelta(days=9)
    while minute < looked_until and naive_open(schedule, minute, outside_grace) is now:
        minute += timedelta(minutes=1)
    if minute < looked_until:
        assert edge == minute
    else:
        assert edge is None or edge >= minute


def test_what_is_remembered_does_not_count_as_part_of_the_value() -> None:
    fresh = dataclasses.replace(ENFORCEMENT)
    is_open(ENFORCEMENT, seoul("2026-11-23 10:00"))
    assert fresh == ENFORCEMENT
    assert hash(fresh) == hash(ENFORCEMENT)
