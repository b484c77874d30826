"""A router whose routes are all guarded: the right is checked before a byte of the body is read.

What each kind of right demands is in `guard.py`; the routes themselves are in `routes/`.
"""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from cctv_gateway.web.body import MAX_JSON_BYTES, MAX_SDP_BYTES, read_body
from cctv_gateway.web.guard import SAFE_METHODS, enforce
from cctv_gateway.web.rights import Right, RightKind, right_of
from cctv_gateway.web.services import services_of


class GuardedRoute(APIRoute):
    """A route that knows its right and refuses to exist without one."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.right: Right = right_of(endpoint)
        told = {**(options.pop("openapi_extra", None) or {}), "x-right": str(self.right)}
        super().__init__(path, endpoint, openapi_extra=told, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await enforce(self.right, request)
            if request.method not in SAFE_METHODS:
                timeout_s = services_of(request).settings.body_timeout_s
                request = await read_body(request, self.max_bytes, timeout_s)
            return await handle(request)

        return guarded

    @property
    def max_bytes(self) -> int:
        return MAX_SDP_BYTES if self.right.kind is RightKind.WHEP_SECRET else MAX_JSON_BYTES


def guarded_routes(routes: Sequence[BaseRoute]) -> Iterator[GuardedRoute]:
    """All routes of an application; raises TypeError at the first that states no right."""
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, GuardedRoute):
            raise TypeError(f"{context.original_route!r} states no right")
        yield context.original_route


class GuardedRouter(APIRouter):
    """Only makes guarded routes: mounts, plain routes and sockets have no way in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=GuardedRoute, **options)

    def mount(self, *args: Any, **options: Any) -> None:
        raise TypeError("a mount states no right")

    def add_route(self, *args: Any, **options: Any) -> None:
        raise TypeError("a plain route states no right")

    def add_websocket_route(self, *args: Any, **options: Any) -> None:
        raise TypeError("a socket route states no right")

    def add_api_websocket_route(self, *args: Any, **options: Any) -> None:
        raise TypeError("a socket route states no right")
