"""Server-sent events on the wire: one stream per open console.

What is said to whom is decided in `web/events.py`.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack

from fastapi import Request
from fastapi.responses import StreamingResponse

from cctv_gateway.web.mailbox import Mailbox, Note
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.rights import LOGIN, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_events import EVENTS
from cctv_gateway.web.services import LoggedIn, Use

router = GuardedRouter(tags=["events"])

EVENT_STREAM = "text/event-stream"
_REFS = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in EVENTS.values()]


@router.get(
    "/api/events",
    operation_id="listen",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": f"Events: {', '.join(EVENTS)}",
            "content": {EVENT_STREAM: {"schema": {"anyOf": _REFS}}},
        },
        **problems(401, s429=("TOO_MANY_STREAMS",)),
    },
)
@needs(LOGIN)
async def listen(request: Request, use: Use, login: LoggedIn) -> StreamingResponse:
    """News for this login until it ends; each `data:` is one of the event schemas."""
    block = ExitStack()
    mailbox = block.enter_context(use.events.listen(login.login, request.state.caller))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(mailbox, block), headers=headers, media_type=EVENT_STREAM)


async def _stream(mailbox: Mailbox, block: ExitStack) -> AsyncIterator[bytes]:
    with block:
        yield b"retry: 2000\n\n"
        while notes := await mailbox.take():
            yield b"".join(map(wire, notes))


def wire(note: Note) -> bytes:
    """One event; JSON never holds a raw line break, so one data line is enough."""
    return f"event: {note.name}\ndata: {note.data}\n\n".encode()
