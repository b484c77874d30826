"""No media without a grant: every role and a stranger try every route, on other people's views.

The whole web runs over the real session book, rules, database and file; what stands in for the
relay only remembers what it was asked to show.
"""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.control.decide import decide
from cctv_gateway.control.request import Holder
from cctv_gateway.model import CameraId, Grant, Purpose, ViewId
from tests.web.fakes import ANSWER, JPEG
from tests.web.test_rights import BODIES, STREAMS, operations
from tests.web.whole import Whole, whole_web
from tests.web.world import ORIGIN, PEOPLE, log_in

CRIME = {"camera": "cam-1", "purpose": "crime_prevention"}
SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
CAMERAS = ("cam-1", "cam-3", "no-such-camera")
CALLERS = ("nobody", *PEOPLE)
# Ends the caller's own login, not a way to a picture.
LEAVING = {"/api/logout"}


@dataclass(frozen=True)
class Victim:
    """An operator's running view and one that waits for its player."""

    running: str
    resource: str
    waiting: str
    secret: str


@pytest.fixture(name="whole")
async def running_whole(clock: ManualClock, meter: Meter, tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_web(clock, meter, tmp_path) as made:
        yield made


@asynccontextmanager
async def browser(whole: Whole, account: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(whole.app, client=("192.0.2.9", 5000))
    headers = {"Origin": ORIGIN}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        if account != "nobody":
            await log_in(client, account)
        yield client


async def watch(client: httpx.AsyncClient) -> Victim:
    running, waiting = [(await client.post("/api/views", json=CRIME)).json() for _ in range(2)]
    answer = await client.post(running["whep_url"], content="v=0", headers=SDP)
    assert answer.status_code == 201
    resource = answer.headers["Location"].rpartition("/")[2]
    secret = waiting["whep_url"].rpartition("/")[2]
    return Victim(running["view_id"], resource, waiting["view_id"], secret)


def guesses(victim: Victim, path: str) -> list[Mapping[str, str]]:
    """What an outsider can put in a path: ids that are shown, used secrets, nonsense; no secret."""
    words = [victim.running, victim.waiting, "", "a" * 43, "..", "%2e%2e%2fr", "\u200b"]
    names = [name for name in ("secret", "resource", "view_id") if f"{{{name}}}" in path]
    fixed = {"finding": "f1", "account": "nobody-known", "path:console": "whep"}
    if "{camera}" in path:
        return [fixed | {"camera": camera} for camera in CAMERAS]
    if not names:
        return [fixed]
    return [fixed | dict.fromkeys(names, word) for word in words]


def url_of(path: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def bodies(path: str) -> list[tuple[str, Mapping[str, str]]]:
    """JSON as the route wants it, for each camera and purpose where it names one; SDP too."""
    as_json = {"Content-Type": "application/json"}
    if path == "/api/views":
        asked = itertools.product(CAMERAS, Purpose)
        return [
            (json.dumps({"camera": camera, "purpose": purpose, "reason": "확인"}), as_json)
            for camera, purpose in asked
        ]
    return [(json.dumps(BODIES.get(path, {})), as_json), ("v=0\r\n", SDP), ("v=0\r\n", FRAGMENT)]


async def try_everything(
    whole: Whole, client: httpx.AsyncClient, victim: Victim
) -> list[httpx.Response]:
    answers = []
    for method, path, _ in operations(whole.app):
        if path in STREAMS | LEAVING:
            continue
        for values, (body, headers), purpose in itertools.product(
            guesses(victim, path),
            bodies(path) if method in {"POST", "PATCH"} else [("", {})],
            Purpose if path.endswith("/poster") else [None],
        ):
            query = {"purpose": purpose.value} if purpose else {}
            answers.append(
                await client.request(
                    method, url_of(path, values), content=body, headers=headers, params=query
                )
            )
    return answers


def granted(whole: Whole, account: str) -> set[tuple[CameraId, Purpose]]:
    """What the pure decision allows the account's role, computed apart from the web."""
    if account not in PEOPLE or len(PEOPLE[account]) > 1:
        return set()  # who holds two roles has none until one is chosen
    role, agency = PEOPLE[account][0].split("@")
    holder = Holder("x", account, role, agency, "192.0.2.9")  # type: ignore[arg-type]
    asked = itertools.product(map(CameraId, CAMERAS), Purpose)
    now, rules = whole.clock.now(), whole.sessions.rules
    return {
        (camera, purpose)
        for camera, purpose in asked
        if isinstance(decide(holder.request(camera, purpose, reason="확인"), rules, now), Grant)
    }


@pytest.mark.parametrize("caller", CALLERS)
async def test_nobody_gets_media_without_a_grant(
    whole: Whole, caller: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stills: list[Grant] = []

    async def poster(grant: Grant) -> bytes:
        stills.append(grant)
        return JPEG

    monkeypatch.setattr(whole.services.posters, "_picture", poster)
    async with browser(whole, "kwan") as operator, browser(whole, caller) as client:
        victim = await watch(operator)
        shown = dict(whole.relay.open_views)
        answers = await try_everything(whole, client, victim)
        # Nothing was shown, and the operator's own views stand as they stood.
        assert whole.relay.open_views == shown
        assert {victim.running, victim.waiting} <= {one.view_id for one in whole.sessions.views()}
        assert not [one for one in answers if one.text == ANSWER]
        assert not [one for one in answers if one.status_code >= 500]
        allowed = granted(whole, caller)
        asked = Counter((grant.camera, grant.purpose) for grant in stills)
        assert set(asked) == allowed
        assert sum(one.content == JPEG for one in answers) == asked.total()
        # The views that were opened are the granted ones, each under the caller's name.
        opened = [one for one in whole.sessions.views() if one.view_id not in vars(victim).values()]
        assert {(one.camera, one.purpose) for one in opened} == allowed
        assert {one.account for one in opened} <= {caller}
        leaked = {victim.secret, victim.resource}
        assert not [one for one in answers if any(secret in one.text for secret in leaked)]
        # The secrets still work for whoever holds them, which proves that the tries missed.
        late = await client.post(f"/whep/{victim.secret}", content="v=0", headers=SDP)
        gone = await client.delete(f"/whep/r/{victim.resource}")
        assert (late.status_code, gone.status_code) == (201, 200)


async def test_every_refusal_of_a_view_is_in_the_record(whole: Whole) -> None:
    async with browser(whole, "park") as client:
        answers = [
            await client.post("/api/views", json={"camera": camera, "purpose": purpose.value})
            for camera, purpose in itertools.product(CAMERAS, Purpose)
        ]
    refused = [one.json()["code"] for one in answers if one.status_code == 403]
    page = await whole.services.audit.page(AuditQuery(limit=500))
    recorded = [one.event.code for one in page if one.event.kind is AuditKind.VIEW_DENIED]
    assert recorded == refused[::-1]
    assert len(refused) == len(answers) - 1


@pytest.mark.parametrize("how", ["logout", "hang up", "close", "disable", "late", "replay"])
async def test_a_used_or_cut_secret_opens_nothing(whole: Whole, how: str) -> None:
    async with browser(whole, "kwan") as operator, browser(whole, "admin") as admin:
        victim = await watch(operator)
        match how:
            case "logout":
                await operator.post("/api/logout")
            case "hang up":
                await operator.delete(f"/whep/r/{victim.resource}")
                await operator.delete(f"/api/views/{victim.waiting}")
            case "close":
                for view in (victim.running, victim.waiting):
                    await operator.delete(f"/api/views/{view}")
            case "disable":
                await admin.post("/api/accounts/kwan/disable")
            case "late":
                await whole.clock.advance(31)
                await operator.delete(f"/api/views/{victim.running}")
            case "replay":
                await operator.post(f"/whep/{victim.secret}", content="v=0", headers=SDP)
        shown = dict(whole.relay.open_views)
        assert set(shown) == ({victim.running, victim.waiting} if how == "replay" else set())
        again = await operator.post(f"/whep/{victim.secret}", content="v=0", headers=SDP)
        assert again.status_code == 404
        if how != "replay":
            url = f"/whep/r/{victim.resource}"
            moved = await operator.patch(url, content="a=ice-ufrag:x", headers=FRAGMENT)
            assert [moved.status_code, (await operator.delete(url)).status_code] == [404, 404]
        assert whole.relay.open_views == shown


async def test_the_right_is_asked_again_when_the_player_comes(whole: Whole) -> None:
    """Between opening and playing the account lost its role: the secret is worth nothing."""
    async with browser(whole, "kwan") as operator:
        opened = (await operator.post("/api/views", json=CRIME)).json()
        document = json.loads(whole.path.read_text())
        document["accounts"]["kwan"]["roles"] = [{"role": "parking_officer", "agency": "buk"}]
        whole.path.write_text(json.dumps(document))
        await whole.watcher.reload()
        answer = await operator.post(opened["whep_url"], content="v=0", headers=SDP)
    assert answer.status_code == 404
    assert whole.relay.open_views == {}
    page = await whole.services.audit.page(AuditQuery(limit=50))
    ends = [one.event for one in page if one.event.view == ViewId(opened["view_id"])]
    assert [(one.kind, one.code) for one in ends] == [
        (AuditKind.VIEW_CLOSED, "ROLE"),
        (AuditKind.VIEW_OPENED, None),
    ]


async def test_two_players_with_one_secret_get_one_picture(whole: Whole) -> None:
    async with browser(whole, "kwan") as operator:
        opened = (await operator.post("/api/views", json=CRIME)).json()
        answers = await asyncio.gather(
            *(operator.post(opened["whep_url"], content="v=0", headers=SDP) for _ in range(5))
        )
    assert sorted(one.status_code for one in answers) == [201, 404, 404, 404, 404]
    assert len(whole.relay.open_views) == 1
