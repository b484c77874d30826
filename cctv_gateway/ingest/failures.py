"""Every way in which reading a camera can fail: a code, its kind, and what a person can do.

When to try again belongs to the supervisor.
"""

from enum import StrEnum

from cctv_gateway.base.errors import ErrorKind, GatewayError


class Failure(StrEnum):
    """Stable codes; they stand in `StreamStatus.detail_code` and in metrics."""

    BAD_URL = "BAD_URL"
    CAMERA_UNREACHABLE = "CAMERA_UNREACHABLE"
    CONNECT_TIMEOUT = "CONNECT_TIMEOUT"
    NO_REPLY = "NO_REPLY"
    CAMERA_CLOSED = "CAMERA_CLOSED"
    CAMERA_ENDED = "CAMERA_ENDED"
    STALLED = "STALLED"
    NO_KEYFRAME = "NO_KEYFRAME"
    AUTH_FAILED = "AUTH_FAILED"
    NO_CREDENTIALS = "NO_CREDENTIALS"
    AUTH_UNSUPPORTED = "AUTH_UNSUPPORTED"
    FORBIDDEN = "FORBIDDEN"
    STREAM_NOT_FOUND = "STREAM_NOT_FOUND"
    CAMERA_BUSY = "CAMERA_BUSY"
    TRANSPORT_REFUSED = "TRANSPORT_REFUSED"
    CAMERA_REFUSED = "CAMERA_REFUSED"
    SESSION_LOST = "SESSION_LOST"
    TOO_MANY_REDIRECTS = "TOO_MANY_REDIRECTS"
    NO_VIDEO = "NO_VIDEO"
    CODEC_UNSUPPORTED = "CODEC_UNSUPPORTED"
    BAD_CONTROL_URL = "BAD_CONTROL_URL"
    NOT_RTSP = "NOT_RTSP"
    BAD_REPLY = "BAD_REPLY"
    HEADER_TOO_LONG = "HEADER_TOO_LONG"
    BODY_TOO_LONG = "BODY_TOO_LONG"
    OUT_OF_SYNC = "OUT_OF_SYNC"


# Another try with the same secret cannot help, and may lock the camera's account.
CREDENTIAL_FAILURES = frozenset(
    {Failure.AUTH_FAILED, Failure.NO_CREDENTIALS, Failure.AUTH_UNSUPPORTED}
)

_TEXTS: dict[Failure, tuple[ErrorKind, str, str]] = {
    Failure.BAD_URL: (
        ErrorKind.BAD_REQUEST,
        "The stream address must be rtsp://host[:port]/path without user and password.",
        "스트림 주소는 사용자와 비밀번호 없이 rtsp://호스트[:포트]/경로 형식이어야 합니다.",
    ),
    Failure.CAMERA_UNREACHABLE: (
        ErrorKind.UNREACHABLE,
        "The camera refuses the connection; check its power, network and RTSP port.",
        "카메라가 연결을 거부합니다. 전원, 네트워크, RTSP 포트를 확인하세요.",
    ),
    Failure.CONNECT_TIMEOUT: (
        ErrorKind.TIMEOUT,
        "The camera does not answer; check its power, the link and the firewall.",
        "카메라가 응답하지 않습니다. 전원, 회선, 방화벽을 확인하세요.",
    ),
    Failure.NO_REPLY: (
        ErrorKind.TIMEOUT,
        "The camera accepted the connection but left an RTSP request without reply.",
        "카메라가 연결은 받았으나 RTSP 요청에 응답하지 않았습니다.",
    ),
    Failure.CAMERA_CLOSED: (
        ErrorKind.UNREACHABLE,
        "The camera closed the connection.",
        "카메라가 연결을 끊었습니다.",
    ),
    Failure.CAMERA_ENDED: (
        ErrorKind.UNREACHABLE,
        "The camera announced the end of its stream.",
        "카메라가 스트림 종료를 알렸습니다.",
    ),
    Failure.STALLED: (
        ErrorKind.TIMEOUT,
        "The camera stopped sending video although the connection stands.",
        "연결은 유지되지만 카메라가 영상을 보내지 않습니다.",
    ),
    Failure.NO_KEYFRAME: (
        ErrorKind.TIMEOUT,
        "The camera sends no keyframe; shorten its keyframe interval (GOP) to 2 seconds.",
        "카메라가 키프레임을 보내지 않습니다. 키프레임 간격(GOP)을 2초로 줄이세요.",
    ),
    Failure.AUTH_FAILED: (
        ErrorKind.UNAUTHORIZED,
        "The camera refuses the user or password; correct the credentials in the vault.",
        "카메라가 사용자 또는 비밀번호를 거부합니다. 보관된 인증 정보를 수정하세요.",
    ),
    Failure.NO_CREDENTIALS: (
        ErrorKind.UNAUTHORIZED,
        "The camera asks for a user and password; name credentials for it.",
        "카메라가 사용자와 비밀번호를 요구합니다. 인증 정보를 지정하세요.",
    ),
    Failure.AUTH_UNSUPPORTED: (
        ErrorKind.UNAUTHORIZED,
        "The camera offers no authentication that is known here (digest or basic).",
        "카메라가 지원되는 인증 방식(digest, basic)을 제공하지 않습니다.",
    ),
    Failure.FORBIDDEN: (
        ErrorKind.DENIED,
        "The camera forbids this stream to this user; check the user's rights on the camera.",
        "카메라가 이 사용자에게 스트림을 허용하지 않습니다. 카메라의 사용자 권한을 확인하세요.",
    ),
    Failure.STREAM_NOT_FOUND: (
        ErrorKind.NOT_FOUND,
        "The camera knows no stream at this path; check the stream path.",
        "카메라에 해당 경로의 스트림이 없습니다. 스트림 경로를 확인하세요.",
    ),
    Failure.CAMERA_BUSY: (
        ErrorKind.OVERLOADED,
        "The camera has no session left; close other clients of this camera.",
        "카메라의 접속 세션이 모두 사용 중입니다. 다른 접속을 종료하세요.",
    ),
    Failure.TRANSPORT_REFUSED: (
        ErrorKind.UNSUPPORTED,
        "The camera refuses RTP over TCP; allow interleaved TCP on the camera.",
        "카메라가 TCP 전송을 거부합니다. 카메라에서 RTP over TCP를 허용하세요.",
    ),
    Failure.CAMERA_REFUSED: (
        ErrorKind.PROTOCOL,
        "The camera refused an RTSP request with an error status.",
        "카메라가 RTSP 요청을 오류로 거부했습니다.",
    ),
    Failure.SESSION_LOST: (
        ErrorKind.PROTOCOL,
        "The camera has forgotten our RTSP session.",
        "카메라가 RTSP 세션을 잃어버렸습니다.",
    ),
    Failure.TOO_MANY_REDIRECTS: (
        ErrorKind.PROTOCOL,
        "The camera redirects again and again.",
        "카메라가 계속해서 다른 주소로 넘깁니다.",
    ),
    Failure.NO_VIDEO: (
        ErrorKind.UNSUPPORTED,
        "The stream's description names no video.",
        "스트림 설명에 영상 트랙이 없습니다.",
    ),
    Failure.CODEC_UNSUPPORTED: (
        ErrorKind.UNSUPPORTED,
        "The stream is neither H.264 nor H.265; choose H.264 on the camera.",
        "H.264 또는 H.265 스트림이 아닙니다. 카메라에서 H.264를 선택하세요.",
    ),
    Failure.BAD_CONTROL_URL: (
        ErrorKind.PROTOCOL,
        "The stream's description holds a control address that cannot be requested.",
        "스트림 설명의 제어 주소를 요청할 수 없습니다.",
    ),
    Failure.NOT_RTSP: (
        ErrorKind.PROTOCOL,
        "Something answers on this port, but it does not speak RTSP; check the port.",
        "이 포트는 RTSP로 응답하지 않습니다. 포트를 확인하세요.",
    ),
    Failure.BAD_REPLY: (
        ErrorKind.PROTOCOL,
        "The camera sent an RTSP message that cannot be read.",
        "카메라가 읽을 수 없는 RTSP 메시지를 보냈습니다.",
    ),
    Failure.HEADER_TOO_LONG: (
        ErrorKind.PROTOCOL,
        "The camera sent an RTSP header beyond every measure.",
        "카메라가 지나치게 긴 RTSP 헤더를 보냈습니다.",
    ),
    Failure.BODY_TOO_LONG: (
        ErrorKind.PROTOCOL,
        "The camera sent an RTSP body beyond every measure.",
        "카메라가 지나치게 긴 RTSP 본문을 보냈습니다.",
    ),
    Failure.OUT_OF_SYNC: (
        ErrorKind.PROTOCOL,
        "The camera's byte stream holds too much that is neither RTSP nor video.",
        "카메라의 데이터에 RTSP도 영상도 아닌 내용이 너무 많습니다.",
    ),
}


def failed(failure: Failure) -> GatewayError:
    """The error to raise for `failure`."""
    kind, message, message_ko = _TEXTS[failure]
    return GatewayError(kind, failure.value, message, message_ko)
