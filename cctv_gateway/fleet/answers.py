"""What cameras answer, as frozen values: clock, device, services, profiles, addresses, faults.

Read leniently from our own bounded XML and never through schemas, which hostile answers trip;
asking belongs in `onvif_client.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cctv_gateway.base.redact import Redacted
from cctv_gateway.fleet.reasons import Reason, failure
from cctv_gateway.fleet.safe_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    number,
    parse_envelope,
    raw_text,
    text,
)
from cctv_gateway.fleet.ws_discovery import usable_path

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"

MAX_SERVICES = 64
MAX_PROFILES = 16
MAX_PRESETS = 512
MAX_SIDE = 16_384
MAX_FPS = 240.0
RTSP_PORT = 554

_LOGIN_FAULTS = frozenset(
    {"NotAuthorized", "FailedAuthentication", "FailedCheck", "InvalidSecurity"}
)
# GetCapabilities names services by category instead of by namespace.
_CATEGORIES = {"Device": DEVICE, "Media": MEDIA, "PTZ": PTZ}


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    hardware: str = ""


@dataclass(frozen=True, slots=True)
class StreamProfile:
    """A media profile; `stream` is where its RTSP begins, without host and login."""

    token: str
    encoding: str
    width: int
    height: int
    fps: float
    ptz: bool = False
    media2: bool = False
    stream: "StreamPlace | None" = None

    def at(self, stream: "StreamPlace | None") -> "StreamProfile":
        return replace(self, stream=stream)


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Port and path of an RTSP stream at the camera's registered host."""

    port: int
    path: Redacted[str]


def body_of(content: bytes, operation: str) -> Element:
    """The answer to `operation`. Raises `GatewayError` for faults and for anything else."""
    body = child(parse_envelope(content), "Body")
    fault = child(body, "Fault")
    if fault is not None:
        raise failure(_fault_reason(fault))
    answer = child(body, f"{operation}Response")
    if answer is None:
        raise failure(Reason.BAD_ANSWER)
    return answer


def _fault_reason(fault: Element) -> Reason:
    # SOAP 1.2 nests Value elements; 1.1 has one faultcode.
    words = [raw_text(each) for each in descendants(fault, "Value", 8)]
    words.append(raw_text(fault, "faultcode"))
    names = {word.rpartition(":")[2] for word in words}
    return Reason.AUTH_FAILED if names & _LOGIN_FAULTS else Reason.UNSUPPORTED


def camera_time(answer: Element) -> datetime | None:
    """What the camera's clock shows, in UTC; None when it shows no possible time."""
    shown = child(answer, "SystemDateAndTime")
    moment = child(shown, "UTCDateTime")
    if moment is None:
        return None
    day, hour = child(moment, "Date"), child(moment, "Time")
    try:
        midnight = datetime(
            number(raw_text(day, "Year")), number(raw_text(day, "Month")),
            number(raw_text(day, "Day")), tzinfo=UTC,
        )  # fmt: skip
        # Added up, since some firmware counts to 24:00 or to 60 minutes.
        return midnight + timedelta(
            hours=number(raw_text(hour, "Hour"), 99), minutes=number(raw_text(hour, "Minute"), 99),
            seconds=number(raw_text(hour, "Second"), 99),
        )  # fmt: skip
    except (ValueError, OverflowError):
        return None


def device_information(answer: Element) -> DeviceInformation:
    return DeviceInformation(
        vendor=text(answer, "Manufacturer"),
        model=text(answer, "Model"),
        firmware=text(answer, "FirmwareVersion"),
        serial=text(answer, "SerialNumber"),
        hardware=text(answer, "HardwareId"),
    )


def services(answer: Element) -> Mapping[str, str]:
    """Paths by namespace, from GetServices. Hosts and ports that cameras name are not kept."""
    found = {}
    for service in children(answer, "Service", MAX_SERVICES):
        if (path := _path(raw_text(service, "XAddr"))) is not None:
            found[raw_text(service, "Namespace").rstrip("/")] = path
    return found


def capabilities(answer: Element) -> Mapping[str, str]:
    """The same from GetCapabilities, for cameras older than GetServices."""
    offered = child(answer, "Capabilities")
    paths = {
        space: _path(raw_text(offered, category, "XAddr"))
        for category, space in _CATEGORIES.items()
    }
    return {space: path for space, path in paths.items() if path is not None}


def _path(address: str) -> str | None:
    try:
        url = urlsplit(address)
    except ValueError:
        return None
    return usable_path(url.path) if url.path else None


def profiles(answer: Element) -> tuple[StreamProfile, ...]:
    """The video profiles of Media1 or Media2."""
    found = (_profile(each) for each in children(answer, "Profiles", MAX_PROFILES))
    return tuple(each for each in found if each is not None)


def _profile(node: Element) -> StreamProfile | None:
    parts = child(node, "Configurations")
    second = parts is not None
    encoder = child(parts, "VideoEncoder") if second else child(node, "VideoEncoderConfiguration")
    head = child(parts, "PTZ") if second else child(node, "PTZConfiguration")
    token = attribute(node, "token")
    # A token goes back into a request, where XML allows no control characters.
    if encoder is None or not token or not token.isprintable():
        return None
    size = child(encoder, "Resolution")
    return StreamProfile(
        token=token,
        encoding=_encoding(text(encoder, "Encoding")),
        width=number(raw_text(size, "Width"), MAX_SIDE),
        height=number(raw_text(size, "Height"), MAX_SIDE),
        fps=_rate(raw_text(encoder, "RateControl", "FrameRateLimit")),
        ptz=head is not None,
        media2=second,
    )


def _encoding(name: str) -> str:
    """`H264` also where a camera writes `video/H264` or `h264`."""
    return name.rpartition("/")[2].upper()[:16]


def _rate(written: str) -> float:
    try:
        rate = float(written[:16] or "0")
    except ValueError:
        return 0.0
    return rate if 0.0 <= rate <= MAX_FPS else 0.0


def stream_place(answer: Element) -> StreamPlace | None:
    """Port and path of a stream URI; its host and any login in it are thrown away."""
    uri = raw_text(answer, "MediaUri", "Uri") or raw_text(answer, "Uri")
    try:
        url = urlsplit(uri)
        port = url.port or RTSP_PORT
    except ValueError:
        return None
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    sound = len(path) <= 512 and path.isascii() and path.isprintable() and "@" not in path
    if url.scheme.lower() != "rtsp" or not sound or " " in path:
        return None
    return StreamPlace(port, Redacted(path))


def preset_count(answer: Element) -> int:
    return sum(1 for _ in children(answer, "Preset", MAX_PRESETS))
