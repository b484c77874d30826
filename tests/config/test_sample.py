"""The files that people start from: the root sample, the demo city, and the reference page."""

import time
from datetime import date
from pathlib import Path

import pytest

from cctv_gateway.config.check_rules import PICTURE_ACTIONS
from cctv_gateway.config.demo import (
    DEMO_ACCOUNTS,
    DEMO_CREDENTIALS,
    DemoCamera,
    demo_camera_id,
    demo_document,
)
from cctv_gateway.config.load import load_bytes, load_file
from cctv_gateway.config.reference import reference
from cctv_gateway.config.schema import Configuration, RoleKind, Rule, SharingMode
from cctv_gateway.model import Action, Obligation, Purpose, Variant

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
CITY_SIZE = 1586
# The machine-readable strip of simulated pictures fills the top 45th.
STRIP_BOTTOM = 1 / 45


def demo_city(count: int) -> bytes:
    return demo_document(
        [
            DemoCamera(number, f"127.20.{number >> 8}.{number & 255}", 8554, 8080)
            for number in range(1, count + 1)
        ]
    ).encode()


@pytest.fixture(scope="module")
def sample() -> Configuration:
    loaded = load_file(ROOT / "cameras.yaml", TODAY)
    assert loaded.problems == ()
    return loaded.configuration


@pytest.fixture(scope="module")
def demo() -> Configuration:
    loaded = load_bytes(demo_city(24), "cameras.yaml", TODAY)
    assert loaded.problems == ()
    return loaded.configuration


def test_the_sample_shows_every_kind_of_sharing(sample: Configuration) -> None:
    assert [each.name for each in sample.districts.values()] == [
        "동구", "서구", "남구", "북구", "광산구",
    ]  # fmt: skip
    assert {camera.sharing_mode for camera in sample.cameras} == set(SharingMode)
    parking = {Purpose.PARKING_ENFORCEMENT}
    assert any(camera.purposes.keys() == parking for camera in sample.cameras)
    assert any(camera.paused for camera in sample.cameras)
    for district in sample.districts:
        assert any(sample.district_of(camera) == district for camera in sample.cameras)
        assert any(agreement.owner == district for agreement in sample.agreements)
    for agreement in sample.agreements:
        assert agreement.valid_from.year >= 2024
        assert agreement.valid_to.year >= 2030


def rules_for(configuration: Configuration, kind: RoleKind) -> list[Rule]:
    return [
        rule
        for rule in configuration.rules
        if any(configuration.kind_of(role) is kind for role in rule.roles)
    ]


@pytest.mark.parametrize("name", ["sample", "demo"])
def test_the_rights_of_the_roles(name: str, request: pytest.FixtureRequest) -> None:
    configuration: Configuration = request.getfixturevalue(name)
    for rule in rules_for(configuration, RoleKind.PARKING_OFFICER):
        assert rule.variant is Variant.MASKED
        assert rule.cameras.district == "own"
        assert Obligation.WATERMARK in rule.obligations
    (test_view,) = (
        rule
        for rule in rules_for(configuration, RoleKind.CAMERA_REGISTRAR)
        if Action.LIVE_VIEW in rule.actions
    )
    assert test_view.max_seconds == 60
    assert test_view.purposes == {Purpose.MAINTENANCE}
    for kind in (RoleKind.PRIVACY_OFFICER, RoleKind.AUDITOR, RoleKind.SYSTEM_ADMIN):
        for rule in rules_for(configuration, kind):
            assert not rule.actions & PICTURE_ACTIONS


def test_the_demo_has_its_accounts(demo: Configuration) -> None:
    found = [
        (id, each.role, each.agency)
        for id, account in demo.accounts.items()
        for each in account.roles
    ]
    assert found == [
        ("parking", "parking_officer", "buk"),
        ("operator", "control_operator", "control_center"),
        ("supervisor", "control_supervisor", "control_center"),
        ("registrar", "camera_registrar", "seo"),
        ("privacy", "privacy_officer", "city_hall"),
        ("admin", "system_admin", "city_hall"),
        ("auditor", "auditor", "city_hall"),
    ]
    assert [each.id for each in DEMO_ACCOUNTS] == list(demo.accounts)


def test_the_demo_shows_something_at_any_hour(demo: Configuration) -> None:
    buk = [camera for camera in demo.cameras if demo.district_of(camera) == "buk"]
    schedules = [camera.enforcement.schedule for camera in buk if camera.enforcement]
    assert schedules.count("any-hour") >= 2
    assert schedules.count("weekday") >= 2
    always = [camera for camera in demo.cameras if camera.sharing_mode is SharingMode.ALWAYS]
    assert len(always) > len(demo.cameras) / 2


def test_the_demo_keeps_what_it_was_given() -> None:
    given = DemoCamera(7, "127.9.9.9", 1234, 4321, 'a "street"\\', "/m", "/s")
    loaded = load_bytes(demo_document([given]).encode(), "cameras.yaml")
    (camera,) = loaded.configuration.cameras
    assert (camera.id, camera.number, camera.name) == (demo_camera_id(0), 7, given.name)
    assert (camera.address.host, camera.address.rtsp_port) == ("127.9.9.9", 1234)
    assert (camera.address.onvif_port, camera.credentials) == (4321, DEMO_CREDENTIALS)
    assert (camera.streams.main, camera.streams.sub) == ("/m", "/s")


@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_a_demo_of_any_size_is_sound(count: int) -> None:
    loaded = load_bytes(demo_city(count), "cameras.yaml", TODAY)
    assert loaded.problems == ()
    assert len(loaded.configuration.cameras) == count


@pytest.mark.parametrize("name", ["sample", "demo"])
def test_masks_leave_the_strip_free(name: str, request: pytest.FixtureRequest) -> None:
    configuration: Configuration = request.getfixturevalue(name)
    corners = [
        corner
        for camera in configuration.cameras
        for polygons in camera.masks.values()
        for polygon in polygons
        for corner in polygon
    ]
    assert corners
    assert min(y for _, y in corners) > STRIP_BOTTOM


def test_a_whole_city_loads_in_time() -> None:
    data = demo_city(CITY_SIZE)
    began = time.process_time()
    loaded = load_bytes(data, "cameras.yaml", TODAY)
    took_s = time.process_time() - began
    assert loaded.problems == ()
    assert len(loaded.configuration.cameras) == CITY_SIZE
    assert took_s < 3


def test_the_reference_is_up_to_date() -> None:
    """If not: python -m cctv_gateway.config.reference > docs/configuration.md"""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference()
