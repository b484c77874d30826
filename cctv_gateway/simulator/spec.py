"""Frozen values that describe a simulated city: its cameras, their logins and their faults.

What runs from them is in `city.py`; nothing here opens a socket.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.model import Credentials, Profile

MAX_CAMERA_NUMBER = 4095
FRAMES_PER_S = 15
FRAMES_PER_GOP = 30
RTP_HZ = 90_000
RTP_TICKS_PER_FRAME = RTP_HZ // FRAMES_PER_S

# What every simulated camera is delivered with; the demo's vault holds the same pair.
DEFAULT_USER = "gateway"
DEFAULT_PASSWORD = "street-view-2026"  # noqa: S105 - a simulated camera guards nothing

STREETS = (
    "Chungjang-ro", "Geumnam-ro", "Sangmu-daero", "Uncheon-ro", "Mudeung-ro", "Pungam-ro",
    "Cheomdan-ro", "Suwan-ro", "Yongbong-ro", "Baegun-ro", "Jukbong-daero", "Dongmun-daero",
)  # fmt: skip


class Mode(StrEnum):
    """How pictures are made."""

    LIVE = "live"  # each camera draws and encodes its own, while somebody reads it
    SHARED = "shared"  # a few loops made at the start, shared by all cameras; sub-streams only


class RtspAuth(StrEnum):
    """What the RTSP server asks for."""

    NONE = "none"
    BASIC = "basic"
    DIGEST_MD5 = "digest_md5"
    DIGEST_SHA256 = "digest_sha256"
    DIGEST = "digest"  # offers both algorithms


class OnvifAuth(StrEnum):
    """What the ONVIF service takes."""

    TOKEN = "token"  # WS-UsernameToken only # noqa: S105 - the name of a method
    DIGEST = "digest"  # HTTP digest only
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """Size and bit rate of one profile."""

    width: int
    height: int
    bits_per_s: int


FORMATS = {
    Profile.MAIN: PictureFormat(1920, 1080, 3_500_000),
    Profile.SUB: PictureFormat(640, 360, 500_000),
}
# What a stream turns into when its parameter sets change under way.
CHANGED_FORMATS = {
    Profile.MAIN: PictureFormat(1280, 720, 2_000_000),
    Profile.SUB: PictureFormat(480, 270, 400_000),
}


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a camera. Frames are counted per reader from its PLAY on.

    `new_parameter_sets_after` counts frames of the stream and works in LIVE mode only.
    """

    wrong_password: bool = False
    dead: bool = False
    drop_after: int | None = None
    stall_after: int | None = None
    garbage_every: int | None = None
    new_parameter_sets_after: int | None = None
    parameter_sets_in_sdp: bool = True


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """One camera. `clock_offset_s` is how far its own clock runs ahead of the true time."""

    number: int
    name: str = ""
    credentials: Credentials = field(
        default=Credentials(Redacted(DEFAULT_USER), Redacted(DEFAULT_PASSWORD))
    )
    rtsp_auth: RtspAuth = RtspAuth.DIGEST
    onvif_auth: OnvifAuth = OnvifAuth.BOTH
    clock_offset_s: float = 0.0
    audio_track: bool = False
    ptz: bool = True
    max_sessions: int = 16
    faults: Faults = Faults()

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MAX_CAMERA_NUMBER:
            raise GatewayError(
                ErrorKind.BAD_REQUEST, "CAMERA_NUMBER",
                f"a simulated camera's number must lie in 1..{MAX_CAMERA_NUMBER}",
                f"모의 카메라 번호는 1~{MAX_CAMERA_NUMBER} 사이여야 합니다",
            )  # fmt: skip

    @property
    def host(self) -> str:
        """Its own loopback address: 127.20.0.17 for camera 17."""
        return f"127.20.{self.number >> 8}.{self.number & 255}"

    @property
    def label(self) -> str:
        """The name in the picture, in letters that OpenCV can draw."""
        name = self.name if self.name.isascii() else ""
        return name or f"{STREETS[self.number % len(STREETS)]} {self.number}"


@dataclass(frozen=True, slots=True)
class CitySpec:
    """All cameras of a city and where they listen; port 0 picks one that is free everywhere.

    `discovery_port` None leaves WS-Discovery out. `scenes` is the number of shared loops.
    """

    cameras: tuple[CameraSpec, ...]
    mode: Mode = Mode.LIVE
    rtsp_port: int = 0
    onvif_port: int = 0
    discovery_port: int | None = None
    session_timeout_s: int = 60
    scenes: int = 4
    loop_s: int = 10

    def __post_init__(self) -> None:
        numbers = {camera.number for camera in self.cameras}
        if len(numbers) != len(self.cameras):
            raise GatewayError(
                ErrorKind.CONFLICT, "CAMERA_NUMBER",
                "two simulated cameras have the same number",
                "모의 카메라 두 대의 번호가 같습니다",
            )  # fmt: skip


def city_of(count: int, mode: Mode = Mode.LIVE) -> CitySpec:
    """A plain city with cameras 1..`count` on free ports."""
    return CitySpec(tuple(CameraSpec(number) for number in range(1, count + 1)), mode)
