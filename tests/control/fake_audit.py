"""An audit store in memory that can be told to fail, to hang, or to be overtaken."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.control.audit import (
    AuditKind,
    AuditRecord,
    ChainHead,
    StoredRecord,
    body_of,
    index_columns,
)
from cctv_gateway.control.audit_log import AuditQuery


class MemoryAudit:
    """`failures` counts down the appends that fail; `gate` holds appends back while unset."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []
        self.groups: list[int] = []
        self.failures = 0
        self.commits_before_failing = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def head(self) -> ChainHead:
        if not self.records:
            return ChainHead()
        return ChainHead(self.records[-1].number, self.records[-1].hash)

    async def append(self, head: ChainHead, records: Sequence[AuditRecord]) -> None:
        await self.gate.wait()
        if head != await self.head():
            raise GatewayError(ErrorKind.CONFLICT, "AUDIT_HEAD_MOVED", "moved")
        failing = self.failures > 0
        if not failing or self.commits_before_failing:
            self.records += records
            self.groups.append(len(records))
        if failing:
            self.failures -= 1
            raise GatewayError(ErrorKind.UNREACHABLE, "DATABASE_FAILED", "no disk")

    async def page(self, query: AuditQuery) -> tuple[AuditRecord, ...]:
        return tuple(reversed(self.records))[: query.limit]

    async def unclosed_views(self) -> tuple[AuditRecord, ...]:
        closed = {r.event.view for r in self.records if r.event.kind is AuditKind.VIEW_CLOSED}
        return tuple(
            record
            for record in self.records
            if record.event.kind is AuditKind.VIEW_OPENED and record.event.view not in closed
        )

    async def witness(self) -> ChainHead | None:
        return None

    async def scan(self) -> AsyncIterator[StoredRecord]:
        for record in self.records:
            yield StoredRecord(record.number, body_of(record), record.hash, index_columns(record))

    def kinds(self) -> list[AuditKind]:
        return [record.event.kind for record in self.records]
