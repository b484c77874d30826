"""What a camera says about itself: maker, model, serial number, scopes, endpoint address.

All of it follows from the camera's number, so that a city looks the same at each start.
"""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import NAMESPACE_DNS, uuid5

from cctv_gateway.simulator.spec import CameraSpec

MAKERS = (
    ("Hanbit Vision", "HV-PTZ2130", "2.8.14"),
    ("Mudeung Optics", "MO-D20X", "1.04.7"),
    ("Saebyeok", "SB-500T", "5.1.0"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    vendor: str
    model: str
    firmware: str
    serial: str
    hardware: str
    mac: str
    endpoint: str
    scopes: tuple[str, ...]


def identify(camera: CameraSpec) -> Identity:
    """The identity of one camera."""
    vendor, model, firmware = MAKERS[camera.number % len(MAKERS)]
    scopes = [
        "type/video_encoder",
        "Profile/Streaming",
        "Profile/T",
        f"name/{quote(camera.label)}",
        f"hardware/{quote(model)}",
        "location/country/korea",
        "location/city/gwangju",
    ]
    if camera.ptz:
        scopes.append("type/ptz")
    return Identity(
        vendor, model, firmware,
        serial=f"SIM{camera.number:08d}",
        hardware=f"{model}-R1",
        mac=f"02:00:5e:00:{camera.number >> 8:02x}:{camera.number & 255:02x}",
        endpoint=f"urn:uuid:{uuid5(NAMESPACE_DNS, f'camera-{camera.number}.street.example')}",
        scopes=tuple(f"onvif://www.onvif.org/{scope}" for scope in scopes),
    )  # fmt: skip
