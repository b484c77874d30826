"""The whole gateway, started and stopped: what it records of itself, and what it leaves behind."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cctv_gateway.config.demo import DemoCamera
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.audit_log import AuditQuery, verify_store
from cctv_gateway.control.request import Holder
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId, EndReason, Purpose, RoleId
from tests.e2e.gateway import Gateway, running_gateway

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Seoul"))
CAMERA = DemoCamera(1, "127.0.0.1", 1, 1)
OPERATOR = Holder(
    "l", AccountId("operator"), RoleId("control_operator"), "control_center", "127.0.0.1"
)


async def kinds(gateway: Gateway) -> list[AuditKind]:
    return [one.event.kind for one in await gateway.records()]


async def until_recorded(gateway: Gateway, kind: AuditKind) -> None:
    async with asyncio.timeout(10):
        while kind not in await kinds(gateway):  # noqa: ASYNC110 - the file is watched for real
            await asyncio.sleep(0.02)


async def test_the_gateway_records_its_own_start_revisions_and_stop(tmp_path: Path) -> None:
    async with running_gateway(tmp_path, [CAMERA], MONDAY) as gateway:
        assert await kinds(gateway) == [AuditKind.GATEWAY_STARTED]
        text = gateway.config.read_text(encoding="utf-8")
        gateway.config.write_text(text + "surprise: 1\n", encoding="utf-8")
        await until_recorded(gateway, AuditKind.REVISION_REFUSED)
        gateway.config.write_text(text + "# a remark\n", encoding="utf-8")
        await until_recorded(gateway, AuditKind.REVISION_RUNNING)
        started, refused, running = [one.event for one in await gateway.records()]
        assert started.revision == refused.revision != running.revision
        opened_view = await gateway.app.sessions.open(
            OPERATOR, gateway.camera(1), Purpose.CRIME_PREVENTION
        )
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 3
    async with opened(DataFolder(tmp_path / "data")) as database:
        store = DataFolder(tmp_path / "data").audit(database)
        stopped, closed, *_ = await store.page(AuditQuery(limit=9))
        assert (await verify_store(store)).broken is None
    assert stopped.event.kind is AuditKind.GATEWAY_STOPPED
    assert (closed.event.view, closed.event.code) == (opened_view.view_id, EndReason.SHUTDOWN)
