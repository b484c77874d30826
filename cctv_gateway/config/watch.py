"""Keeps the running configuration in step with its file, and keeps it when the file goes bad.

What a new configuration means for cameras and open views is decided by those who listen.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfiles import awatch

from cctv_gateway.base.backoff import delay_s
from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.config.diff import ConfigurationDiff, diff
from cctv_gateway.config.load import Loaded, load_bytes, load_file, read_bounded, revision_of
from cctv_gateway.config.problems import ConfigError, Problem
from cctv_gateway.model import RevisionId

log = logging.getLogger(__name__)

# Editors write in several steps; this gathers them and stays far below half a second.
GATHER_MS = 100
STEP_MS = 20
# Some file systems announce nothing; then the file is looked at this often.
LOOK_AGAIN_MS = 2000


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A sound file runs from now on."""

    loaded: Loaded
    diff: ConfigurationDiff


@dataclass(frozen=True, slots=True)
class ConfigRefused:
    """The file is bad; what ran before still runs."""

    problems: tuple[Problem, ...]


ConfigEvent = ConfigChanged | ConfigRefused
Listener = Callable[[ConfigEvent], Awaitable[None]]


class ConfigWatcher:
    """Owns the running configuration of one file.

    Listeners are awaited one after the other, in the order of the file's changes, when the new
    state can already be read here. `problems` belong to the newest file, running or refused.
    """

    def __init__(self, path: Path, running: Loaded, *, clock: Clock, meter: Meter) -> None:
        self._path = path
        self._clock = clock
        self._meter = meter
        self._running = running
        self._loaded_at = clock.now()
        self._refused: tuple[Problem, ...] = ()
        self._newest: RevisionId | None = running.revision
        self._signature: tuple[int, int, int] | None = None
        self._listeners: list[Listener] = []
        self._turn = asyncio.Lock()
        self._failures = 0

    @property
    def running(self) -> Loaded:
        return self._running

    @property
    def loaded_at(self) -> datetime:
        return self._loaded_at

    @property
    def refused(self) -> bool:
        return bool(self._refused)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._refused or self._running.problems

    def on_change(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def run(self) -> None:
        """Watch for ever; ends only by cancellation.

        What listeners could not carry out (the database was away, say) is told to them again.
        """
        while True:
            try:
                await self.reload()
                await self._watch()
            except OSError as error:
                # The directory itself is gone or unreadable; it may come back.
                self._failures += 1
                self._meter.note("config_watch_failed", error.strerror or type(error).__name__)
            except GatewayError as error:
                self._failures += 1
                self._meter.note("config_listener_failed", error.code)
            except Exception:
                # The file must be followed on: it is how rights are taken away.
                log.exception("a bug here kept a change of the configuration from taking effect")
                self._failures += 1
                self._meter.count("config_listener_faulted")
            await self._clock.sleep(delay_s(self._failures, 0.5, cap_s=10.0))

    async def _watch(self) -> None:
        # The directory, not the file: editors and deployments replace files by renaming.
        async for _ in awatch(
            self._path.parent,
            watch_filter=None,
            debounce=GATHER_MS,
            step=STEP_MS,
            rust_timeout=LOOK_AGAIN_MS,
            yield_on_timeout=True,
            recursive=False,
        ):
            self._failures = 0
            if _signature_of(self._path) != self._signature:
                await self.reload()

    async def reload(self) -> None:
        """Look at the file now; returns when listeners have dealt with what changed."""
        async with self._turn:
            event = await self._read()
            if event is not None:
                await self._announce(event)

    async def adopt(self, loaded: Loaded) -> None:
        """Run what an edit of ours has just written, without reading the file a second time."""
        async with self._turn:
            if loaded.revision != self._newest:
                await self._announce(self._accept(loaded))

    async def _read(self) -> ConfigEvent | None:
        self._signature = _signature_of(self._path)
        revision = None
        try:
            data = await asyncio.to_thread(read_bounded, self._path)
            revision = revision_of(data)
            if revision == self._newest:
                return None
            # Parsing a city takes a second; the loop must not wait for it.
            loaded = await asyncio.to_thread(load_bytes, data, self._path.name, self._today())
        except ConfigError as error:
            return self._refuse(error, revision)
        return self._accept(loaded)

    def _accept(self, loaded: Loaded) -> ConfigChanged:
        before, self._running = self._running, loaded
        self._newest, self._refused = loaded.revision, ()
        self._loaded_at = self._clock.now()
        log.info("configuration %s runs", loaded.revision)
        return ConfigChanged(loaded, diff(before.configuration, loaded.configuration))

    def _refuse(self, error: ConfigError, revision: RevisionId | None) -> ConfigRefused | None:
        if error.problems == self._refused:
            return None
        self._newest, self._refused = revision, error.problems
        self._meter.note("config_refused", f"{len(error.problems)} problem(s)")
        return ConfigRefused(error.problems)

    async def _announce(self, event: ConfigEvent) -> None:
        try:
            for listener in self._listeners:
                await listener(event)
        except Exception:
            # Read as news once more, so that all listeners hear of it again.
            self._newest, self._signature, self._refused = None, None, ()
            raise

    def _today(self) -> date:
        return today(self._clock, self._running)


def today(clock: Clock, running: Loaded | None = None) -> date:
    """The local date, in the time zone of the running settings."""
    name = running.configuration.settings.timezone if running else "Asia/Seoul"
    return clock.now().astimezone(ZoneInfo(name)).date()


async def start_from(path: Path, *, clock: Clock, meter: Meter) -> ConfigWatcher:
    """A watcher of a file that must be sound now; raises `ConfigError`."""
    loaded = await asyncio.to_thread(load_file, path, today(clock))
    return ConfigWatcher(path, loaded, clock=clock, meter=meter)


def _signature_of(path: Path) -> tuple[int, int, int] | None:
    """Tells versions of a file apart without reading it; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
