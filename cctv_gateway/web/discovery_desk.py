"""Joins the fleet's discovery to the web's port: cards without addresses, and a record of deeds.

Searching and the ownership of sites are the fleet's; who may call is checked by the routes.
"""

from collections.abc import Awaitable, Callable, Sequence

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.control.audit import AuditEvent, AuditKind, Decision
from cctv_gateway.control.request import Holder
from cctv_gateway.fleet.answers import StreamProfile
from cctv_gateway.fleet.discovery import DiscoveryService, Scan
from cctv_gateway.fleet.findings import Finding
from cctv_gateway.fleet.registration import Registration
from cctv_gateway.model import CameraId
from cctv_gateway.web.ports import (
    AuditTrail,
    FindingCard,
    NewCamera,
    ScanCard,
    StreamProfileCard,
)


class DiscoveryDesk:
    """The port `Discovery`. `reload` makes the running configuration follow the file."""

    def __init__(
        self, service: DiscoveryService, audit: AuditTrail, reload: Callable[[], Awaitable[None]]
    ) -> None:
        self._service, self._audit, self._reload = service, audit, reload

    def scan(self) -> ScanCard | None:
        scan = self._service.scan()
        return scan_card(scan) if scan else None

    def findings(self) -> Sequence[FindingCard]:
        return [_card(each) for each in self._service.findings()]

    def on_change(self, listener: Callable[[ScanCard], None]) -> None:
        self._service.on_change(lambda scan: listener(scan_card(scan)))

    async def start(self, by: Holder) -> ScanCard:
        """Record, then search."""
        await self._record(by, AuditKind.DISCOVERY_STARTED)
        return scan_card(await self._service.start())

    async def register(self, by: Holder, finding: str, camera: NewCamera) -> CameraId:
        """Record and write, if the site is the caller's own; a refusal is recorded too."""
        if camera.purposes:
            raise _ground_missing()
        wanted = Registration(camera.camera, camera.number, camera.name, camera.site)
        try:
            entry = self._service.entry(finding, wanted, by.agency)
        except GatewayError as error:
            if error.kind is ErrorKind.DENIED:
                await self._record(by, AuditKind.ACCESS_DENIED, camera.camera, error.code)
            raise
        await self._record(by, AuditKind.CAMERA_REGISTERED, entry.id)
        await self._service.write(entry)
        await self._reload()
        return entry.id

    async def _record(
        self, by: Holder, kind: AuditKind, camera: CameraId | None = None, code: str | None = None
    ) -> None:
        await self._audit.append(
            AuditEvent(
                kind=kind,
                account=by.account,
                role=by.role,
                agency=by.agency,
                terminal=by.terminal,
                camera=camera,
                code=code,
                decision=Decision.DENY if code else None,
            )
        )


def scan_card(scan: Scan) -> ScanCard:
    return ScanCard(scan.id, scan.state.value, scan.started_at, scan.progress, scan.found)


def _card(finding: Finding) -> FindingCard:
    seen, device = finding.inspection, finding.inspection.information
    return FindingCard(
        id=finding.id,
        state=finding.state.value,
        reason_code=seen.reason.value if seen.reason else None,
        vendor=device.vendor,
        model=device.model,
        firmware=device.firmware,
        serial=device.serial,
        hardware=device.hardware,
        scopes_name=finding.name,
        profiles=tuple(map(_profile, seen.profiles)),
        clock_offset_s=seen.clock_offset_s,
        auth=seen.auth.value,
        ptz=seen.ptz,
        seen_at=finding.seen_at,
    )


def _profile(one: StreamProfile) -> StreamProfileCard:
    return StreamProfileCard(one.token, one.encoding, one.width, one.height, one.fps)


def _ground_missing() -> GatewayError:
    return GatewayError(
        ErrorKind.BAD_REQUEST,
        "GROUND_MISSING",
        "A purpose needs its legal ground, notice and dates; register the camera without purposes "
        "and add them to cameras.yaml.",
        "목적에는 법적 근거, 고시 번호와 날짜가 필요합니다. 목적 없이 등록한 뒤 cameras.yaml에 "
        "추가하십시오.",
    )
