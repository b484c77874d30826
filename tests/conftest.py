"""What every test may use, and the watch over what a test leaves behind."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter

settings.register_profile(
    "default", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")

# Started once by libraries and kept for the life of the process.
SHARED_THREADS = ("asyncio_", "ThreadPoolExecutor-", "AnyIO", "pytest_timeout", "watchfiles")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def meter(clock: ManualClock) -> Meter:
    return Meter(clock)


@pytest.fixture(autouse=True)
async def no_task_left_behind() -> AsyncIterator[None]:
    """Every test ends with the tasks it began with."""
    before = asyncio.all_tasks()
    yield
    for _ in range(5):
        await asyncio.sleep(0)
    own = {asyncio.current_task()}
    left = {task for task in asyncio.all_tasks() - before - own if not task.done()}
    assert not left, f"tasks left behind: {[task.get_name() for task in left]}"


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [
        thread.name
        for thread in set(threading.enumerate()) - before
        if thread.is_alive() and not thread.name.startswith(SHARED_THREADS)
    ]
    assert not left, f"threads left behind: {left}"
