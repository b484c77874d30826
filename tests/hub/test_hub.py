"""A hub gives every unit to every subscriber and tells its source how many there are."""

import pytest

from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, CameraId, Profile, StreamKey

KEY = StreamKey(CameraId("cam-1"), Profile.SUB)


class Recorder:
    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self.interruptions = 0

    def deliver(self, unit: AccessUnit) -> None:
        self.units.append(unit)

    def interrupted(self) -> None:
        self.interruptions += 1


def unit(number: int, keyframe: bool = False) -> AccessUnit:
    return AccessUnit((b"x",), rtp_90k=number, keyframe=keyframe, received_s=0.0)


def test_every_subscriber_gets_every_unit() -> None:
    hub, one, two = Hub(KEY), Recorder(), Recorder()
    hub.subscribe(one)
    hub.push(unit(1, keyframe=True))
    hub.subscribe(two)
    hub.push(unit(2))
    assert [held.rtp_90k for held in one.units] == [1, 2]
    assert [held.rtp_90k for held in two.units] == [2]
    assert [held.rtp_90k for held in hub.replay()] == [1, 2]


def test_demand_is_told_as_a_number() -> None:
    heard: list[int] = []
    hub = Hub(KEY, on_demand=heard.append)
    first = hub.subscribe(Recorder())
    second = hub.subscribe(Recorder())
    first.close()
    first.close()
    second.close()
    assert heard == [1, 2, 1, 0]


def test_an_interruption_forgets_the_gop_and_is_told() -> None:
    hub, sink = Hub(KEY), Recorder()
    hub.subscribe(sink)
    hub.push(unit(1, keyframe=True))
    hub.interrupt()
    assert hub.replay() == ()
    assert sink.interruptions == 1


def test_a_sink_with_a_bug_costs_neither_the_source_nor_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Faulty(Recorder):
        def deliver(self, unit: AccessUnit) -> None:
            raise KeyError("a bug")

        def interrupted(self) -> None:
            raise KeyError("a bug")

    heard: list[int] = []
    hub, other = Hub(KEY, on_demand=heard.append), Recorder()
    for sink in (Faulty(), other):
        hub.subscribe(sink)
    hub.push(unit(1, keyframe=True))
    hub.push(unit(2))
    hub.subscribe(Faulty())
    hub.interrupt()
    assert [held.rtp_90k for held in other.units] == [1, 2]
    assert other.interruptions == 1
    assert heard == [1, 2, 1, 2, 1]
    assert [line.message for line in caplog.records if line.exc_info] != []


def test_a_sink_may_leave_while_it_is_served() -> None:
    hub, other = Hub(KEY), Recorder()

    class Leaver(Recorder):
        def deliver(self, unit: AccessUnit) -> None:
            super().deliver(unit)
            place.close()

    leaver = Leaver()
    place = hub.subscribe(leaver)
    hub.subscribe(other)
    hub.push(unit(1))
    hub.push(unit(2))
    assert len(leaver.units) == 1
    assert len(other.units) == 2
    assert hub.subscribers == 1
