"""Reads a request's body within limits of size and time, after the caller's right was proved.

What the body means belongs to the routes.
"""

import asyncio

from fastapi import Request
from starlette.types import Message

from cctv_gateway.base.errors import ErrorKind
from cctv_gateway.web.errors import Refusal

MAX_JSON_BYTES = 256 * 1024
MAX_SDP_BYTES = 64 * 1024
# The rest of an unread body would be taken for the next request.
_CLOSE = {"Connection": "close"}


async def read_body(request: Request, max_bytes: int, timeout_s: float) -> Request:
    """The same request with its body in memory. Raises TOO_LARGE or REQUEST_TIMEOUT."""
    if _declared_bytes(request) > max_bytes:
        raise _too_large()
    counted = 0

    async def limited() -> Message:
        nonlocal counted
        message = await request.receive()
        counted += len(message.get("body", b""))
        if counted > max_bytes:
            raise _too_large()
        return message

    bounded = Request(request.scope, limited)
    try:
        async with asyncio.timeout(timeout_s):
            await bounded.body()
    except TimeoutError as error:
        raise Refusal(ErrorKind.TIMEOUT, "REQUEST_TIMEOUT", headers=_CLOSE) from error
    return bounded


def _declared_bytes(request: Request) -> int:
    """The Content-Length; the HTTP parser has already refused one that is no number."""
    text = request.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _too_large() -> Refusal:
    return Refusal(ErrorKind.BAD_REQUEST, "TOO_LARGE", headers=_CLOSE)
