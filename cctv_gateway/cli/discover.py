"""`cctv-gateway discover`: searches networks for cameras, shows them, and adds them if asked.

It prints addresses, since it speaks to the administrator at the machine itself; searching and
adding are the fleet's.
"""

import asyncio
import json
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.cli.screen import Exit, err, fail, out
from cctv_gateway.config.load import load_file
from cctv_gateway.config.schema import MAX_CAMERA_NUMBER, Configuration
from cctv_gateway.config.vault import Vault
from cctv_gateway.data_folder import DataFolder
from cctv_gateway.fleet.discovery import DiscoveryService, Scan
from cctv_gateway.fleet.enrol import Login
from cctv_gateway.fleet.findings import Finding, FindingState
from cctv_gateway.fleet.multicast import local_interfaces
from cctv_gateway.fleet.reasons import sentence
from cctv_gateway.fleet.registration import Registration
from cctv_gateway.fleet.scan import Plan
from cctv_gateway.fleet.sweep import ONVIF_PORTS
from cctv_gateway.fleet.ws_discovery import PORT
from cctv_gateway.model import CameraId


@dataclass(frozen=True, slots=True)
class DiscoverOptions:
    """What the command line asks for. `add_to_site` is the site of new cameras, None for a look.

    `ports` are tried beside the usual ones.
    """

    networks: tuple[str, ...] = ()
    multicast: bool = True
    credentials: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    add_to_site: str | None = None
    config_file: Path = Path("cameras.yaml")
    data_dir: Path = Path("gateway-data")
    as_json: bool = False
    ws_port: int = PORT


def run_discovery(options: DiscoverOptions) -> int:
    try:
        return asyncio.run(_discover(options))
    except GatewayError as error:
        return fail(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


async def _discover(options: DiscoverOptions) -> Exit:
    if not options.networks and not options.multicast:
        raise GatewayError(
            ErrorKind.BAD_REQUEST,
            "NOTHING_TO_SEARCH",
            "Give a network with --network, or leave out --no-multicast.",
        )
    desk = _Desk(options)
    plan = Plan(
        networks=options.networks,
        interfaces=local_interfaces() if options.multicast else (),
        ports=tuple(dict.fromkeys((*options.ports, *ONVIF_PORTS))),
        ws_port=options.ws_port,
    )
    clock = SystemClock()
    async with TaskOwner("discover") as tasks:
        service = DiscoveryService(
            clock=clock, meter=Meter(clock), tasks=tasks, plan=plan,
            configuration=lambda: desk.configuration, config_file=options.config_file,
            logins=lambda: desk.logins,
        )  # fmt: skip
        with _progress(service, quiet=options.as_json):
            scan = await service.run()
        found = sorted(service.findings(), key=lambda one: _natural(_where(one)))
        _show(found, scan, options.as_json)
        if options.add_to_site is not None:
            return await desk.add(service, found)
    return Exit.OK if found else Exit.FOUND_WRONG


class _Desk:
    """The file and the vault as this command uses them."""

    def __init__(self, options: DiscoverOptions) -> None:
        self._file, self._site = options.config_file, options.add_to_site
        self.configuration = self._load(options)
        self.logins = _logins(options)

    def _load(self, options: DiscoverOptions) -> Configuration:
        """A look needs no file; adding needs one."""
        if options.add_to_site is None and not options.config_file.exists():
            return Configuration.model_validate_json(
                '{"version": 1, "city": {"name": "-"}, "districts": {}}'
            )
        configuration = load_file(options.config_file).configuration
        if options.add_to_site is not None and options.add_to_site not in configuration.sites:
            raise GatewayError(
                ErrorKind.BAD_REQUEST,
                "SITE_UNKNOWN",
                "Name a site of cameras.yaml with --site; add it to the file first if it is new.",
            )
        return configuration

    async def add(self, service: DiscoveryService, found: Iterable[Finding]) -> Exit:
        """Write what is new; what the file refuses is told and left out."""
        outcome = Exit.OK
        for finding in found:
            if finding.state is not FindingState.NEW:
                continue
            try:
                camera = await service.register(finding.id, self._registration(finding), None)
            except GatewayError as error:
                outcome = fail(error)
                continue
            self.configuration = load_file(self._file).configuration
            err.print(f"added {camera} ({_where(finding)})", soft_wrap=True, markup=False)
        return outcome

    def _registration(self, finding: Finding) -> Registration:
        number = _free_number(self.configuration)
        name = finding.name or f"{finding.inspection.information.model or 'camera'} {number}"
        taken = {camera.id for camera in self.configuration.cameras}
        return Registration(
            CameraId(_free_id(f"{self._site}-{number}", taken)), number, name, self._site or ""
        )


def _free_number(configuration: Configuration) -> int:
    used = {camera.number for camera in configuration.cameras}
    return next(one for one in range(1, MAX_CAMERA_NUMBER + 2) if one not in used)


def _free_id(wanted: str, taken: set[CameraId]) -> str:
    names = [wanted, *(f"{wanted}-{more}" for more in range(2, len(taken) + 3))]
    return next(name for name in names if CameraId(name) not in taken)


def _logins(options: DiscoverOptions) -> tuple[Login, ...]:
    """The logins that the command names; without names no password leaves the vault."""
    if not options.credentials:
        return ()
    folder = DataFolder(options.data_dir)
    folder.make()
    vault = Vault(folder.vault_file)
    return tuple(Login(name, vault.get(name)) for name in options.credentials)


@contextmanager
def _progress(service: DiscoveryService, *, quiet: bool) -> Any:
    if quiet or not sys.stderr.isatty():
        yield
        return
    bar = Progress(TextColumn("searching"), BarColumn(), TextColumn("{task.fields[found]} found"),
                   console=err, transient=True)  # fmt: skip
    with bar:
        task = bar.add_task("search", total=1.0, found=0)

        def moved(scan: Scan) -> None:
            bar.update(task, completed=scan.progress, found=scan.found)

        service.on_change(moved)
        yield


def _show(found: Sequence[Finding], scan: Scan, as_json: bool) -> None:
    if as_json:
        outcomes = {reason.value: count for reason, count in sorted(scan.outcomes.items())}
        body = {"cameras": [_plain(one) for one in found], "other_hosts": outcomes}
        print(json.dumps(body, ensure_ascii=False))  # noqa: T201 - one plain line for programs
        return
    table = Table("address", "device", "streams", "clock", "login", "PTZ", "state", expand=False)
    for one in found:
        table.add_row(*map(escape, _row(one)))
    out.print(table)
    for reason in sorted({one.inspection.reason for one in found if one.inspection.reason}):
        out.print(f"{reason.value}: {sentence(reason)}", soft_wrap=True)
    hosts = ", ".join(f"{count} {reason.value}" for reason, count in sorted(scan.outcomes.items()))
    out.print(f"{len(found)} found" + (f"; other hosts: {hosts}" if hosts else ""))


def _row(one: Finding) -> tuple[str, ...]:
    seen = one.inspection
    streams = [f"{each.width}x{each.height} {each.fps:g}" for each in (seen.main, seen.sub) if each]
    offset = "" if seen.clock_offset_s is None else f"{seen.clock_offset_s:+.1f} s"
    device = f"{seen.information.vendor} {seen.information.model}".strip() or one.name
    head = f"{seen.presets or 0} presets" if seen.ptz else ""
    login = seen.auth.value + (f" ({seen.login})" if seen.login else "")
    state = f"{one.state.value} {seen.reason or one.camera or ''}".strip()
    return (_where(one), device, ", ".join(streams), offset, login, head, state)


def _plain(one: Finding) -> dict[str, Any]:
    seen, place = one.inspection, one.place.reveal()
    device = seen.information
    return {
        "id": one.id,
        "host": place.host,
        "onvif_port": place.port,
        "state": one.state.value,
        "reason_code": seen.reason.value if seen.reason else None,
        "camera": one.camera,
        "name": one.name,
        "vendor": device.vendor,
        "model": device.model,
        "firmware": device.firmware,
        "serial": device.serial,
        "hardware": device.hardware,
        "clock_offset_s": seen.clock_offset_s,
        "auth": seen.auth.value,
        "credentials": seen.login,
        "ptz": seen.ptz,
        "presets": seen.presets,
        "main": _stream(one, main=True),
        "sub": _stream(one, main=False),
    }


def _stream(one: Finding, *, main: bool) -> dict[str, Any] | None:
    profile = one.inspection.main if main else one.inspection.sub
    if profile is None or profile.stream is None:
        return None
    return {
        "token": profile.token,
        "encoding": profile.encoding,
        "width": profile.width,
        "height": profile.height,
        "fps": profile.fps,
        "rtsp_port": profile.stream.port,
        "path": profile.stream.path.reveal(),
    }


def _where(one: Finding) -> str:
    place = one.place.reveal()
    return f"{place.host}:{place.port}"


def _natural(address: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", address)]
