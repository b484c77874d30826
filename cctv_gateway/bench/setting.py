"""The stage of a benchmark: a simulated city and a gateway, each a process of its own.

What is measured on it belongs to the benchmark.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.demo import DEMO_CREDENTIALS, DemoCamera, demo_document
from cctv_gateway.config.vault import Vault
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId
from cctv_gateway.simulator.spec import DEFAULT_PASSWORD, DEFAULT_USER
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.web.passwords import Passwords

ACCOUNT = "operator"
PASSWORD = "only-for-a-bench"  # noqa: S105 - of a gateway that lives for a benchmark
PURPOSE = "crime_prevention"
START_S = 60.0
STOP_S = 5.0
# Some cameras of the demo's document may not be seen for the purpose; so more stand by.
SPARE = 1.7
VIEWS_PER_LOGIN = 60
MAX_READY_LINE_BYTES = 1 << 20
NO_DISCOVERY = ("--discovery-port", "0")


@dataclass(frozen=True, slots=True)
class Setting:
    """`cameras` may be watched for PURPOSE; `pid` is the gateway's process."""

    url: str
    pid: int
    city_pid: int
    cameras: tuple[str, ...]


class Login:
    """An operator's login that opens views and posts offers, as the console does."""

    def __init__(self, client: httpx.AsyncClient, csrf: str) -> None:
        self.client = client
        self._headers = {"X-CSRF-Token": csrf}

    async def open_view(self, camera: str, quality: str = "sub") -> str:
        """The WHEP path of a new view."""
        asked = {"camera": camera, "purpose": PURPOSE, "quality": quality}
        answer = await self.client.post("/api/views", json=asked, headers=self._headers)
        if answer.status_code != 201:
            raise _failed(f"a view was answered with {answer.status_code}: {answer.text}")
        path: str = answer.json()["whep_url"]
        return path

    async def post_offer(self, path: str, offer: str) -> str:
        """The SDP answer."""
        headers = {"Content-Type": "application/sdp"}
        answer = await self.client.post(path, content=offer, headers=headers)
        if answer.status_code != 201:
            raise _failed(f"an offer was answered with {answer.status_code}: {answer.text}")
        return answer.text


@asynccontextmanager
async def running_setting(folder: Path, cameras: int) -> AsyncIterator[Setting]:
    """A shared-scene city and a gateway that knows it, both on loopback."""
    simulated = min(4095, int(cameras * SPARE) + 8)
    words = ("simulate", "--json", "--shared", "--cameras", str(simulated), *NO_DISCOVERY)
    async with running_process(*words) as (city, line):
        ready = json.loads(line)
        config = await _prepare(folder, ready)
        run = ("run", "--config", str(config), "--data", str(folder / "data"))
        quiet = ("--port", "0", "--media-port", "0", "--log-level", "error")
        async with running_process(*run, *quiet) as (gateway, said):
            url = said.split(" at ")[-1].strip()
            async with logged_in(url) as login:
                allowed = await _allowed(login, cameras)
            yield Setting(url, gateway.pid, city.pid, allowed)


@asynccontextmanager
async def logged_in(url: str) -> AsyncIterator[Login]:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        answer = await client.post("/api/login", json={"account": ACCOUNT, "password": PASSWORD})
        if answer.status_code != 200:
            raise _failed(f"the login was answered with {answer.status_code}: {answer.text}")
        yield Login(client, answer.json()["csrf"])


async def _prepare(folder: Path, ready: dict[str, object]) -> Path:
    config = folder / "cameras.yaml"
    cameras = ready["cameras"]
    rtsp_port, onvif_port = ready["rtsp_port"], ready["onvif_port"]
    assert isinstance(cameras, list), "the ready line lists the cameras"
    assert isinstance(rtsp_port, int), "the ready line names the ports"
    assert isinstance(onvif_port, int), "the ready line names the ports"
    known = [DemoCamera(one["number"], one["host"], rtsp_port, onvif_port) for one in cameras]
    config.write_text(demo_document(known), encoding="utf-8")
    data = DataFolder(folder / "data")
    data.make()
    Vault(data.vault_file).set(DEMO_CREDENTIALS, DEFAULT_USER, DEFAULT_PASSWORD)
    hashed = Redacted(await Passwords().hash(PASSWORD))
    async with opened(data) as database:
        now = SystemClock().now()
        await AccountStore(database).set_password(AccountId(ACCOUNT), hashed, now)
    return config


async def _allowed(login: Login, wanted: int) -> tuple[str, ...]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < wanted:
        query = {"purpose": PURPOSE, "limit": "200", **({"cursor": cursor} if cursor else {})}
        page = (await login.client.get("/api/cameras", params=query)).json()
        found += [
            one["id"] for one in page["items"] if one["verdicts"].get(PURPOSE, {}).get("allowed")
        ]
        cursor = page["next_cursor"]
    if len(found) < wanted:
        raise _failed(f"only {len(found)} of {wanted} cameras may be watched at this hour")
    return tuple(found[:wanted])


@asynccontextmanager
async def running_process(*words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """One of our commands and the first line it prints; ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cctv_gateway", *words),
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_READY_LINE_BYTES,
    )
    try:
        assert process.stdout is not None, "it was asked for"
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        if not line:
            raise _failed(f"{words[0]} ended before it was ready")
        yield process, line.decode()
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _failed(why: str) -> GatewayError:
    return GatewayError(ErrorKind.UNREACHABLE, "BENCH_FAILED", f"The benchmark stopped: {why}.")
