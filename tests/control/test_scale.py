"""A whole city: 1,586 cameras and 200 accounts are decided in microseconds."""

import time
from statistics import median

import pytest

from cctv_gateway.config.load import load_bytes
from cctv_gateway.control.decide import decide
from cctv_gateway.control.request import Holder, Request
from cctv_gateway.control.rules import Rules, compile_rules
from cctv_gateway.control.verdicts import verdicts, visible
from cctv_gateway.model import AccountId, CameraId, Grant, RevisionId, RoleId
from tests.control.city import CITY, CRIME, seoul

AT = seoul("2026-11-23 21:00")
OPERATOR = Holder(
    "l", AccountId("operator-4"), RoleId("control_operator"), "control_center", "127.0.0.1"
)


@pytest.fixture(scope="module")
def city() -> Rules:
    base = load_bytes(CITY.read_bytes(), CITY.name).configuration
    kinds, names = base.cameras, list(base.accounts)
    cameras = tuple(
        kinds[index % len(kinds)].model_copy(
            update={"id": CameraId(f"{kinds[index % len(kinds)].id}-{index}"), "number": index + 1}
        )
        for index in range(1586)
    )
    accounts = {
        AccountId(f"{names[index % len(names)]}-{index}"): base.accounts[names[index % len(names)]]
        for index in range(200)
    }
    whole = base.model_copy(update={"cameras": cameras, "accounts": accounts})
    return compile_rules(whole, RevisionId("city"))


def test_a_decision_takes_twenty_microseconds(city: Rules) -> None:
    asked = [OPERATOR.request(camera, CRIME) for camera in city.cameras if camera.startswith("g1")]
    assert all(isinstance(decide(one, city, AT), Grant) for one in asked)
    best_s = min(median(_seconds(city, asked)) for _ in range(5))
    assert best_s <= 20e-6


def _seconds(city: Rules, asked: list[Request]) -> list[float]:
    taken = []
    for one in asked:
        began = time.perf_counter()
        decide(one, city, AT)
        taken.append(time.perf_counter() - began)
    return taken


def test_a_page_of_the_list_takes_milliseconds(city: Rules) -> None:
    began = time.perf_counter()
    shown = visible(city, OPERATOR)
    page = {camera: verdicts(city, OPERATOR, camera, AT) for camera in shown[:100]}
    assert time.perf_counter() - began < 0.25
    assert len(shown) > 1300
    assert all(page.values())
