"""Stream addresses: what to dial, what to write into a request line, how controls are joined.

Where addresses come from (registration, ONVIF) is not known here.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cctv_gateway.ingest.failures import Failure, failed

DEFAULT_PORT = 554
MAX_LENGTH = 2048
# What could end a request line or a quoted digest field early.
_UNSAFE = re.compile(r'[^\x21-\x7e]|["<>\\]')


@dataclass(frozen=True, slots=True)
class RtspUrl:
    """`uri` stands in requests as it is; `host` and `port` are where the connection goes."""

    uri: str
    host: str
    port: int


def parse_url(text: str) -> RtspUrl:
    """A registered stream address; raises when it is not rtsp or carries credentials."""
    if len(text) > MAX_LENGTH or _UNSAFE.search(text):
        raise failed(Failure.BAD_URL)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise failed(Failure.BAD_URL) from error
    if parts.scheme.lower() != "rtsp" or not host or "@" in parts.netloc or port == 0:
        raise failed(Failure.BAD_URL)
    return RtspUrl(text.partition("#")[0], host, port or DEFAULT_PORT)


def redirected(registered: RtspUrl, location: str) -> RtspUrl:
    """Where a redirect leads, never to another machine.

    Behind VPN and NAT a camera names its inner address, which cannot be reached from here; and
    another machine must not get this camera's password. So only the rest of the address changes.
    """
    target = parse_url(location)
    if target.host == registered.host:
        return target
    parts = urlsplit(target.uri)
    host = f"[{registered.host}]" if ":" in registered.host else registered.host
    path = target.uri.partition(parts.netloc)[2]
    return RtspUrl(f"rtsp://{host}:{registered.port}{path}", registered.host, registered.port)


def control_uri(base: str, control: str | None) -> str:
    """The request URI of a session or track.

    Joined as text, not by RFC 3986: firmware expects `trackID=0` behind its query string.
    """
    joined = _joined(base, control)
    if len(joined) > MAX_LENGTH or _UNSAFE.search(joined):
        raise failed(Failure.BAD_CONTROL_URL)
    return joined


def _joined(base: str, control: str | None) -> str:
    if control is None or control in ("", "*"):
        return base
    if control.lower().startswith(("rtsp://", "rtspu://")):
        return control
    if control.startswith("?"):
        return base + control
    return f"{base.rstrip('/')}/{control.lstrip('/')}"


def base_uri(content_base: str | None, content_location: str | None, requested: str) -> str:
    """What relative controls are relative to (RFC 2326, C.1.1); junk in a header is skipped."""
    for candidate in (content_base, content_location):
        if candidate and candidate.lower().startswith("rtsp://"):
            return candidate
    return requested
