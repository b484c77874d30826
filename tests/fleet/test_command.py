"""`cctv-gateway discover` and the console's discovery desk, over a simulated city."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.cli.discover import DiscoverOptions, _discover, run_discovery
from cctv_gateway.cli.screen import Exit
from cctv_gateway.config.load import load_file
from cctv_gateway.config.vault import Vault
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.request import Holder
from cctv_gateway.fleet.discovery import DiscoveryService
from cctv_gateway.fleet.scan import Plan
from cctv_gateway.model import AccountId, CameraId, Purpose, RoleId
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import (
    DEFAULT_PASSWORD,
    DEFAULT_USER,
    CameraSpec,
    CitySpec,
    Faults,
)
from cctv_gateway.web.discovery_desk import DiscoveryDesk
from cctv_gateway.web.ports import AuditCheck, Discovery, NewCamera, ScanCard
from tests.fleet.devices import CONFIGURATION, configuration, login

NETWORK = "127.20.1.72/29"
CAMERA, LOCKED = 329, 330
HOST = "127.20.1.73"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("PROBE_EVERY_S", 0.05), ("PROBE_JITTER_S", 0.02), ("LISTEN_S", 0.15)):
        monkeypatch.setattr(f"cctv_gateway.fleet.ws_discovery.{name}", seconds)
    monkeypatch.setattr("cctv_gateway.fleet.multicast.LISTEN_S", 0.15)


def city() -> City:
    locked = CameraSpec(LOCKED, faults=Faults(wrong_password=True))
    return City(CitySpec((CameraSpec(CAMERA), locked), discovery_port=0))


@pytest.fixture
def options(tmp_path: Path) -> DiscoverOptions:
    file, data = tmp_path / "cameras.yaml", tmp_path / "data"
    file.write_text(CONFIGURATION, encoding="utf-8")
    data.mkdir(mode=0o700)
    Vault(data / "vault").set("demo", DEFAULT_USER, DEFAULT_PASSWORD)
    return DiscoverOptions(
        networks=(NETWORK,), multicast=False, credentials=("demo",), config_file=file, data_dir=data
    )


def at(options: DiscoverOptions, running: City) -> DiscoverOptions:
    return replace(options, ports=(running.onvif_port,), ws_port=running.discovery_port)


async def test_json_tells_programs_everything(
    options: DiscoverOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    async with city() as running:
        assert await _discover(replace(at(options, running), as_json=True)) is Exit.OK
    told = json.loads(capsys.readouterr().out)
    good, locked = told["cameras"]
    assert (good["host"], good["state"], good["auth"]) == (HOST, "new", "digest")
    assert good["main"] == {
        "token": "profile_main", "encoding": "H264", "width": 1920, "height": 1080, "fps": 15.0,
        "rtsp_port": running.rtsp_port, "path": "/main",
    }  # fmt: skip
    assert (locked["state"], locked["reason_code"]) == ("failed", "AUTH_FAILED")
    assert told["other_hosts"] == {"REFUSED": 4}
    assert DEFAULT_PASSWORD not in json.dumps(told)


async def test_the_table_names_the_fix(
    options: DiscoverOptions, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cctv_gateway.cli.screen.out._width", 200)
    async with city() as running:
        assert await _discover(at(options, running)) is Exit.OK
    shown = capsys.readouterr().out
    assert f"{HOST}:{running.onvif_port}" in shown
    assert "AUTH_FAILED: The camera refuses the login" in shown
    assert "2 found; other hosts: 4 REFUSED" in shown


async def test_add_writes_the_new_ones_and_only_once(options: DiscoverOptions) -> None:
    async with city() as running:
        wanted = replace(at(options, running), add_to_site="buk-1")
        assert await _discover(wanted) is Exit.OK
        assert await _discover(wanted) is Exit.OK
    (camera,) = load_file(options.config_file).configuration.cameras
    assert (camera.id, camera.number, camera.site) == ("buk-1-1", 1, "buk-1")
    assert (camera.address.host, camera.credentials) == (HOST, "demo")
    assert "# 북구와 서구" in options.config_file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"networks": ()}, "NOTHING_TO_SEARCH"),
        ({"networks": ("10.0.0.0/8",)}, "RANGE_TOO_LARGE"),
        ({"networks": ("here",)}, "RANGE_INVALID"),
        ({"credentials": ("missing",)}, "CREDENTIALS_UNKNOWN"),
        ({"add_to_site": "nowhere"}, "SITE_UNKNOWN"),
    ],
)
def test_mistakes_are_one_line(
    options: DiscoverOptions, capsys: pytest.CaptureFixture[str], change: dict[str, object],
    code: str,
) -> None:  # fmt: skip
    assert run_discovery(replace(options, **change)) == Exit.USAGE  # type: ignore[arg-type]
    told = capsys.readouterr().err
    assert code in told
    assert "Traceback" not in told


class Records:
    """An audit trail in memory."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    async def append(self, event: AuditEvent) -> object:
        self.events.append(event)
        return event

    async def page(self, query: object) -> tuple[()]:
        return ()

    async def verify(self) -> AuditCheck:
        return AuditCheck(len(self.events), None)


def holder(agency: str) -> Holder:
    return Holder("login", AccountId("park"), RoleId("camera_registrar"), agency)


async def test_the_consoles_desk_records_and_tells_no_address(options: DiscoverOptions) -> None:
    records, reloads, heard = Records(), [], list[ScanCard]()
    clock = SystemClock()

    async def reload() -> None:
        reloads.append(True)

    async with city() as running, TaskOwner("test") as tasks:
        plan = Plan(
            networks=(NETWORK,), ports=(running.onvif_port,), ws_port=running.discovery_port
        )
        service = DiscoveryService(
            clock=clock, meter=Meter(clock), tasks=tasks, plan=plan, configuration=configuration,
            config_file=options.config_file, logins=lambda: (login(),),
        )  # fmt: skip
        desk = DiscoveryDesk(service, records, reload)
        desk.on_change(heard.append)
        as_port: Discovery = desk
        assert as_port.scan() is None
        assert (await as_port.start(holder("buk"))).state == "running"
        while heard[-1].state == "running":
            await clock.sleep(0.05)
        good, locked = sorted(as_port.findings(), key=lambda card: card.state != "new")
        assert (good.state, good.auth, len(good.profiles)) == ("new", "digest", 2)
        assert (locked.state, locked.reason_code) == ("failed", "AUTH_FAILED")
        assert "127.20" not in f"{good}{locked}{heard}{records.events}"
        new = NewCamera(CameraId("buk-1"), 1, "북구청 앞", "buk-1")
        with pytest.raises(GatewayError, match="NOT_OWNER"):
            await desk.register(holder("seo"), good.id, new)
        with pytest.raises(GatewayError, match="GROUND_MISSING"):
            await desk.register(
                holder("buk"), good.id, replace(new, purposes=(Purpose.CRIME_PREVENTION,))
            )
        assert await desk.register(holder("buk"), good.id, new) == "buk-1"
    assert [event.kind for event in records.events] == [
        AuditKind.DISCOVERY_STARTED, AuditKind.ACCESS_DENIED, AuditKind.CAMERA_REGISTERED,
    ]  # fmt: skip
    assert records.events[1].code == "NOT_OWNER"
    assert reloads == [True]
