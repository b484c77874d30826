"""Tasks end with their owner, and one task's failure is its own."""

import asyncio
import logging

import pytest

from cctv_gateway.base.clock import settle
from cctv_gateway.base.tasks import MAX_FAILURES, TaskOwner


async def forever(ended: list[str]) -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        ended.append("ended")


async def failing() -> None:
    raise ValueError("a bug")


async def test_leaving_the_block_ends_every_task() -> None:
    ended: list[str] = []
    async with TaskOwner("test") as tasks:
        tasks.start(forever(ended), "one")
        tasks.start(forever(ended), "two")
        await settle()
        assert len(tasks) == 2
    assert ended == ["ended", "ended"]


async def test_a_failure_is_logged_and_disturbs_no_sibling(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended: list[str] = []
    async with TaskOwner("test") as tasks:
        tasks.start(forever(ended), "sibling")
        with caplog.at_level(logging.ERROR):
            tasks.start(failing(), "broken")
            await settle()
        assert len(tasks) == 1
        assert [str(failure) for failure in tasks.failures] == ["a bug"]
    assert "test/broken" in caplog.text


async def test_a_task_that_fails_again_and_again_fills_no_memory() -> None:
    async with TaskOwner("test") as tasks:
        for _ in range(MAX_FAILURES + 5):
            tasks.start(failing(), "broken")
            await settle()
        assert len(tasks.failures) == MAX_FAILURES


async def test_a_closed_owner_starts_nothing() -> None:
    tasks = TaskOwner("test")
    await tasks.close()
    with pytest.raises(RuntimeError, match="is closing"):
        tasks.start(forever([]), "late")
