"""The running configuration follows the file, and outlives every bad one."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cctv_gateway.base.clock import ManualClock, SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.edit import edit_file, set_account_disabled
from cctv_gateway.config.load import load_file
from cctv_gateway.config.problems import ConfigError
from cctv_gateway.config.watch import (
    ConfigChanged,
    ConfigEvent,
    ConfigRefused,
    ConfigWatcher,
    start_from,
)
from cctv_gateway.model import AccountId
from tests.config.documents import CITY, changed

BAD = changed(("number: 1", "number: one"))
OTHER = changed(("number: 2", "number: 7"))
ENDED = changed(("to: 2027-12-31", "to: 2026-11-22"))


class Heard:
    """A listener that remembers, and lets a test wait for the next event."""

    def __init__(self) -> None:
        self.events: list[ConfigEvent] = []
        self._queue: asyncio.Queue[ConfigEvent] = asyncio.Queue()

    async def __call__(self, event: ConfigEvent) -> None:
        self.events.append(event)
        self._queue.put_nowait(event)

    async def next(self) -> ConfigEvent:
        async with asyncio.timeout(10):
            return await self._queue.get()


def write(path: Path, text: str) -> None:
    path.write_text(text)


def move(path: Path, to: Path) -> None:
    path.replace(to)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "cameras.yaml"
    path.parent.mkdir()
    write(path, CITY)
    return path


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def watcher(path: Path, heard: Heard, clock: ManualClock, meter: Meter) -> ConfigWatcher:
    watcher = await start_from(path, clock=clock, meter=meter)
    watcher.on_change(heard)
    return watcher


async def test_a_sound_change_runs(path: Path, watcher: ConfigWatcher, heard: Heard) -> None:
    before = watcher.running
    write(path, OTHER)
    await watcher.reload()
    assert watcher.running != before
    assert watcher.running == load_file(path)
    (event,) = heard.events
    assert isinstance(event, ConfigChanged)
    assert event.loaded is watcher.running
    assert event.diff["cameras"].changed == {"cam-2": ("number",)}


async def test_a_bad_change_is_told_and_does_not_run(
    path: Path, watcher: ConfigWatcher, heard: Heard, meter: Meter
) -> None:
    before = watcher.running
    write(path, BAD)
    await watcher.reload()
    await watcher.reload()
    assert watcher.running is before
    assert watcher.refused
    assert [each.code for each in watcher.problems] == ["WRONG_TYPE"]
    assert heard.events == [ConfigRefused(watcher.problems)]
    assert meter.totals()["config_refused"] == 1


async def test_going_back_to_what_runs_is_told(
    path: Path, watcher: ConfigWatcher, heard: Heard, clock: ManualClock
) -> None:
    write(path, BAD)
    await watcher.reload()
    await clock.advance(60)
    write(path, CITY)
    await watcher.reload()
    last = heard.events[-1]
    assert isinstance(last, ConfigChanged)
    assert not last.diff
    assert not watcher.refused
    assert watcher.problems == ()
    assert watcher.loaded_at == clock.now()


async def test_an_edit_of_ours_runs_at_once_and_is_told_once(
    path: Path, watcher: ConfigWatcher, heard: Heard
) -> None:
    loaded = await asyncio.to_thread(edit_file, path, set_account_disabled(AccountId("kim"), True))
    await watcher.adopt(loaded)
    assert watcher.running is loaded
    await watcher.adopt(loaded)
    await watcher.reload()
    assert len(heard.events) == 1


async def test_a_lost_file_is_a_refusal_and_its_return_is_not(
    path: Path, watcher: ConfigWatcher, heard: Heard
) -> None:
    move(path, path.with_suffix(".bak"))
    await watcher.reload()
    assert [each.code for each in watcher.problems] == ["FILE_UNREADABLE"]
    move(path.with_suffix(".bak"), path)
    await watcher.reload()
    assert not watcher.refused
    assert [type(each) for each in heard.events] == [ConfigRefused, ConfigChanged]


async def test_nothing_is_told_when_nothing_changed(
    path: Path, watcher: ConfigWatcher, heard: Heard
) -> None:
    os.utime(path)
    await watcher.reload()
    assert heard.events == []


async def test_warnings_stand_beside_a_running_file(path: Path, watcher: ConfigWatcher) -> None:
    write(path, ENDED)
    await watcher.reload()
    assert [each.code for each in watcher.problems] == ["AGREEMENT_EXPIRED"]
    assert not watcher.refused


async def test_a_bad_file_is_no_start(path: Path, clock: ManualClock, meter: Meter) -> None:
    write(path, BAD)
    with pytest.raises(ConfigError):
        await start_from(path, clock=clock, meter=meter)


@pytest.fixture
async def watching(path: Path, heard: Heard) -> AsyncIterator[ConfigWatcher]:
    """A watcher that runs on the real clock and the real file system."""
    clock = SystemClock()
    watcher = await start_from(path, clock=clock, meter=Meter(clock))
    watcher.on_change(heard)
    async with TaskOwner("test") as tasks:
        tasks.start(watcher.run(), "watch")
        # The watch is on when a write is heard of.
        write(path, OTHER)
        await heard.next()
        yield watcher


async def test_edits_of_every_kind_are_heard_soon(
    path: Path, watching: ConfigWatcher, heard: Heard
) -> None:
    began = time.monotonic()
    write(path, CITY)
    assert isinstance(await heard.next(), ConfigChanged)
    write(path, BAD)
    assert isinstance(await heard.next(), ConfigRefused)
    beside = path.with_suffix(".swp")
    write(beside, OTHER)
    move(beside, path)
    assert isinstance(await heard.next(), ConfigChanged)
    await asyncio.to_thread(edit_file, path, set_account_disabled(AccountId("kim"), True))
    event = await heard.next()
    assert isinstance(event, ConfigChanged)
    assert event.diff["accounts"].changed == {"kim": ("disabled",)}
    # Each takes about 0.15 s; the rest is for a busy machine.
    assert time.monotonic() - began < 4


async def test_other_files_beside_it_are_no_news(
    path: Path, watching: ConfigWatcher, heard: Heard
) -> None:
    before = len(heard.events)
    write(path.with_name("gateway.sqlite3"), "x")
    write(path, CITY)
    await heard.next()
    assert len(heard.events) == before + 1


async def test_a_missing_directory_is_watched_for(
    path: Path, watcher: ConfigWatcher, heard: Heard, clock: ManualClock, meter: Meter
) -> None:
    directory, away = path.parent, path.parent.with_name("away")
    move(directory, away)
    async with TaskOwner("test") as tasks:
        tasks.start(watcher.run(), "watch")
        assert isinstance(await heard.next(), ConfigRefused)
        assert meter.totals()["config_watch_failed"] == 1
        move(away, directory)
        write(path, OTHER)
        await clock.advance(20)
        assert isinstance(await heard.next(), ConfigChanged)
    assert watcher.running == load_file(path)


@pytest.mark.parametrize(
    ("failure", "counter"),
    [
        (GatewayError(ErrorKind.UNREACHABLE, "DATABASE_FAILED", "no disk"), "listener_failed"),
        (KeyError("a bug"), "listener_faulted"),
    ],
)
@pytest.mark.parametrize("text", [OTHER, BAD])
async def test_a_listener_that_fails_hears_it_again_and_the_file_is_followed_on(
    path: Path, heard: Heard, clock: ManualClock, meter: Meter,
    failure: Exception, counter: str, text: str,
) -> None:  # fmt: skip
    """Rights are taken away by the file: one hiccup must not make the gateway deaf to it."""
    watcher = await start_from(path, clock=clock, meter=meter)
    failures = [failure]

    async def fails_once(event: ConfigEvent) -> None:
        if failures:
            raise failures.pop()

    watcher.on_change(fails_once)
    watcher.on_change(heard)
    write(path, text)
    async with TaskOwner("test") as tasks:
        tasks.start(watcher.run(), "watch")
        async with asyncio.timeout(10):
            while failures:  # noqa: ASYNC110 - the file is read in a thread
                await asyncio.sleep(0.01)
        await clock.advance(2)
        assert isinstance(await heard.next(), ConfigChanged if text == OTHER else ConfigRefused)
        write(path, ENDED)
        assert isinstance(await heard.next(), ConfigChanged)
    assert meter.totals()[f"config_{counter}"] == 1
    assert not tasks.failures
