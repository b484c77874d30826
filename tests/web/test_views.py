"""Opening, listing, changing and closing views; WHEP on the wire."""

import httpx
import pytest

from tests.web.fakes import ANSWER
from tests.web.world import World, log_in

OPEN = {"camera": "cam-1", "purpose": "crime_prevention", "quality": "main"}
OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


async def test_an_opened_view_tells_where_the_picture_is(world: World) -> None:
    async with world.as_user("kwan") as client:
        answer = await client.post("/api/views", json=OPEN)
    assert answer.status_code == 201
    body = answer.json()
    assert body["whep_url"] == "/whep/secret-1"
    assert body["view_id"] not in body["whep_url"]
    assert body["obligations"] == ["au", "wm"]
    assert body["variant"] == "raw"
    assert body["camera"]["number"] == 1
    assert body["watermark"] == "이름 kwan (kwan) · 통합관제센터 · 방범 · 2026-11-23 10:00"


async def test_the_watermark_names_the_incident(world: World) -> None:
    async with world.as_user("kwan") as client:
        answer = await client.post("/api/views", json={**OPEN, "incident": "112-2026-0077"})
    assert " · 방범 · 112-2026-0077 · " in answer.json()["watermark"]


async def test_a_refusal_is_a_problem_in_both_languages(world: World) -> None:
    async with world.as_user("park") as client:
        answer = await client.post("/api/views", json={**OPEN, "camera": "cam-3"})
        foreign = answer.json()
        unknown = (await client.post("/api/views", json={**OPEN, "camera": "none"})).json()
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert foreign["type"] == "/problems/ROLE"
    assert foreign["detail"].endswith(".")
    assert foreign["detail_ko"] != foreign["detail"]
    # A camera out of reach and a camera that does not exist look the same.
    assert {**foreign, "request_id": ""} == {**unknown, "request_id": ""}


async def test_decisions_are_counted_by_code(world: World) -> None:
    async with world.as_user("park") as client:
        await client.post("/api/views", json={**OPEN, "purpose": "parking_enforcement"})
        await client.post("/api/views", json=OPEN)
    text = world.services.metrics.text().decode()
    assert 'cctv_view_decisions_total{code="ALLOWED"} 1.0' in text
    assert 'cctv_view_decisions_total{code="ROLE"} 1.0' in text


async def test_only_own_views_are_listed_changed_and_closed(world: World) -> None:
    async with world.as_user("kwan") as mine, world.as_user("dual", "control_operator@center") as b:
        view = (await mine.post("/api/views", json=OPEN)).json()["view_id"]
        assert (await b.get("/api/views")).json() == {"items": []}
        assert (await b.patch(f"/api/views/{view}", json={"quality": "sub"})).status_code == 404
        assert (await b.delete(f"/api/views/{view}")).status_code == 404
        assert (await mine.patch(f"/api/views/{view}", json={"quality": "sub"})).status_code == 204
        (listed,) = (await mine.get("/api/views")).json()["items"]
        assert (listed["quality"], listed["state"]) == ("sub", "waiting")
        assert (await mine.delete(f"/api/views/{view}")).status_code == 204
        assert (await mine.get("/api/views")).json() == {"items": []}


@pytest.mark.parametrize(("account", "seen"), [("bo", 1), ("gam", 1), ("admin", 0), ("park", 0)])
async def test_reviewers_see_everybodys_views(world: World, account: str, seen: int) -> None:
    async with world.as_user("kwan") as client, world.as_user(account) as other:
        await client.post("/api/views", json=OPEN)
        items = (await other.get("/api/views")).json()["items"]
        assert len(items) == seen
        assert "whep" not in str(items)


@pytest.fixture(name="secret")
async def opened_secret(world: World) -> str:
    async with world.as_user("kwan") as client:
        url: str = (await client.post("/api/views", json=OPEN)).json()["whep_url"]
        return url


async def player(world: World) -> httpx.AsyncClient:
    """A standard WHEP player from anywhere: no cookie, a foreign origin."""
    transport = httpx.ASGITransport(world.app)
    headers = {"Origin": "https://player.example"}
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test", headers=headers)


async def test_any_player_can_play_once(world: World, secret: str) -> None:
    async with await player(world) as client:
        answer = await client.post(secret, content=OFFER, headers=SDP)
        assert (answer.status_code, answer.text) == (201, ANSWER)
        assert answer.headers["Content-Type"] == "application/sdp"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Accept-Patch"] == FRAGMENT["Content-Type"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert (await client.post(secret, content=OFFER, headers=SDP)).status_code == 404
        place = answer.headers["Location"]
        assert place.startswith("/whep/r/")
        trickled = await client.patch(place, content="a=x", headers=FRAGMENT)
        assert (trickled.status_code, trickled.content) == (204, b"")
        assert (await client.delete(place)).status_code == 200
        assert (await client.delete(place)).status_code == 404


async def test_an_ice_restart_gets_an_answer_and_a_new_tag(world: World, secret: str) -> None:
    async with await player(world) as client:
        answer = await client.post(secret, content=OFFER, headers=SDP)
        place, tag = answer.headers["Location"], answer.headers["ETag"]
        same = {**FRAGMENT, "If-Match": tag}
        assert (await client.patch(place, content="a=x", headers=same)).status_code == 204
        world.views.restart_answer = "a=ice-ufrag:Next\r\n"
        anew = {**FRAGMENT, "If-Match": "*"}
        restarted = await client.patch(place, content="a=x", headers=anew)
        assert (restarted.status_code, restarted.text) == (200, world.views.restart_answer)
        assert restarted.headers["ETag"] != tag
        late = await client.patch(place, content="a=x", headers=same)
        assert (late.status_code, late.json()["code"]) == (412, "ICE_SESSION_CHANGED")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({}, b"v=0", 415),
        ({**SDP, "Accept": "text/html"}, b"v=0", 406),
        ({**SDP, "Accept": "application/sdp;q=0.9, text/plain"}, b"v=0", 201),
        ({"Content-Type": "Application/SDP; charset=utf-8"}, b"v=0", 201),
        (SDP, b"\xff\xfe", 400),
        (SDP, b"not sdp", 400),
        (SDP, b"v=0" + b"a" * 65536, 413),
    ],
)
async def test_bad_offers_get_the_status_that_fits(
    world: World, secret: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    async with await player(world) as client:
        answer = await client.post(secret, content=body, headers=headers)
    assert answer.status_code == status
    if status != 201:
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_preflight_tells_the_rules_and_nothing_about_the_secret(world: World) -> None:
    async with await player(world) as client:
        answer = await client.options("/whep/whatever")
        assert answer.status_code == 204
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
        assert answer.headers["Accept-Post"] == "application/sdp"
        for method in ("GET", "PUT", "HEAD"):
            assert (await client.request(method, "/whep/whatever")).status_code == 405


@pytest.mark.parametrize("secret", ["x" * 129, "é", "%00", "a%2Fb", "..%2f..", "r"])
async def test_odd_secrets_are_simply_unknown(world: World, secret: str) -> None:
    async with await player(world) as client:
        answer = await client.post(f"/whep/{secret}", content=OFFER, headers=SDP)
    assert answer.status_code in (404, 405)


async def test_reviewers_reading_the_record_is_on_record(world: World) -> None:
    async with world.as_user("bo") as client:
        for _ in range(3):
            await client.get("/api/me")
        page = (await client.get("/api/audit?limit=1")).json()
        assert page["items"][0]["event"] == "audit.read"
        more = (await client.get(f"/api/audit?cursor={page['next_cursor']}")).json()
        assert [one["event"] for one in more["items"]] == ["login"]
        assert more["items"][0]["details"]["terminal"] == "192.0.2.9"
        verdict = (await client.get("/api/audit/verify")).json()
        assert (verdict["ok"], verdict["first_broken_seq"]) == (True, None)


async def test_others_read_their_own_lines_only(world: World) -> None:
    async with world.as_user("kwan"), world.as_user("park") as client:
        page = (await client.get("/api/audit?account=kwan")).json()
        assert {one["account"] for one in page["items"]} == {"park"}


async def test_an_admin_disables_and_enables(world: World) -> None:
    async with world.as_user("admin") as client:
        assert (await client.post("/api/accounts/kwan/disable")).status_code == 204
        assert world.config.disabled == {"kwan": True}
        assert (await client.post("/api/accounts/kwan/enable")).status_code == 204
        assert (await client.post("/api/accounts/none/enable")).status_code == 404
        listed = (await client.get("/api/accounts")).json()["items"]
        assert {one["id"]: one["roles"] for one in listed}["kwan"] == ["control_operator@center"]


async def test_the_registrar_takes_a_device_in(world: World) -> None:
    async with world.as_user("reg") as client:
        assert (await client.get("/api/discovery")).json()["scan"] is None
        started = await client.post("/api/discovery/scans", json={})
        assert (started.status_code, started.json()["state"]) == (202, "running")
        found = (await client.get("/api/discovery")).json()
        assert found["findings"][0]["profiles"][0]["encoding"] == "H264"
        new = {"id": "cam-9", "number": 9, "name": "새 카메라", "site": "buk-1"}
        made = await client.post("/api/discovery/findings/f1/register", json=new)
        assert (made.status_code, made.json()) == (201, {"camera": "cam-9"})
        lost = await client.post("/api/discovery/findings/f2/register", json=new)
        assert lost.status_code == 404
    assert world.discovery.registered[0].number == 9


async def test_logging_in_again_keeps_views_apart(world: World) -> None:
    async with world.as_user("kwan") as client:
        await client.post("/api/views", json=OPEN)
        await log_in(client, "kwan")
        assert (await client.get("/api/views")).json() == {"items": []}


async def test_a_door_tried_in_vain_is_on_record_once_a_minute(world: World) -> None:
    async with world.as_user("park") as client:
        for _ in range(3):
            assert (await client.get("/api/audit/verify")).status_code == 403
            assert (await client.post("/api/accounts/kwan/disable")).status_code == 403
        await world.clock.advance(61)
        await client.get("/api/audit/verify")
    denied = [one.event for one in world.audit.records if one.event.kind == "access.denied"]
    assert [one.detail for one in denied] == [
        "GET /api/audit/verify",
        "POST /api/accounts/{account}/disable",
        "GET /api/audit/verify",
    ]
    assert {one.account for one in denied} == {"park"}
