"""Stills: nobody sees one who may not watch, and each minute of looking leaves one record."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control import posters
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.posters import PosterDesk
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.request import Holder
from cctv_gateway.model import Grant, Purpose, Variant
from tests.control.city import (
    B1,
    CRIME,
    G1,
    OFFICER,
    OPERATOR,
    PARKING,
    city_rules,
    city_rules_with,
    seoul,
)
from tests.control.fake_audit import MemoryAudit


class Use:
    def __init__(self) -> None:
        self.clock = ManualClock(seoul("2026-11-23 10:00"))
        self.store = MemoryAudit()
        self.audit = AuditLog(self.store, clock=self.clock, meter=Meter(self.clock))
        self.grants: list[Grant] = []
        self.slow_s = 0.0
        self.rules = city_rules()
        self.desk = PosterDesk(
            clock=self.clock, audit=self.audit, rules=lambda: self.rules, picture=self.picture
        )

    async def picture(self, grant: Grant) -> bytes:
        self.grants.append(grant)
        await self.clock.sleep(self.slow_s)
        return b"jpeg"


@pytest.fixture
async def use() -> AsyncIterator[Use]:
    made = Use()
    async with TaskOwner("posters") as tasks:
        tasks.start(made.audit.run(), "audit")
        yield made


async def test_one_record_a_minute(use: Use) -> None:
    for _ in range(5):
        assert await use.desk.poster(OPERATOR, B1, CRIME) == b"jpeg"
    assert use.store.kinds() == [AuditKind.POSTER_SHOWN]
    await use.desk.poster(OFFICER, B1, PARKING)
    assert use.grants[-1].variant is Variant.MASKED
    await use.clock.advance(60)
    await use.desk.poster(OPERATOR, B1, CRIME)
    assert use.store.kinds() == [AuditKind.POSTER_SHOWN] * 3


async def test_a_refusal_is_recorded_and_shows_nothing(use: Use) -> None:
    for _ in range(3):
        with pytest.raises(DeniedError) as raised:
            await use.desk.poster(OPERATOR, G1, CRIME)
        assert raised.value.code == "OUT_OF_WINDOW"
    assert use.store.kinds() == [AuditKind.POSTER_DENIED]
    assert not use.grants


async def test_no_audit_no_still(use: Use) -> None:
    use.store.failures = 1
    with pytest.raises(GatewayError) as raised:
        await use.desk.poster(OPERATOR, B1, CRIME)
    assert raised.value.code == "AUDIT_FAILED"
    assert not use.grants
    assert await use.desk.poster(OPERATOR, B1, CRIME) == b"jpeg"


async def test_no_still_when_the_hours_end_while_the_camera_is_opened(use: Use) -> None:
    await use.clock.advance(10 * 3600 - 2)
    use.slow_s = 5.0
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(refused(use))
        await use.clock.advance(5)
    assert asked.result() == "OUT_OF_WINDOW"
    assert use.store.kinds() == [AuditKind.POSTER_SHOWN, AuditKind.POSTER_DENIED]


async def test_no_still_when_the_right_changed_while_the_camera_is_opened(use: Use) -> None:
    rule = "[shift, terminal], variant: raw"
    use.slow_s = 5.0
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(refused(use, OPERATOR, CRIME))
        await use.clock.advance(1)
        use.rules = city_rules_with(
            (f"{rule}, obligations: [au, wm]}}", f"{rule}, quality: sub, obligations: [au, wm]}}")
        )
        await use.clock.advance(5)
    assert asked.result() == "RIGHTS_CHANGED"


async def refused(use: Use, who: Holder = OFFICER, purpose: Purpose = PARKING) -> str:
    with pytest.raises(DeniedError) as raised:
        await use.desk.poster(who, B1, purpose)
    return raised.value.code


async def test_what_is_remembered_is_bounded(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posters, "MAX_REMEMBERED", 1)
    for _ in range(2):
        await use.desk.poster(OPERATOR, B1, CRIME)
        await use.desk.poster(OFFICER, B1, PARKING)
    assert use.store.kinds() == [AuditKind.POSTER_SHOWN] * 4
