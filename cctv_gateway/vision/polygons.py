"""What a mask's polygons must be before anything is painted with them.

Painting belongs in `paint.py`; which polygons a purpose has belongs in `config`.
"""

import math
from collections.abc import Sequence

from cctv_gateway.model import Polygon
from cctv_gateway.vision.failure import FailureCode, failure

MAX_POLYGONS = 64
MAX_CORNERS = 256


def check_polygons(polygons: Sequence[Polygon]) -> None:
    """Raise MASK_INVALID unless each polygon can be painted; none at all is fine here."""
    if len(polygons) > MAX_POLYGONS or not all(map(_is_paintable, polygons)):
        raise failure(FailureCode.MASK_INVALID)


def check_mask(polygons: Sequence[Polygon]) -> None:
    """As `check_polygons`, and there must be something to paint: a variant without is a raw one."""
    if not polygons:
        raise failure(FailureCode.MASK_INVALID)
    check_polygons(polygons)


def _is_paintable(polygon: Polygon) -> bool:
    return 3 <= len(polygon) <= MAX_CORNERS and all(_is_within(x, y) for x, y in polygon)


def _is_within(x: float, y: float) -> bool:
    return math.isfinite(x) and math.isfinite(y) and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0
