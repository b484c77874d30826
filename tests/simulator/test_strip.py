"""The strip survives coding and scaling, and says nothing where there is none."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.simulator import strip
from cctv_gateway.simulator.strip import StripReading

NUMBERS = st.integers(0, 4095)
FRAMES = st.integers(0, 2**32 - 1)


def test_layout_is_the_agreed_one() -> None:
    cells = strip.encode(17, 1)
    assert len(cells) == 64
    assert cells[:8] == (1, 0, 1, 0, 1, 1, 0, 0)
    assert cells[8:20] == (0,) * 7 + (1, 0, 0, 0, 1)
    assert cells[20:52] == (0,) * 31 + (1,)
    assert cells[60:] == (0, 0, 0, 0)


@given(camera=NUMBERS, frame=FRAMES, width=st.integers(64, 400), height=st.integers(2, 200))
@settings(max_examples=40, deadline=None)
def test_reads_what_was_painted_at_any_size(
    camera: int, frame: int, width: int, height: int
) -> None:
    for shape in ((height, width), (height, width, 3)):
        picture = np.full(shape, 120, np.uint8)
        strip.paint(picture, camera, frame)
        assert strip.decode(picture) == StripReading(camera, frame)


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.5, 3.0])
@pytest.mark.parametrize("quality", [25, 80])
def test_survives_scaling_and_compression(scale: float, quality: int) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    strip.paint(picture, 2748, 123_456_789)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    seen = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert seen is not None
    assert strip.decode(seen.astype(np.uint8)) == StripReading(2748, 123_456_789)


@given(flipped=st.integers(0, 63))
def test_one_wrong_cell_is_noticed(flipped: int) -> None:
    picture = np.full((360, 640), 120, np.uint8)
    strip.paint(picture, 99, 5)
    cell = slice(flipped * 10, flipped * 10 + 10)
    picture[:8, cell] = 251 - picture[:8, cell]
    assert strip.decode(picture) is None


@given(data=st.binary(min_size=200, max_size=200), width=st.integers(1, 100))
def test_noise_is_no_strip(data: bytes, width: int) -> None:
    rows = 200 // width
    picture = np.frombuffer(data, np.uint8)[: rows * width].reshape(rows, width)
    assert strip.decode(picture) is None
