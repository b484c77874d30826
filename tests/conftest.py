"""What every test may use, and the watch over what a test leaves behind."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter

settings.register_profile(
    "default", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

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
        if not thread.name.startswith(SHARED_THREADS) and not _ends(thread)
    ]
    assert not left, f"threads left behind: {left}"


def _ends(thread: threading.Thread) -> bool:
    # A thread that was told to end may still be on its last line.
    thread.join(1.0)
    return not thread.is_alive()
