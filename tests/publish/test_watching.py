"""A foreign WHEP client (aiortc's peer connection) watches a publisher on loopback."""

import time

from cctv_gateway.model import AccessUnit, Profile, ViewId
from tests.publish.conftest import Bench, Camera, WhepClient, make_grant, shade_of, until

VIEW = ViewId("v1")


async def test_pictures_arrive_and_audio_is_refused(
    bench: Bench, client: WhepClient, sub_clip: tuple[AccessUnit, ...]
) -> None:
    camera = Camera(sub_clip)
    camera.push(10)
    offer = await client.offer()
    began = time.monotonic()
    answer = await bench.publisher.open(
        VIEW, make_grant(), lambda profile: camera.hub, Profile.SUB, offer
    )
    await client.accept(answer)
    assert camera.hub.subscribers == 1
    async with camera.playing():
        pictures = await client.pictures(20)
    assert {(p.width, p.height) for p in pictures} == {(320, 192)}
    assert abs(shade_of(pictures[-1]) - 200) < 20
    assert bench.events.started == [VIEW]
    print("first to 20 pictures", time.monotonic() - began)
    assert "m=audio 0 " in answer
    await bench.publisher.cut(VIEW)
    assert camera.hub.subscribers == 0
    await until(lambda: client.video.transport.state == "closed")
