"""Joins the real rooms to the web's ports: audit, camera states, the file, and their news.

Only translation happens here; the composition root calls `assemble` once.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.config.edit import edit_file, set_account_disabled
from cctv_gateway.config.problems import Problem
from cctv_gateway.config.watch import ConfigChanged, ConfigEvent, ConfigWatcher
from cctv_gateway.control.accounts import Accounts, Logins
from cctv_gateway.control.audit import (
    AuditEvent,
    AuditKind,
    AuditRecord,
)
from cctv_gateway.control.audit_log import AuditLog, AuditQuery, verify_store
from cctv_gateway.control.posters import PosterDesk
from cctv_gateway.control.request import Holder
from cctv_gateway.control.sessions import SessionBook
from cctv_gateway.control.views import ViewCut, ViewEvent
from cctv_gateway.model import AccountId, CameraId, CameraState, DenyCode, EndReason, Profile
from cctv_gateway.relay.contract import CameraChanged, Relay
from cctv_gateway.web.denials import DenialBook
from cctv_gateway.web.events import EventHub
from cctv_gateway.web.logins import LoginBook
from cctv_gateway.web.metrics import WebMetrics
from cctv_gateway.web.passwords import Passwords
from cctv_gateway.web.ports import (
    NEVER_PULLED,
    AuditCheck,
    ConfigStatus,
    Discovery,
    FileProblem,
    Ready,
    StateOfCamera,
    WebSettings,
)
from cctv_gateway.web.registry import Registry
from cctv_gateway.web.services import Services

# The best news of a camera's two streams is the camera's state.
_BEST_FIRST = (
    CameraState.LIVE,
    CameraState.CONNECTING,
    CameraState.FAULTED,
    CameraState.AUTH_FAILED,
    CameraState.BACKOFF,
    CameraState.IDLE,
)


class StoredAudit:
    """The chain behind an `AuditLog`, for reading and verifying."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._verifying = asyncio.Lock()

    async def append(self, event: AuditEvent) -> AuditRecord:
        return await self._log.append(event)

    async def page(self, query: AuditQuery) -> Sequence[AuditRecord]:
        return await self._log.store.page(query)

    async def verify(self) -> AuditCheck:
        """Raises GatewayError(OVERLOADED, VERIFYING) while another run is under way."""
        if self._verifying.locked():
            raise _verifying()
        async with self._verifying:
            check = await verify_store(self._log.store)
        return AuditCheck(check.records, check.broken.number if check.broken else None)


class RelayStates:
    """One state per camera, from the relay's one per stream."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def all(self) -> Mapping[CameraId, StateOfCamera]:
        """Every camera that is or was pulled; the others are idle."""
        found: dict[CameraId, StateOfCamera] = {}
        for (camera, _profile), status in self._relay.statuses().items():
            before = found.get(camera)
            if before is None or _rank(status.state) < _rank(before.state):
                found[camera] = StateOfCamera(status.state, status.since)
        return found

    def state(self, camera: CameraId) -> StateOfCamera:
        statuses = self._relay.statuses()
        found = [statuses[key] for one in Profile if (key := (camera, one)) in statuses]
        if not found:
            return NEVER_PULLED
        best = min(found, key=lambda status: _rank(status.state))
        return StateOfCamera(best.state, best.since)

    def counts(self) -> Mapping[CameraState, int]:
        return Counter(status.state for status in self._relay.statuses().values())


def _rank(state: CameraState) -> int:
    return _BEST_FIRST.index(state)


class ConfigFile:
    """The watched file: its status, and the one edit that the web makes in it."""

    def __init__(
        self, path: Path, watcher: ConfigWatcher, audit: StoredAudit, sessions: SessionBook
    ) -> None:
        self._path = path
        self._watcher = watcher
        self._audit = audit
        self._sessions = sessions

    def status(self) -> ConfigStatus:
        running = self._watcher.running
        return ConfigStatus(
            revision=running.revision,
            loaded_at=self._watcher.loaded_at,
            cameras=len(running.configuration.cameras),
            refused=self._watcher.refused,
            problems=tuple(map(_problem, self._watcher.problems)),
        )

    async def set_disabled(self, account: AccountId, disabled: bool, by: Holder) -> None:
        """Record, write the file, and let the watcher run it before this returns."""
        kind = AuditKind.ACCOUNT_DISABLED if disabled else AuditKind.ACCOUNT_ENABLED
        await self._audit.append(
            AuditEvent(
                kind=kind,
                account=by.account,
                role=by.role,
                agency=by.agency,
                terminal=by.terminal,
                detail=f"account {account}",
            )
        )
        if disabled:
            await self._cut_views(account, by.account)
        change = set_account_disabled(account, disabled)
        # The edit has read and checked the result; a city's file is not read a second time.
        await self._watcher.adopt(await asyncio.to_thread(edit_file, self._path, change))

    async def _cut_views(self, account: AccountId, by: AccountId) -> None:
        """At once: writing and checking a city's file takes seconds, and may be refused."""
        for view in self._sessions.views():
            if view.account == account:
                await self._sessions.close(view.view_id, by, DenyCode.ACCOUNT_DISABLED)


def _problem(one: Problem) -> FileProblem:
    return FileProblem(
        file=one.file,
        line=one.line,
        column=one.column,
        code=one.code,
        message=one.message,
        message_ko=one.message_ko,
        fix=one.fix,
        fix_ko=one.fix_ko,
        severity=one.severity,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The real rooms, as the composition root has built them."""

    clock: Clock
    meter: Meter
    settings: WebSettings
    relay: Relay
    sessions: SessionBook
    audit: AuditLog
    accounts: Accounts
    logins: Logins
    watcher: ConfigWatcher
    config_path: Path
    ready: Ready
    discovery: Discovery | None = None


def assemble(parts: Parts) -> Services:
    """The services for `create_web`; what sessions and the file announce reaches the consoles."""
    audit = StoredAudit(parts.audit)
    running = parts.watcher.running.configuration
    registry = Registry(running, parts.sessions.rules, parts.clock)
    events = EventHub(registry=registry, clock=parts.clock, ping_s=parts.settings.ping_s)
    config = ConfigFile(parts.config_path, parts.watcher, audit, parts.sessions)
    states = RelayStates(parts.relay)
    services = Services(
        clock=parts.clock,
        meter=parts.meter,
        settings=parts.settings,
        registry=registry,
        views=parts.sessions,
        posters=PosterDesk(
            clock=parts.clock,
            audit=parts.audit,
            rules=lambda: parts.sessions.rules,
            picture=parts.relay.poster,
        ),
        states=states,
        audit=audit,
        config=config,
        denials=DenialBook(audit, parts.clock),
        logins=_login_book(parts, registry, audit, events),
        events=events,
        metrics=WebMetrics(
            states=states.counts,
            counters=lambda: {**parts.relay.counters(), **parts.meter.totals()},
            levels=parts.relay.levels,
        ),
        ready=parts.ready,
        discovery=parts.discovery,
    )
    parts.sessions.on_event(lambda event: _tell_view(events, event))
    return services


def _login_book(
    parts: Parts, registry: Registry, audit: StoredAudit, events: EventHub
) -> LoginBook:
    return LoginBook(
        logins=parts.logins,
        accounts=parts.accounts,
        passwords=Passwords(),
        registry=registry,
        views=parts.sessions,
        audit=audit,
        clock=parts.clock,
        settings=parts.settings,
        on_end=events.end_login,
    )


def _tell_view(events: EventHub, event: ViewEvent) -> None:
    if isinstance(event, ViewCut) and event.code is not EndReason.VIEWER_CLOSED:
        events.view_cut(event)


def tell_camera(services: Services, event: CameraChanged) -> None:
    """For the relay's one listener: a camera's link changed."""
    services.events.camera_changed(event.camera, services.states.state(event.camera))


async def tell_config(services: Services, sessions: SessionBook, event: ConfigEvent) -> None:
    """For the watcher, after the sessions run by the new rules: show them, then announce them."""
    if isinstance(event, ConfigChanged):
        services.registry.replace(event.loaded.configuration, sessions.rules)
        services.events.rules_changed(event.loaded.revision)
        await services.logins.sweep()
    services.events.config_status(services.config.status())


def _verifying() -> GatewayError:
    return GatewayError(
        ErrorKind.OVERLOADED,
        "VERIFYING",
        "The record is being verified already; wait for that run to end.",
        "이미 기록을 검증하고 있습니다. 끝날 때까지 기다려 주세요.",
    )
