"""Deny by default: every route states its right, and a table says who gets in where."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from cctv_gateway.config.schema import RoleKind
from cctv_gateway.web.rights import ADMIN, ANY_ROLE, LOGIN, PUBLIC, Right, RightKind, needs
from cctv_gateway.web.router import GuardedRoute, GuardedRouter, guarded_routes
from tests.web.world import PEOPLE, World

TABLE = Path(__file__).parent / "rights.txt"
# What stands for the path parameters, and the bodies that routes with one accept.
FILLED = {
    "{camera}": "cam-1",
    "{view_id}": "view-0",
    "{secret}": "no-such-secret",
    "{resource}": "no-such-secret",
    "{finding}": "f1",
    "{account}": "kwan",
    "{path:console}": "",
}
BODIES: dict[str, object] = {
    "/api/login": {"account": "nobody", "password": "wrong"},
    "/api/me/role": {"role": "x", "agency": "y"},
    "/api/views": {"camera": "cam-1", "purpose": "crime_prevention"},
    "/api/views/{view_id}": {"quality": "sub"},
    "/api/discovery/scans": {},
    "/api/discovery/findings/{finding}/register": {
        "id": "cam-9",
        "number": 9,
        "name": "새 카메라",
        "site": "buk-1",
    },
}
# Ends only with the login: tested with a real server in test_server.py.
STREAMS = {"/api/events"}


def operations(app: FastAPI) -> Iterator[tuple[str, str, GuardedRoute]]:
    for route in guarded_routes(app.routes):
        for method in sorted(route.methods or ()):
            yield method, route.path, route


async def test_every_route_states_its_right(world: World) -> None:
    found = list(operations(world.app))
    assert {"/", "/docs", "/openapi.json", "/metrics", "/api/events"} <= {
        path.replace("{path:console}", "") for _, path, _ in found
    }
    assert len(found) > 30
    for _, _, route in found:
        assert isinstance(route.right, Right)


async def test_the_table_names_every_operation_and_its_right(world: World) -> None:
    real = {f"{method} {path}": str(route.right) for method, path, route in operations(world.app)}
    assert {name: right for name, (right, _) in rows().items()} == real


def test_a_route_without_a_right_cannot_be_made() -> None:
    router = GuardedRouter()

    async def open_door() -> None: ...

    with pytest.raises(TypeError, match="open_door states no right"):
        router.add_api_route("/open", open_door)
    for add in (router.add_route, router.mount, router.add_websocket_route):
        with pytest.raises(TypeError, match="states no right"):
            add("/open", open_door)


def test_plain_routes_would_be_noticed(world: World) -> None:
    async def nothing(request: Request) -> Response:
        return Response()

    for wild in (Route("/open", nothing), Mount("/files", Response())):
        world.app.router.routes.append(wild)
        with pytest.raises(TypeError, match="states no right"):
            list(operations(world.app))
        world.app.router.routes.pop()


@pytest.mark.parametrize(
    ("right", "text"),
    [
        (PUBLIC, "public"),
        (LOGIN, "login"),
        (ANY_ROLE, "role"),
        (ADMIN, "role:system_admin"),
        (Right(RightKind.ROLE, frozenset({RoleKind.AUDITOR, RoleKind.SYSTEM_ADMIN})),
         "role:auditor,system_admin"),
    ],
)  # fmt: skip
def test_rights_read_well(right: Right, text: str) -> None:
    assert str(right) == text

    @needs(right)
    async def endpoint() -> None: ...

    assert GuardedRoute("/x", endpoint).right is right


def rows() -> dict[str, tuple[str, dict[str, int]]]:
    """operation -> (right, caller -> status) from the table file."""
    lines = [line for line in TABLE.read_text().splitlines() if line and line[0] != "#"]
    callers = lines[0].split()[3:]
    found = {}
    for line in lines[1:]:
        method, path, right, *statuses = line.split()
        found[f"{method} {path}"] = (right, dict(zip(callers, map(int, statuses), strict=True)))
    return found


async def call(client: httpx.AsyncClient, method: str, path: str) -> int:
    url = path
    for name, value in FILLED.items():
        url = url.replace(name, value)
    if path.endswith("/poster"):
        url += "?purpose=crime_prevention"
    body = json.dumps(BODIES[path]) if path in BODIES and method in {"POST", "PATCH"} else None
    headers = {"Content-Type": "application/json"} if body else {}
    if path.startswith("/whep") and method in {"POST", "PATCH"}:
        kind = "application/sdp" if method == "POST" else "application/trickle-ice-sdpfrag"
        body, headers = "v=0\r\n", {"Content-Type": kind}
    answer = await client.request(method, url, content=body, headers=headers)
    return answer.status_code


@pytest.mark.parametrize("caller", ["nobody", *(one for one in PEOPLE if one != "dual")])
async def test_each_caller_gets_in_where_the_table_says(world: World, caller: str) -> None:
    found = {}
    for name in rows():
        method, path = name.split()
        if path in STREAMS:
            continue
        if caller == "nobody":
            async with world.browser() as client:
                found[name] = await call(client, method, path)
        else:
            async with world.as_user(caller) as client:
                found[name] = await call(client, method, path)
    expected = {
        name: statuses[caller]
        for name, (_, statuses) in rows().items()
        if name.split()[1] not in STREAMS
    }
    assert found == expected
