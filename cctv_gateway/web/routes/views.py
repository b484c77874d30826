"""Opens, lists, changes and closes views; the picture itself comes over `routes/whep.py`.

Whether a view may open is decided, recorded and remembered by `control`.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.control.request import Holder
from cctv_gateway.control.views import ViewSnapshot
from cctv_gateway.model import CameraId, IncidentId, Purpose, ViewId
from cctv_gateway.web.errors import login_required, not_found
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import CameraCard
from cctv_gateway.web.rights import ANY_ROLE, REVIEWERS, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas import (
    CameraName,
    ChangeViewRequest,
    OpenedViewBody,
    OpenViewRequest,
    ViewItem,
    ViewList,
)
from cctv_gateway.web.services import InRole, LoggedIn, Services, Use

router = GuardedRouter(tags=["views"])

SEOUL = ZoneInfo("Asia/Seoul")
PURPOSE_NAMES = {
    Purpose.PARKING_ENFORCEMENT: "주정차 단속",
    Purpose.CRIME_PREVENTION: "방범",
    Purpose.EMERGENCY_RESPONSE: "긴급 대응",
    Purpose.INVESTIGATION_PROVISION: "수사 제공",
    Purpose.COURT_EXECUTION: "재판·형 집행",
    Purpose.DATA_SUBJECT_REQUEST: "정보주체 열람",
    Purpose.MAINTENANCE: "유지보수",
    Purpose.AUDIT: "감사",
}


@router.post(
    "/api/views",
    status_code=201,
    operation_id="openView",
    responses=problems(401, 422, 503, s403=("OUT_OF_WINDOW", "NO_AGREEMENT", "ROLE")),
)
@needs(ANY_ROLE)
async def open_view(
    body: OpenViewRequest, use: Use, login: LoggedIn, caller: InRole
) -> OpenedViewBody:
    """Decide, record, and hand out a one-time WHEP address for the picture."""
    # The body took its time: no view may open for a login that ended in the meantime.
    if not use.logins.stands(login):
        raise login_required()
    try:
        opened = await use.views.open(
            caller.holder,
            CameraId(body.camera),
            body.purpose,
            body.reason or None,
            IncidentId(body.incident) if body.incident else None,
            body.quality,
        )
    except GatewayError as refused:
        use.metrics.decisions.labels(refused.code).inc()
        raise
    use.metrics.decisions.labels("ALLOWED").inc()
    return OpenedViewBody(
        view_id=opened.view_id,
        whep_url=f"/whep/{opened.whep_secret}",
        valid_until=opened.valid_until,
        obligations=sorted(opened.obligations),
        variant=opened.variant,
        camera=_camera_name(use, CameraId(body.camera)),
        watermark=_watermark(use, caller.holder, body, use.clock.now()),
    )


@router.get("/api/views", operation_id="listViews", responses=problems(401, 403))
@needs(ANY_ROLE)
async def list_views(use: Use, caller: InRole) -> ViewList:
    """One's own open views; reviewers see everybody's, without pictures."""
    everybody = REVIEWERS.admits(caller.kind)
    shown = [one for one in use.views.views() if everybody or one.login_id == caller.holder.login]
    return ViewList(items=[_view_item(use, one) for one in shown])


@router.patch(
    "/api/views/{view_id}",
    status_code=204,
    operation_id="changeView",
    responses=problems(401, 403, 404, 422),
)
@needs(ANY_ROLE)
async def change_view(view_id: str, body: ChangeViewRequest, use: Use, caller: InRole) -> None:
    """Another quality, from its next keyframe on, in the same track."""
    await use.views.select(_own(use, caller.holder, view_id).view_id, body.quality)


@router.delete(
    "/api/views/{view_id}",
    status_code=204,
    operation_id="closeView",
    responses=problems(401, 403, 404),
)
@needs(ANY_ROLE)
async def close_view(view_id: str, use: Use, caller: InRole) -> None:
    """Close one's own view; its record is completed."""
    await use.views.close(_own(use, caller.holder, view_id).view_id, caller.holder.account)


def _own(use: Services, holder: Holder, view_id: str) -> ViewSnapshot:
    wanted = ViewId(view_id)
    for one in use.views.views():
        if one.view_id == wanted and one.login_id == holder.login:
            return one
    raise not_found()


def _watermark(use: Services, holder: Holder, asked: OpenViewRequest, now: datetime) -> str:
    person = use.registry.person(holder.account)
    roles = person.roles if person else ()
    agencies = [one.agency_name for one in roles if one.agency == holder.agency]
    who = person.name if person else holder.account
    where = agencies[0] if agencies else holder.agency
    when = now.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")
    case = [asked.incident] if asked.incident else []
    return " · ".join(
        (f"{who} ({holder.account})", where, PURPOSE_NAMES[asked.purpose], *case, when)
    )


def _camera_name(use: Services, camera: CameraId) -> CameraName:
    card = use.registry.camera(camera)
    return _name(card) if card else CameraName(id=camera, number=0, name=camera, name_en=camera)


def _name(card: CameraCard) -> CameraName:
    return CameraName(id=card.id, number=card.number, name=card.name, name_en=card.name_en)


def _view_item(use: Services, view: ViewSnapshot) -> ViewItem:
    return ViewItem(
        view_id=view.view_id,
        camera=_camera_name(use, view.camera),
        account=view.account,
        role=view.role,
        agency=view.agency,
        purpose=view.purpose,
        variant=view.variant,
        quality=view.quality,
        opened_at=view.opened_at,
        valid_until=view.valid_until,
        state="playing" if view.playing else "waiting",
    )
