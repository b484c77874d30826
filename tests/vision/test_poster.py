"""Posters and snapshots, made in this process from real footage."""

from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit, Polygon
from cctv_gateway.vision.poster import make_jpeg
from cctv_gateway.vision.wire import PosterRequest
from tests.vision.footage import Picture, film, inside, psnr

MASK: Polygon = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
CORE: Polygon = ((0.27, 0.27), (0.73, 0.27), (0.73, 0.73), (0.27, 0.73))


def opened(jpeg: bytes) -> Picture:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def poster(units: tuple[AccessUnit, ...], *polygons: Polygon, max_width: int = 4096) -> Picture:
    return opened(make_jpeg(PosterRequest(units, polygons, max_width)))


def assert_grey(picture: Picture) -> None:
    """Even but for the ripples that JPEG lets run from an edge into its 16 pixel blocks."""
    height, width, _ = picture.shape
    under = picture[inside(width, height, CORE)].astype(float)
    assert abs(under.mean() - 51) < 2
    assert under.std() < 4


def everywhere(picture: Picture) -> np.ndarray:
    return np.ones(picture.shape[:2], bool)


@pytest.mark.parametrize(("count", "seen"), [(1, 0), (6, 5)])
def test_it_shows_the_last_picture(count: int, seen: int) -> None:
    picture = poster(film().units[:count])
    assert psnr(picture, film().seen[seen], everywhere(picture)) > 28


def test_reordered_pictures_end_with_the_last() -> None:
    footage = film(reordered=True)
    picture = poster(footage.units)
    assert psnr(picture, footage.seen[-1], everywhere(picture)) > 28


def test_the_mask_is_grey() -> None:
    picture = poster(film().units[:2], MASK)
    assert_grey(picture)


@pytest.mark.parametrize(
    ("max_width", "shape"), [(4096, (180, 320)), (160, (90, 160)), (100, (56, 100)), (0, (1, 1))]
)
def test_it_is_scaled_after_it_was_masked(max_width: int, shape: tuple[int, int]) -> None:
    picture = poster(film().units[:1], MASK, max_width=max_width)
    assert picture.shape[:2] == shape
    if max_width >= 100:
        assert_grey(picture)


def test_a_broken_end_shows_the_last_good_picture() -> None:
    broken = AccessUnit((b"\x41" + bytes(range(90)),), film().units[3].rtp_90k, False, 0.0)
    picture = poster((*film().units[:3], broken))
    assert psnr(picture, film().seen[2], everywhere(picture)) > 28


@pytest.mark.parametrize(
    "units",
    [
        (),
        film().units[1:3],
        (AccessUnit((b"\x65" + bytes(50),), 0, True, 0.0),),
        (AccessUnit((), 0, True, 0.0),),
    ],
    ids=["none", "no keyframe", "garbage", "empty"],
)
def test_without_a_readable_picture_there_is_none(units: tuple[AccessUnit, ...]) -> None:
    with pytest.raises(GatewayError, match="PICTURE_UNREADABLE"):
        poster(units)


def test_a_bad_polygon_gives_no_picture() -> None:
    with pytest.raises(GatewayError, match="MASK_INVALID"):
        poster(film().units[:1], ((0.0, 0.0), (2.0, 2.0), (1.0, 0.0)))


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=80), max_size=6), st.booleans())
def test_any_bytes_are_a_picture_or_an_error(nals: list[bytes], after_parameters: bool) -> None:
    head = film().units[0].nals[:2] if after_parameters else ()
    with suppress(GatewayError):
        poster((AccessUnit((*head, *nals), 0, True, 0.0),), MASK)
