"""Pieces that routes put into their OpenAPI description: problem responses with examples.

The finished document is made in `openapi.py`.
"""

from typing import Any

from cctv_gateway.web.messages import sentence
from cctv_gateway.web.schemas import Problem

_EXAMPLES: dict[int, tuple[str, ...]] = {
    400: ("BAD_REQUEST",),
    401: ("LOGIN_REQUIRED",),
    403: ("ROLE", "CHOOSE_ROLE", "CSRF"),
    404: ("NOT_FOUND",),
    406: ("NOT_ACCEPTABLE",),
    409: ("CONFLICT",),
    413: ("TOO_LARGE",),
    415: ("WRONG_MEDIA_TYPE",),
    422: ("INVALID_REQUEST",),
    429: ("TOO_MANY_TRIES",),
    503: ("OVERLOADED",),
}


def problems(*statuses: int, **codes: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    """Responses for `statuses`; `s403=("OUT_OF_WINDOW",)` names other examples for one."""
    named = {int(key[1:]): value for key, value in codes.items()}
    return {status: _response(status, named.get(status)) for status in (*statuses, *named)}


def _response(status: int, codes: tuple[str, ...] | None) -> dict[str, Any]:
    examples = {code: {"value": _example(status, code)} for code in codes or _EXAMPLES[status]}
    return {
        "description": "Problem",
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }
        },
    }


def _example(status: int, code: str) -> dict[str, Any]:
    words = sentence(code)
    return Problem(
        type=f"/problems/{code}",
        title="Problem",
        status=status,
        code=code,
        detail=words.en,
        detail_ko=words.ko,
        request_id="4f1c9a60b2d8",
    ).model_dump(exclude_none=True)
