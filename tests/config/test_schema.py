"""Windows, selectors, and values that nobody can change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from cctv_gateway.config.load import load_bytes
from cctv_gateway.config.schema import (
    CameraSelector,
    Configuration,
    Effect,
    RoleKind,
    Window,
)
from cctv_gateway.config.schema_values import parse_window
from cctv_gateway.model import DistrictId, RoleId, Variant
from tests.config.documents import CITY


@pytest.fixture(scope="module")
def city() -> Configuration:
    return load_bytes(CITY.encode(), "cameras.yaml").configuration


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("08:00-20:00", 480, 1200),
        ("20:00-08:00", 1200, 1920),
        ("00:00-24:00", 0, 1440),
        ("22:30-00:00", 1350, 1440),
        ("23:59-00:01", 1439, 1441),
    ],
)
def test_windows_count_minutes_from_their_own_midnight(text: str, start: int, end: int) -> None:
    window = parse_window(text)
    assert (window.start_minute, window.end_minute) == (start, end)
    assert window.crosses_midnight == (end > 1440)
    assert window.holds(start)
    assert not window.holds(end)


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_a_window_reads_what_it_writes(start: int, length: int) -> None:
    window = Window(start, start + length if length < 1440 else 1440 + start)
    if window.end_minute % 1440 != window.start_minute:
        assert parse_window(str(window)) == window


@given(st.text(max_size=12) | st.integers() | st.none() | st.booleans())
def test_other_values_are_no_windows(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_window(value)


@pytest.mark.parametrize(
    ("fields", "own", "covered"),
    [
        ("all", None, ["cam-1", "cam-2"]),
        ({"everywhere": True}, None, ["cam-1", "cam-2"]),
        ({"district": "buk"}, None, ["cam-1"]),
        ({"district": "own"}, "seo", ["cam-2"]),
        ({"district": "own"}, "center", []),
        ({"district": "own"}, None, []),
        ({"districts": ["buk", "seo"]}, None, ["cam-1", "cam-2"]),
        ({"sites": ["seo-1"]}, None, ["cam-2"]),
        ({"ids": ["cam-*"]}, None, ["cam-1", "cam-2"]),
        ({"ids": ["*-2"]}, None, ["cam-2"]),
        ({"ids": ["cam-*"], "district": "seo"}, None, ["cam-2"]),
        ({"tags": ["market"]}, None, []),
    ],
)
def test_selectors_cover(
    city: Configuration, fields: object, own: str | None, covered: list[str]
) -> None:
    selector = CameraSelector.model_validate(fields)
    found = [
        camera.id
        for camera in city.cameras
        if selector.covers(camera, city.district_of(camera), own)
    ]
    assert found == covered


def test_a_configuration_cannot_be_changed(city: Configuration) -> None:
    with pytest.raises(ValidationError):
        city.cameras[0].paused = True  # type: ignore[misc]


def test_lookups(city: Configuration) -> None:
    camera = city.camera_by_id[city.cameras[1].id]
    assert city.district_of(camera) == DistrictId("seo")
    assert city.kind_of(RoleId("auditor")) is RoleKind.AUDITOR
    assert city.camera_by_id is city.camera_by_id


def test_defaults_keep_privacy(city: Configuration) -> None:
    fields = dict(id="r", roles=["a"], purposes=["audit"], actions=["snapshot"], cameras="all")
    rule = type(city.rules[0]).model_validate({**fields, "effect": Effect.ALLOW}, strict=False)
    assert rule.variant is Variant.MASKED


def test_nothing_prints_an_address(city: Configuration) -> None:
    assert "127.20" not in f"{city!r} {city.cameras[0]} {city.cameras[0].address!r}"
