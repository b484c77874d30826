"""Turns every failure into `application/problem+json`; the one table from error kind to status.

The sentences are in `messages.py`; nothing here decides, retries or swallows.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import redact
from cctv_gateway.web.messages import SENTENCES, sentence
from cctv_gateway.web.schemas import FieldProblem, Problem

PROBLEM_JSON = "application/problem+json"

STATUS: Mapping[ErrorKind, int] = {
    ErrorKind.UNREACHABLE: 502,
    ErrorKind.UNAUTHORIZED: 401,
    ErrorKind.UNSUPPORTED: 422,
    ErrorKind.PROTOCOL: 502,
    ErrorKind.DENIED: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.OVERLOADED: 503,
    ErrorKind.TIMEOUT: 504,
}

# Codes of HTTP itself, where the kind alone would be too coarse.
STATUS_BY_CODE: Mapping[str, int] = {
    "TOO_MANY_TRIES": 429,
    "TOO_MANY_STREAMS": 429,
    "TOO_LARGE": 413,
    "WRONG_MEDIA_TYPE": 415,
    "NOT_ACCEPTABLE": 406,
    "REQUEST_TIMEOUT": 408,
    "WRONG_HOST": 421,
    "ICE_SESSION_CHANGED": 412,
    "DATABASE_FAILED": 503,
}

_CODE_BY_STATUS: Mapping[int, str] = {
    400: "BAD_REQUEST",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "TOO_LARGE",
    415: "WRONG_MEDIA_TYPE",
}


class Refusal(GatewayError):
    """A `GatewayError` of the web itself, worded by the catalogue."""

    def __init__(
        self,
        kind: ErrorKind,
        code: str,
        *,
        retry_at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        words = sentence(code)
        super().__init__(kind, code, words.en, words.ko)
        self.retry_at = retry_at
        self.headers = dict(headers or {})


def not_found() -> Refusal:
    """The same answer for what does not exist and for what the caller may not know of."""
    return Refusal(ErrorKind.NOT_FOUND, "NOT_FOUND")


def login_required() -> Refusal:
    return Refusal(ErrorKind.UNAUTHORIZED, "LOGIN_REQUIRED")


def status_of(error: GatewayError) -> int:
    return STATUS_BY_CODE.get(error.code, STATUS[error.kind])


def problem(
    status: int,
    code: str,
    request_id: str,
    *,
    words: tuple[str, str] | None = None,
    retry_at: datetime | None = None,
    fields: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document; sentences pass redaction once more before they leave."""
    known = sentence(code)
    en, ko = words or (known.en, known.ko)
    body = Problem(
        type=f"/problems/{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=redact(en),
        detail_ko=redact(ko),
        request_id=request_id,
        retry_at=retry_at,
        fields=fields,
    )
    return Response(
        body.model_dump_json(exclude_none=True),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        PROBLEM_JSON,
    )


def request_id(request: Request) -> str:
    found = request.scope.get("state", {}).get("request_id", "")
    return str(found)


async def _gateway_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError), "registered for GatewayError alone"
    words = None if error.code in SENTENCES else (error.message, error.message_ko)
    return problem(
        status_of(error),
        error.code,
        request_id(request),
        words=words,
        retry_at=getattr(error, "retry_at", None),
        headers=getattr(error, "headers", None),
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for HTTPException alone"
    code = _CODE_BY_STATUS.get(error.status_code, "BAD_REQUEST")
    return problem(error.status_code, code, request_id(request), headers=error.headers)


def _pointer(location: tuple[int | str, ...]) -> str:
    where, *rest = location
    if where == "body":
        return "".join(f"/{part}" for part in rest)[:200]
    return f"?{'.'.join(map(str, rest))}"[:200]


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for validation errors alone"
    fields = [
        FieldProblem(pointer=_pointer(one["loc"]), code=one["type"], message=_told(one))
        for one in error.errors()[:20]
    ]
    return problem(422, "INVALID_REQUEST", request_id(request), fields=fields)


def _told(one: Mapping[str, object]) -> str:
    """Pydantic's sentence, except where it would repeat what was sent."""
    kind = str(one["type"])
    if kind in {"value_error", "assertion_error", "json_invalid"}:
        return "This value cannot be used"
    return redact(str(one["msg"]))[:200]


def install(app: FastAPI) -> None:
    """Make every expected failure of `app` a problem; the unexpected ones end in `edge.py`."""
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
