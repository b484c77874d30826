"""Learns all that the gateway wants to know about one camera, and never fails: it says why not.

What is done with the result (ids, merging, registration) belongs in `findings.py`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.fleet.answers import PTZ, DeviceInformation, StreamProfile
from cctv_gateway.fleet.onvif_client import AuthMode, OnvifClient, Place
from cctv_gateway.fleet.onvif_library import OnvifLibrary
from cctv_gateway.fleet.reasons import Reason, failure
from cctv_gateway.fleet.wire import CALL_TIMEOUT_S
from cctv_gateway.model import Credentials

INSPECT_TIMEOUT_S = 30.0
# More wrong passwords than these lock some cameras for half an hour.
MAX_LOGINS = 2
MAX_LOCATED = 6


@dataclass(frozen=True, slots=True)
class Login:
    """A login of the vault, with its name there."""

    name: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call and one whole inspection may take."""

    call_s: float = CALL_TIMEOUT_S
    inspect_s: float = INSPECT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was learnt; with a `reason`, as far as it went.

    `login` names what opened the camera, `refused` what did not. `main` and `sub` are the largest
    and the smallest H.264 streams; `presets` is None where there is no PTZ to ask.
    """

    reason: Reason | None = None
    information: DeviceInformation = field(default_factory=DeviceInformation)
    profiles: tuple[StreamProfile, ...] = ()
    main: StreamProfile | None = None
    sub: StreamProfile | None = None
    clock_offset_s: float | None = None
    auth: AuthMode = AuthMode.UNKNOWN
    ptz: bool = False
    presets: int | None = None
    login: str | None = None
    refused: tuple[str, ...] = ()


async def inspect(
    place: Place, logins: Sequence[Login], library: OnvifLibrary, clock: Clock,
    known: AuthMode = AuthMode.UNKNOWN, patience: Patience = Patience(),
) -> Inspection:  # fmt: skip
    """Ask one camera everything. `known` is the way of logging in that worked the last time."""
    visit = _Visit(logins[:MAX_LOGINS], known)
    try:
        async with (
            asyncio.timeout(patience.inspect_s),
            OnvifClient(place, library, clock, patience.call_s) as camera,
        ):
            await visit.run(camera)
    except TimeoutError:
        return visit.ended(Reason.TIMEOUT)
    except GatewayError as error:
        return visit.ended(Reason(error.code))
    return visit.ended(None if visit.learnt.main else Reason.UNSUPPORTED)


class _Visit:
    """Collects step by step, so that a camera that fails half-way still shows the half."""

    def __init__(self, logins: Sequence[Login], known: AuthMode) -> None:
        self._logins, self._known = logins, known
        self.learnt = Inspection()

    def ended(self, reason: Reason | None) -> Inspection:
        return replace(self.learnt, reason=reason)

    async def run(self, camera: OnvifClient) -> None:
        await self._read_clock(camera)
        await self._log_in(camera)
        if camera.camera_clock is None:
            await self._read_clock(camera)
        await camera.find_services()
        await self._look_at_streams(camera)
        await self._look_at_head(camera)

    async def _read_clock(self, camera: OnvifClient) -> None:
        try:
            await camera.read_clock()
        except GatewayError as error:
            # Some tell the time only after login, some not at all.
            if error.kind not in (ErrorKind.UNAUTHORIZED, ErrorKind.UNSUPPORTED):
                raise
        self.learnt = replace(self.learnt, clock_offset_s=camera.clock_offset_s)

    async def _log_in(self, camera: OnvifClient) -> None:
        candidates: Sequence[Login | None] = self._logins or (None,)
        for login in candidates:
            try:
                information = await camera.log_in(login.credentials if login else None, self._known)
            except GatewayError as error:
                if error.code != Reason.AUTH_FAILED or login is None:
                    raise
                refused = (*self.learnt.refused, login.name)
                self.learnt = replace(self.learnt, refused=refused)
                continue
            # A camera that lets everybody in has not said that this login is right.
            name = login.name if login and camera.auth is not AuthMode.NONE else None
            self.learnt = replace(
                self.learnt, information=information, auth=camera.auth, login=name
            )
            return
        raise failure(Reason.AUTH_FAILED)

    async def _look_at_streams(self, camera: OnvifClient) -> None:
        profiles = await camera.profiles()
        self.learnt = replace(self.learnt, profiles=profiles)
        usable = [each for each in profiles if each.encoding == "H264"][:MAX_LOCATED]
        located = {each.token: await _located(camera, each) for each in usable}
        main, sub = choose_streams(tuple(located.values()))
        self.learnt = replace(
            self.learnt, main=main, sub=sub,
            profiles=tuple(located.get(each.token, each) for each in profiles),
        )  # fmt: skip

    async def _look_at_head(self, camera: OnvifClient) -> None:
        profiles = self.learnt.profiles
        first = next((each for each in profiles if each.ptz), None)
        if first is None or not camera.offers(PTZ):
            return
        self.learnt = replace(self.learnt, ptz=True)
        try:
            presets = await camera.preset_count(first)
        except GatewayError as error:
            if error.kind not in (ErrorKind.UNSUPPORTED, ErrorKind.PROTOCOL):
                raise
            return  # A head without presets is none the worse.
        self.learnt = replace(self.learnt, presets=presets)


async def _located(camera: OnvifClient, profile: StreamProfile) -> StreamProfile:
    try:
        return await camera.located(profile)
    except GatewayError as error:
        if error.kind not in (ErrorKind.UNSUPPORTED, ErrorKind.PROTOCOL):
            raise
        return profile  # One bad profile does not spoil the others.


def choose_streams(
    profiles: Sequence[StreamProfile],
) -> tuple[StreamProfile | None, StreamProfile | None]:
    """Main and sub: the largest and the smallest H.264 stream that has a place of its own."""
    usable = [each for each in profiles if each.encoding == "H264" and each.stream is not None]
    if not usable:
        return None, None
    main = max(usable, key=_area)
    rest = [each for each in usable if each.stream != main.stream and _area(each) < _area(main)]
    return main, min(rest, key=_area, default=None)


def _area(profile: StreamProfile) -> int:
    return profile.width * profile.height
