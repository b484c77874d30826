"""One RTSP connection's dialogue without sockets: requests in, responses and steps out (RFC 2326).

Sending media belongs in `rtsp_server.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from cctv_gateway.base.redact import Redacted
from cctv_gateway.model import Credentials, Profile
from cctv_gateway.simulator.auth import Doorman
from cctv_gateway.simulator.rtsp_messages import Request, Response
from cctv_gateway.simulator.sdp import AUDIO_TRACK, VIDEO_TRACK, describe
from cctv_gateway.simulator.spec import FORMATS, CameraSpec, Mode, RtspAuth

PATHS = {"/main": Profile.MAIN, "/sub": Profile.SUB}
PUBLIC = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
ALGORITHMS = {
    RtspAuth.DIGEST_MD5: ("MD5",),
    RtspAuth.DIGEST_SHA256: ("SHA-256",),
    RtspAuth.DIGEST: ("SHA-256", "MD5"),
}
_CHANNELS = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?", re.IGNORECASE)


class Step(StrEnum):
    """What the connection must do after answering."""

    NOTHING = "nothing"
    PLAY = "play"
    PAUSE = "pause"
    CLOSE = "close"


class State(StrEnum):
    """Where a session stands (RFC 2326, A.2)."""

    INIT = "init"
    READY = "ready"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class Answer:
    response: bytes
    step: Step = Step.NOTHING
    # What was set up by this request, for the camera's counters.
    track: str = ""


@dataclass(frozen=True, slots=True)
class Channels:
    """Interleaved channels for RTP and RTCP."""

    rtp: int = 0
    rtcp: int = 1


class RtspSession:
    """The dialogue of one connection with one camera."""

    def __init__(
        self, camera: CameraSpec, mode: Mode, doorman: Doorman, session_id: str,
        timeout_s: int, room: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._camera, self._mode, self._doorman = camera, mode, doorman
        self._session_id, self._timeout_s, self._room = session_id, timeout_s, room
        self.state = State.INIT
        self.profile: Profile | None = None
        self.channels = Channels()
        self._do = {
            "OPTIONS": self._options,
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "GET_PARAMETER": self._ping,
            "SET_PARAMETER": self._ping,
            "TEARDOWN": self._teardown,
        }

    def answer(self, request: Request, now_s: float) -> Answer:
        """Answer one request; `now_s` dates the digest nonces."""
        cseq = request.headers.get("cseq")
        work = self._do.get(request.method)
        if work is None:
            return Answer(Response(501, (("Public", PUBLIC),)).render(cseq))
        if request.method != "OPTIONS" and not self._let_in(request, now_s):
            return Answer(Response(401, self._challenges(now_s)).render(cseq))
        response, step, track = work(request)
        return Answer(response.render(cseq), step, track)

    def _let_in(self, request: Request, now_s: float) -> bool:
        kind = self._camera.rtsp_auth
        if kind is RtspAuth.NONE:
            return True
        header = request.headers.get("authorization", "")
        credentials = expected(self._camera)
        if kind is RtspAuth.BASIC:
            return self._doorman.basic_ok(header, credentials)
        return self._doorman.digest_ok(header, request.method, credentials, ALGORITHMS[kind], now_s)

    def _challenges(self, now_s: float) -> tuple[tuple[str, str], ...]:
        name = "WWW-Authenticate"
        if self._camera.rtsp_auth is RtspAuth.BASIC:
            return ((name, self._doorman.basic_challenge()),)
        algorithms = ALGORITHMS[self._camera.rtsp_auth]
        return tuple((name, self._doorman.challenge(each, now_s)) for each in algorithms)

    def _options(self, request: Request) -> tuple[Response, Step, str]:
        return Response(200, (("Public", PUBLIC),)), Step.NOTHING, ""

    def _describe(self, request: Request) -> tuple[Response, Step, str]:
        profile, _ = self._target(request.uri)
        if profile is None:
            return Response(404), Step.NOTHING, ""
        base = request.uri.split("?")[0].rstrip("/") + "/"
        body = describe(self._camera, FORMATS[profile]).encode()
        headers = (("Content-Base", base), ("Content-Type", "application/sdp"))
        return Response(200, headers, body), Step.NOTHING, ""

    def _setup(self, request: Request) -> tuple[Response, Step, str]:
        profile, track = self._target(request.uri)
        if profile is None or not track:
            return Response(404), Step.NOTHING, ""
        if self.state is State.PLAYING or self.profile not in (None, profile):
            return Response(455), Step.NOTHING, ""
        transport = request.headers.get("transport", "")
        if "RTP/AVP/TCP" not in transport.upper():
            return Response(461), Step.NOTHING, ""
        if self.state is State.INIT and not self._room():
            return Response(453), Step.NOTHING, ""
        channels = _channels(transport)
        if track == VIDEO_TRACK:
            self.channels = channels
            self.profile = profile
            self.state = State.READY
        chosen = f"RTP/AVP/TCP;unicast;interleaved={channels.rtp}-{channels.rtcp}"
        return Response(200, (("Transport", chosen), self._session())), Step.NOTHING, track

    def _play(self, request: Request) -> tuple[Response, Step, str]:
        if not self._is_mine(request):
            return Response(454), Step.NOTHING, ""
        if self.state is State.INIT:
            return Response(455), Step.NOTHING, ""
        step = Step.NOTHING if self.state is State.PLAYING else Step.PLAY
        self.state = State.PLAYING
        return Response(200, (self._session(), ("Range", "npt=0-"))), step, ""

    def _pause(self, request: Request) -> tuple[Response, Step, str]:
        if not self._is_mine(request):
            return Response(454), Step.NOTHING, ""
        if self.state is not State.PLAYING:
            return Response(455), Step.NOTHING, ""
        self.state = State.READY
        return Response(200, (self._session(),)), Step.PAUSE, ""

    def _ping(self, request: Request) -> tuple[Response, Step, str]:
        if self.state is not State.INIT and not self._is_mine(request):
            return Response(454), Step.NOTHING, ""
        return Response(200, (self._session(),)), Step.NOTHING, ""

    def _teardown(self, request: Request) -> tuple[Response, Step, str]:
        if not self._is_mine(request):
            return Response(454), Step.NOTHING, ""
        self.state = State.INIT
        return Response(200), Step.CLOSE, ""

    def _session(self) -> tuple[str, str]:
        return "Session", f"{self._session_id};timeout={self._timeout_s}"

    def _is_mine(self, request: Request) -> bool:
        named = request.headers.get("session", "").split(";")[0].strip()
        return named == self._session_id

    def _target(self, uri: str) -> tuple[Profile | None, str]:
        """The profile and track a URI names; the main stream does not exist in SHARED mode."""
        try:
            path = urlsplit(uri).path.rstrip("/")
        except ValueError:
            return None, ""
        head, _, last = path.rpartition("/")
        known = (VIDEO_TRACK, AUDIO_TRACK) if self._camera.audio_track else (VIDEO_TRACK,)
        path, track = (head, last) if last in known else (path, "")
        profile = PATHS.get(path)
        if self._mode is Mode.SHARED and profile is Profile.MAIN:
            return None, ""
        return profile, track


def _channels(transport: str) -> Channels:
    found = _CHANNELS.search(transport)
    if found is None:
        return Channels()
    rtp = int(found[1])
    rtcp = int(found[2]) if found[2] else rtp + 1
    return Channels(rtp, rtcp) if max(rtp, rtcp) < 256 else Channels()


def expected(camera: CameraSpec) -> Credentials:
    """The login the camera really takes, which its fault may make another than it tells."""
    if not camera.faults.wrong_password:
        return camera.credentials
    changed = Redacted(camera.credentials.password.reveal() + "-changed")
    return Credentials(camera.credentials.user, changed)
