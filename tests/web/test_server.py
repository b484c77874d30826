"""The real server on a real socket: port 0, event streams, slow clients, and a quick stop."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.control.views import ViewCut
from cctv_gateway.model import AccountId, CameraId, CameraState, EndReason, ViewId
from cctv_gateway.web import server
from cctv_gateway.web.ports import StateOfCamera
from cctv_gateway.web.server import Listen, WebServer
from tests.web.fakes import START
from tests.web.world import World, log_in


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[WebServer]:
    running = WebServer(world.app, world.services, Listen(port=0))
    await running.start()
    try:
        yield running
    finally:
        started_s = asyncio.get_running_loop().time()
        await running.stop()
        assert asyncio.get_running_loop().time() - started_s < 1.5


@asynccontextmanager
async def logged_in(running: WebServer, account: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}") as client:
        await log_in(client, account)
        yield client


async def next_event(lines: AsyncIterator[str]) -> tuple[str, dict[str, object]]:
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            return name, json.loads(line.removeprefix("data: "))
    return "", {}


async def test_events_arrive_and_end_with_the_login(world: World) -> None:
    async with serving(world) as running, logged_in(running, "kwan") as client:
        async with client.stream("GET", "/api/events") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            assert stream.headers["Content-Security-Policy"]
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 2000"
            events = world.services.events
            events.camera_changed(CameraId("cam-1"), StateOfCamera(CameraState.LIVE, START))
            assert (await next_event(lines))[1]["state"] == "live"
            (login,) = world.logins.stored
            events.view_cut(
                ViewCut(
                    ViewId("v1"),
                    login,
                    AccountId("kwan"),
                    CameraId("cam-1"),
                    EndReason.TIME_LIMIT,
                    START,
                )
            )
            assert (await next_event(lines))[0] == "view.cut"
            await world.clock.advance(15)
            assert (await next_event(lines))[0] == "ping"
            assert (await client.post("/api/logout")).status_code == 204
            assert (await next_event(lines))[0] == ""
        assert len(world.services.events) == 0
        answer = await client.get("/api/events")
        assert answer.status_code == 401


async def test_a_browser_that_leaves_is_forgotten(world: World) -> None:
    async with serving(world) as running, logged_in(running, "kwan") as client:
        async with client.stream("GET", "/api/events") as stream:
            await anext(stream.aiter_lines())
            assert len(world.services.events) == 1
        async with asyncio.timeout(2):
            while len(world.services.events):  # noqa: ASYNC110 - the socket's end is the event
                await asyncio.sleep(0.01)


async def test_a_stop_ends_open_streams_quickly(world: World) -> None:
    async with (
        serving(world) as running,
        logged_in(running, "kwan") as client,
        client.stream("GET", "/api/events") as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        await running.stop()
        assert (await next_event(lines))[0] == ""


async def test_logins_are_swept_while_it_runs(world: World) -> None:
    async with serving(world) as running, logged_in(running, "kwan"):
        assert world.logins.stored
        await world.clock.advance(12 * 3600 + 30)
        assert not world.logins.stored


async def test_a_taken_port_is_said_clearly(world: World) -> None:
    async with serving(world) as running:
        second = WebServer(world.app, world.services, Listen(port=running.port))
        with pytest.raises(GatewayError, match="PORT_TAKEN"):
            await second.start()
        await second.stop()


async def test_slow_headers_are_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_TIMEOUT_S", 0.05)
    async with serving(world) as running:
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(sent)
            assert await asyncio.wait_for(reader.read(), 2) == b""
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 70_000,
        b"\x00" * 200,
    ],
)
async def test_nonsense_gets_400_and_the_next_one_is_served(
    world: World, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with serving(world) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(sent)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2)
        assert head.startswith(b"HTTP/1.1 4")
        assert b"content-type: application/problem+json" in head.lower()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}") as client:
            assert (await client.get("/healthz")).json()["status"] == "ok"
    assert not caplog.records


async def test_signals_stay_with_the_gateway(
    clock: ManualClock, meter: Meter, world: World
) -> None:
    import signal

    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    async with serving(world):
        assert {one: signal.getsignal(one) for one in before} == before
