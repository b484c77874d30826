"""Stills are shared for a moment, but never between masks, or between addresses of a camera."""

import asyncio
from collections.abc import Sequence

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.redact import Redacted
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, CameraId, Polygon, Profile, StreamKey
from cctv_gateway.relay.poster import PosterDesk, Wanted

RAW = StreamKey(CameraId("cam-1"), Profile.SUB)
MASK = (((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)
HERE, THERE = Redacted("rtsp://cam/1"), Redacted("rtsp://cam/2")


class Studio:
    """Compresses to a text that tells what was asked."""

    def __init__(self) -> None:
        self.made = 0

    async def jpeg(
        self, units: Sequence[AccessUnit], polygons: tuple[Polygon, ...], max_width: int
    ) -> bytes:
        self.made += 1
        await asyncio.sleep(0)
        return f"{units[0].rtp_90k} {len(polygons)}".encode()


@pytest.mark.parametrize(
    ("second", "made"),
    [
        (Wanted(RAW, (), HERE), 1),
        (Wanted(RAW, MASK, HERE), 2),
        (Wanted(RAW, (), THERE), 2),
    ],
)
async def test_only_the_same_picture_is_shared(
    clock: ManualClock, second: Wanted, made: int
) -> None:
    studio, hub = Studio(), Hub(RAW)
    desk = PosterDesk(clock=clock, jpeg=studio.jpeg)
    hub.push(AccessUnit((b"x",), 1, True, 0.0))
    await desk.still(Wanted(RAW, (), HERE), hub)
    hub.push(AccessUnit((b"x",), 2, True, 0.0))
    shown = await desk.still(second, hub)
    assert studio.made == made
    assert shown == (b"1 0" if made == 1 else f"2 {len(second.polygons)}".encode())
