"""The list of cameras that the active role may ever see, and a still picture of one.

Verdicts and pictures come from `control` and the relay; filtering and paging happen here.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request, Response

from cctv_gateway.control import verdicts
from cctv_gateway.control.request import Holder
from cctv_gateway.model import CameraId, CameraState, Purpose
from cctv_gateway.web.errors import login_required, not_found
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import NEVER_PULLED, CameraCard, StateOfCamera
from cctv_gateway.web.rights import ANY_ROLE, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas import CameraItem, CameraPage, Location, Verdict
from cctv_gateway.web.services import InRole, LoggedIn, Services, Use

router = GuardedRouter(tags=["cameras"])

Wanted = Annotated[Purpose | None, Query(description="Only this purpose and its verdict")]
Needle = Annotated[
    str, Query(max_length=100, description="Part of a camera's id, number, name or site")
]
Cursor = Annotated[int, Query(ge=0, le=2**31, description="`next_cursor` of the page before")]


@router.get(
    "/api/cameras",
    operation_id="listCameras",
    response_model=CameraPage,
    responses={304: {"description": "Unchanged"}, **problems(401, 403, 422)},
)
@needs(ANY_ROLE)
async def list_cameras(
    request: Request,
    use: Use,
    caller: InRole,
    purpose: Wanted = None,
    q: Needle = "",
    state: CameraState | None = None,
    district: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Cursor = 0,
) -> Response:
    """Cameras by number, each with what opening a view would answer right now."""
    states = use.states.all()
    found = [
        card
        for card in use.registry.visible(caller.holder).values()
        if (purpose is None or purpose in card.purposes)
        and (district is None or card.district == district)
        and q.casefold().strip() in card.search
        and (state is None or states.get(card.id, NEVER_PULLED).state is state)
    ]
    rest = [card for card in found if card.number > cursor]
    page = CameraPage(
        items=[
            _item(use, caller.holder, card, purpose, states.get(card.id, NEVER_PULLED))
            for card in rest[:limit]
        ],
        next_cursor=str(rest[limit - 1].number) if len(rest) > limit else None,
        total=len(found),
    )
    return _with_etag(request, page.model_dump_json())


def _with_etag(request: Request, body: str) -> Response:
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _item(
    use: Services,
    holder: Holder,
    card: CameraCard,
    wanted: Purpose | None,
    link: StateOfCamera,
) -> CameraItem:
    asked: Sequence[Purpose] = card.purposes if wanted is None else (wanted,)
    return CameraItem(
        id=card.id,
        number=card.number,
        name=card.name,
        name_en=card.name_en,
        site=card.site,
        site_name=card.site_name,
        site_name_en=card.site_name_en,
        district=card.district,
        district_name=card.district_name,
        district_name_en=card.district_name_en,
        location=Location(lat=card.location[0], lon=card.location[1]) if card.location else None,
        state=link.state,
        state_since=link.since,
        purposes=list(card.purposes),
        verdicts={one: _verdict(use.registry.verdict(holder, card.id, one)) for one in asked},
    )


def _verdict(answer: verdicts.Verdict) -> Verdict:
    return Verdict(
        allowed=answer.allowed,
        code=answer.code,
        retry_at=answer.retry_at,
        valid_until=answer.valid_until,
        variant=answer.variant,
    )


@router.get(
    "/api/cameras/{camera}/poster",
    operation_id="getPoster",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 422, 503),
    },
)
@needs(ANY_ROLE)
async def get_poster(
    camera: str, purpose: Purpose, use: Use, login: LoggedIn, caller: InRole
) -> Response:
    """The camera's latest still under a decision; masked when the grant says so."""
    wanted = CameraId(camera)
    if wanted not in use.registry.visible(caller.holder):
        raise not_found()
    jpeg = await use.posters.poster(caller.holder, wanted, purpose)
    if not use.logins.stands(login):  # a still takes seconds when the camera must be opened
        raise login_required()
    return Response(jpeg, headers={"Cache-Control": "no-store"}, media_type="image/jpeg")
