"""Appends events to the audit chain: one writer, many waiters, one durable commit for a group.

Where records are kept belongs behind `AuditStore`; what a record holds is in `control/audit.py`.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.control.audit import (
    AuditEvent,
    AuditRecord,
    ChainBreak,
    ChainHead,
    ChainVerifier,
    StoredRecord,
    bounded,
    seal,
)
from cctv_gateway.model import AccountId, CameraId

MAX_WAITING = 10_000
MAX_GROUP = 512
# Another process (the command line) may append between our look at the head and our commit.
COMMIT_TRIES = 5
COMMIT_LIMIT_S = 10.0
# A commit whose answer was lost is looked for this long.
LOOK_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records to list, newest first; `before` is the number to continue below."""

    account: AccountId | None = None
    camera: CameraId | None = None
    before: int | None = None
    limit: int = 50


class AuditStore(Protocol):
    """Where the chain is kept. All calls raise GatewayError only."""

    async def head(self) -> ChainHead:
        """The last record's number and hash, as stored apart from the records."""

    async def append(self, head: ChainHead, records: Sequence[AuditRecord]) -> None:
        """Add `records` after `head`, all or none; durable on return.

        Raises GatewayError(CONFLICT, AUDIT_HEAD_MOVED) when `head` is no longer the end.
        """

    async def page(self, query: AuditQuery) -> tuple[AuditRecord, ...]:
        """Records for a list, newest first."""

    async def unclosed_views(self) -> tuple[AuditRecord, ...]:
        """Opening records of views that have no closing record."""

    async def witness(self) -> ChainHead | None:
        """An older head that is kept elsewhere, if any."""

    def scan(self) -> AsyncIterator[StoredRecord]:
        """The whole chain in order of number, as stored."""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a walk over the stored chain found."""

    records: int
    broken: ChainBreak | None


async def verify_store(store: AuditStore) -> ChainCheck:
    """Walk the stored chain up to where it ended when the walk began."""
    # The witness lags behind the head, which lags behind what is appended meanwhile.
    verifier = ChainVerifier(await store.witness())
    head = await store.head()
    async for stored in store.scan():
        if stored.number > head.number or verifier.feed(stored) is not None:
            break
    return ChainCheck(verifier.count, verifier.finish(head))


class AuditLog:
    """The one writer of the chain in this process. `run` must run while anybody appends."""

    def __init__(self, store: AuditStore, *, clock: Clock, meter: Meter) -> None:
        self._store = store
        self._clock = clock
        self._meter = meter
        self._head: ChainHead | None = None
        self._waiting: deque[tuple[AuditEvent, asyncio.Future[AuditRecord]]] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    @property
    def store(self) -> AuditStore:
        return self._store

    async def append(self, event: AuditEvent) -> AuditRecord:
        """Returns when the record is durable.

        Raises GatewayError(OVERLOADED, AUDIT_BUSY | AUDIT_FAILED): nothing may happen then that
        needs a record.
        """
        if self._ended:
            raise _failed()
        if len(self._waiting) >= MAX_WAITING:
            self._meter.note("audit_busy")
            raise _busy()
        durable: asyncio.Future[AuditRecord] = asyncio.get_running_loop().create_future()
        self._waiting.append((bounded(event), durable))
        self._wake.set()
        return await durable

    async def run(self) -> None:
        """Write groups until cancelled; who still waits then is told that it failed."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._write_group()
        finally:
            self._ended = True
            while self._waiting:
                _refuse(self._waiting.popleft()[1], _failed())

    async def _write_group(self) -> None:
        size = min(len(self._waiting), MAX_GROUP)
        group = [self._waiting.popleft() for _ in range(size)]
        try:
            records = await self._commit([event for event, _ in group])
        except (GatewayError, TimeoutError) as error:
            # The commit may have reached the disk all the same, so the head must be read again.
            self._head = None
            self._meter.note("audit_failed", str(error), by=size)
            for _, durable in group:
                _refuse(durable, _failed(error))
        else:
            for (_, durable), record in zip(group, records, strict=True):
                if not durable.done():
                    durable.set_result(record)
        finally:
            # Cancelled in the middle: whoever still waits must not wait for ever.
            for _, durable in group:
                _refuse(durable, _failed())

    async def _commit(self, events: Sequence[AuditEvent]) -> list[AuditRecord]:
        records: list[AuditRecord] = []
        try:
            async with asyncio.timeout(COMMIT_LIMIT_S):
                await self._try_to_store(events, records)
        except (GatewayError, TimeoutError):
            # Only the answer may have been lost. A record that is there counts: an opening must
            # have its view, and a closing must not be stored again.
            if not await self._are_stored(records):
                raise
        self._head = _end_of(records)
        return records

    async def _try_to_store(self, events: Sequence[AuditEvent], records: list[AuditRecord]) -> None:
        """`records` holds what was tried last, whether it was stored or not."""
        for attempt in range(COMMIT_TRIES):
            head = self._head or await self._store.head()
            records[:] = self._seal(head, events)
            try:
                await self._store.append(head, records)
            except GatewayError as error:
                self._head = None
                if error.kind is not ErrorKind.CONFLICT or attempt + 1 == COMMIT_TRIES:
                    raise
                self._meter.count("audit_head_moved")
                continue
            return

    async def _are_stored(self, records: Sequence[AuditRecord]) -> bool:
        if not records:
            return False
        try:
            async with asyncio.timeout(LOOK_LIMIT_S):
                return await self._store.head() == _end_of(records)
        except (GatewayError, TimeoutError):
            return False

    def _seal(self, head: ChainHead, events: Sequence[AuditEvent]) -> list[AuditRecord]:
        at = self._clock.now()
        records = []
        for event in events:
            record = seal(head, at, event)
            head = ChainHead(record.number, record.hash)
            records.append(record)
        return records


def _end_of(records: Sequence[AuditRecord]) -> ChainHead:
    return ChainHead(records[-1].number, records[-1].hash)


def _refuse(durable: asyncio.Future[AuditRecord], error: GatewayError) -> None:
    if not durable.done():
        durable.set_exception(error)


def _failed(cause: BaseException | None = None) -> GatewayError:
    error = GatewayError(
        ErrorKind.OVERLOADED,
        "AUDIT_FAILED",
        "The audit record could not be stored, so nothing was opened. Tell the administrator.",
        "감사 기록을 저장하지 못해 열람을 시작하지 않았습니다. 관리자에게 알리십시오.",
    )
    error.__cause__ = cause
    return error


def _busy() -> GatewayError:
    return GatewayError(
        ErrorKind.OVERLOADED,
        "AUDIT_BUSY",
        "Too many records wait to be stored. Try again in a moment.",
        "저장을 기다리는 감사 기록이 너무 많습니다. 잠시 후 다시 시도하십시오.",
    )
