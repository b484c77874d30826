"""The web over the real session book, audit chain, database and watched file."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import CameraId, CameraState, Profile, StreamStatus
from cctv_gateway.relay.contract import CameraChanged
from cctv_gateway.web.adapters import tell_camera
from tests.web.fakes import ANSWER, START
from tests.web.whole import Whole, whole_web
from tests.web.world import ORIGIN, document, log_in

OPEN = {"camera": "cam-1", "purpose": "crime_prevention"}
PARK = {"camera": "cam-1", "purpose": "parking_enforcement"}
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture(name="whole")
async def running_whole(clock: ManualClock, meter: Meter, tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_web(clock, meter, tmp_path) as made:
        yield made


@asynccontextmanager
async def user(whole: Whole, account: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(whole.app, client=("192.0.2.9", 5000))
    headers = {"Origin": ORIGIN}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        await log_in(client, account)
        yield client


async def test_a_view_from_login_to_record(whole: Whole) -> None:
    async with user(whole, "kwan") as client, user(whole, "bo") as reviewer:
        opened = (await client.post("/api/views", json=OPEN)).json()
        answer = await client.post(opened["whep_url"], content="v=0", headers=SDP)
        assert (answer.status_code, answer.text) == (201, ANSWER)
        assert list(whole.relay.open_views) == [opened["view_id"]]
        assert (await client.delete(answer.headers["Location"])).status_code == 200
        assert not whole.relay.open_views
        page = (await reviewer.get("/api/audit?camera=cam-1")).json()
        kinds = [(one["event"], one["code"]) for one in page["items"]]
        assert kinds == [("view.closed", "VIEWER_CLOSED"), ("view.opened", None)]
        assert page["items"][0]["view_id"] == opened["view_id"]
        verdict = (await reviewer.get("/api/audit/verify")).json()
        assert verdict["ok"]
        assert verdict["records"] >= 5


async def test_a_refusal_says_when_to_come_back(whole: Whole) -> None:
    await whole.clock.advance(11 * 3600)
    async with user(whole, "park") as client:
        answer = await client.post("/api/views", json=PARK)
    assert (answer.status_code, answer.json()["code"]) == (403, "OUT_OF_WINDOW")
    assert answer.json()["retry_at"] == "2026-11-23T23:00:00Z"
    assert "hours" in answer.json()["detail"] or "hour" in answer.json()["detail"]


async def test_a_view_is_cut_at_its_edge_and_its_console_hears_why(whole: Whole) -> None:
    async with user(whole, "park") as client:
        await whole.clock.advance(9 * 3600 + 3590)
        await log_in(client, "park")
        opened = (await client.post("/api/views", json=PARK)).json()
        await client.post(opened["whep_url"], content="v=0", headers=SDP)
        (login,) = {one.login_id for one in whole.sessions.views()}
        with whole.services.events.listen(login, None) as mailbox:
            await whole.clock.advance(11)
            (note,) = await mailbox.take()
        assert note.name == "view.cut"
        assert json.loads(note.data)["code"] == "OUT_OF_WINDOW"
        assert not whole.relay.open_views


async def test_disabling_an_account_ends_its_login_and_views(whole: Whole) -> None:
    async with user(whole, "kwan") as watcher, user(whole, "admin") as admin:
        opened = (await watcher.post("/api/views", json=OPEN)).json()
        await watcher.post(opened["whep_url"], content="v=0", headers=SDP)
        before = whole.path.read_text()
        assert (await admin.post("/api/accounts/kwan/disable")).status_code == 204
        assert not whole.relay.open_views
        assert (await watcher.get("/api/me")).status_code == 401
        assert whole.path.read_text() != before
        listed = (await admin.get("/api/accounts")).json()["items"]
        assert {one["id"] for one in listed if one["disabled"]} == {"kwan"}
        assert (await admin.post("/api/accounts/kwan/enable")).status_code == 204
    async with user(whole, "kwan"):
        pass


async def test_disabling_cuts_the_views_even_when_the_file_cannot_be_written(
    whole: Whole,
) -> None:
    async with user(whole, "kwan") as watcher, user(whole, "admin") as admin:
        opened = (await watcher.post("/api/views", json=OPEN)).json()
        await watcher.post(opened["whep_url"], content="v=0", headers=SDP)
        whole.path.write_text(json.dumps({**document(), "surprise": 1}))
        refused = await admin.post("/api/accounts/kwan/disable")
        assert refused.json()["code"] == "CONFIG_REFUSED"
        assert not whole.relay.open_views


async def test_a_bad_file_is_shown_and_the_old_revision_runs(whole: Whole) -> None:
    async with user(whole, "admin") as client:
        running = (await client.get("/api/config")).json()
        assert (running["state"], running["cameras"]) == ("running", 3)
        whole.path.write_text(json.dumps({**document(), "surprise": 1}))
        await whole.watcher.reload()
        refused = (await client.get("/api/config")).json()
    assert (refused["state"], refused["revision"]) == ("refused", running["revision"])
    assert refused["problems"][0]["severity"] == "error"
    assert refused["problems"][0]["line"] >= 1
    assert refused["problems"][0]["fix_ko"]


async def test_camera_states_come_from_both_streams(whole: Whole) -> None:
    camera = CameraId("cam-2")
    connecting = StreamStatus(CameraState.CONNECTING, START)
    whole.relay.pulls[camera, Profile.MAIN] = StreamStatus(CameraState.BACKOFF, START)
    whole.relay.pulls[camera, Profile.SUB] = connecting
    async with user(whole, "kwan") as client:
        items = (await client.get("/api/cameras")).json()["items"]
        assert [one["state"] for one in items] == ["idle", "connecting", "idle"]
        (login,) = whole.services.logins._cache.values()
        with whole.services.events.listen(login.login, None):
            tell_camera(whole.services, CameraChanged(camera, Profile.SUB, connecting))


async def test_logins_survive_a_restart_of_the_web(whole: Whole) -> None:
    async with user(whole, "kwan") as client:
        whole.services.logins._cache.clear()
        assert (await client.get("/api/me")).status_code == 200
