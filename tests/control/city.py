"""The city of the scenarios, compiled, and short ways to ask it something."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cctv_gateway.config.load import load_bytes
from cctv_gateway.control.request import Holder, Request
from cctv_gateway.control.rules import Rules, compile_rules
from cctv_gateway.control.schedule import SEOUL
from cctv_gateway.model import AccountId, Action, CameraId, IncidentId, Purpose, RoleId

CITY = Path(__file__).with_name("city.yaml")
ROOM = "127.0.0.1"
OPERATOR = Holder("l1", AccountId("operator"), RoleId("control_operator"), "control_center", ROOM)
OFFICER = Holder("l2", AccountId("parking.buk"), RoleId("parking_officer"), "buk", "10.0.0.9")
REGISTRAR = Holder("l3", AccountId("parking.buk"), RoleId("camera_registrar"), "buk", "10.0.0.9")
PARKING, CRIME = Purpose.PARKING_ENFORCEMENT, Purpose.CRIME_PREVENTION
EMERGENCY, MAINTENANCE = Purpose.EMERGENCY_RESPONSE, Purpose.MAINTENANCE
B1, G1, S1 = CameraId("b1"), CameraId("g1"), CameraId("s1")


@cache
def city_rules() -> Rules:
    return city_rules_with()


def city_rules_with(*changes: tuple[str, str]) -> Rules:
    """The city with pieces of its text replaced; each must be there."""
    text = CITY.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"not in the city's file: {old}"
        text = text.replace(old, new)
    loaded = load_bytes(text.encode(), CITY.name)
    return compile_rules(loaded.configuration, loaded.revision)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)


def request(**values: Any) -> Request:
    """A request from plain texts, as the scenarios write them."""
    purpose = values.pop("purpose", None)
    known = purpose in set(Purpose)
    return Request(
        account=AccountId(values.pop("account")),
        role=RoleId(values.pop("role")),
        agency=values.pop("agency"),
        camera=CameraId(values.pop("camera")),
        purpose=Purpose(purpose) if known else None,
        action=Action(values.pop("action", "live.view")),
        incident=IncidentId(values.pop("incident")) if "incident" in values else None,
        **values,
    )
