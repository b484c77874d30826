"""One conversation with one camera over ONVIF, by the rules that its quirks have taught.

What the answers mean together, and whether the camera is of use, is judged in `enrol.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.fleet import answers
from cctv_gateway.fleet.answers import DEVICE, MEDIA, MEDIA2, PTZ, DeviceInformation, StreamProfile
from cctv_gateway.fleet.http_digest import DigestLogin
from cctv_gateway.fleet.onvif_library import OnvifLibrary, call
from cctv_gateway.fleet.reasons import Reason, failure
from cctv_gateway.fleet.safe_xml import Element, parse_envelope
from cctv_gateway.fleet.wire import CALL_TIMEOUT_S, CameraWire
from cctv_gateway.fleet.ws_discovery import DEVICE_PATH
from cctv_gateway.model import Credentials

# Cameras tell whole seconds; half a second is the best guess of the rest.
HALF_A_SECOND = timedelta(seconds=0.5)


class AuthMode(StrEnum):
    """How a camera lets somebody in over ONVIF."""

    UNKNOWN = "unknown"
    NONE = "none"
    DIGEST = "digest"
    TOKEN = "token"  # noqa: S105 - the name of a method


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera's ONVIF services are reached; nothing that it says changes host or port."""

    host: str
    port: int
    path: str = DEVICE_PATH

    def url(self, path: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{path}"


@dataclass(frozen=True, slots=True)
class CameraClock:
    """The camera's clock, tied to our monotonic one, so that no step of ours can move it."""

    shown: datetime
    at_monotonic: float

    def now(self, monotonic: float) -> datetime:
        return self.shown + timedelta(seconds=monotonic - self.at_monotonic)


class OnvifClient:
    """`async with OnvifClient(...) as camera:`; every call raises `GatewayError` only."""

    def __init__(
        self, place: Place, library: OnvifLibrary, clock: Clock,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:  # fmt: skip
        self._place, self._library, self._clock = place, library, clock
        self._wire = CameraWire(call_timeout_s)
        self._services: dict[str, Any] = {}
        self._paths: dict[str, str] = {DEVICE: place.path}
        self._token_login: Credentials | None = None
        self.auth = AuthMode.UNKNOWN
        self.camera_clock: CameraClock | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for service in self._services.values():
            await service.close()
        await self._wire.close()

    @property
    def requests(self) -> int:
        return self._wire.requests

    @property
    def clock_offset_s(self) -> float | None:
        """How far the camera's clock runs ahead of ours; None when it could not be read."""
        if self.camera_clock is None:
            return None
        ahead = self.camera_clock.now(self._clock.monotonic()) - self._clock.now()
        return round(ahead.total_seconds(), 1) + 0.0  # Never "-0.0".

    async def read_clock(self) -> None:
        """Ask for the time, as a token must be stamped by the camera's own clock."""
        before = self._clock.monotonic()
        answer = await self._ask(DEVICE, "GetSystemDateAndTime")
        middle = (before + self._clock.monotonic()) / 2
        if (shown := answers.camera_time(answer)) is not None:
            self.camera_clock = CameraClock(shown + HALF_A_SECOND, middle)

    async def log_in(
        self, login: Credentials | None, known: AuthMode = AuthMode.UNKNOWN
    ) -> DeviceInformation:
        """Log in with one password, tried at most once in each way: cameras lock out.

        Digest goes first. The token follows only where the camera did not check the digest, for
        a camera that did knows the password to be wrong. `known` is what worked before.
        """
        if known is not AuthMode.TOKEN or login is None:
            self._wire.login = DigestLogin(login) if login else None
            try:
                return self._accepted(await self._information())
            except GatewayError as error:
                self._give_up_or_go_on(error, login)
        self._wire.login, self._token_login = None, login
        try:
            information = await self._information()
        except GatewayError as error:
            self._token_login = None
            raise self._token_failure(error) from error
        self.auth = AuthMode.TOKEN
        return information

    def _accepted(self, information: DeviceInformation) -> DeviceInformation:
        digest = self._wire.login
        self.auth = AuthMode.DIGEST if digest and digest.answered else AuthMode.NONE
        return information

    def _give_up_or_go_on(self, error: GatewayError, login: Credentials | None) -> None:
        if error.kind is not ErrorKind.UNAUTHORIZED:
            raise error
        if login is None:
            raise failure(Reason.NO_CREDENTIALS) from error
        if self._wire.login is not None and self._wire.login.refused:
            raise error

    def _token_failure(self, error: GatewayError) -> GatewayError:
        if error.kind is ErrorKind.UNAUTHORIZED and self.camera_clock is None:
            return failure(Reason.CLOCK_SKEW)
        return error

    async def _information(self) -> DeviceInformation:
        return answers.device_information(await self._ask(DEVICE, "GetDeviceInformation"))

    async def find_services(self) -> None:
        """Learn which services there are; each is optional."""
        try:
            found = answers.services(
                await self._ask(DEVICE, "GetServices", IncludeCapability=False)
            )
        except GatewayError as error:
            if error.kind not in (ErrorKind.UNSUPPORTED, ErrorKind.PROTOCOL):
                raise
            found = {}
        if not found:
            found = answers.capabilities(await self._ask(DEVICE, "GetCapabilities", Category="All"))
        self._paths = {**found, DEVICE: self._place.path}

    def offers(self, namespace: str) -> bool:
        return namespace in self._paths

    async def profiles(self) -> tuple[StreamProfile, ...]:
        """Media2's profiles, then those of Media1 that Media2 lacks."""
        second = await self._profiles(MEDIA2, Type=["All"])
        if any(each.encoding == "H264" for each in second):
            return second
        known = {each.token for each in second}
        first = await self._profiles(MEDIA)
        return second + tuple(each for each in first if each.token not in known)

    async def _profiles(self, namespace: str, **arguments: Any) -> tuple[StreamProfile, ...]:
        if not self.offers(namespace):
            return ()
        try:
            return answers.profiles(await self._ask(namespace, "GetProfiles", **arguments))
        except GatewayError as error:
            if error.kind not in (ErrorKind.UNSUPPORTED, ErrorKind.PROTOCOL):
                raise
            return ()

    async def located(self, profile: StreamProfile) -> StreamProfile:
        """The profile with the place of its stream, if the camera tells a usable one."""
        if profile.media2:
            answer = await self._ask(
                MEDIA2, "GetStreamUri", Protocol="RTSP", ProfileToken=profile.token
            )
        else:
            setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
            answer = await self._ask(
                MEDIA, "GetStreamUri", StreamSetup=setup, ProfileToken=profile.token
            )
        return profile.at(answers.stream_place(answer))

    async def preset_count(self, profile: StreamProfile) -> int:
        """How many PTZ presets there are."""
        return answers.preset_count(await self._ask(PTZ, "GetPresets", ProfileToken=profile.token))

    async def _ask(self, namespace: str, operation: str, **arguments: Any) -> Element:
        service = self._services.get(namespace)
        if service is None:
            url = self._place.url(self._paths[namespace])
            service = await self._library.service(namespace, url, self._wire)
            self._services[namespace] = service
        answer = await call(service, operation, arguments, self._token())
        if answer.status_code in (401, 403):
            if not answer.challenged:
                # Whatever web server this is, it never sees a password unless it speaks SOAP.
                parse_envelope(answer.content)
            raise failure(Reason.AUTH_FAILED)
        return answers.body_of(answer.content, operation)

    def _token(self) -> Any:
        login = self._token_login
        if login is None:
            return None
        stamp = (
            self.camera_clock.now(self._clock.monotonic())
            if self.camera_clock
            else self._clock.now()
        )
        return self._library.token(login.user.reveal(), login.password.reveal(), stamp)
