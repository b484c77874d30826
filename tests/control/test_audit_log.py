"""The writer: groups, failures that are told to every waiter, and a head that moved."""

import asyncio

import pytest

from cctv_gateway.base.clock import ManualClock, settle
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control import audit_log
from cctv_gateway.control.audit import AuditEvent, AuditKind, verify
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.model import AccountId
from tests.control.fake_audit import MemoryAudit


def event(name: str) -> AuditEvent:
    return AuditEvent(AuditKind.LOGIN, account=AccountId(name))


async def appended(log: AuditLog, count: int) -> list[object]:
    calls = [log.append(event(f"a{index}")) for index in range(count)]
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def test_waiters_share_commits_and_keep_their_order(clock: ManualClock, meter: Meter) -> None:
    store = MemoryAudit()
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        await appended(log, 700)
    assert [record.event.account for record in store.records] == [f"a{i}" for i in range(700)]
    assert len(store.groups) <= 3
    assert verify([row async for row in store.scan()], await store.head()) is None


async def test_a_failed_commit_is_told_to_its_whole_group(clock: ManualClock, meter: Meter) -> None:
    store = MemoryAudit()
    store.failures = 1
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        results = await appended(log, 5)
        assert all(isinstance(one, GatewayError) and one.code == "AUDIT_FAILED" for one in results)
        assert await log.append(event("next"))
    assert len(store.records) == 1
    assert meter.totals()["audit_failed"] == 5


async def test_a_commit_that_failed_only_in_its_answer_does_not_break_the_chain(
    clock: ManualClock, meter: Meter
) -> None:
    store = MemoryAudit()
    store.failures, store.commits_before_failing = 1, True
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        await appended(log, 1)
        await log.append(event("next"))
    assert len(store.records) == 2
    assert verify([row async for row in store.scan()], await store.head()) is None


async def test_two_writers_find_their_places(clock: ManualClock, meter: Meter) -> None:
    store = MemoryAudit()
    gateway = AuditLog(store, clock=clock, meter=meter)
    command_line = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(gateway.run(), "gateway")
        tasks.start(command_line.run(), "cli")
        for _ in range(5):
            await gateway.append(event("gateway"))
            await command_line.append(event("cli"))
    assert len(store.records) == 10
    assert verify([row async for row in store.scan()], await store.head()) is None
    assert meter.totals()["audit_head_moved"] > 0


async def test_the_queue_is_bounded(
    clock: ManualClock, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "MAX_WAITING", 3)
    store = MemoryAudit()
    store.gate.clear()
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        waiting = [asyncio.ensure_future(log.append(event("a"))) for _ in range(1)]
        await settle()
        waiting += [asyncio.ensure_future(log.append(event("b"))) for _ in range(3)]
        await settle()
        with pytest.raises(GatewayError) as raised:
            await log.append(event("too many"))
        assert raised.value.code == "AUDIT_BUSY"
        store.gate.set()
        await asyncio.gather(*waiting)
    assert len(store.records) == 4


async def test_an_end_in_the_middle_leaves_nobody_waiting(clock: ManualClock, meter: Meter) -> None:
    store = MemoryAudit()
    store.gate.clear()
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        waiting = [asyncio.ensure_future(log.append(event("a"))) for _ in range(3)]
        await settle()
        waiting.append(asyncio.ensure_future(log.append(event("late"))))
        await settle()
        await tasks.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, GatewayError) and one.code == "AUDIT_FAILED" for one in results)


async def test_a_store_that_hangs_is_given_up(
    clock: ManualClock, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "COMMIT_LIMIT_S", 0.01)
    store = MemoryAudit()
    store.gate.clear()
    log = AuditLog(store, clock=clock, meter=meter)
    async with TaskOwner("test") as tasks:
        tasks.start(log.run(), "log")
        with pytest.raises(GatewayError) as raised:
            await log.append(event("a"))
    assert raised.value.code == "AUDIT_FAILED"
