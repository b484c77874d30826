"""Looks at a stream once, for registration: codec, size, keyframe interval, audio, B-pictures.

What is done about an unsuitable stream belongs to the fleet room.
"""

from dataclasses import dataclass

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.ingest.auth import Authenticator
from cctv_gateway.ingest.connection import CameraConnection, CameraMemory
from cctv_gateway.ingest.conversation import Dial, dial_tcp, follow
from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.ingest.rtsp_url import RtspUrl, parse_url
from cctv_gateway.ingest.timeline import TICKS_PER_S
from cctv_gateway.model import AccessUnit, Codec, Credentials

FIRST_KEYFRAME_WITHIN_S = 10.0
# How long to wait for the second keyframe, which tells the interval.
OBSERVE_S = 5.0


@dataclass(frozen=True, slots=True)
class StreamProbe:
    """`gop_frames` is None when no second keyframe came in time; `auth` is None for open ones."""

    codec: Codec
    width: int | None
    height: int | None
    profile_idc: int | None
    level_idc: int | None
    has_audio_track: bool
    b_pictures: bool
    gop_frames: int | None
    frames_per_s: float | None
    auth: str | None


class _Observation:
    """Counts units until the second keyframe, then ends the connection."""

    def __init__(self, observe_s: float) -> None:
        self._observe_s = observe_s
        self.connection: CameraConnection | None = None
        self.first: AccessUnit | None = None
        self.last: AccessUnit | None = None
        self.units = 0
        self.gop_frames: int | None = None

    def deliver(self, unit: AccessUnit) -> None:
        if self.first is None:
            self.first = unit
        elif unit.keyframe:
            self.gop_frames = self.units
            self._stop()
        elif unit.received_s - self.first.received_s > self._observe_s:
            self._stop()
        self.units += 1
        self.last = unit

    def _stop(self) -> None:
        assert self.connection is not None, "units come over a connection"
        self.connection.end(None)

    def frames_per_s(self) -> float | None:
        if self.first is None or self.last is None or self.last is self.first:
            return None
        ticks = self.last.rtp_90k - self.first.rtp_90k
        return round((self.units - 1) * TICKS_PER_S / ticks, 2)


async def probe_stream(
    url: Redacted[str],
    credentials: Credentials | None,
    *,
    clock: Clock,
    meter: Meter,
    deadline_s: float = FIRST_KEYFRAME_WITHIN_S,
    observe_s: float = OBSERVE_S,
    dial: Dial = dial_tcp,
) -> StreamProbe:
    """Read until the first keyframe and, briefly, to the second. Raises GatewayError."""
    target = parse_url(url.reveal())
    authenticator = Authenticator(credentials)
    observation = _Observation(observe_s)

    def make(target: RtspUrl) -> CameraConnection:
        observation.connection = CameraConnection(
            url=target,
            authenticator=authenticator,
            memory=CameraMemory.blank(),
            deliver=observation.deliver,
            on_playing=lambda: None,
            clock=clock,
            meter=meter,
        )
        return observation.connection

    until_s = clock.monotonic() + deadline_s + observe_s
    ending = await follow(target, make, clock, dial, until_s)
    if observation.first is None:
        raise ending if isinstance(ending, Exception) else failed(Failure.NO_KEYFRAME)
    return _report(observation, authenticator)


def _report(observation: _Observation, authenticator: Authenticator) -> StreamProbe:
    connection = observation.connection
    assert connection is not None, "a keyframe was read"
    unit, description = connection.unit, connection.description
    assert unit is not None, "a keyframe was read"
    assert description is not None, "a keyframe was read"
    picture = unit.parameter_sets.format
    return StreamProbe(
        codec=description.track.codec,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        profile_idc=picture.profile_idc if picture else None,
        level_idc=picture.level_idc if picture else None,
        has_audio_track=description.has_audio,
        b_pictures=connection.b_pictures,
        gop_frames=observation.gop_frames,
        frames_per_s=observation.frames_per_s(),
        auth=authenticator.method,
    )
