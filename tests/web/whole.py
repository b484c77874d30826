"""The web on the real rooms: session book, audit chain and logins in SQLite, a watched file.

Only the relay is a stand-in; cameras are not.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.watch import ConfigChanged, ConfigEvent, ConfigWatcher, start_from
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.rules import compile_rules
from cctv_gateway.control.sessions import SessionBook
from cctv_gateway.model import (
    AccountId,
    CameraId,
    CameraLink,
    Grant,
    Profile,
    Quality,
    StreamStatus,
    ViewId,
    ViewStats,
)
from cctv_gateway.relay.contract import RelayEvent
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.store.audit import AuditTable
from cctv_gateway.store.database import Database
from cctv_gateway.store.logins import LoginStore
from cctv_gateway.web.adapters import Parts, assemble, tell_config
from cctv_gateway.web.app import create_web
from cctv_gateway.web.console_files import ConsoleFiles
from cctv_gateway.web.ports import WebSettings
from cctv_gateway.web.services import Services
from tests.web.fakes import ANSWER, JPEG, FakeDiscovery
from tests.web.world import FAST_HASHER, HOST, PASSWORD, PEOPLE, SITE, document


@dataclass
class FakeRelay:
    """A relay without media that remembers what it was told."""

    open_views: dict[ViewId, Grant] = field(default_factory=dict)
    pulls: dict[tuple[CameraId, Profile], StreamStatus] = field(default_factory=dict)

    async def configure(self, links: Mapping[CameraId, CameraLink]) -> None: ...

    async def open(self, view: ViewId, grant: Grant, offer_sdp: str, quality: Quality) -> str:
        self.open_views[view] = grant
        return ANSWER

    async def trickle(self, view: ViewId, fragment: str) -> str | None:
        return None

    async def cut(self, view: ViewId) -> None:
        self.open_views.pop(view, None)

    async def select(self, view: ViewId, quality: Quality) -> None: ...

    async def poster(self, grant: Grant) -> bytes:
        return JPEG

    def statuses(self) -> Mapping[tuple[CameraId, Profile], StreamStatus]:
        return self.pulls

    def stats(self, view: ViewId) -> ViewStats | None:
        return None

    def counters(self) -> Mapping[str, int]:
        return {"relay_units_in": 7}

    def levels(self) -> Mapping[str, int]:
        return {"views": len(self.open_views)}

    def on_event(self, listener: Callable[[RelayEvent], None]) -> None: ...


@dataclass
class Whole:
    app: FastAPI
    services: Services
    clock: ManualClock
    relay: FakeRelay
    sessions: SessionBook
    watcher: ConfigWatcher
    path: Path


@asynccontextmanager
async def whole_web(clock: ManualClock, meter: Meter, folder: Path) -> AsyncIterator[Whole]:
    path = folder / "cameras.yaml"
    path.write_text(json.dumps(document(), ensure_ascii=False, indent=1))
    database = Database.at(folder / "gateway.db")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        yield await _build(stack, clock, meter, path, database)


async def _build(
    stack: AsyncExitStack, clock: ManualClock, meter: Meter, path: Path, database: Database
) -> Whole:
    await database.open()
    log = AuditLog(AuditTable(database), clock=clock, meter=meter)
    watcher = await start_from(path, clock=clock, meter=meter)
    running = watcher.running
    rules = compile_rules(running.configuration, running.revision)
    relay = FakeRelay()
    accounts = AccountStore(database)
    for account in PEOPLE:
        phc = Redacted(FAST_HASHER.hash(PASSWORD))
        await accounts.set_password(AccountId(account), phc, clock.now())
    tasks = await stack.enter_async_context(TaskOwner("whole"))
    tasks.start(log.run(), "audit")
    sessions = SessionBook(
        clock=clock, relay=relay, audit=log, rules=rules, tasks=tasks, meter=meter
    )
    parts = Parts(
        clock=clock,
        meter=meter,
        settings=WebSettings(hosts=frozenset({HOST, "127.0.0.1"})),
        relay=relay,
        sessions=sessions,
        audit=log,
        accounts=accounts,
        logins=LoginStore(database),
        watcher=watcher,
        config_path=path,
        ready=lambda: {"database": True},
        discovery=FakeDiscovery(),
    )
    services = assemble(parts)

    async def on_change(event: ConfigEvent) -> None:
        if isinstance(event, ConfigChanged):
            changed = compile_rules(event.loaded.configuration, event.loaded.revision)
            await sessions.replace_rules(changed)
        await tell_config(services, sessions, event)

    watcher.on_change(on_change)
    app = create_web(services, ConsoleFiles(SITE))
    stack.push_async_callback(sessions.close_all)
    return Whole(app, services, clock, relay, sessions, watcher, path)
