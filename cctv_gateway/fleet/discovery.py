"""Runs scans and owns what they found: probe, sweep, inspect, merge; one scan at a time.

How each step works belongs in its own module; who may scan or register is checked by the callers,
except for the ownership of a site.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.edit import add_camera, edit_file
from cctv_gateway.config.schema import Camera, Configuration
from cctv_gateway.fleet.enrol import Login
from cctv_gateway.fleet.findings import Finding, FindingBook, Sighting
from cctv_gateway.fleet.login_memory import LoginMemory
from cctv_gateway.fleet.onvif_library import OnvifLibrary
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.fleet.registration import (
    Registration,
    camera_entry,
    scan_running,
    unknown_finding,
)
from cctv_gateway.fleet.scan import Known, Plan, ScanRun
from cctv_gateway.fleet.sweep import Network, parse_networks
from cctv_gateway.model import CameraId, Credentials

# Listeners hear of every finding, and of progress in steps of this size.
PROGRESS_STEP = 0.01


class ScanState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """A frozen look at a scan. `outcomes` counts the hosts that are no finding, by reason."""

    id: str
    state: ScanState
    started_at: datetime
    progress: float = 0.0
    found: int = 0
    outcomes: Counter[Reason] = field(default_factory=Counter)


Listener = Callable[[Scan], None]


class DiscoveryService:
    """`start` runs a scan in the background, `run` waits for its end.

    `configuration` gives the running file, `logins` what to try on new cameras, `credentials_of`
    the logins of registered ones by name; `key` makes the ids of findings stable over restarts.
    It ends with the task owner that it was given.
    """

    def __init__(
        self, *, clock: Clock, meter: Meter, tasks: TaskOwner, plan: Plan,
        configuration: Callable[[], Configuration], config_file: Path,
        logins: Callable[[], Sequence[Login]], key: bytes | None = None,
        library: OnvifLibrary | None = None,
        credentials_of: Callable[[str], Credentials | None] = lambda name: None,
    ) -> None:  # fmt: skip
        self._clock, self._meter, self._tasks, self._plan = clock, meter, tasks, plan
        self._configuration, self._config_file, self._logins = configuration, config_file, logins
        self._credentials_of = credentials_of
        key = key or secrets.token_bytes(32)
        self._library = library or OnvifLibrary()
        self._book, self._memory = FindingBook(key), LoginMemory(key)
        self._scan: Scan | None = None
        self._listeners: list[Listener] = []

    def scan(self) -> Scan | None:
        """The latest scan."""
        return self._scan

    def findings(self) -> tuple[Finding, ...]:
        return self._book.all(self._configuration())

    def on_change(self, listener: Listener) -> None:
        """`listener` hears of every step; it must be quick and must not raise."""
        self._listeners.append(listener)

    def replan(self, plan: Plan) -> None:
        """Search by `plan` from the next scan on."""
        self._plan = plan

    async def start(self) -> Scan:
        """Begin a scan; raises CONFLICT while one runs and BAD_REQUEST for bad networks."""
        scan, run = self._begin()
        self._tasks.start(self._run(run), "scan")
        return scan

    async def run(self) -> Scan:
        """Scan to the end; raises like `start`."""
        _, run = self._begin()
        await self._run(run)
        assert self._scan is not None, "a scan that has run is kept"
        return self._scan

    def entry(self, finding: str, wanted: Registration, agency: str | None) -> Camera:
        """The camera that a registration would write; raises what forbids it.

        `agency` must own the site; None is the administrator at the machine itself.
        """
        known = next((each for each in self.findings() if each.id == finding), None)
        if known is None:
            raise unknown_finding()
        return camera_entry(known, wanted, self._configuration(), agency)

    async def write(self, camera: Camera) -> None:
        """Add the camera to the file, with the file's comments and order kept."""
        await asyncio.to_thread(edit_file, self._config_file, add_camera(camera))

    async def register(self, finding: str, wanted: Registration, agency: str | None) -> CameraId:
        """`entry` and `write` in one."""
        camera = self.entry(finding, wanted, agency)
        await self.write(camera)
        return camera.id

    def _begin(self) -> tuple[Scan, ScanRun]:
        if self._scan is not None and self._scan.state is ScanState.RUNNING:
            raise scan_running()
        networks = parse_networks(self._plan.networks, self._plan.limits.max_hosts)
        id = secrets.token_hex(6)
        run = self._prepared(id, networks)
        scan = Scan(id, ScanState.RUNNING, self._clock.now())
        self._tell(scan)
        return scan, run

    def _prepared(self, id: str, networks: Sequence[Network]) -> ScanRun:
        logins = {each.name: each for each in self._logins()}
        known = Known(
            tuple(logins.values()),
            {
                (one.address.host, one.address.onvif_port): self._own_login(one, logins)
                for one in self._configuration().cameras
            },
        )
        run = ScanRun(
            id, self._plan, networks, known, self._memory, self._library, self._clock,
            self._meter, self._sighted, lambda: self._stepped(run),
        )  # fmt: skip
        return run

    def _own_login(self, camera: Camera, logins: Mapping[str, Login]) -> Login | None:
        name = camera.credentials
        if name is None or name in logins:
            return logins.get(name or "")
        found = self._credentials_of(name)
        return Login(name, found) if found else None

    def _sighted(self, sighting: Sighting) -> None:
        assert self._scan is not None, "only a scan sees anything"
        if self._book.put(sighting) is None:
            self._meter.note("discovery_findings_dropped")
            return
        self._tell(replace(self._scan, found=self._scan.found + 1))

    def _stepped(self, run: ScanRun) -> None:
        assert self._scan is not None, "only a scan makes steps"
        if run.progress - self._scan.progress >= PROGRESS_STEP:
            self._tell(replace(self._scan, progress=min(run.progress, 1.0)))

    def _tell(self, scan: Scan) -> None:
        self._scan = scan
        for listener in self._listeners:
            listener(scan)

    async def _run(self, run: ScanRun) -> None:
        state = ScanState.FAILED
        try:
            await run.run()
            state = ScanState.DONE
        finally:
            assert self._scan is not None, "begun before it runs"
            done = 1.0 if state is ScanState.DONE else self._scan.progress
            self._tell(
                replace(self._scan, state=state, progress=done, outcomes=Counter(run.outcomes))
            )
