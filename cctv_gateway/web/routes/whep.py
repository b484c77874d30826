"""WHEP (draft-ietf-wish-whep, RFC 8840): SDP in, SDP out, trickle, hang up.

The secret in the path is the whole right, so it is never logged; SDP is read by `publish` alone.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request, Response

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.web.errors import Refusal, not_found
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.rights import WHEP_SECRET, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.services import Use

router = GuardedRouter(tags=["whep"])

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_SECRET_CHARS = 128
MAX_TAGS = 8192

T = TypeVar("T")

# Any page that holds the secret may play it, and no cookie ever counts here.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Accept-Patch",
    "Cache-Control": "no-store",
}
_PREFLIGHT = {
    **_CORS,
    "Access-Control-Allow-Methods": "POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, If-Match, Accept",
    "Access-Control-Max-Age": "600",
    "Accept-Post": SDP,
    "Accept-Patch": FRAGMENT,
}


def _body(kind: str, example: str) -> dict[str, object]:
    content = {kind: {"schema": {"type": "string"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/whep/{secret}",
    status_code=201,
    operation_id="whepOffer",
    response_class=Response,
    openapi_extra=_body(SDP, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n…"),
    responses={
        201: {"description": "SDP answer", "content": {SDP: {"schema": {"type": "string"}}}},
        **problems(400, 404, 406, 413, 415, 422, 503),
    },
)
@needs(WHEP_SECRET)
async def offer(secret: str, request: Request, use: Use) -> Response:
    """Start the picture of a granted view; the secret works once, within 30 s."""
    _accepts(request, SDP)
    text = await _text(request, SDP)
    attached = await _as_client_error(use.views.attach(_checked(secret), text))
    tag = _tag(attached.answer_sdp)
    _tags(request).keep(attached.resource_secret, tag)
    return Response(
        attached.answer_sdp,
        201,
        {
            **_CORS,
            "Location": f"/whep/r/{attached.resource_secret}",
            "ETag": tag,
            "Accept-Patch": FRAGMENT,
        },
        SDP,
    )


@router.patch(
    "/whep/r/{resource}",
    status_code=204,
    operation_id="whepTrickle",
    response_class=Response,
    openapi_extra=_body(FRAGMENT, "a=ice-ufrag:EsAw\r\na=ice-pwd:…\r\nm=video 9 …\r\n"),
    responses={
        200: {
            "description": "ICE restarted",
            "content": {FRAGMENT: {"schema": {"type": "string"}}},
        },
        **problems(400, 404, 413, 415, s412=("ICE_SESSION_CHANGED",)),
    },
)
@needs(WHEP_SECRET)
async def trickle(resource: str, request: Request, use: Use) -> Response:
    """More ICE candidates, or an ICE restart."""
    text = await _text(request, FRAGMENT)
    tags = _tags(request)
    if not tags.match(_checked(resource), request.headers.get("If-Match")):
        raise Refusal(ErrorKind.CONFLICT, "ICE_SESSION_CHANGED")
    answer = await _as_client_error(use.views.trickle(resource, text))
    if answer is None:
        return Response(status_code=204, headers=_CORS)
    tag = _tag(answer)
    tags.keep(resource, tag)
    return Response(answer, 200, {**_CORS, "ETag": tag}, FRAGMENT)


@router.delete(
    "/whep/r/{resource}",
    operation_id="whepHangUp",
    response_class=Response,
    responses=problems(404),
)
@needs(WHEP_SECRET)
async def hang_up(resource: str, request: Request, use: Use) -> Response:
    """End the view."""
    _tags(request).forget(resource)
    await use.views.hang_up(_checked(resource))
    return Response(status_code=200, headers=_CORS)


@router.options("/whep/{secret}", status_code=204, operation_id="whepPreflight")
@router.options("/whep/r/{secret}", status_code=204, operation_id="whepResourcePreflight")
@needs(WHEP_SECRET)
async def preflight(secret: str) -> Response:
    """CORS, and which bodies are understood; says nothing about the secret."""
    return Response(status_code=204, headers=_PREFLIGHT)


class SessionTags:
    """The ETag of each WHEP resource's ICE session (bounded, oldest forgotten first)."""

    def __init__(self, max_tags: int = MAX_TAGS) -> None:
        self._max_tags = max_tags
        self._tags: OrderedDict[str, str] = OrderedDict()

    def keep(self, resource: str, tag: str) -> None:
        self._tags[resource] = tag
        while len(self._tags) > self._max_tags:
            self._tags.popitem(last=False)

    def forget(self, resource: str) -> None:
        self._tags.pop(resource, None)

    def match(self, resource: str, wanted: str | None) -> bool:
        """`*` and no header match anything, as many players send none."""
        known = self._tags.get(resource)
        return wanted is None or wanted == "*" or known is None or wanted == known


def _tags(request: Request) -> SessionTags:
    found = request.app.state.whep_tags
    assert isinstance(found, SessionTags), "create_web puts them there"
    return found


def _tag(sdp: str) -> str:
    """Names the ICE session: its ufrag is new whenever ICE starts again."""
    ufrag = next((line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:")), sdp)
    return f'"{hashlib.sha256(ufrag.encode()).hexdigest()[:16]}"'


def _checked(secret: str) -> str:
    if len(secret) > MAX_SECRET_CHARS or not secret.isascii():
        raise not_found()
    return secret


def _accepts(request: Request, kind: str) -> None:
    accept = request.headers.get("Accept", "*/*")
    offered = {part.split(";")[0].strip().lower() for part in accept.split(",")}
    if not offered & {kind, "application/*", "*/*", ""}:
        raise Refusal(ErrorKind.BAD_REQUEST, "NOT_ACCEPTABLE")


async def _text(request: Request, kind: str) -> str:
    sent = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if sent != kind:
        raise Refusal(ErrorKind.BAD_REQUEST, "WRONG_MEDIA_TYPE", headers={"Accept-Post": kind})
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise Refusal(ErrorKind.BAD_REQUEST, "BAD_REQUEST") from error


async def _as_client_error(work: Awaitable[T]) -> T:
    """A protocol error in what the browser sent is the browser's (400), not a camera's (502)."""
    try:
        return await work
    except GatewayError as error:
        if error.kind is not ErrorKind.PROTOCOL:
            raise
        raise GatewayError(
            ErrorKind.BAD_REQUEST, error.code, error.message, error.message_ko
        ) from error
