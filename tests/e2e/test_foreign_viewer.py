"""A viewer that nobody here wrote: aiortc's full peer connection as a WHEP client over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cctv_gateway.control.audit import AuditKind
from cctv_gateway.simulator.strip import decode
from tests.e2e.gateway import PASSWORD, Gateway
from tests.publish.conftest import WhepClient, close_all, until
from tests.relay.test_local import luma

SDP = {"Content-Type": "application/sdp"}
NUMBER = 3


class Operator:
    def __init__(self, http: httpx.AsyncClient, csrf: str) -> None:
        self.http = http
        self.headers = {"X-CSRF-Token": csrf}

    async def open(self, gateway: Gateway) -> dict[str, str]:
        wanted = {"camera": gateway.camera(NUMBER), "purpose": "crime_prevention"}
        answer = await self.http.post(
            "/api/views", json={**wanted, "quality": "auto"}, headers=self.headers
        )
        assert answer.status_code == 201, answer.text
        view: dict[str, str] = answer.json()
        return view


@pytest.fixture(name="operator")
async def logged_in_operator(gateway: Gateway) -> AsyncIterator[Operator]:
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        login = {"account": "operator", "password": PASSWORD}
        me = (await http.post("/api/login", json=login)).json()
        yield Operator(http, me["csrf"])


async def test_aiortc_watches_by_whep_and_hangs_up(gateway: Gateway, operator: Operator) -> None:
    view = await operator.open(gateway)
    viewer = WhepClient()
    try:
        offer = await viewer.offer()
        # Any player may use the address: it needs neither cookie nor header of ours.
        async with httpx.AsyncClient(base_url=gateway.url) as player:
            answer = await player.post(view["whep_url"], content=offer, headers=SDP)
            assert answer.status_code == 201
            assert "m=audio 0 " in answer.text
            await viewer.accept(answer.text)
            seen = [decode(luma(picture)) for picture in await viewer.pictures(10)]
            again = await player.post(view["whep_url"], content=offer, headers=SDP)
            gone = await player.delete(answer.headers["Location"])
    finally:
        await close_all(viewer)
    assert {one.camera for one in seen if one} == {NUMBER}
    assert again.status_code == 404
    assert gone.status_code == 200
    kinds = [(one.event.kind, one.event.code) for one in await gateway.records()]
    assert kinds[-2:] == [
        (AuditKind.VIEW_OPENED, None),
        (AuditKind.VIEW_CLOSED, "VIEWER_CLOSED"),
    ]


async def test_no_address_is_good_for_a_second_or_a_guessed_view(
    gateway: Gateway, operator: Operator
) -> None:
    view = await operator.open(gateway)
    assert view["view_id"] not in view["whep_url"]
    answer = await operator.http.post("/whep/guessed", content="v=0", headers=SDP)
    assert answer.status_code == 404
    assert gateway.app.relay.levels()["views"] == 0


async def test_logging_out_ends_the_picture(gateway: Gateway, operator: Operator) -> None:
    view = await operator.open(gateway)
    viewer = WhepClient()
    try:
        answer = await operator.http.post(
            view["whep_url"], content=await viewer.offer(), headers=SDP
        )
        await viewer.accept(answer.text)
        await viewer.pictures(2)
        await operator.http.post("/api/logout", headers=operator.headers)
        await until(lambda: gateway.app.relay.levels()["views"] == 0, 1.0)
    finally:
        await close_all(viewer)
    assert (await gateway.records())[-2].event.code == "LOGGED_OUT"
