"""When a schedule is open and when that changes next: weekdays, public holidays, grace, first days.

Pure calendar arithmetic; which schedule counts for a request belongs in `control/conditions.py`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays as holiday_calendar

SEOUL: Final = ZoneInfo("Asia/Seoul")
DAY_S: Final = 86_400
# Beyond this many years an edge is as good as none: the file will have changed by then.
YEARS_AHEAD: Final = 3

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly hours in minutes of local days.

    A window is (start, end) counted from the midnight of the day it belongs to; an end beyond
    1,440 lies in the next day, but the window still belongs to the day it starts on: weekday,
    holiday and `effective_*` dates are asked of that day. Grace is the same on every day.
    `weekdays` count from Monday = 0.
    """

    weekdays: frozenset[int]
    windows: tuple[Span, ...]
    grace: tuple[Span, ...] = ()
    open_on_holidays: bool = False
    effective_from: date | None = None
    effective_to: date | None = None
    extra_holidays: frozenset[date] = frozenset()
    zone: ZoneInfo = SEOUL
    _years: dict[tuple[int, bool], tuple[int, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    _spans: dict[bool, tuple[datetime, datetime, bool, datetime | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def now_and_next(
        self, at: datetime, *, outside_grace: bool = False
    ) -> tuple[bool, datetime | None]:
        """`is_open` and `next_edge` at once, remembering the span that was asked for last."""
        span = self._spans.get(outside_grace)
        if span is None or not span[0] <= at < span[1]:
            edge = next_edge(self, at, outside_grace=outside_grace)
            end = edge or at + timedelta(days=365)
            span = at, end, is_open(self, at, outside_grace=outside_grace), edge
            self._spans[outside_grace] = span
        return span[2], span[3]

    def edges(self, year: int, outside_grace: bool) -> tuple[int, ...]:
        """Opening and closing times of one UTC year in turn (Unix seconds), kept once computed."""
        key = (year, outside_grace)
        if (known := self._years.get(key)) is None:
            known = self._years[key] = tuple(_edges_of_year(self, year, outside_grace))
        return known


def is_open(schedule: Schedule, at: datetime, *, outside_grace: bool = False) -> bool:
    """Whether `at` lies in a window and, if asked, in no grace window."""
    edges = schedule.edges(at.astimezone(UTC).year, outside_grace)
    return bisect_right(edges, at.timestamp()) % 2 == 1


def next_edge(schedule: Schedule, at: datetime, *, outside_grace: bool = False) -> datetime | None:
    """The first moment (UTC) after `at` at which `is_open` changes, up to three years ahead."""
    year = at.astimezone(UTC).year
    now = is_open(schedule, at, outside_grace=outside_grace)
    edges = schedule.edges(year, outside_grace)
    later: Iterable[int] = edges[bisect_right(edges, at.timestamp()) :]
    for ahead in range(YEARS_AHEAD):
        year_ends = _year_start(year + ahead + 1)
        for edge in later:
            # A window that runs over New Year ends the one year and starts the next.
            if edge != year_ends:
                return datetime.fromtimestamp(edge, UTC)
        later = schedule.edges(year + ahead + 1, outside_grace)
        starts_open = bool(later) and later[0] == year_ends
        if starts_open != now:
            return datetime.fromtimestamp(year_ends, UTC)
        later = later[1:] if starts_open else later
    return None


def _edges_of_year(schedule: Schedule, year: int, outside_grace: bool) -> Iterator[int]:
    first, last = _year_start(year), _year_start(year + 1)
    begin = datetime.fromtimestamp(first, UTC).date() - timedelta(days=2)
    days = [begin + timedelta(days=count) for count in range((last - first) // DAY_S + 4)]
    opening = [day for day in days if _opens_on(schedule, day)]
    spans = _merged(_spans(schedule, opening, schedule.windows))
    if outside_grace:
        spans = _without(spans, _merged(_spans(schedule, days, schedule.grace)))
    for start, end in spans:
        if end > first and start < last:
            yield max(start, first)
            yield min(end, last)


def _opens_on(schedule: Schedule, day: date) -> bool:
    if day.weekday() not in schedule.weekdays:
        return False
    if schedule.effective_from is not None and day < schedule.effective_from:
        return False
    if schedule.effective_to is not None and day > schedule.effective_to:
        return False
    return schedule.open_on_holidays or not is_holiday(day, schedule.extra_holidays)


def is_holiday(day: date, extra: frozenset[date] = frozenset()) -> bool:
    """A Korean public holiday, substitute holidays included, or one the deployer added."""
    return day in extra or day in _holidays_of(day.year)


@lru_cache(maxsize=64)
def _holidays_of(year: int) -> frozenset[date]:
    return frozenset(holiday_calendar.country_holidays("KR", years=year))


def local_midnight(day: date, zone: ZoneInfo = SEOUL) -> datetime:
    """The moment (UTC) at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _spans(schedule: Schedule, days: Iterable[date], windows: tuple[Span, ...]) -> list[Span]:
    found = []
    for day in days:
        for start, end in windows:
            found.append((_local(schedule, day, start), _local(schedule, day, end)))
    return sorted(found)


def _local(schedule: Schedule, day: date, minute: int) -> int:
    days, minute = divmod(minute, 1440)
    at = time(minute // 60, minute % 60)
    moment = datetime.combine(day + timedelta(days=days), at, schedule.zone)
    return int(moment.timestamp())


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(spans: list[Span], holes: list[Span]) -> list[Span]:
    """`spans` minus `holes`, both sorted and merged."""
    left: list[Span] = []
    index = 0
    for start, end in spans:
        while index < len(holes) and holes[index][1] <= start:
            index += 1
        at = index
        while at < len(holes) and holes[at][0] < end:
            if holes[at][0] > start:
                left.append((start, holes[at][0]))
            start = holes[at][1]
            at += 1
        if start < end:
            left.append((start, end))
    return left


def _year_start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
