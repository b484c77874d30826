"""Counting is exact, logging is rare, and invented names do not grow the table."""

import logging

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import MAX_NAMES, Meter


async def test_one_line_a_second_with_a_total(
    clock: ManualClock, meter: Meter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(500):
            meter.note("late_packet", "camera 17")
        await clock.advance(1.0)
        meter.note("late_packet", "camera 17")
    assert len(caplog.records) == 2
    assert "500 more, 501 in all" in caplog.records[1].getMessage()
    assert meter.totals()["late_packet"] == 501


def test_the_number_of_names_is_bounded(meter: Meter) -> None:
    for number in range(MAX_NAMES * 2):
        meter.count(f"name {number}")
    assert len(meter.totals()) <= MAX_NAMES + 1
    assert sum(meter.totals().values()) == MAX_NAMES * 2
