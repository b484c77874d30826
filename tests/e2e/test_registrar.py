"""A registrar finds the cameras that are not in the file yet, and registers one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cctv_gateway.config.demo import DemoSearch
from tests.e2e.browser import until
from tests.e2e.city import CityProcess
from tests.e2e.conftest import MONDAY_EVENING, Office
from tests.e2e.gateway import Gateway, running_gateway

pytestmark = pytest.mark.browser
REGISTERED = 10


@pytest.fixture
async def gateway(city: CityProcess, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway whose file lacks the city's last two cameras."""
    search = DemoSearch("127.20.0.0/27", city.cameras[0].onvif_port, city.discovery_port)
    known = city.cameras[:REGISTERED]
    async with running_gateway(tmp_path, known, MONDAY_EVENING, search) as running:
        yield running


async def test_a_scan_finds_new_cameras_and_one_is_registered(
    gateway: Gateway, office: Office
) -> None:
    registrar = await office.enter("registrar")
    await registrar.part("nav-registrar").click()
    await registrar.part("scan-start").click()
    new = registrar.page.locator('[data-testid="finding"][data-state="new"]')

    async def found() -> bool:
        return await new.count() == 2

    await until(found, "two new cameras", registrar.page, timeout_s=30)
    assert "127.20." not in await registrar.page.content()
    await new.first.click()
    fields = {"id": "gj-seo-0009-1", "number": "901", "name": "새 카메라", "site": "seo-0001"}
    for name, value in fields.items():
        await registrar.part(f"register-{name}").fill(value)
    await registrar.part("register-submit").click()

    async def running() -> bool:
        cameras = gateway.app.watcher.running.configuration.camera_by_id
        return "gj-seo-0009-1" in cameras

    await until(running, "the camera in the running file", registrar.page)
    text = gateway.config.read_text(encoding="utf-8")
    assert "# 모의 도시 설정" in text
    status, body = await registrar.call("GET", "/api/discovery")
    assert status == 200
    states = sorted(one["state"] for one in json.loads(body)["findings"])
    assert states.count("registered") == REGISTERED + 1
