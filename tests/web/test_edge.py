"""What surrounds every route: problems, headers, hosts, sizes, logs, and the net for our bugs."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from functools import lru_cache

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import DenyCode, EndReason
from cctv_gateway.web.edge import host_name
from cctv_gateway.web.errors import STATUS, STATUS_BY_CODE, status_of
from cctv_gateway.web.messages import SENTENCES, sentence
from cctv_gateway.web.ports import WebSettings
from cctv_gateway.web.schemas import Problem
from tests.web.world import HOST, World, make_world


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "NOT_FOUND"),
        ("GET", "/api", 404, "NOT_FOUND"),
        ("GET", "/whep", 404, "NOT_FOUND"),
        ("GET", "/nothing.js", 404, "NOT_FOUND"),
        ("GET", "/api/login", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/api/me", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/nothing", 405, "METHOD_NOT_ALLOWED"),
        ("BREW", "/", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/me", 401, "LOGIN_REQUIRED"),
    ],
)
async def test_every_error_is_a_problem(
    world: World, method: str, url: str, status: int, code: str
) -> None:
    async with world.browser() as client:
        answer = await client.request(method, url)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = Problem.model_validate_json(answer.content)
    assert (body.code, body.status, body.type) == (code, status, f"/problems/{code}")
    assert body.request_id == answer.headers["X-Request-Id"]
    if status == 405:
        assert answer.headers["Allow"]


async def test_invalid_fields_are_named_but_never_repeated(world: World) -> None:
    sent = {"camera": "hush hush", "purpose": "revenge", "quality": 7, "Sup3r": "s3cret"}
    async with world.as_user("kwan") as client:
        answer = await client.post("/api/views", json=sent)
        query = await client.get("/api/cameras?limit=hushhush&state=hushhush")
        broken = await client.post(
            "/api/views", content=b'{"camera": hush', headers={"Content-Type": "application/json"}
        )
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "INVALID_REQUEST")
    assert {one["pointer"] for one in body["fields"]} == {
        "/camera",
        "/purpose",
        "/quality",
        "/Sup3r",
    }
    assert {one["pointer"] for one in query.json()["fields"]} == {"?limit", "?state"}
    assert broken.status_code == 422
    for one in (answer, query, broken):
        assert "hush" not in one.text
        assert "s3cret" not in one.text


async def test_passwords_are_not_repeated_by_errors(world: World) -> None:
    async with world.browser() as client:
        for body in (
            {"account": "kwan", "password": ["hushhush"]},
            {"account": {"hushhush": 1}, "password": "hushhush"},
            "hushhush",
            ["hushhush"],
        ):
            answer = await client.post("/api/login", json=body)
            assert answer.status_code == 422
            assert "hushhush" not in answer.text


@lru_cache
def fuzzed_world() -> World:
    """Made once: its application takes far longer to build than to answer."""
    clock = ManualClock()
    return make_world(clock, Meter(clock))


@given(body=st.binary(max_size=300), kind=st.sampled_from(["application/json", "text/plain", ""]))
def test_any_bytes_as_a_body_end_in_a_problem(body: bytes, kind: str) -> None:
    async def post() -> httpx.Response:
        async with fuzzed_world().browser() as client:
            return await client.post("/api/login", content=body, headers={"Content-Type": kind})

    answer = asyncio.run(post())
    assert 400 <= answer.status_code < 500
    Problem.model_validate_json(answer.content)


async def test_headers_stand_on_every_answer(world: World) -> None:
    async with world.browser() as client:
        for url in ("/", "/api/me", "/healthz", "/docs", "/api/nothing"):
            headers = (await client.get(url)).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "script-src 'self'" in policy
            assert "unsafe-eval" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "microphone=()" in headers["Permissions-Policy"]
            assert headers["Cache-Control"]
            assert "Strict-Transport-Security" not in headers
            assert "Server" not in headers


async def test_https_adds_strict_transport_and_a_secure_cookie(
    clock: ManualClock, meter: Meter
) -> None:
    world = make_world(
        clock, meter, settings=WebSettings(hosts=frozenset({HOST}), cookie_secure=True)
    )
    async with world.browser() as client:
        assert (await client.get("/healthz")).headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("gateway.test", 401),
        ("gateway.test:8080", 401),
        ("GATEWAY.test", 401),
        ("127.0.0.1:1", 401),
        ("evil.example", 421),
        ("gateway.test.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
async def test_unknown_host_names_are_refused(world: World, host: str, status: int) -> None:
    async with world.browser() as client:
        answer = await client.get("/api/me", headers={"Host": host})
        assert answer.status_code == status
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


@given(st.text(max_size=60))
def test_any_host_header_gives_a_name_or_nothing(header: str) -> None:
    assert isinstance(host_name(header), str)


async def test_large_bodies_are_refused_by_length_and_by_count(world: World) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 4096

    kind = {"Content-Type": "application/json"}
    async with world.as_user("kwan") as client:
        declared = await client.post("/api/views", content=b"x" * 262145, headers=kind)
        counted = await client.post("/api/views", content=endless(), headers=kind)
    for answer in (declared, counted):
        assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")
        assert answer.headers["Connection"] == "close"


async def test_a_body_that_never_ends_times_out(clock: ManualClock, meter: Meter) -> None:
    settings = WebSettings(hosts=frozenset({HOST}), body_timeout_s=0.02)
    world = make_world(clock, meter, settings=settings)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with world.browser() as client:
        answer = await client.post("/api/login", content=stuck())
    assert (answer.status_code, answer.json()["code"]) == (408, "REQUEST_TIMEOUT")


async def test_rights_come_before_the_body(world: World) -> None:
    async with world.browser() as client:
        answer = await client.post("/api/views", content=b"x" * 262145)
    assert answer.status_code == 401


async def test_a_bug_of_ours_is_logged_and_numbered(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("inner detail")

    monkeypatch.setattr(world.config, "status", broken)
    async with world.as_user("admin") as client:
        answer = await client.get("/api/config")
    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "INTERNAL")
    assert "inner detail" not in answer.text
    failed = next(one for one in caplog.records if one.exc_info)
    assert body["request_id"] in failed.getMessage()


async def test_the_access_log_names_routes_not_paths(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cctv_gateway.web.access")
    async with world.browser() as client:
        await client.post("/whep/hush", content="v=0", headers={"Content-Type": "application/sdp"})
        await client.get("/api/hush")
        await client.request("HUSH", "/healthz")
    lines = [one.getMessage() for one in caplog.records if one.name == "cctv_gateway.web.access"]
    assert lines[0].startswith("POST /whep/{secret} 404 ")
    assert lines[1].startswith("GET unmatched 404 ")
    assert lines[2].startswith("other /healthz 405 ")
    assert not [line for line in lines if "hush" in line.lower()]


async def test_metrics_are_for_this_machine_or_a_token(clock: ManualClock, meter: Meter) -> None:
    settings = WebSettings(hosts=frozenset({HOST}), metrics_token="scrape me")
    world = make_world(clock, meter, settings=settings)
    meter.count("late_packet", 3)

    async def scrape(source: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(world.app, client=(source, 1))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            await client.get("/healthz")
            return await client.get("/metrics", headers=headers)

    here = await scrape("127.0.0.1")
    assert here.status_code == 200
    assert 'cctv_events_total{name="late_packet"} 3.0' in here.text
    assert 'cctv_camera_streams{state="live"} 0.0' in here.text
    assert 'route="/healthz"' in here.text
    assert (await scrape("::1")).status_code == 200
    assert (await scrape("192.0.2.1")).status_code == 404
    assert (await scrape("not an address")).status_code == 404
    assert (await scrape("192.0.2.1", Authorization="Bearer scrape me")).status_code == 200
    assert (await scrape("192.0.2.1", Authorization="Bearer no")).status_code == 404
    # Behind a proxy everybody looks local.
    assert (await scrape("127.0.0.1", **{"X-Forwarded-For": "192.0.2.1"})).status_code == 404


async def test_readiness_names_what_is_missing(world: World) -> None:
    async with world.browser() as client:
        assert (await client.get("/readyz")).json()["status"] == "ok"
        object.__setattr__(world.services, "ready", lambda: {"database": True, "relay": False})
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not_ready", "checks": {"database": True, "relay": False}}


def test_every_kind_has_a_status() -> None:
    assert set(STATUS) == set(ErrorKind)
    for kind in ErrorKind:
        assert status_of(GatewayError(kind, "ANY", "x")) == STATUS[kind]


@pytest.mark.parametrize(
    "code", [*DenyCode, *EndReason, *STATUS_BY_CODE.keys() - {"DATABASE_FAILED"}]
)
def test_every_code_has_a_polite_sentence_in_both_languages(code: str) -> None:
    words = sentence(code)
    assert code in SENTENCES
    assert words.en.endswith(".")
    assert words.ko.endswith(("다.", "요."))
    assert any("가" <= sign <= "힣" for sign in words.ko)


async def test_errors_of_other_rooms_keep_their_sentence_without_addresses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(grant: object) -> bytes:
        raise GatewayError(ErrorKind.UNREACHABLE, "CAMERA_GONE", "Nothing at 198.51.100.77:554.")

    monkeypatch.setattr(world.stills, "poster", unreachable)
    async with world.as_user("kwan") as client:
        answer = await client.get("/api/cameras/cam-1/poster?purpose=crime_prevention")
    assert (answer.status_code, answer.json()["code"]) == (502, "CAMERA_GONE")
    assert answer.json()["detail"] == "Nothing at <hidden>."


def test_problem_examples_are_problems(world: World) -> None:
    document = json.loads(json.dumps(world.app.openapi()))
    checked = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            for response in operation["responses"].values():
                media = response.get("content", {}).get("application/problem+json", {})
                for example in media.get("examples", {}).values():
                    Problem.model_validate(example["value"])
                    checked += 1
    assert checked > 50
