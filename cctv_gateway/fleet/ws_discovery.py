"""WS-Discovery (2005/04) as ONVIF uses it: probes, answers, and one search as a state machine.

Sockets belong in `multicast.py`; what a found device can do is asked in `enrol.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from cctv_gateway.fleet.safe_xml import (
    Element,
    child,
    descendants,
    parse_envelope,
    raw_text,
    shown,
)

GROUP = "239.255.255.250"
PORT = 3702
MAX_DATAGRAM_BYTES = 65_507
MAX_MATCHES_A_DATAGRAM = 16
MAX_DEVICES = 8192
MAX_WORDS = 64
DEVICE_PATH = "/onvif/device_service"
ONVIF_SCOPE = "onvif://www.onvif.org/"
_ONVIF_TYPES = frozenset({"NetworkVideoTransmitter", "Device"})

# Old devices know one of the two types only, and some answer nothing but a probe without types.
PROBE_TYPES = ("dn:NetworkVideoTransmitter", "tds:Device", "")
FIRST_JITTER_S = 0.1
PROBE_EVERY_S = 0.5
PROBE_JITTER_S = 0.3
# APP_MAX_DELAY lets a device wait for 0.5 s; slow firmware and VPNs take longer.
LISTEN_S = 2.0


@dataclass(frozen=True, slots=True)
class Match:
    """One device that answered. `host` is where the answer came from, whatever it says itself."""

    endpoint: str
    host: str
    port: int
    path: str
    name: str
    hardware: str


def probe(message_id: str, types: str) -> bytes:
    """A Probe datagram."""
    wanted = f"<d:Types>{types}</d:Types>" if types else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
        ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
        f"<s:Header><a:MessageID>urn:uuid:{message_id}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
        f"</s:Header><s:Body><d:Probe>{wanted}</d:Probe></s:Body></s:Envelope>"
    ).encode()


def parse_matches(datagram: bytes, host: str) -> tuple[str, tuple[Match, ...]]:
    """The message id that a ProbeMatches relates to, and its ONVIF devices.

    Raises `GatewayError` for what is no SOAP envelope.
    """
    envelope = parse_envelope(datagram[:MAX_DATAGRAM_BYTES])
    found = descendants(envelope, "ProbeMatch", MAX_MATCHES_A_DATAGRAM)
    matches = (_match(each, host) for each in found)
    return (
        _message_id(raw_text(envelope, "Header", "RelatesTo")),
        tuple(each for each in matches if each is not None),
    )


def _message_id(uri: str) -> str:
    """`urn:uuid:X`, `uuid:X` and `X` are the same to cameras."""
    return uri.rpartition(":")[2].lower()


def _match(node: Element, host: str) -> Match | None:
    scopes = raw_text(node, "Scopes").split()[:MAX_WORDS]
    types = {word.rpartition(":")[2] for word in raw_text(node, "Types").split()[:MAX_WORDS]}
    is_onvif = types & _ONVIF_TYPES or any(one.startswith(ONVIF_SCOPE) for one in scopes)
    place = _place(raw_text(node, "XAddrs").split()[:MAX_WORDS])
    if not is_onvif or place is None:
        return None
    endpoint = shown(raw_text(child(node, "EndpointReference"), "Address"))
    name, hardware = _scope(scopes, "name"), _scope(scopes, "hardware")
    return Match(endpoint, host, *place, name=name, hardware=hardware)


def _scope(scopes: Iterable[str], kind: str) -> str:
    start = f"{ONVIF_SCOPE}{kind}/"
    return next((shown(unquote(one[len(start) :])) for one in scopes if one.startswith(start)), "")


def _place(addresses: Iterable[str]) -> tuple[int, str] | None:
    """Port and path of the first plain HTTP address; its host is never followed."""
    for address in addresses:
        try:
            url = urlsplit(address)
            port = url.port or 80
        except ValueError:
            continue
        if url.scheme == "http":
            return port, usable_path(url.path)
    return None


def usable_path(path: str) -> str:
    sound = path.startswith("/") and len(path) <= 256 and path.isascii() and path.isprintable()
    return path if sound and not set(path) & set(" \"'<>@\\") else DEVICE_PATH


class Search:
    """One search: what to send when, and the union of all answers until the deadline.

    `random` gives numbers in [0, 1) for the jitter, `message_id` a fresh UUID for every probe.
    """

    def __init__(
        self, now: float, random: Callable[[], float], message_id: Callable[[], str]
    ) -> None:
        self._message_id = message_id
        start = now + FIRST_JITTER_S * random()
        self._plan = [
            (start + index * PROBE_EVERY_S + PROBE_JITTER_S * random(), types)
            for index, types in enumerate(PROBE_TYPES)
        ]
        self._sent: set[str] = set()
        self._found: dict[tuple[str, str, int], Match] = {}
        self.deadline = self._plan[-1][0] + LISTEN_S

    @property
    def matches(self) -> tuple[Match, ...]:
        return tuple(self._found.values())

    @property
    def next_wake(self) -> float:
        """When to call `due` again; the deadline, when nothing is left to send."""
        return self._plan[0][0] if self._plan else self.deadline

    def due(self, now: float) -> list[bytes]:
        """The probes to send now."""
        datagrams = []
        while self._plan and self._plan[0][0] <= now:
            _, types = self._plan.pop(0)
            message_id = self._message_id()
            self._sent.add(_message_id(message_id))
            datagrams.append(probe(message_id, types))
        return datagrams

    def extend(self, deadline: float) -> None:
        """Listen longer, since the last probe left later than planned."""
        self.deadline = max(self.deadline, deadline)

    def receive(self, datagram: bytes, host: str) -> tuple[Match, ...]:
        """Take an answer; returns what is new in it. Raises `GatewayError` for nonsense."""
        relates_to, matches = parse_matches(datagram, host)
        if relates_to not in self._sent:
            return ()
        fresh = []
        for match in matches:
            key = (match.endpoint, match.host, match.port)
            if key not in self._found and len(self._found) < MAX_DEVICES:
                self._found[key] = match
                fresh.append(match)
        return tuple(fresh)
