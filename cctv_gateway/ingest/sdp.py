"""Reads a camera's SDP (RFC 8866) leniently: what cannot be understood is skipped.

Joining control addresses belongs in `rtsp_url.py`; there is no path here that yields audio.
"""

import base64
import binascii
from dataclasses import dataclass, field

from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.model import Codec

MAX_LINES = 2000
MAX_MEDIA = 32
MAX_PARAMETER_SETS = 16

_CODECS = {"h264": Codec.H264, "h265": Codec.H265, "hevc": Codec.H265}
_SPROPS = {
    Codec.H264: ("sprop-parameter-sets",),
    Codec.H265: ("sprop-vps", "sprop-sps", "sprop-pps"),
}


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The one track that is read. `parameter_sets` are NAL units, possibly none or a part."""

    codec: Codec
    payload_type: int
    control: str | None
    parameter_sets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """`has_audio` is only told (a camera must not record sound); nothing opens it."""

    track: VideoTrack
    control: str | None
    has_audio: bool


@dataclass(slots=True)
class _Media:
    kind: str
    payload_types: list[int]
    control: str | None = None
    names: dict[int, str] = field(default_factory=dict)
    formats: dict[int, dict[str, str]] = field(default_factory=dict)


def parse_sdp(body: bytes) -> StreamDescription:
    """The video track to read: the first H.264, else the first H.265."""
    control, medias = _read_lines(body)
    videos = [media for media in medias if media.kind == "video"]
    if not videos:
        raise failed(Failure.NO_VIDEO)
    tracks = [track for media in videos for track in _tracks(media)]
    if not tracks:
        raise failed(Failure.CODEC_UNSUPPORTED)
    track = next((track for track in tracks if track.codec is Codec.H264), tracks[0])
    return StreamDescription(track, control, any(media.kind == "audio" for media in medias))


def _read_lines(body: bytes) -> tuple[str | None, list[_Media]]:
    session_control: str | None = None
    medias: list[_Media] = []
    for line in body.decode("utf-8", "replace").splitlines()[:MAX_LINES]:
        kind, equals, value = line.strip().partition("=")
        if not equals:
            continue
        if kind == "m" and len(medias) < MAX_MEDIA:
            medias.append(_media_line(value))
        elif kind == "a" and medias:
            _media_attribute(medias[-1], value)
        elif kind == "a" and value.startswith("control:"):
            session_control = value.removeprefix("control:").strip()
    return session_control, medias


def _media_line(value: str) -> _Media:
    words = value.split()
    types = [number for word in words[3:] if (number := _payload_type(word)) is not None]
    return _Media(words[0].lower() if words else "", types)


def _payload_type(word: str) -> int | None:
    number = int(word) if word.isascii() and word.isdigit() and len(word) <= 3 else 128
    return number if number < 128 else None


def _media_attribute(media: _Media, value: str) -> None:
    name, _, rest = value.partition(":")
    rest = rest.strip()
    if name == "control":
        media.control = rest
        return
    if name not in ("rtpmap", "fmtp"):
        return
    first, _, rest = rest.partition(" ")
    payload_type = _payload_type(first)
    if payload_type is None:
        return
    if name == "rtpmap":
        media.names[payload_type] = rest.strip().partition("/")[0].lower()
    else:
        media.formats[payload_type] = _format_parameters(rest)


def _format_parameters(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _tracks(media: _Media) -> list[VideoTrack]:
    found = []
    for payload_type in media.payload_types:
        parameters = media.formats.get(payload_type, {})
        codec = _codec(media.names.get(payload_type), parameters)
        if codec is not None:
            sets = _parameter_sets(codec, parameters)
            found.append(VideoTrack(codec, payload_type, media.control, sets))
    return found


def _codec(name: str | None, parameters: dict[str, str]) -> Codec | None:
    """By name; firmware that forgets the rtpmap line still gives its parameter sets away."""
    if name is not None:
        return _CODECS.get(name)
    if "sprop-parameter-sets" in parameters:
        return Codec.H264
    return Codec.H265 if "sprop-sps" in parameters else None


def _parameter_sets(codec: Codec, parameters: dict[str, str]) -> tuple[bytes, ...]:
    texts = [
        text for name in _SPROPS[codec] for text in parameters.get(name, "").split(",") if text
    ]
    nals = (_decode(text) for text in texts[:MAX_PARAMETER_SETS])
    return tuple(nal for nal in nals if nal)


def _decode(text: str) -> bytes:
    """A NAL unit from base64, without a start code (some firmware leaves it on); b"" if broken."""
    text = text.strip().rstrip("=")
    try:
        nal = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
    stripped = nal.lstrip(b"\0")
    return stripped[1:] if nal.startswith(b"\0\0") and stripped.startswith(b"\1") else nal
