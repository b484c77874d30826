"""Ids of findings: stable, telling nothing, never shared; and what a second look changes."""

from datetime import UTC, datetime

import pytest

from cctv_gateway.fleet.answers import DeviceInformation
from cctv_gateway.fleet.enrol import Inspection
from cctv_gateway.fleet.findings import Finding, FindingBook, FindingState, Sighting
from cctv_gateway.fleet.login_memory import LoginMemory
from cctv_gateway.fleet.onvif_client import AuthMode, Place
from cctv_gateway.fleet.reasons import Reason
from tests.fleet.devices import configuration, login, registered

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def sighting(
    host: str = "192.0.2.1", serial: str = "S1", endpoint: str = "", scan: str = "one",
    reason: Reason | None = None, port: int = 80,
) -> Sighting:  # fmt: skip
    model = "M" if serial else ""
    device = DeviceInformation(vendor="V", model=model, serial=serial)
    return Sighting(Place(host, port), Inspection(reason, device), NOW, scan, endpoint, "name")


def put(book: FindingBook, **fields: object) -> Finding:
    found = book.put(sighting(**fields))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def book() -> FindingBook:
    return FindingBook(b"k" * 32)


def test_an_id_is_stable_over_restarts_and_tells_no_address(book: FindingBook) -> None:
    first = put(book)
    again = put(FindingBook(b"k" * 32))
    assert first.id == again.id
    assert len(first.id) == 16
    assert put(FindingBook(b"x" * 32)).id != first.id
    assert "192.0.2.1" not in repr(first)


def test_a_device_that_logs_in_later_keeps_its_id(book: FindingBook) -> None:
    before = put(book, serial="", endpoint="urn:uuid:1", reason=Reason.AUTH_FAILED)
    after = put(book, serial="S1", endpoint="urn:uuid:1", scan="two")
    assert after.id == before.id
    assert len(book) == 1


def test_a_device_that_moved_keeps_its_id(book: FindingBook) -> None:
    before = put(book, scan="one")
    after = put(book, host="192.0.2.9", scan="two")
    assert (after.id, len(book)) == (before.id, 1)
    assert after.place.reveal().host == "192.0.2.9"


def test_two_devices_with_one_serial_number_are_two(book: FindingBook) -> None:
    first, second = put(book), put(book, host="192.0.2.2")
    assert first.id != second.id
    assert [put(book, scan="two").id, put(book, host="192.0.2.2", scan="two").id] == [
        first.id, second.id,
    ]  # fmt: skip


def test_a_device_with_two_ports_is_known_by_the_lower_one(book: FindingBook) -> None:
    for scan, ports in (("one", (80, 8080)), ("two", (8080, 80))):
        for port in ports:
            put(book, port=port, scan=scan)
        (found,) = book.all(configuration())
        assert found.place.reveal().port == 80


def test_another_device_at_a_known_place_is_new(book: FindingBook) -> None:
    first, second = put(book), put(book, serial="S2", scan="two")
    assert first.id != second.id


def test_a_device_that_fails_today_keeps_what_it_told_yesterday(book: FindingBook) -> None:
    put(book)
    after = put(book, serial="", scan="two", reason=Reason.TIMEOUT)
    assert after.inspection.reason is Reason.TIMEOUT
    assert after.inspection.information.serial == "S1"


def test_states(book: FindingBook) -> None:
    put(book)
    put(book, host="192.0.2.2", serial="S2", reason=Reason.TIMEOUT)
    put(book, host="192.0.2.3", serial="S3")
    running = configuration((registered("192.0.2.3", 80),))
    assert [one.state for one in book.all(running)] == [
        FindingState.NEW, FindingState.FAILED, FindingState.REGISTERED,
    ]  # fmt: skip


def test_the_book_is_bounded(book: FindingBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cctv_gateway.fleet.findings.MAX_FINDINGS", 1)
    put(book)
    assert book.put(sighting(host="192.0.2.2", serial="S2")) is None
    assert put(book, scan="two")


def test_a_refused_password_comes_back_only_when_it_was_changed() -> None:
    memory, place = LoginMemory(b"k"), Place("192.0.2.1", 80)
    old, other = login(password="old"), login("other")
    seen = Inspection(Reason.AUTH_FAILED, refused=("demo",))
    memory.learn(place, (old, other), seen)
    assert memory.usable(place, (old, other)) == (other,)
    assert memory.usable(place, (login(password="new"),)) == (login(password="new"),)
    assert memory.usable(Place("192.0.2.2", 80), (old,)) == (old,)
    assert "old" not in str(vars(memory))


def test_the_way_in_is_remembered() -> None:
    memory, place = LoginMemory(b"k"), Place("192.0.2.1", 80)
    memory.learn(place, (), Inspection(auth=AuthMode.TOKEN))
    memory.learn(place, (), Inspection(Reason.TIMEOUT))
    assert memory.mode(place) is AuthMode.TOKEN
