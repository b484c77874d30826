"""A real RTSP client (FFmpeg through PyAV) reads the LIVE city over TCP."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import av
import numpy as np
import pytest

from cctv_gateway.model import Profile
from cctv_gateway.simulator import strip
from cctv_gateway.simulator.city import City, RunningCamera
from cctv_gateway.simulator.spec import CameraSpec, CitySpec, RtspAuth, city_of

OPTIONS = {"rtsp_transport": "tcp", "fpsprobesize": "2", "fflags": "nobuffer"}


def login_url(camera: RunningCamera, profile: Profile) -> str:
    user = quote(camera.credentials.user.reveal())
    password = quote(camera.credentials.password.reveal())
    return camera.url(profile).replace("rtsp://", f"rtsp://{user}:{password}@")


def read_strips(url: str, count: int) -> list[tuple[strip.StripReading | None, int, int]]:
    """Strip, width and height of the first pictures."""
    with av.open(url, options=OPTIONS, timeout=10) as stream:
        return list(_pictures(stream, count))


def _pictures(
    stream: av.container.InputContainer, count: int
) -> Iterator[tuple[strip.StripReading | None, int, int]]:
    for index, frame in enumerate(stream.decode(video=0)):
        yield (
            strip.decode(frame.to_ndarray(format="gray").astype(np.uint8)),
            frame.width,
            frame.height,
        )
        if index + 1 >= count:
            return


@pytest.mark.parametrize(
    ("profile", "size"), [(Profile.SUB, (640, 360)), (Profile.MAIN, (1920, 1080))]
)
async def test_pictures_carry_camera_and_rising_frame(
    profile: Profile, size: tuple[int, int]
) -> None:
    async with City(city_of(3)) as city:
        seen = await asyncio.to_thread(read_strips, login_url(city.cameras[1], profile), 8)
    assert {picture[1:] for picture in seen} == {size}
    readings = [reading for reading, _, _ in seen if reading is not None]
    assert len(readings) == len(seen)
    assert {reading.camera for reading in readings} == {2}
    frames = [reading.frame for reading in readings]
    assert frames == sorted(set(frames))


@pytest.mark.parametrize("kind", [RtspAuth.BASIC, RtspAuth.DIGEST_MD5])
async def test_each_kind_of_login(kind: RtspAuth) -> None:
    spec = CitySpec((CameraSpec(9, rtsp_auth=kind),))
    async with City(spec) as city:
        seen = await asyncio.to_thread(read_strips, login_url(city.cameras[0], Profile.SUB), 1)
    assert seen[0][0] is not None


def frames_until_it_looks_elsewhere(city: City, url: str) -> int:
    """How many pictures after GotoPreset the view has changed."""
    with av.open(url, options=OPTIONS, timeout=10) as stream:
        pictures = (frame.to_ndarray(format="gray").astype(int) for frame in stream.decode(video=0))
        home = next(pictures)
        city.head(1).go_to_preset("P4")
        for count, picture in enumerate(pictures, start=1):
            if np.abs(picture - home).mean() > 12:
                return count
            if count > 60:
                break
    return 0


async def test_a_preset_turns_the_running_picture() -> None:
    async with City(city_of(1)) as city:
        url = login_url(city.cameras[0], Profile.SUB)
        assert await asyncio.to_thread(frames_until_it_looks_elsewhere, city, url) > 0
