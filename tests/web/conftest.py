"""The world that web tests share."""

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from tests.web.world import World, give_passwords, make_world


@pytest.fixture
async def world(clock: ManualClock, meter: Meter) -> World:
    made = make_world(clock, meter)
    await give_passwords(made)
    return made
