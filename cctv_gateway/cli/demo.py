"""`cctv-gateway demo`: a simulated city in a process of its own, the gateway in this one.

Everything listens on loopback and lives in one folder, which may be deleted at any time.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from cctv_gateway.app import App, AppSettings
from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.cli.lifetime import run_loop, stop_signal
from cctv_gateway.cli.ports import free_port
from cctv_gateway.cli.screen import Exit, out
from cctv_gateway.config.demo import (
    DEMO_ACCOUNTS,
    DEMO_CREDENTIALS,
    DemoCamera,
    DemoSearch,
    demo_document,
)
from cctv_gateway.config.vault import Vault
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId
from cctv_gateway.simulator.spec import DEFAULT_PASSWORD, DEFAULT_USER
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.web.passwords import Passwords

PASSWORD = "gwangju-demo"  # noqa: S105 - the demo's, on loopback, and printed
SEOUL = ZoneInfo("Asia/Seoul")
# The city has two cameras more than the file, so that a registrar has something to find.
UNREGISTERED = 2
PORT_NAMES = ("rtsp_port", "onvif_port", "discovery_port")
CITY_START_S = 60.0
CITY_STOP_S = 1.5
MAX_READY_LINE_BYTES = 1 << 20

City = Mapping[str, Any]


def run_demo(cameras: int, data: Path, port: int, at: datetime | None) -> Exit:
    shift = _shift(at)
    run_loop(_demo(cameras, data, port, shift))
    out.print("The demo has ended.")
    return Exit.OK


def _shift(at: datetime | None) -> timedelta:
    """From now to that hour of today, in Seoul."""
    if at is None:
        return timedelta(0)
    now = SystemClock().now().astimezone(SEOUL)
    return now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) - now


async def _demo(cameras: int, data: Path, port: int, shift: timedelta) -> None:
    folder = DataFolder(data)
    folder.make()
    async with stop_signal() as stop, AsyncExitStack() as stack:
        with out.status("starting the simulated city …") as progress:
            city = await stack.enter_async_context(_city(cameras + UNREGISTERED, folder, shift))
            progress.update("setting up accounts and cameras.yaml …")
            config = _write_config(folder, city, cameras)
            await _prepare_accounts(folder)
            progress.update("starting the gateway …")
            settings = AppSettings(
                config_file=config, data_dir=folder.path, http_port=free_port(port), media_port=0
            )
            app = await stack.enter_async_context(App(settings, SystemClock(shift)))
        _welcome(app, cameras)
        await stop.wait()
        out.print("ending …")


@asynccontextmanager
async def _city(cameras: int, folder: DataFolder, shift: timedelta) -> AsyncIterator[City]:
    """The simulated city as a child process, ended with the block and with this process."""
    ports = _known_ports(folder)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cctv_gateway", "simulate", "--json"),
        *("--cameras", str(cameras), "--shift-s", str(shift.total_seconds())),
        *("--rtsp-port", str(ports["rtsp_port"]), "--onvif-port", str(ports["onvif_port"])),
        *("--discovery-port", str(ports["discovery_port"])),
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_READY_LINE_BYTES,
    )
    try:
        yield await _ready_line(process)
    finally:
        await _end(process)


async def _ready_line(process: asyncio.subprocess.Process) -> City:
    assert process.stdout is not None, "it was asked for"
    try:
        async with asyncio.timeout(CITY_START_S):
            line = await process.stdout.readline()
        city: City = json.loads(line)
    except (TimeoutError, ValueError) as error:
        raise GatewayError(
            ErrorKind.UNREACHABLE,
            "CITY_NOT_STARTED",
            "The simulated city did not start; see its message above.",
        ) from error
    return city


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(CITY_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _ports_file(folder: DataFolder) -> Path:
    return folder.path / "city.json"


def _known_ports(folder: DataFolder) -> dict[str, int]:
    """The ports of the last start while they are free, so that an edited file stays right."""
    try:
        kept = json.loads(_ports_file(folder).read_text())
        return {name: free_port(int(kept[name]), or_any=True) for name in PORT_NAMES}
    except (OSError, ValueError, TypeError, KeyError):
        return dict.fromkeys(PORT_NAMES, 0)


def _write_config(folder: DataFolder, city: City, cameras: int) -> Path:
    """Keep the file of the last start, with what a person changed in it, if it still fits."""
    file, ports = folder.path / "cameras.yaml", _ports_file(folder)
    now = {name: city[name] for name in PORT_NAMES}
    before = ports.read_text() if ports.exists() else ""
    count = folder.path / "city.size"
    same_size = count.exists() and count.read_text() == str(cameras)
    if not (file.exists() and same_size and before == json.dumps(now)):
        if file.exists():
            shutil.copy(file, file.with_suffix(".yaml.bak"))
        search = DemoSearch("127.20.0.0/24", city["onvif_port"], city["discovery_port"])
        file.write_text(demo_document(_registered(city, cameras), search), encoding="utf-8")
    ports.write_text(json.dumps(now))
    count.write_text(str(cameras))
    Vault(folder.vault_file).set(DEMO_CREDENTIALS, DEFAULT_USER, DEFAULT_PASSWORD)
    return file


def _registered(city: City, cameras: int) -> Sequence[DemoCamera]:
    return [
        DemoCamera(camera["number"], camera["host"], city["rtsp_port"], city["onvif_port"])
        for camera in city["cameras"][:cameras]
    ]


async def _prepare_accounts(folder: DataFolder) -> None:
    async with opened(folder) as database:
        store = AccountStore(database)
        known = {kept.account for kept in await store.list() if kept.password_hash}
        new = [one.id for one in DEMO_ACCOUNTS if one.id not in known]
        if new:
            # One hash for all: these passwords are printed anyway.
            hashed = Redacted(await Passwords().hash(PASSWORD))
            for account in new:
                await store.set_password(AccountId(account), hashed, SystemClock().now())


def _welcome(app: App, cameras: int) -> None:
    table = Table("account", "password", "who", title=None)
    for one in DEMO_ACCOUNTS:
        table.add_row(one.id, PASSWORD, f"{one.name} · {one.role} · {one.agency}")
    out.print(table)
    hour = app.clock.now().astimezone(SEOUL).strftime("%H:%M")
    out.print(f"{cameras} cameras are up; it is {hour} in Seoul. Edit {app.settings.config_file}")
    out.print("while it runs to see rules change. Ctrl-C ends everything.")
    out.print(f"\n  [bold green]http://127.0.0.1:{app.http_port}[/]\n")
