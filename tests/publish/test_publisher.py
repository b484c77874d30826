"""What a publisher refuses, and how it ends views that never come; no real viewer needed."""

from collections.abc import AsyncIterator

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import (
    Action,
    CameraId,
    EndReason,
    Grant,
    Profile,
    StreamKey,
    ViewId,
)
from cctv_gateway.publish import publisher as publisher_module
from cctv_gateway.publish.publisher import RENEW_CERTIFICATE_S, Publisher
from cctv_gateway.publish.viewer import CONNECT_WITHIN_S
from tests.publish.conftest import CAMERA, Events, make_grant
from tests.publish.offers import CHROMIUM, SMALL

VIEW = ViewId("v1")


class Stand:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.events = Events()
        self.hubs = {profile: Hub(StreamKey(CAMERA, profile)) for profile in Profile}
        self.publisher = Publisher(
            clock=self.clock, meter=Meter(self.clock), bind_host="127.0.0.1", port=0,
            announce=["192.0.2.1", "192.0.2.2"], on_started=self.events.started.append,
            on_lost=lambda view, reason: self.events.lost.append((view, reason)),
        )  # fmt: skip

    async def open(self, grant: Grant, profile: Profile = Profile.SUB, view: ViewId = VIEW) -> str:
        return await self.publisher.open(view, grant, self.hubs.__getitem__, profile, CHROMIUM)

    @property
    def subscribers(self) -> int:
        return sum(hub.subscribers for hub in self.hubs.values())


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    made = Stand()
    await made.publisher.start()
    yield made
    await made.publisher.stop()


async def test_the_answer_names_every_announced_address_and_the_one_port(stand: Stand) -> None:
    answer = await stand.open(make_grant())
    port = stand.publisher.port
    assert f" 192.0.2.1 {port} typ host" in answer
    assert f" 192.0.2.2 {port} typ host" in answer


async def test_no_media_without_a_grant(stand: Stand) -> None:
    with pytest.raises(AssertionError):
        await stand.open(None)  # type: ignore[arg-type]
    with pytest.raises(GatewayError) as caught:
        await stand.open(make_grant(Action.SNAPSHOT))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.DENIED, "NO_GRANT")
    assert (stand.publisher.views, stand.subscribers) == (0, 0)


async def test_never_another_camera_than_the_grants(stand: Stand) -> None:
    with pytest.raises(GatewayError) as caught:
        await stand.open(make_grant(camera=CameraId("gj-buk-0002-1")))
    assert caught.value.code == "WRONG_STREAM"
    assert (stand.publisher.views, stand.subscribers) == (0, 0)


async def test_never_a_better_stream_than_the_cap(stand: Stand) -> None:
    await stand.open(make_grant(cap=Profile.SUB), Profile.MAIN)
    assert stand.hubs[Profile.MAIN].subscribers == 0
    stand.publisher.select(VIEW, Profile.MAIN)
    assert stand.hubs[Profile.MAIN].subscribers == 0


async def test_select_before_the_viewer_came_moves_the_demand(stand: Stand) -> None:
    await stand.open(make_grant())
    stand.publisher.select(VIEW, Profile.MAIN)
    assert stand.hubs[Profile.SUB].subscribers == 0
    assert stand.hubs[Profile.MAIN].subscribers == 1


@pytest.mark.parametrize("offer", ["", "nonsense", SMALL.replace("H264", "VP9")])
async def test_a_bad_offer_leaves_nothing_behind(stand: Stand, offer: str) -> None:
    with pytest.raises(GatewayError):
        await stand.publisher.open(VIEW, make_grant(), stand.hubs.__getitem__, Profile.SUB, offer)
    assert (stand.publisher.views, stand.subscribers) == (0, 0)


async def test_a_view_opens_once(stand: Stand) -> None:
    await stand.open(make_grant())
    with pytest.raises(GatewayError) as caught:
        await stand.open(make_grant())
    assert caught.value.code == "VIEW_EXISTS"


async def test_views_are_bounded(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "MAX_CONNECTING", 1)
    await stand.open(make_grant())
    with pytest.raises(GatewayError) as caught:
        await stand.open(make_grant(), view=ViewId("v2"))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.OVERLOADED, "FULL")


async def test_an_offer_that_nobody_follows_up_is_lost(stand: Stand) -> None:
    await stand.open(make_grant())
    await stand.clock.advance(CONNECT_WITHIN_S - 1)
    assert stand.events.lost == []
    await stand.clock.advance(4)
    assert stand.events.lost == [(VIEW, EndReason.CONNECTION_LOST)]
    assert (stand.publisher.views, stand.subscribers) == (0, 0)


async def test_cutting_a_view_that_never_came(stand: Stand) -> None:
    await stand.open(make_grant())
    await stand.publisher.cut(VIEW)
    await stand.publisher.cut(ViewId("unknown"))
    assert (stand.publisher.views, stand.subscribers) == (0, 0)
    assert stand.events.lost == []


async def test_trickle_takes_candidates_and_answers_a_restart(stand: Stand) -> None:
    await stand.open(make_grant())
    assert await stand.publisher.trickle(VIEW, "a=candidate:1 1 udp 1 x.local 9 typ host") is None
    same = "a=ice-ufrag:n6b2\na=ice-pwd:9uFSt2mecmfjNc2bpkHRPRFo\n"
    assert await stand.publisher.trickle(VIEW, same) is None
    fresh = "a=ice-ufrag:new1\na=ice-pwd:0123456789012345678901\n"
    answer = await stand.publisher.trickle(VIEW, fresh)
    assert answer is not None
    assert "a=ice-ufrag:" in answer
    with pytest.raises(GatewayError) as caught:
        await stand.publisher.trickle(ViewId("unknown"), fresh)
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_taken_port_is_told_clearly(stand: Stand) -> None:
    second = Publisher(
        clock=stand.clock, meter=Meter(stand.clock), bind_host="127.0.0.1",
        port=stand.publisher.port, announce=[], on_started=lambda view: None,
        on_lost=lambda view, reason: None,
    )  # fmt: skip
    with pytest.raises(GatewayError) as caught:
        await second.start()
    assert caught.value.code == "MEDIA_PORT_TAKEN"
    await second.stop()


async def test_a_publisher_that_does_not_run_opens_nothing() -> None:
    stand = Stand()
    with pytest.raises(GatewayError) as caught:
        await stand.open(make_grant())
    assert caught.value.code == "PUBLISHER_STOPPED"


async def test_the_certificate_is_renewed_long_before_it_expires(stand: Stand) -> None:
    first = await stand.open(make_grant())
    await stand.publisher.cut(VIEW)
    again = await stand.open(make_grant())
    await stand.publisher.cut(VIEW)
    stand.clock._monotonic += RENEW_CERTIFICATE_S + 1
    later = await stand.open(make_grant())
    assert fingerprint(first) == fingerprint(again) != fingerprint(later)


def fingerprint(answer: str) -> str:
    [line] = [line for line in answer.split("\r\n") if line.startswith("a=fingerprint")]
    return line
