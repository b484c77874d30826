"""The audit table: append-only, found out when tampered with, durable through a kill."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control.audit import (
    AuditEvent,
    AuditKind,
    BreakKind,
    ChainBreak,
    ChainHead,
    seal,
)
from cctv_gateway.control.audit_log import AuditLog, AuditQuery, ChainCheck, verify_store
from cctv_gateway.model import AccountId, CameraId, ViewId
from cctv_gateway.store.audit import AuditTable
from cctv_gateway.store.database import Database

ROOT = Path(__file__).parents[2]


def event(index: int, kind: AuditKind = AuditKind.VIEW_OPENED) -> AuditEvent:
    return AuditEvent(
        kind,
        account=AccountId(f"kim{index % 3}"),
        camera=CameraId(f"c{index % 2}"),
        view=ViewId(f"v{index}"),
        reason="순찰 중 확인 'x' \\ \" \N{GRINNING FACE}",
    )


async def fill(table: AuditTable, count: int, clock: ManualClock, meter: Meter) -> None:
    log = AuditLog(table, clock=clock, meter=meter)
    async with TaskOwner("fill") as tasks:
        tasks.start(log.run(), "log")
        await asyncio.gather(*(log.append(event(index)) for index in range(count)))


async def verified(table: AuditTable) -> ChainBreak | None:
    return (await verify_store(table)).broken


async def test_a_long_chain_is_read_back_whole(
    database: Database, clock: ManualClock, meter: Meter
) -> None:
    table = AuditTable(database)
    assert await table.head() == ChainHead()
    assert await verified(table) is None
    await fill(table, 2500, clock, meter)
    assert await verified(table) is None
    assert (await table.head()).number == 2500


async def test_verifying_does_not_mistake_new_records_for_a_break(
    database: Database, clock: ManualClock, meter: Meter
) -> None:
    table = AuditTable(database)
    await fill(table, 1500, clock, meter)
    async with TaskOwner("append") as tasks:
        tasks.start(fill(table, 300, clock, meter), "append")
        checks = [await verify_store(table) for _ in range(5)]
    assert all(check.broken is None and check.records >= 1500 for check in checks)


async def test_a_witness_that_cannot_be_written_is_seen(
    tmp_path: Path, clock: ManualClock, meter: Meter
) -> None:
    database = Database.at(tmp_path / "a.db")
    await database.open()
    table = AuditTable(database, tmp_path / "missing" / "witness")
    await fill(table, 3, clock, meter)
    assert not table.witness_current
    assert await verify_store(table) == ChainCheck(3, None)
    await database.close()


async def test_pages(database: Database, clock: ManualClock, meter: Meter) -> None:
    table = AuditTable(database)
    await fill(table, 20, clock, meter)
    newest = await table.page(AuditQuery(limit=3))
    assert [one.number for one in newest] == [20, 19, 18]
    assert newest[0].event == event(19)
    older = await table.page(AuditQuery(limit=3, before=18))
    assert [one.number for one in older] == [17, 16, 15]
    mine = await table.page(AuditQuery(account=AccountId("kim1"), camera=CameraId("c0")))
    assert [one.number for one in mine] == [17, 11, 5]


async def test_unclosed_views(database: Database, clock: ManualClock, meter: Meter) -> None:
    table = AuditTable(database)
    log = AuditLog(table, clock=clock, meter=meter)
    async with TaskOwner("log") as tasks:
        tasks.start(log.run(), "log")
        for index in range(3):
            await log.append(event(index))
        await log.append(event(1, AuditKind.VIEW_CLOSED))
    assert [one.event.view for one in await table.unclosed_views()] == ["v0", "v2"]


async def test_a_stale_head_cannot_append(
    database: Database, clock: ManualClock, meter: Meter
) -> None:
    table = AuditTable(database)
    await fill(table, 2, clock, meter)
    with pytest.raises(GatewayError) as raised:
        await table.append(ChainHead(), [seal(ChainHead(), clock.now(), event(0))])
    assert raised.value.code == "AUDIT_HEAD_MOVED"
    assert await verified(table) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_records SET account = 'x' WHERE number = 2",
        "DELETE FROM audit_records WHERE number = 2",
        "DELETE FROM audit_head",
    ],
)
async def test_the_table_only_grows(
    database: Database, clock: ManualClock, meter: Meter, statement: str
) -> None:
    table = AuditTable(database)
    await fill(table, 3, clock, meter)
    with pytest.raises(GatewayError):
        await _execute(database, statement)
    assert await verified(table) is None


async def _execute(database: Database, statement: str) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement))


TAMPERS = {
    "changed": (
        "UPDATE audit_records SET body = replace(body, 'kim0', 'kim9') WHERE number = 4",
        ChainBreak(BreakKind.CHANGED, 4),
    ),
    "column changed": (
        "UPDATE audit_records SET camera = 'c9' WHERE number = 4",
        ChainBreak(BreakKind.CHANGED, 4),
    ),
    "removed": (
        "DELETE FROM audit_records WHERE number = 4",
        ChainBreak(BreakKind.REMOVED, 4),
    ),
    "swapped": (
        "UPDATE audit_records SET number = 9 - number WHERE number IN (4, 5)",
        ChainBreak(BreakKind.CHANGED, 4),
    ),
    "tail cut": (
        "DELETE FROM audit_records WHERE number > 6",
        ChainBreak(BreakKind.TRUNCATED, 7),
    ),
    "tail and head cut": (
        "DELETE FROM audit_records WHERE number > 6;"
        "UPDATE audit_head SET (number, hash) = "
        "(SELECT number, hash FROM audit_records WHERE number = 6)",
        ChainBreak(BreakKind.TRUNCATED, 7),
    ),
    "head changed": (
        "UPDATE audit_head SET hash = 'x'",
        ChainBreak(BreakKind.HEAD_CHANGED, 10),
    ),
}


@pytest.mark.parametrize("name", TAMPERS)
async def test_an_administrator_of_the_database_is_found_out(
    tmp_path: Path, clock: ManualClock, meter: Meter, name: str
) -> None:
    statements, expected = TAMPERS[name]
    database = Database.at(tmp_path / "a.db")
    await database.open()
    table = AuditTable(database, tmp_path / "witness")
    await fill(table, 10, clock, meter)
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as raw:
        for trigger in ("records_no_update", "records_no_delete", "head_no_delete"):
            raw.execute(f"DROP TRIGGER audit_{trigger}")
        if name == "swapped":
            raw.execute("UPDATE audit_records SET number = -number WHERE number IN (4, 5)")
            statements = statements.replace("9 - number", "9 + number").replace("4, 5", "-4, -5")
        for statement in statements.split(";"):
            raw.execute(statement)
    raw.close()
    assert await verified(table) == expected
    await database.close()


@pytest.mark.parametrize("content", ["", "x", "1 2 3", "one hash", "\xff"])
async def test_a_damaged_witness_is_told(tmp_path: Path, content: str) -> None:
    database = Database.at(tmp_path / "a.db")
    (tmp_path / "witness").write_text(content, encoding="latin-1")
    with pytest.raises(GatewayError) as raised:
        await AuditTable(database, tmp_path / "witness").witness()
    assert raised.value.code == "AUDIT_WITNESS"
    await database.close()


async def test_groups_reach_two_thousand_a_second(
    database: Database, clock: ManualClock, meter: Meter
) -> None:
    table = AuditTable(database)
    began = time.perf_counter()
    await fill(table, 4000, clock, meter)
    assert 4000 / (time.perf_counter() - began) > 2000


WRITER = """
import asyncio, sys
from pathlib import Path
from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.model import AccountId
from cctv_gateway.store.audit import AuditTable
from cctv_gateway.store.database import Database

async def one(log, name):
    while True:
        record = await log.append(AuditEvent(AuditKind.LOGIN, account=AccountId(name)))
        sys.stdout.write(f"{record.number} {record.hash}\\n")
        sys.stdout.flush()

async def main():
    folder, clock = Path(sys.argv[1]), SystemClock()
    database = Database.at(folder / "a.db")
    await database.open()
    log = AuditLog(AuditTable(database, folder / "witness"), clock=clock, meter=Meter(clock))
    await asyncio.gather(log.run(), *(one(log, f"writer{index}") for index in range(20)))

asyncio.run(main())
"""


def _killed_after(acknowledged: int, folder: Path) -> list[str]:
    """Kill the writer once it acknowledged so many records; the lines it printed in full."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(acknowledged)]
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read()
    writer.stdout.close()
    writer.wait()
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    return [line.decode().strip() for line in lines]


async def test_no_acknowledged_record_is_lost_by_a_kill(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for count in (1, 150, 333):
        acknowledged += await asyncio.to_thread(_killed_after, count, tmp_path)
        database = Database.at(tmp_path / "a.db")
        await database.open()
        table = AuditTable(database, tmp_path / "witness")
        assert await verified(table) is None
        kept = {f"{stored.number} {stored.hash}" async for stored in table.scan()}
        assert set(acknowledged) <= kept
        await database.close()
    assert len(acknowledged) >= 484
