"""The registrar's desk: what answered on the network, and taking a device into `cameras.yaml`.

Searching belongs to `fleet`; this module never holds an address.
"""

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.model import CameraId
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import Discovery, FindingCard, NewCamera, ScanCard
from cctv_gateway.web.rights import REGISTRAR, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_admin import (
    DiscoveryBody,
    Finding,
    FindingState,
    Registered,
    RegisterRequest,
    Scan,
    ScanState,
    StartScanRequest,
    StreamProfile,
)
from cctv_gateway.web.services import InRole, Services, Use

router = GuardedRouter(tags=["discovery"])


@router.get("/api/discovery", operation_id="getDiscovery", responses=problems(401, 403, 503))
@needs(REGISTRAR)
async def get_discovery(use: Use) -> DiscoveryBody:
    """The latest scan and everything found so far."""
    desk = _desk(use)
    scan = desk.scan()
    return DiscoveryBody(
        scan=_scan(scan) if scan else None, findings=[_finding(one) for one in desk.findings()]
    )


@router.post(
    "/api/discovery/scans",
    status_code=202,
    operation_id="startScan",
    responses=problems(401, 403, 409, 503),
)
@needs(REGISTRAR)
async def start_scan(body: StartScanRequest, use: Use, caller: InRole) -> Scan:
    """Search the configured networks; `discovery.changed` tells how it goes."""
    return _scan(await _desk(use).start(caller.holder))


@router.post(
    "/api/discovery/findings/{finding}/register",
    status_code=201,
    operation_id="registerFinding",
    responses=problems(401, 403, 404, 409, 422, 503),
)
@needs(REGISTRAR)
async def register_finding(
    finding: str, body: RegisterRequest, use: Use, caller: InRole
) -> Registered:
    """Write the device into `cameras.yaml`; comments and order stay."""
    new = NewCamera(CameraId(body.id), body.number, body.name, body.site, tuple(body.purposes))
    return Registered(camera=await _desk(use).register(caller.holder, finding, new))


def _desk(use: Services) -> Discovery:
    if use.discovery is None:
        raise GatewayError(
            ErrorKind.OVERLOADED,
            "DISCOVERY_OFF",
            "Searching for cameras is switched off here. An administrator can switch it on.",
            "카메라 검색이 꺼져 있습니다. 관리자가 설정에서 켤 수 있습니다.",
        )
    return use.discovery


def _scan(card: ScanCard) -> Scan:
    return Scan(
        id=card.id,
        state=ScanState(card.state),
        started_at=card.started_at,
        progress=card.progress,
    )


def _finding(card: FindingCard) -> Finding:
    profiles = [
        StreamProfile(
            token=one.token,
            encoding=one.encoding,
            width=one.width,
            height=one.height,
            fps=one.fps,
        )
        for one in card.profiles
    ]
    return Finding(
        id=card.id,
        state=FindingState(card.state),
        reason_code=card.reason_code,
        vendor=card.vendor,
        model=card.model,
        firmware=card.firmware,
        serial=card.serial,
        hardware=card.hardware,
        scopes_name=card.scopes_name,
        profiles=profiles,
        clock_offset_s=card.clock_offset_s,
        auth=card.auth,
        ptz=card.ptz,
        seen_at=card.seen_at,
    )
