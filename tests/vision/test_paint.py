"""What is under a polygon is gone from all three planes, and what is not is left as it was."""

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import Polygon
from cctv_gateway.vision.paint import FILL_CHROMA, FILL_LUMA, Painter, draw_mask, planes_of
from tests.vision.footage import inside

WIDTH, HEIGHT = 160, 96
SQUARE: Polygon = ((0.25, 0.25), (0.5, 0.25), (0.5, 0.5), (0.25, 0.5))
BOW_TIE: Polygon = ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9))
STAR: Polygon = ((0.5, 0.05), (0.8, 0.95), (0.02, 0.4), (0.98, 0.4), (0.2, 0.95))
L_SHAPE: Polygon = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3), (0.3, 0.3), (0.3, 0.9), (0.1, 0.9))


def noise(width: int = WIDTH, height: int = HEIGHT, shape: str = "yuv420p") -> VideoFrame:
    random = np.random.default_rng(3)
    pixels = random.integers(0, 255, (height, width, 3), dtype=np.uint8)
    return VideoFrame.from_ndarray(pixels, "bgr24").reformat(format=shape)


def is_hidden(mask: np.ndarray, x: float, y: float) -> bool:
    rows, columns = mask.shape
    return bool(mask[min(rows - 1, int(y * rows)), min(columns - 1, int(x * columns))])


@pytest.mark.parametrize(
    ("polygons", "hidden", "shown"),
    [
        ((SQUARE,), [(0.26, 0.26), (0.49, 0.49), (0.4, 0.3)], [(0.2, 0.2), (0.6, 0.4)]),
        ((SQUARE[::-1],), [(0.26, 0.26), (0.49, 0.49)], [(0.2, 0.2)]),
        ((SQUARE, SQUARE), [(0.4, 0.4)], [(0.2, 0.2)]),
        ((SQUARE, BOW_TIE), [(0.4, 0.4), (0.5, 0.5)], [(0.5, 0.05)]),
        ((BOW_TIE,), [(0.2, 0.3), (0.8, 0.3)], [(0.5, 0.05), (0.05, 0.5)]),
        ((STAR,), [(0.5, 0.5), (0.5, 0.3)], [(0.05, 0.05), (0.95, 0.9)]),
        ((L_SHAPE,), [(0.2, 0.8), (0.8, 0.2)], [(0.7, 0.7)]),
        ((((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),), [(0, 0), (1, 1)], []),
        ((((0.5, 0.5),) * 3,), [(0.5, 0.5)], [(0.4, 0.5), (0.5, 0.6)]),
    ],
    ids=[
        "square", "turning left", "twice the same", "overlapping", "bow tie", "star", "L",
        "everything", "point",
    ],
)  # fmt: skip
def test_masks(
    polygons: tuple[Polygon, ...],
    hidden: list[tuple[float, float]],
    shown: list[tuple[float, float]],
) -> None:
    mask = draw_mask(polygons, WIDTH, HEIGHT)
    assert mask.shape == (HEIGHT // 2, WIDTH // 2)
    assert all(is_hidden(mask, x, y) for x, y in hidden)
    assert not any(is_hidden(mask, x, y) for x, y in shown)


fraction = st.integers(0, 200).map(lambda part: part / 200)
corner = st.tuples(fraction, fraction)


@settings(max_examples=40)
@given(st.lists(st.lists(corner, min_size=3, max_size=8).map(tuple), min_size=1, max_size=3))
def test_every_pixel_of_every_polygon_is_painted(polygons: list[Polygon]) -> None:
    source = noise()
    before = [plane.copy() for plane in planes_of(source)]
    luma, blue, red = planes_of(Painter(polygons).paint(source).frame)
    for polygon in polygons:
        under = inside(WIDTH, HEIGHT, polygon)
        blocks = under.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).any(axis=(1, 3))
        assert (luma[under] == FILL_LUMA).all()
        assert (blue[blocks] == FILL_CHROMA).all()
        assert (red[blocks] == FILL_CHROMA).all()
    kept = draw_mask(polygons, WIDTH, HEIGHT) == 0
    kept_luma = kept.repeat(2, axis=0).repeat(2, axis=1)
    assert (luma[kept_luma] == before[0][kept_luma]).all()
    assert (blue[kept] == before[1][kept]).all()
    assert (red[kept] == before[2][kept]).all()


def test_the_decoders_own_picture_is_not_touched() -> None:
    source = noise()
    before = [plane.copy() for plane in planes_of(source)]
    Painter((SQUARE,)).paint(source)
    assert all((now == then).all() for now, then in zip(planes_of(source), before, strict=True))


def test_another_size_gets_another_mask_before_it_is_shown() -> None:
    painter = Painter((SQUARE,))
    for width, height in ((160, 96), (320, 180), (96, 160), (160, 96)):
        luma = planes_of(painter.paint(noise(width, height)).frame)[0]
        assert luma.shape == (height, width)
        assert (luma[inside(width, height, SQUARE)] == FILL_LUMA).all()


@pytest.mark.parametrize("shape", ["yuvj420p", "yuv422p", "yuv444p", "gray", "yuv420p10le", "nv12"])
def test_every_pixel_format_is_masked(shape: str) -> None:
    painted = Painter((SQUARE,)).paint(noise(shape=shape)).frame
    luma, blue, _ = planes_of(painted)
    under = inside(WIDTH, HEIGHT, SQUARE)
    assert (luma[under] == FILL_LUMA).all()
    assert (blue[under[::2, ::2]] == FILL_CHROMA).all()


def test_odd_sides_lose_their_last_line() -> None:
    frame = Painter((SQUARE,)).paint(noise(161, 97, "yuv444p")).frame
    assert (frame.width, frame.height) == (160, 96)


@pytest.mark.parametrize(("width", "height"), [(8, 96), (8192, 2048)])
def test_absurd_sizes_are_refused(width: int, height: int) -> None:
    with pytest.raises(GatewayError, match="PICTURE_UNSUPPORTED"):
        Painter((SQUARE,)).paint(VideoFrame(width, height, "yuv420p"))
