"""A whole gateway for browser tests: real sockets, real database, a clock that can be moved."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher

from cctv_gateway.app import App, AppSettings
from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.demo import (
    DEMO_ACCOUNTS,
    DEMO_CREDENTIALS,
    DemoCamera,
    DemoSearch,
    demo_camera_id,
    demo_document,
)
from cctv_gateway.config.vault import Vault
from cctv_gateway.control.audit import AuditRecord
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId, CameraId
from cctv_gateway.simulator.spec import DEFAULT_PASSWORD, DEFAULT_USER
from cctv_gateway.store.accounts import AccountStore
from tests.e2e.clock import MovableClock

PASSWORD = "not-a-secret-1"


class Gateway:
    """The running product and what a test may ask of it."""

    def __init__(self, app: App, clock: MovableClock, config: Path) -> None:
        self.app = app
        self.clock = clock
        self.config = config

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.app.http_port}"

    async def records(self) -> list[AuditRecord]:
        """All audit records, oldest first."""
        page = await self.app.audit.store.page(AuditQuery(limit=500))
        return list(reversed(page))

    def camera(self, number: int) -> CameraId:
        return CameraId(demo_camera_id(number - 1))

    def edit(self, old: str, new: str) -> None:
        """Change the file by hand, as an admin would in an editor."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new, 1), encoding="utf-8")


@asynccontextmanager
async def running_gateway(
    folder: Path,
    cameras: Sequence[DemoCamera],
    at: datetime,
    search: DemoSearch | None = None,
) -> AsyncIterator[Gateway]:
    config = folder / "cameras.yaml"
    config.write_text(demo_document(cameras, search), encoding="utf-8")
    data = DataFolder(folder / "data")
    data.make()
    Vault(data.vault_file).set(DEMO_CREDENTIALS, DEFAULT_USER, DEFAULT_PASSWORD)
    clock = MovableClock(at)
    # Cheap hashes: what is tested here is the way, not the strength.
    hashed = Redacted(PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD))
    async with opened(data) as database:
        for one in DEMO_ACCOUNTS:
            await AccountStore(database).set_password(AccountId(one.id), hashed, clock.now())
    settings = AppSettings(config_file=config, data_dir=data.path, http_port=0, media_port=0)
    async with App(settings, clock) as app:
        yield Gateway(app, clock, config)
