"""Whole scans over a simulated city on loopback, and registration into a real file."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.load import load_file
from cctv_gateway.config.schema import Configuration, PurposeGround
from cctv_gateway.fleet.discovery import DiscoveryService, Scan, ScanState
from cctv_gateway.fleet.findings import Finding, FindingState
from cctv_gateway.fleet.multicast import Reach, local_interfaces, search_devices
from cctv_gateway.fleet.reasons import Reason
from cctv_gateway.fleet.registration import Registration
from cctv_gateway.fleet.scan import Plan
from cctv_gateway.fleet.sweep import Limits
from cctv_gateway.model import CameraId, Purpose
from cctv_gateway.simulator.city import City
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, Faults
from tests.fleet.devices import CONFIGURATION, configuration, login, registered

# 127.20.1.64/29: six hosts, of which five are cameras.
NETWORK = "127.20.1.64/29"
FIRST, SECOND, LOCKED, DEAD, SILENT = 321, 322, 323, 324, 325


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("PROBE_EVERY_S", 0.05), ("PROBE_JITTER_S", 0.02)):
        monkeypatch.setattr(f"cctv_gateway.fleet.ws_discovery.{name}", seconds)
    listen_for(0.15, monkeypatch)


def listen_for(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Multicast answers come spread over half a second, directed ones at once."""
    monkeypatch.setattr("cctv_gateway.fleet.ws_discovery.LISTEN_S", seconds)
    monkeypatch.setattr("cctv_gateway.fleet.multicast.LISTEN_S", seconds)


@pytest.fixture
async def city() -> AsyncIterator[City]:
    cameras = (
        CameraSpec(FIRST),
        CameraSpec(SECOND, clock_offset_s=-120.0),
        CameraSpec(LOCKED, faults=Faults(wrong_password=True)),
        CameraSpec(DEAD, faults=Faults(dead=True)),
    )
    async with City(CitySpec(cameras, discovery_port=0)) as running:
        yield running


@dataclass
class Desk:
    """A service with what it was given, changeable between scans."""

    service: DiscoveryService
    plan: Plan
    meter: Meter
    file: Path
    running: Configuration
    password: str
    heard: list[Scan]

    def by_number(self, number: int) -> Finding:
        serial = f"SIM{number:08}"
        found = self.service.findings()
        return next(one for one in found if one.inspection.information.serial == serial)


async def opened(tmp_path: Path, tasks: TaskOwner, plan: Plan, running: Configuration) -> Desk:
    clock = SystemClock()
    file = tmp_path / "cameras.yaml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    meter = Meter(clock)
    service = DiscoveryService(
        clock=clock, meter=meter, tasks=tasks, plan=plan, configuration=lambda: made.running,
        config_file=file,
        logins=lambda: (login(password=made.password) if made.password else login(),),
        key=b"k" * 32,
    )  # fmt: skip
    made = Desk(service, plan, meter, file, running, "", [])
    service.on_change(made.heard.append)
    return made


@pytest.fixture
async def desk(city: City, tmp_path: Path) -> AsyncIterator[Desk]:
    plan = Plan(
        networks=(NETWORK,), ports=(city.onvif_port,), ws_port=city.discovery_port,
        limits=Limits(connect_timeout_s=0.3),
    )  # fmt: skip
    async with TaskOwner("test") as tasks:
        yield await opened(tmp_path, tasks, plan, configuration())


async def test_multicast_finds_every_camera_that_is_alive(
    city: City, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen_for(0.8, monkeypatch)
    reach = Reach(("127.0.0.1", "192.0.2.200"), (), city.discovery_port)
    found = await search_devices(reach, SystemClock(), meter)
    assert sorted(one.host for one in found) == ["127.20.1.65", "127.20.1.66", "127.20.1.67"]
    assert meter.totals()["ws_discovery_interface_failed"] == 1


async def test_directed_probes_find_the_hosts_asked(city: City, meter: Meter) -> None:
    reach = Reach((), ("127.20.1.66", "127.20.1.68"), city.discovery_port)
    (found,) = await search_devices(reach, SystemClock(), meter)
    assert (found.host, found.port) == ("127.20.1.66", city.onvif_port)
    assert found.endpoint.startswith("urn:uuid:")


def test_this_machines_addresses_are_known() -> None:
    assert "127.0.0.1" in local_interfaces()


async def test_a_scan_finds_inspects_and_counts(desk: Desk) -> None:
    scan = await desk.service.run()
    assert (scan.state, scan.progress, scan.found) == (ScanState.DONE, 1.0, 3)
    assert dict(scan.outcomes) == {Reason.REFUSED: 3}
    first, second = desk.by_number(FIRST), desk.by_number(SECOND)
    assert (first.state, first.inspection.login) == (FindingState.NEW, "demo")
    assert second.inspection.clock_offset_s == pytest.approx(-120.0, abs=1.0)
    (locked,) = [one for one in desk.service.findings() if one.state is FindingState.FAILED]
    assert locked.inspection.reason is Reason.AUTH_FAILED
    assert locked.name


async def test_a_sweep_alone_finds_cameras_without_ws_discovery(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*rest: object) -> tuple[()]:
        return ()

    monkeypatch.setattr("cctv_gateway.fleet.scan.search_devices", deaf)
    scan = await desk.service.run()
    assert scan.found == 3
    assert desk.by_number(FIRST).endpoint == ""


async def test_progress_rises_to_one(desk: Desk) -> None:
    await desk.service.run()
    steps = [scan.progress for scan in desk.heard]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0.0, 1.0)
    assert {scan.state for scan in desk.heard[:-1]} == {ScanState.RUNNING}


async def test_a_second_scan_keeps_ids_and_repeats_no_wrong_password(
    desk: Desk, city: City
) -> None:
    await desk.service.run()
    before = {one.id for one in desk.service.findings()}
    faults = city.meter.totals()["simulator_onvif_faults"]
    await desk.service.run()
    assert {one.id for one in desk.service.findings()} == before
    # The two good cameras ask for a digest once more; the locked one is left alone.
    assert city.meter.totals()["simulator_onvif_faults"] == faults + 2
    desk.password = "changed in the vault"
    await desk.service.run()
    assert city.meter.totals()["simulator_onvif_faults"] > faults + 4


async def test_only_one_scan_runs_at_a_time(desk: Desk) -> None:
    scan = await desk.service.start()
    assert scan.state is ScanState.RUNNING
    with pytest.raises(GatewayError, match="SCAN_RUNNING"):
        await desk.service.start()


async def test_a_scan_that_is_cancelled_has_failed(tmp_path: Path) -> None:
    async with TaskOwner("test") as tasks:
        plan = Plan(networks=("127.88.0.0/24",), ports=(9,), ws_port=9)
        desk = await opened(tmp_path, tasks, plan, configuration())
        await desk.service.start()
        await asyncio.sleep(0.02)
    assert desk.heard[-1].state is ScanState.FAILED


async def test_bad_networks_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    async with TaskOwner("test") as tasks:
        desk = await opened(tmp_path, tasks, Plan(networks=("10.0.0.0/8",)), configuration())
        with pytest.raises(GatewayError, match="RANGE_TOO_LARGE"):
            await desk.service.start()
        assert desk.service.scan() is None


async def test_nobody_outside_the_networks_is_touched(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen_for(0.8, monkeypatch)
    plan = Plan(
        networks=("127.20.1.65/32",), interfaces=("127.0.0.1",), ports=(city.onvif_port,),
        ws_port=city.discovery_port,
    )  # fmt: skip
    async with TaskOwner("test") as tasks:
        desk = await opened(tmp_path, tasks, plan, configuration())
        await desk.service.run()
    assert [one.place.reveal().host for one in desk.service.findings()] == ["127.20.1.65"]
    assert desk.meter.totals()["discovery_outside_networks"] >= 2


async def test_a_registered_camera_that_is_gone_is_shown_with_its_reason(
    desk: Desk, city: City
) -> None:
    desk.running = configuration((registered("127.20.1.68", city.onvif_port, "demo"),))
    await desk.service.run()
    (gone,) = [one for one in desk.service.findings() if one.state is FindingState.REGISTERED]
    assert (gone.camera, gone.inspection.reason) == ("known", Reason.REFUSED)


async def test_a_registered_camera_is_tried_with_its_own_login_only(desk: Desk, city: City) -> None:
    desk.running = configuration((registered("127.20.1.65", city.onvif_port, "not-given"),))
    desk.service.replan(replace(desk.plan, networks=("127.20.1.65",)))
    await desk.service.run()
    (found,) = desk.service.findings()
    assert (found.state, found.inspection.reason) == (
        FindingState.REGISTERED, Reason.NO_CREDENTIALS,
    )  # fmt: skip


WANTED = Registration(CameraId("buk-7"), 7, "북구청 앞 7", "buk-1")


async def test_registration_writes_the_file_and_keeps_its_comments(desk: Desk, city: City) -> None:
    await desk.service.run()
    made = await desk.service.register(desk.by_number(FIRST).id, WANTED, "buk")
    assert "# 북구와 서구" in desk.file.read_text(encoding="utf-8")
    camera = load_file(desk.file).configuration.camera_by_id[made]
    assert (camera.number, camera.name, camera.site) == (7, "북구청 앞 7", "buk-1")
    assert (camera.address.host, camera.address.rtsp_port) == ("127.20.1.65", city.rtsp_port)
    assert (camera.streams.main, camera.streams.sub) == ("/main", "/sub")
    assert (camera.credentials, camera.purposes) == ("demo", {})
    desk.running = load_file(desk.file).configuration
    assert desk.by_number(FIRST).state is FindingState.REGISTERED
    with pytest.raises(GatewayError, match="ALREADY_REGISTERED"):
        await desk.service.register(desk.by_number(FIRST).id, WANTED, "buk")


@pytest.mark.parametrize(
    ("wanted", "agency", "code"),
    [
        (WANTED, "seo", "NOT_OWNER"),
        (WANTED, "control_center", "NOT_OWNER"),
        (replace(WANTED, site="nowhere"), "buk", "SITE_UNKNOWN"),
        (replace(WANTED, number=5000), "buk", "CAMERA_INVALID"),
        (replace(WANTED, camera=CameraId("Ä")), None, "CAMERA_INVALID"),
    ],
)
async def test_registrations_that_are_refused(
    desk: Desk, wanted: Registration, agency: str | None, code: str
) -> None:
    await desk.service.run()
    with pytest.raises(GatewayError) as raised:
        await desk.service.register(desk.by_number(FIRST).id, wanted, agency)
    assert raised.value.code == code
    assert desk.file.read_text(encoding="utf-8") == CONFIGURATION


async def test_what_is_unknown_or_unusable_is_not_registered(desk: Desk) -> None:
    await desk.service.run()
    (locked,) = [one for one in desk.service.findings() if one.state is FindingState.FAILED]
    with pytest.raises(GatewayError, match="NOT_USABLE"):
        await desk.service.register(locked.id, WANTED, "buk")
    with pytest.raises(GatewayError, match="FINDING_UNKNOWN"):
        await desk.service.register("0" * 16, WANTED, "buk")


async def test_purposes_are_written_with_their_ground(desk: Desk) -> None:
    await desk.service.run()
    ground = PurposeGround.model_validate_json(
        '{"ground": "PIPA25-1-2", "notice": "북구-2024-117", "notice_date": "2024-03-02",'
        ' "sign_updated": "2024-03-20", "effective_from": "2024-04-01"}'
    )
    wanted = replace(WANTED, purposes={Purpose.CRIME_PREVENTION: ground})
    made = await desk.service.register(desk.by_number(SECOND).id, wanted, None)
    camera = load_file(desk.file).configuration.camera_by_id[made]
    assert camera.purposes == {Purpose.CRIME_PREVENTION: ground}
