"""The manual clock wakes sleepers at their own moment and in their own order."""

import asyncio
from datetime import timedelta

import pytest

from cctv_gateway.base.clock import ManualClock, SystemClock


async def test_sleepers_wake_in_order_and_at_their_time(clock: ManualClock) -> None:
    woken: list[tuple[str, float]] = []
    began = clock.monotonic()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic() - began))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 5))
        group.create_task(sleeper("soon", 2))
        await clock.advance(10)
    assert woken == [("soon", 2.0), ("late", 5.0)]


async def test_sleep_until_waits_for_the_wall_clock(clock: ManualClock) -> None:
    target = clock.now() + timedelta(minutes=3)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(clock.sleep_until(target))
        await clock.advance(179)
        assert not task.done()
        await clock.advance(1)
        assert task.done()


async def test_the_past_needs_no_waiting(clock: ManualClock) -> None:
    await clock.sleep_until(clock.now() - timedelta(seconds=1))
    await SystemClock().sleep_until(SystemClock().now() - timedelta(seconds=1))


def test_a_shifted_clock_shows_another_hour() -> None:
    plain, shifted = SystemClock(), SystemClock(timedelta(hours=5))
    ahead = shifted.now() - plain.now()
    assert timedelta(hours=4, minutes=59) < ahead < timedelta(hours=5, minutes=1)


async def test_a_system_clock_that_is_stepped_is_noticed_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stepped, slept = SystemClock(), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        stepped._shift = timedelta(hours=2)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await stepped.sleep_until(stepped.now() + timedelta(hours=1))
    assert len(slept) == 1
    assert slept[0] < 1
