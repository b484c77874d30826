"""One scan from the first probe to the last inspection, with bounded work and honest progress.

What becomes of the sightings is the business of `discovery.py`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.fleet.enrol import Inspection, Login, Patience, inspect
from cctv_gateway.fleet.findings import Sighting
from cctv_gateway.fleet.login_memory import LoginMemory
from cctv_gateway.fleet.multicast import Reach, search_devices
from cctv_gateway.fleet.onvif_client import Place
from cctv_gateway.fleet.onvif_library import OnvifLibrary
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.fleet.sweep import (
    ONVIF_PORTS,
    Knock,
    Limits,
    Network,
    allowed,
    hosts_of,
    sweep,
)
from cctv_gateway.fleet.ws_discovery import MAX_DEVICES, PORT, Match

INSPECTIONS_AT_ONCE = 16
# Shares of the progress bar.
LISTENING, SWEEPING, INSPECTING = 0.1, 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Where scans may go: networks to sweep, own addresses to send multicast from, ports.

    With networks given, nothing outside of them is touched, whoever answers.
    """

    networks: tuple[str, ...] = field(default=(), repr=False)
    interfaces: tuple[str, ...] = field(default=(), repr=False)
    ports: tuple[int, ...] = ONVIF_PORTS
    ws_port: int = PORT
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Known:
    """What the running configuration says before the scan.

    `cameras` maps host and ONVIF port of registered cameras to their own logins.
    """

    logins: tuple[Login, ...]
    cameras: Mapping[tuple[str, int], Login | None] = field(repr=False)


class ScanRun:
    """`await run()` once. `on_sighting` gets every device, `on_step` is told of progress."""

    def __init__(
        self, id: str, plan: Plan, networks: Sequence[Network], known: Known, memory: LoginMemory,
        library: OnvifLibrary, clock: Clock, meter: Meter,
        on_sighting: Callable[[Sighting], None], on_step: Callable[[], None],
    ) -> None:  # fmt: skip
        self._id, self._plan, self._networks, self._known = id, plan, networks, known
        self._memory, self._library, self._clock, self._meter = memory, library, clock, meter
        self._on_sighting, self._on_step = on_sighting, on_step
        self._hosts = hosts_of(networks)
        self._wanted = {host for host, _ in known.cameras} | {
            str(one.network_address) for one in networks if one.num_addresses == 1
        }
        self._gate = asyncio.Semaphore(INSPECTIONS_AT_ONCE)
        self._tasks = TaskOwner("inspect")
        self._started: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._ended = self._swept = 0
        self._listened = False
        self.outcomes: Counter[Reason] = Counter()

    @property
    def progress(self) -> float:
        swept = self._swept / len(self._hosts) if self._hosts else float(self._listened)
        done = self._ended / len(self._started) if self._started else swept
        return LISTENING * self._listened + SWEEPING * swept + INSPECTING * min(done, swept)

    async def run(self) -> None:
        async with self._tasks:
            await self._library.warm_up()
            await self._listen()
            await self._sweep()
            if self._started:
                await asyncio.wait(self._started.values())

    async def _listen(self) -> None:
        reach = Reach(self._plan.interfaces, self._hosts, self._plan.ws_port)
        if reach.interfaces or reach.hosts:
            await search_devices(reach, self._clock, self._meter, self._matched)
        self._listened = True
        self._on_step()

    def _matched(self, match: Match) -> None:
        if not allowed(match.host, self._networks):
            self._meter.count("discovery_outside_networks")
            return
        self._consider(Place(match.host, match.port, match.path), match)

    async def _sweep(self) -> None:
        answered = {host for host, _ in self._started}
        silent = [host for host in self._hosts if host not in answered]
        self._swept = len(self._hosts) - len(silent)
        await sweep(silent, self._plan.ports, self._plan.limits, self._clock, self._knocked)
        self._swept = len(self._hosts)
        self._on_step()

    def _knocked(self, knocks: Sequence[Knock]) -> None:
        self._swept += 1
        for knock in knocks:
            if knock.port is not None:
                self._consider(Place(knock.host, knock.port), None)
            elif knock.reason is not None:
                self._failed(knock.host, knock.reason)
        self._on_step()

    def _failed(self, host: str, reason: Reason) -> None:
        """A host without an open port: news only if somebody expects a camera there."""
        self.outcomes[reason] += 1
        if host in self._wanted:
            known = (port for where, port in self._known.cameras if where == host)
            place = Place(host, next(known, self._plan.ports[0]))
            self._report(place, Inspection(reason=reason), None)

    def _consider(self, place: Place, match: Match | None) -> None:
        where = (place.host, place.port)
        if where not in self._started and len(self._started) < MAX_DEVICES:
            self._started[where] = self._tasks.start(self._inspect(place, match), "camera")

    async def _inspect(self, place: Place, match: Match | None) -> None:
        try:
            async with self._gate:
                seen = await self._look(place)
            if match is None and seen.reason is Reason.NOT_ONVIF and place.host not in self._wanted:
                self.outcomes[Reason.NOT_ONVIF] += 1
            else:
                self._report(place, seen, match)
        finally:
            self._ended += 1
            self._on_step()

    async def _look(self, place: Place) -> Inspection:
        offered = self._logins_for(place)
        usable = self._memory.usable(place, offered)
        if offered and not usable:
            refused = tuple(each.name for each in offered)
            return Inspection(reason=Reason.AUTH_FAILED, refused=refused)
        seen = await inspect(
            place, usable, self._library, self._clock,
            self._memory.mode(place), self._plan.patience,
        )  # fmt: skip
        self._memory.learn(place, usable, seen)
        return seen

    def _logins_for(self, place: Place) -> tuple[Login, ...]:
        """A registered camera is never tried with another's password."""
        where = (place.host, place.port)
        if where not in self._known.cameras:
            return self._known.logins
        own = self._known.cameras[where]
        return (own,) if own is not None else ()

    def _report(self, place: Place, seen: Inspection, match: Match | None) -> None:
        endpoint, name = (match.endpoint, match.name) if match else ("", "")
        now = self._clock.now()
        self._on_sighting(Sighting(place, seen, now, self._id, endpoint, name))
