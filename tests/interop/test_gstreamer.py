"""A camera that nobody here wrote: GStreamer's RTSP server, read over TCP and watched."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.ingest.probe import probe_stream
from cctv_gateway.model import CameraLink, CameraState, Credentials, Profile, Quality, ViewId
from cctv_gateway.relay.local import LocalRelay, RelaySettings
from tests.publish.conftest import WhepClient, close_all, until
from tests.relay.test_local import camera, grant, luma

pytestmark = pytest.mark.interop

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("gst_server.py")
IMPORTS = (
    "import gi; gi.require_version('GstRtspServer','1.0'); from gi.repository import GstRtspServer"
)
LOGIN = Credentials(Redacted("viewer"), Redacted("glass-house-7"))


def installed() -> bool:
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", IMPORTS], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


@contextmanager
def running_server(*words: str) -> Iterator[str]:
    """The URL of a GStreamer test stream."""
    command = [SYSTEM_PYTHON, str(SERVER), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"rtsp://127.0.0.1:{int(process.stdout.readline())}/test"
        finally:
            process.terminate()
            process.wait(timeout=5)


@pytest.fixture(name="open_server")
def url_of_an_open_server() -> Iterator[str]:
    if not installed():
        pytest.skip("GStreamer's RTSP server is not installed: make test-tools")
    with running_server() as url:
        yield url


@pytest.fixture(name="guarded_server")
def url_of_a_guarded_server() -> Iterator[str]:
    if not installed():
        pytest.skip("GStreamer's RTSP server is not installed: make test-tools")
    with running_server("--auth", LOGIN.user.reveal(), LOGIN.password.reveal()) as url:
        yield url


@pytest.fixture(name="relay")
async def running_relay(tmp_path: Path) -> AsyncIterator[LocalRelay]:
    clock = SystemClock()
    settings = RelaySettings("127.0.0.1", 0, ["127.0.0.1"], idle_after_s=0.2, run_dir=tmp_path)
    async with LocalRelay(settings, clock=clock, meter=Meter(clock)) as relay:
        yield relay


def link(url: str, login: Credentials | None) -> CameraLink:
    urls = {Profile.SUB: Redacted(url), Profile.MAIN: Redacted(url)}
    return CameraLink(camera(1), urls, login)


async def watch_bars(relay: LocalRelay) -> None:
    """Watch it, and see the bars of the test picture: bright at the left, dark at the right."""
    client = WhepClient()
    try:
        offer = await client.offer()
        await client.accept(await relay.open(ViewId("v"), grant(1), offer, Quality.AUTO))
        picture = luma((await client.pictures(20))[-1])
    finally:
        await close_all(client)
    height, width = picture.shape
    assert (width, height) == (640, 360)
    left = picture[: height // 2, 10 : width // 7 - 10].mean()
    right = picture[: height // 2, -width // 7 + 10 : -10].mean()
    assert left - right > 80


async def test_an_open_camera_is_watched(relay: LocalRelay, open_server: str) -> None:
    await relay.configure({camera(1): link(open_server, None)})
    await watch_bars(relay)


async def test_a_camera_behind_digest_authentication_is_watched(
    relay: LocalRelay, guarded_server: str
) -> None:
    await relay.configure({camera(1): link(guarded_server, LOGIN)})
    await watch_bars(relay)


async def test_a_wrong_password_is_tried_once_and_told(
    relay: LocalRelay, guarded_server: str
) -> None:
    wrong = Credentials(Redacted("viewer"), Redacted("not-the-password"))
    await relay.configure({camera(1): link(guarded_server, wrong)})
    client = WhepClient()
    try:
        await relay.open(ViewId("v"), grant(1), await client.offer(), Quality.AUTO)
        key = (camera(1), Profile.SUB)
        await until(
            lambda: (
                key in relay.statuses() and relay.statuses()[key].state is CameraState.AUTH_FAILED
            )
        )
    finally:
        await close_all(client)


async def test_its_audio_is_seen_and_never_set_up(open_server: str) -> None:
    clock = SystemClock()
    found = await probe_stream(Redacted(open_server), None, clock=clock, meter=Meter(clock))
    assert found.has_audio_track
    assert (found.width, found.height) == (640, 360)
