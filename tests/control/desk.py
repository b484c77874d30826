"""A session book on fakes, and short ways to use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cctv_gateway.base.clock import ManualClock, settle
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control.audit import AuditEvent, AuditKind, verify
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.sessions import SessionBook
from cctv_gateway.control.views import OpenedView, ViewCut, ViewEvent, ViewOpened
from cctv_gateway.model import CameraId, Purpose
from tests.control.city import B1, CRIME, OPERATOR, city_rules, seoul
from tests.control.fake_audit import MemoryAudit
from tests.control.fake_relay import FakeRelay


@dataclass
class Desk:
    clock: ManualClock
    meter: Meter
    store: MemoryAudit
    relay: FakeRelay
    tasks: TaskOwner
    book: SessionBook
    events: list[ViewEvent] = field(default_factory=list)

    async def attached(
        self, who: Holder = OPERATOR, camera: CameraId = B1, purpose: Purpose = CRIME
    ) -> OpenedView:
        opened = await self.book.open(who, camera, purpose, reason="확인")
        await self.book.attach(opened.whep_secret, "offer")
        return opened

    @property
    def cut_codes(self) -> list[str]:
        return [one.code.value for one in self.events if isinstance(one, ViewCut)]

    @property
    def opened_events(self) -> int:
        return sum(isinstance(one, ViewOpened) for one in self.events)

    def records(self, kind: AuditKind) -> list[AuditEvent]:
        return [one.event for one in self.store.records if one.event.kind is kind]

    @property
    def closings(self) -> list[AuditEvent]:
        return self.records(AuditKind.VIEW_CLOSED)


@asynccontextmanager
async def desk(at: str = "2026-11-23 10:00", rules: Rules | None = None) -> AsyncIterator[Desk]:
    """On leaving, the chain must hold and every opening must have exactly one closing."""
    clock = ManualClock(seoul(at))
    meter, store, relay = Meter(clock), MemoryAudit(), FakeRelay()
    audit = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("desk") as tasks:
        tasks.start(audit.run(), "audit")
        book = SessionBook(
            clock=clock,
            relay=relay,
            audit=audit,
            rules=rules or city_rules(),
            tasks=tasks,
            meter=meter,
        )
        found = Desk(clock, meter, store, relay, tasks, book)
        book.on_event(found.events.append)
        yield found
        store.failures = 0
        await clock.advance(120)
        await book.close_all()
        await settle()
        assert not tasks.failures
    assert not relay.running
    assert verify([row async for row in store.scan()], await store.head()) is None
    openings = sorted(one.view or "" for one in found.records(AuditKind.VIEW_OPENED))
    assert sorted(one.view or "" for one in found.closings) == openings
