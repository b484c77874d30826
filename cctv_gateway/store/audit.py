"""Keeps the audit chain in a table that refuses changes, with its head in a row of its own.

What a record means and how a chain is verified belong in `control/audit.py`.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.control.audit import (
    AuditKind,
    AuditRecord,
    ChainHead,
    StoredRecord,
    body_of,
    index_columns,
    parse_body,
)
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.store.database import Database
from cctv_gateway.store.tables import audit_head, audit_records

log = logging.getLogger(__name__)

SCAN_PAGE = 1000


class AuditTable:
    """The `AuditStore` on a database, optionally with a witness file beside it.

    The file holds the newest head that is known to be durable. It lags by at most one group, and
    lets `verify` notice that records and the head row were cut off together.
    """

    def __init__(self, database: Database, witness_file: Path | None = None) -> None:
        self._database = database
        self._witness_file = witness_file
        self._witness_current = True

    async def head(self) -> ChainHead:
        async with self._database.read() as connection:
            return await _read_head(connection)

    async def append(self, head: ChainHead, records: Sequence[AuditRecord]) -> None:
        last = records[-1]
        async with self._database.write() as connection:
            moved = await connection.execute(
                update(audit_head)
                .where(audit_head.c.number == head.number, audit_head.c.hash == head.hash)
                .values(number=last.number, hash=last.hash)
            )
            if moved.rowcount != 1:
                raise _head_moved()
            await connection.execute(insert(audit_records), list(map(_row, records)))
        if self._witness_file is not None:
            text = f"{last.number} {last.hash}\n"
            self._note_witness(await asyncio.to_thread(_write_witness, self._witness_file, text))

    @property
    def witness_current(self) -> bool:
        """False once the witness file could not be written; records are kept all the same."""
        return self._witness_current

    def _note_witness(self, written: bool) -> None:
        # The records are durable, so nobody may be told that they are not; but a witness that
        # fell silent must be seen.
        if self._witness_current and not written:
            log.error("the audit witness file cannot be written; check its folder and the disk")
        self._witness_current = written

    async def page(self, query: AuditQuery) -> tuple[AuditRecord, ...]:
        wanted = select(audit_records).order_by(audit_records.c.number.desc()).limit(query.limit)
        if query.account is not None:
            wanted = wanted.where(audit_records.c.account == query.account)
        if query.camera is not None:
            wanted = wanted.where(audit_records.c.camera == query.camera)
        if query.before is not None:
            wanted = wanted.where(audit_records.c.number < query.before)
        return await self._records(wanted)

    async def unclosed_views(self) -> tuple[AuditRecord, ...]:
        closed = audit_records.alias("closed")
        has_close = (
            select(closed.c.number)
            .where(closed.c.view == audit_records.c.view, closed.c.kind == AuditKind.VIEW_CLOSED)
            .exists()
        )
        wanted = (
            select(audit_records)
            .where(audit_records.c.kind == AuditKind.VIEW_OPENED, ~has_close)
            .order_by(audit_records.c.number)
        )
        return await self._records(wanted)

    async def scan(self) -> AsyncIterator[StoredRecord]:
        after = -1
        while True:
            async with self._database.read() as connection:
                rows = await connection.execute(_scan_page(after))
                page = [_stored(row) for row in rows]
            for stored in page:
                yield stored
            if len(page) < SCAN_PAGE:
                return
            after = page[-1].number

    async def witness(self) -> ChainHead | None:
        """The head in the witness file; None when there is no such file yet.

        Raises GatewayError(PROTOCOL, AUDIT_WITNESS) when the file is not one of ours.
        """
        if self._witness_file is None:
            return None
        return await asyncio.to_thread(_read_witness, self._witness_file)

    async def _records(self, wanted: Select[tuple[object, ...]]) -> tuple[AuditRecord, ...]:
        async with self._database.read() as connection:
            rows = await connection.execute(wanted)
            return tuple(parse_body(row.body, row.hash) for row in rows)


async def _read_head(connection: AsyncConnection) -> ChainHead:
    row = (await connection.execute(select(audit_head.c.number, audit_head.c.hash))).one_or_none()
    if row is None:
        raise GatewayError(
            ErrorKind.PROTOCOL,
            "AUDIT_HEAD_MISSING",
            "The audit head is missing from the database; restore it from a backup.",
            "데이터베이스에 감사 기록의 끝 표식이 없습니다. 백업에서 복원하십시오.",
        )
    return ChainHead(row.number, row.hash)


def _row(record: AuditRecord) -> dict[str, object]:
    columns = dict(index_columns(record))
    return {"number": record.number, "body": body_of(record), "hash": record.hash, **columns}


def _scan_page(after: int) -> Select[tuple[object, ...]]:
    return (
        select(audit_records)
        .where(audit_records.c.number > after)
        .order_by(audit_records.c.number)
        .limit(SCAN_PAGE)
    )


def _stored(row: Row[tuple[object, ...]]) -> StoredRecord:
    columns = tuple((name, getattr(row, name)) for name in ("kind", "account", "camera", "view"))
    return StoredRecord(row.number, row.body, row.hash, columns)


def _write_witness(path: Path, text: str) -> bool:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(text)
        os.replace(part, path)
    except OSError:
        return False
    return True


def _read_witness(path: Path) -> ChainHead | None:
    try:
        number, found = path.read_text(encoding="ascii").split()
        return ChainHead(int(number), found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise GatewayError(
            ErrorKind.PROTOCOL,
            "AUDIT_WITNESS",
            "The audit witness file cannot be read; it was damaged or changed.",
            "감사 기록의 증거 파일을 읽을 수 없습니다. 손상되었거나 변경되었습니다.",
        ) from error


def _head_moved() -> GatewayError:
    return GatewayError(
        ErrorKind.CONFLICT,
        "AUDIT_HEAD_MOVED",
        "Another process appended to the audit at the same time.",
        "다른 프로세스가 동시에 감사 기록을 추가했습니다.",
    )
