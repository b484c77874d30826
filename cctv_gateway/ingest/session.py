"""The RTSP client's state machine (RFC 2326): messages and time in, actions out, no I/O.

Framing belongs in `rtsp_message.py`, sockets in `connection.py`, trying again in `supervisor.py`.
Only the chosen video track is ever set up; audio has no path here.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from cctv_gateway import __version__
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.ingest.auth import Authenticator
from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.ingest.rtsp_message import (
    Headers,
    Message,
    Request,
    Response,
    write_request,
    write_response,
)
from cctv_gateway.ingest.rtsp_url import RtspUrl, base_uri, control_uri, redirected
from cctv_gateway.ingest.sdp import StreamDescription, parse_sdp

REPLY_WITHIN_S = 5.0
# RFC 2326, 12.37: what holds when the camera names no timeout.
DEFAULT_TIMEOUT_S = 60.0
# Firewalls between districts forget idle connections; the camera itself may ask for less.
KEEPALIVE_MAX_S = 30.0
KEEPALIVE_MIN_S = 2.0
MEDIA_CHANNEL = 0
CONTROL_CHANNEL = 1

_STATUS_FAILURES = {
    403: Failure.FORBIDDEN, 404: Failure.STREAM_NOT_FOUND, 406: Failure.TRANSPORT_REFUSED,
    453: Failure.CAMERA_BUSY, 454: Failure.SESSION_LOST, 461: Failure.TRANSPORT_REFUSED,
    503: Failure.CAMERA_BUSY,
}  # fmt: skip
_REDIRECTS = frozenset({301, 302, 303, 305, 307, 308})
_SERVER_MAY_ASK = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"})


class Step(Enum):
    """Which reply is awaited; PLAYING awaits none."""

    NEW = auto()
    OPTIONS = auto()
    DESCRIBE = auto()
    SETUP = auto()
    PLAY = auto()
    PLAYING = auto()
    TEARDOWN = auto()
    CLOSED = auto()


class KeepAlive(StrEnum):
    GET_PARAMETER = "GET_PARAMETER"
    OPTIONS = "OPTIONS"


@dataclass(frozen=True, slots=True)
class Send:
    data: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """The camera told what it has."""

    description: StreamDescription


@dataclass(frozen=True, slots=True)
class ChannelsAgreed:
    """On which interleaved channels RTP and RTCP come; told before PLAY is sent."""

    media: int
    control: int


@dataclass(frozen=True, slots=True)
class Playing:
    """PLAY was taken."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Connect again, to `url`, with the same authenticator."""

    url: RtspUrl


@dataclass(frozen=True, slots=True)
class Closed:
    """TEARDOWN was answered."""


Action = Send | Described | ChannelsAgreed | Playing | Reopen | Closed


class RtspSession:
    """One RTSP session over one connection. Every call may raise `GatewayError`: then it is over.

    `keepalive` overrides the choice of method, once the other one turned out to end sessions.
    """

    def __init__(
        self, url: RtspUrl, authenticator: Authenticator, keepalive: KeepAlive | None = None
    ) -> None:
        self._url = url
        self._authenticator = authenticator
        self._step = Step.NEW
        self._cseq = 0
        self._method = ""
        self._uri = url.uri
        self._extra: tuple[tuple[str, str], ...] = ()
        self._aggregate_uri = url.uri
        self._track_uri = url.uri
        self._session_id: str | None = None
        self._timeout_s = DEFAULT_TIMEOUT_S
        self._keepalive = keepalive
        self._deadline = float("inf")

    @property
    def step(self) -> Step:
        return self._step

    @property
    def deadline(self) -> float:
        """When `wake` wants to be called (monotonic)."""
        return self._deadline

    @property
    def timeout_s(self) -> float:
        """After how much silence of ours the camera may drop the session."""
        return self._timeout_s

    @property
    def keepalive(self) -> KeepAlive:
        return self._keepalive or KeepAlive.OPTIONS

    def start(self, now: float) -> list[Action]:
        assert self._step is Step.NEW, "a session starts once"
        return [self._ask(Step.OPTIONS, "OPTIONS", self._url.uri, now)]

    def receive(self, message: Message, now: float) -> list[Action]:
        if self._step is Step.CLOSED:
            return []
        if isinstance(message, Request):
            return self._answer(message)
        if message.status < 200 or not self._is_awaited(message.headers):
            return []
        if self._step is Step.PLAYING:
            return self._on_keepalive_reply(message, now)
        if self._step is Step.TEARDOWN:
            self._step, self._deadline = Step.CLOSED, float("inf")
            return [Closed()]
        if message.status == 401:
            return self._on_unauthorized(message, now)
        if message.status in _REDIRECTS:
            return self._on_redirect(message)
        return self._on_reply(message, now)

    def wake(self, now: float) -> list[Action]:
        """Time has passed: send the keep-alive that is due, or give up waiting."""
        if now < self._deadline:
            return []
        if self._step is not Step.PLAYING:
            raise failed(Failure.NO_REPLY)
        return [self._keep_alive(now)]

    def close(self, now: float) -> list[Action]:
        """Leave politely: TEARDOWN when the camera holds a session, else nothing."""
        if self._step not in (Step.PLAY, Step.PLAYING):
            self._step, self._deadline = Step.CLOSED, float("inf")
            return [Closed()]
        return [self._ask(Step.TEARDOWN, "TEARDOWN", self._aggregate_uri, now)]

    def _is_awaited(self, headers: Headers) -> bool:
        """Some firmware forgets CSeq; a wrong one is a late reply to a request given up."""
        cseq = headers.get("cseq")
        return cseq is None or cseq.strip() == str(self._cseq)

    # --- replies -------------------------------------------------------------------------------

    def _on_unauthorized(self, reply: Response, now: float) -> list[Action]:
        self._authenticator.challenge(reply.headers.all("www-authenticate"))
        if (reply.headers.get("connection") or "").lower() == "close":
            return [Reopen(self._url)]
        return [self._ask(self._step, self._method, self._uri, now, self._extra)]

    def _on_redirect(self, reply: Response) -> list[Action]:
        try:
            return [Reopen(redirected(self._url, reply.headers.get("location") or ""))]
        except GatewayError as error:
            raise failed(Failure.BAD_REPLY) from error

    def _on_reply(self, reply: Response, now: float) -> list[Action]:
        # A camera that lacks OPTIONS may still do all that we need.
        if reply.status >= 300 and self._step is not Step.OPTIONS:
            raise failed(_STATUS_FAILURES.get(reply.status, Failure.CAMERA_REFUSED))
        if reply.status < 300:
            self._authenticator.accepted()
        match self._step:
            case Step.OPTIONS:
                return self._on_options(reply, now)
            case Step.DESCRIBE:
                return self._on_describe(reply, now)
            case Step.SETUP:
                return self._on_setup(reply, now)
            case Step.PLAY:
                return self._on_play(reply, now)
        raise AssertionError(f"no reply is awaited in {self._step}")

    def _on_options(self, reply: Response, now: float) -> list[Action]:
        public = (reply.headers.get("public") or "").upper()
        if self._keepalive is None:
            methods = {method.strip() for method in public.split(",")}
            known = KeepAlive.GET_PARAMETER.value in methods
            self._keepalive = KeepAlive.GET_PARAMETER if known else KeepAlive.OPTIONS
        accept = (("Accept", "application/sdp"),)
        return [self._ask(Step.DESCRIBE, "DESCRIBE", self._url.uri, now, accept)]

    def _on_describe(self, reply: Response, now: float) -> list[Action]:
        description = parse_sdp(reply.body)
        headers = reply.headers
        base = base_uri(headers.get("content-base"), headers.get("content-location"), self._url.uri)
        self._aggregate_uri = control_uri(base, description.control)
        self._track_uri = control_uri(base, description.track.control)
        wish = f"RTP/AVP/TCP;unicast;interleaved={MEDIA_CHANNEL}-{CONTROL_CHANNEL}"
        setup = self._ask(Step.SETUP, "SETUP", self._track_uri, now, (("Transport", wish),))
        return [Described(description), setup]

    def _on_setup(self, reply: Response, now: float) -> list[Action]:
        self._take_session(reply.headers.get("session"))
        media, control = _interleaved(reply.headers.get("transport") or "")
        play = self._ask(Step.PLAY, "PLAY", self._aggregate_uri, now, (("Range", "npt=0.000-"),))
        return [ChannelsAgreed(media, control), play]

    def _on_play(self, reply: Response, now: float) -> list[Action]:
        # Some firmware names its timeout in this reply only.
        self._take_session(reply.headers.get("session"))
        self._step = Step.PLAYING
        self._deadline = now + self._keepalive_every_s()
        return [Playing()]

    def _on_keepalive_reply(self, reply: Response, now: float) -> list[Action]:
        if reply.status == 401:
            return self._on_unauthorized(reply, now)
        if reply.status == 454:
            raise failed(Failure.SESSION_LOST)
        if reply.status < 300:
            self._authenticator.accepted()
        elif self._keepalive is KeepAlive.GET_PARAMETER:
            self._keepalive = KeepAlive.OPTIONS
            return [self._keep_alive(now)]
        return []

    # --- requests ------------------------------------------------------------------------------

    def _ask(
        self,
        step: Step,
        method: str,
        uri: str,
        now: float,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> Send:
        self._step, self._method, self._uri, self._extra = step, method, uri, extra
        self._cseq += 1
        self._deadline = now + (
            self._keepalive_every_s() if step is Step.PLAYING else REPLY_WITHIN_S
        )
        fields = [("CSeq", str(self._cseq)), ("User-Agent", f"cctv-gateway/{__version__}")]
        authorization = self._authenticator.authorization(method, uri)
        if authorization is not None:
            fields.append(("Authorization", authorization))
        if self._session_id is not None:
            fields.append(("Session", self._session_id))
        return Send(write_request(method, uri, (*fields, *extra)))

    def _keep_alive(self, now: float) -> Send:
        return self._ask(Step.PLAYING, self.keepalive.value, self._aggregate_uri, now)

    def _keepalive_every_s(self) -> float:
        return min(max(self._timeout_s / 2, KEEPALIVE_MIN_S), KEEPALIVE_MAX_S)

    def _answer(self, request: Request) -> list[Action]:
        cseq = request.headers.get("cseq") or "0"
        cseq = cseq if cseq.isascii() and cseq.isdigit() and len(cseq) <= 10 else "0"
        if request.method in _SERVER_MAY_ASK:
            return [Send(write_response("200 OK", cseq))]
        if request.method in ("TEARDOWN", "REDIRECT"):
            raise failed(Failure.CAMERA_ENDED)
        return [Send(write_response("501 Not Implemented", cseq))]

    def _take_session(self, header: str | None) -> None:
        if header is None:
            return
        session_id, *parameters = (part.strip() for part in header.split(";"))
        if session_id.isprintable() and session_id:
            self._session_id = session_id
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "timeout" and value.strip().isdecimal():
                self._timeout_s = max(float(value.strip()[:6]), 1.0)


def _interleaved(transport: str) -> tuple[int, int]:
    """The channels of a Transport header; what we asked for where the camera names none."""
    for part in transport.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() != "interleaved":
            continue
        first, _, second = value.strip().partition("-")
        if not (first.isdecimal() and len(first) <= 3 and int(first) < 255):
            break
        media = int(first)
        paired = second.isdecimal() and len(second) <= 3 and int(second) <= 255
        return media, int(second) if paired and int(second) != media else media + 1
    return MEDIA_CHANNEL, CONTROL_CHANNEL
