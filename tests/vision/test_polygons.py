"""Which polygons are a mask."""

import math

import pytest

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import Polygon
from cctv_gateway.vision.polygons import MAX_CORNERS, MAX_POLYGONS, check_mask, check_polygons

TRIANGLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))


@pytest.mark.parametrize(
    "polygons",
    [
        (((0.0, 0.0), (1.0, 1.0)),),
        ((),),
        (TRIANGLE, ((0.0, 0.0), (1.0, 0.0), (0.5, 1.01))),
        (((0.0, 0.0), (1.0, 0.0), (-0.01, 1.0)),),
        (((0.0, 0.0), (1.0, 0.0), (math.nan, 1.0)),),
        (((0.0, 0.0), (1.0, 0.0), (math.inf, 1.0)),),
        (((0.5, 0.5),) * (MAX_CORNERS + 1),),
        (TRIANGLE,) * (MAX_POLYGONS + 1),
    ],
    ids=["line", "empty", "below", "left", "nan", "inf", "corners", "polygons"],
)
def test_what_cannot_be_painted_is_refused(polygons: tuple[Polygon, ...]) -> None:
    with pytest.raises(GatewayError, match="MASK_INVALID"):
        check_polygons(polygons)


def test_a_mask_hides_something_but_a_poster_may_be_raw() -> None:
    check_polygons(())
    with pytest.raises(GatewayError, match="MASK_INVALID"):
        check_mask(())


def test_the_bounds_themselves_are_fine() -> None:
    check_mask((((0.25, 0.75),) * MAX_CORNERS,) * MAX_POLYGONS)
