"""One camera's ONVIF services without sockets: HTTP requests in, HTTP responses out.

The device service is answered here, media in `onvif_media.py`, PTZ in `onvif_ptz.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.model import Profile
from cctv_gateway.simulator import soap
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.daylight import SEOUL
from cctv_gateway.simulator.http_messages import HttpRequest, HttpResponse
from cctv_gateway.simulator.identity import Identity
from cctv_gateway.simulator.ptz import Head
from cctv_gateway.simulator.rtsp_session import expected
from cctv_gateway.simulator.soap import Call, SoapFault, Xml, fill, joined
from cctv_gateway.simulator.spec import CameraSpec, OnvifAuth

DEVICE_PATH = "/onvif/device_service"
MEDIA_PATH = "/onvif/media_service"
MEDIA2_PATH = "/onvif/media2_service"
PTZ_PATH = "/onvif/ptz_service"
SNAPSHOT_PATH = "/snapshot.jpg"

# What a camera tells before login (ONVIF Core, 5.12: PRE_AUTH).
OPEN_OPERATIONS = frozenset(
    {"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetHostname"}
)


@dataclass(frozen=True, slots=True)
class OnvifCamera:
    """All that the services of one camera know."""

    spec: CameraSpec
    identity: Identity
    head: Head
    doorman: Doorman
    clock: Clock
    meter: Meter
    onvif_port: int
    rtsp_urls: Mapping[Profile, str]
    want_keyframe: Callable[[Profile], None]

    def url(self, path: str) -> str:
        return f"http://{self.spec.host}:{self.onvif_port}{path}"

    def now(self) -> datetime:
        """The camera's own clock, which may be wrong."""
        return self.clock.now() + timedelta(seconds=self.spec.clock_offset_s)


Handler = Callable[[OnvifCamera, Call], Xml]
Operations = Mapping[tuple[str, str], Handler]


class OnvifDevice:
    """Login and dispatch for one camera. `operations` is shared by the city."""

    def __init__(self, camera: OnvifCamera, operations: Operations) -> None:
        self.camera = camera
        self._operations = operations

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The response; None when the caller must send a snapshot."""
        path = request.target.split("?")[0]
        if path == SNAPSHOT_PATH:
            return None if self._digest_ok(request) else self._challenge(Xml(""))
        if not path.startswith("/onvif/"):
            return HttpResponse(404)
        if request.method != "POST":
            return HttpResponse(405)
        try:
            return HttpResponse(200, soap.envelope(self._run(request)))
        except SoapFault as fault:
            self.camera.meter.count("simulator_onvif_faults")
            return self._refuse(fault)

    def _run(self, request: HttpRequest) -> Xml:
        call = soap.parse_call(request.body)
        if call.operation not in OPEN_OPERATIONS and not self._let_in(request, call):
            raise SoapFault(("NotAuthorized",), "Sender not authorized")
        handler = self._operations.get((call.namespace, call.operation))
        if handler is None:
            raise SoapFault(("ActionNotSupported",), "Optional action not implemented", False)
        return handler(self.camera, call)

    def _let_in(self, request: HttpRequest, call: Call) -> bool:
        kind = self.camera.spec.onvif_auth
        if kind is not OnvifAuth.TOKEN and self._digest_ok(request):
            return True
        if kind is OnvifAuth.DIGEST or call.token is None:
            return False
        return call.token.fits(expected(self.camera.spec), self.camera.now())

    def _digest_ok(self, request: HttpRequest) -> bool:
        return self.camera.doorman.digest_ok(
            request.headers.get("authorization", ""), request.method,
            expected(self.camera.spec), ("SHA-256", "MD5"), self.camera.clock.monotonic(),
        )  # fmt: skip

    def _refuse(self, fault: SoapFault) -> HttpResponse:
        body = soap.fault_body(fault)
        needs_login = fault.subcodes == ("NotAuthorized",)
        if needs_login and self.camera.spec.onvif_auth is not OnvifAuth.TOKEN:
            return self._challenge(body)
        return HttpResponse(fault.status, soap.envelope(body))

    def _challenge(self, body: Xml) -> HttpResponse:
        now_s = self.camera.clock.monotonic()
        offers = tuple(
            ("WWW-Authenticate", self.camera.doorman.challenge(algorithm, now_s))
            for algorithm in ("MD5", "SHA-256")
        )
        return HttpResponse(401, soap.envelope(body), headers=offers)


def _date_time(camera: OnvifCamera, call: Call) -> Xml:
    now = camera.now().astimezone(UTC)
    local = now.astimezone(SEOUL)
    return fill("date_time", {"utc": _moment(now), "local": _moment(local)})


def _moment(at: datetime) -> Xml:
    names = ("year", "month", "day", "hour", "minute", "second")
    return fill("moment", {name: getattr(at, name) for name in names})


def _information(camera: OnvifCamera, call: Call) -> Xml:
    who = camera.identity
    names = ("vendor", "model", "firmware", "serial", "hardware")
    return fill("device_information", {name: getattr(who, name) for name in names})


def _services(camera: OnvifCamera, call: Call) -> Xml:
    offered = [
        (soap.DEVICE, DEVICE_PATH, 2, 6),
        (soap.MEDIA, MEDIA_PATH, 2, 6),
        (soap.MEDIA2, MEDIA2_PATH, 2, 0),
    ]
    if camera.spec.ptz:
        offered.append((soap.PTZ, PTZ_PATH, 2, 4))
    parts = (
        fill(
            "service",
            {"namespace": space, "xaddr": camera.url(path), "major": major, "minor": minor},
        )
        for space, path, major, minor in offered
    )
    return fill("services", {"services": joined(parts)})


def _capabilities(camera: OnvifCamera, call: Call) -> Xml:
    ptz = Xml("")
    if camera.spec.ptz:
        ptz = fill("capabilities_ptz", {"ptz": camera.url(PTZ_PATH)})
    return fill(
        "capabilities",
        {"device": camera.url(DEVICE_PATH), "media": camera.url(MEDIA_PATH), "ptz": ptz},
    )


def _scopes(camera: OnvifCamera, call: Call) -> Xml:
    parts = (fill("scope", {"scope": scope}) for scope in camera.identity.scopes)
    return fill("scopes", {"scopes": joined(parts)})


def _network(camera: OnvifCamera, call: Call) -> Xml:
    return fill("network_interfaces", {"mac": camera.identity.mac, "host": camera.spec.host})


def _hostname(camera: OnvifCamera, call: Call) -> Xml:
    return fill("hostname", {"name": f"camera-{camera.spec.number}"})


DEVICE_OPERATIONS: Operations = {
    (soap.DEVICE, "GetSystemDateAndTime"): _date_time,
    (soap.DEVICE, "GetDeviceInformation"): _information,
    (soap.DEVICE, "GetServices"): _services,
    (soap.DEVICE, "GetCapabilities"): _capabilities,
    (soap.DEVICE, "GetScopes"): _scopes,
    (soap.DEVICE, "GetNetworkInterfaces"): _network,
    (soap.DEVICE, "GetHostname"): _hostname,
}
