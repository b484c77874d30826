"""`cctv-gateway audit …`: shows audit records and checks their chain.

Records are made by `control` alone; no command changes or removes one.
"""

import asyncio
import json
from pathlib import Path

from rich.table import Table

from cctv_gateway.cli.screen import Exit, err, out
from cctv_gateway.control.audit import AuditRecord, ChainVerifier, body_of
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId, CameraId


def show(
    account: str | None,
    camera: str | None,
    last: int,
    data: Path,
    database: str | None,
    *,
    as_json: bool,
) -> Exit:
    query = AuditQuery(
        AccountId(account) if account else None, CameraId(camera) if camera else None, limit=last
    )
    records = asyncio.run(_page(query, DataFolder(data, database)))
    if as_json:
        for record in reversed(records):
            out.print(json.dumps(json.loads(body_of(record)), ensure_ascii=False), soft_wrap=True)
    else:
        out.print(_table(records))
    return Exit.OK


def verify(data: Path, database: str | None) -> Exit:
    return asyncio.run(_verify(DataFolder(data, database)))


async def _page(query: AuditQuery, folder: DataFolder) -> tuple[AuditRecord, ...]:
    async with opened(folder) as database:
        return await folder.audit(database).page(query)


async def _verify(folder: DataFolder) -> Exit:
    async with opened(folder) as database:
        table = folder.audit(database)
        # In this order, since a running gateway may add records meanwhile.
        verifier = ChainVerifier(await table.witness())
        head = await table.head()
        async for stored in table.scan():
            if verifier.feed(stored) is not None or stored.number == head.number:
                break
        broken = verifier.finish(head)
    if broken is None:
        out.print(f"{verifier.count} records, the chain is whole.")
        return Exit.OK
    err.print(
        f"[bold red]broken[/] at record {broken.number}: {broken.kind.value}. "
        "Keep the database as it is and call the privacy officer."
    )
    return Exit.FOUND_WRONG


def _table(records: tuple[AuditRecord, ...]) -> Table:
    table = Table("#", "when (UTC)", "what", "account", "camera", "purpose", "code", "held")
    for record in reversed(records):
        event = record.event
        held = f"{event.held_ms / 1000:.1f} s" if event.held_ms is not None else ""
        table.add_row(
            str(record.number),
            record.at.isoformat(" ", "seconds").replace("+00:00", ""),
            event.kind.value,
            event.account or "",
            event.camera or "",
            event.purpose.value if event.purpose else "",
            event.code or "",
            held,
        )
    return table
