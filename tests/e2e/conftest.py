"""A city for the whole run, a gateway and a browser for each test."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import Person, running_chromium, some_chromium
from tests.e2e.city import CityProcess, running_city
from tests.e2e.gateway import Gateway, running_gateway

CAMERAS = 12
# A Monday, shortly before enforcement ends and well within the idle time of a login.
MONDAY_EVENING = datetime(2026, 11, 23, 19, 50, tzinfo=ZoneInfo("Asia/Seoul"))


@pytest.fixture(scope="session")
def city() -> Iterator[CityProcess]:
    with running_city(CAMERAS) as running:
        yield running


@pytest.fixture
async def gateway(city: CityProcess, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path, city.cameras, MONDAY_EVENING) as running:
        yield running


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if not some_chromium():
        pytest.skip("no Chromium on this machine: make test-tools")
    async with running_chromium() as browser:
        yield browser


class Office:
    """Lets people sit down, each with a browser window of their own."""

    def __init__(self, browser: Browser, gateway: Gateway) -> None:
        self._browser = browser
        self._gateway = gateway
        self.people: list[Person] = []

    async def enter(self, account: str) -> Person:
        context = await self._browser.new_context(viewport={"width": 1600, "height": 900})
        person = Person(await context.new_page())
        self.people.append(person)
        await person.log_in(self._gateway.url, account)
        return person


@pytest.fixture
async def office(chromium: Browser, gateway: Gateway) -> AsyncIterator[Office]:
    opened = Office(chromium, gateway)
    yield opened
    complaints = [line for person in opened.people for line in person.complaints]
    assert complaints == [], "the page wrote to its error console"
