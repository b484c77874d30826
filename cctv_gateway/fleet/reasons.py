"""Why a host did not become a usable camera: stable codes, each with what to do about it.

How a code is found out belongs in the modules that meet the failure.
"""

from enum import StrEnum

from cctv_gateway.base.errors import ErrorKind, GatewayError


class Reason(StrEnum):
    """The outcome of a host that is no usable camera yet."""

    NO_ANSWER = "NO_ANSWER"
    FIREWALLED = "FIREWALLED"
    REFUSED = "REFUSED"
    TIMEOUT = "TIMEOUT"
    NOT_ONVIF = "NOT_ONVIF"
    BAD_ANSWER = "BAD_ANSWER"
    NO_CREDENTIALS = "NO_CREDENTIALS"
    AUTH_FAILED = "AUTH_FAILED"
    CLOCK_SKEW = "CLOCK_SKEW"
    UNSUPPORTED = "UNSUPPORTED"


_KINDS = {
    Reason.NO_ANSWER: ErrorKind.UNREACHABLE,
    Reason.FIREWALLED: ErrorKind.UNREACHABLE,
    Reason.REFUSED: ErrorKind.UNREACHABLE,
    Reason.TIMEOUT: ErrorKind.TIMEOUT,
    Reason.NOT_ONVIF: ErrorKind.PROTOCOL,
    Reason.BAD_ANSWER: ErrorKind.PROTOCOL,
    Reason.NO_CREDENTIALS: ErrorKind.UNAUTHORIZED,
    Reason.AUTH_FAILED: ErrorKind.UNAUTHORIZED,
    Reason.CLOCK_SKEW: ErrorKind.UNAUTHORIZED,
    Reason.UNSUPPORTED: ErrorKind.UNSUPPORTED,
}

_SENTENCES = {
    Reason.NO_ANSWER: (
        "Nothing has this address; check the camera's power and cable.",
        "이 주소에 장비가 없습니다. 카메라 전원과 케이블을 확인하십시오.",
    ),
    Reason.FIREWALLED: (
        "Packets to this address vanish; open the ONVIF port in the firewall or the VPN.",
        "이 주소로 보낸 패킷이 사라집니다. 방화벽이나 VPN에서 ONVIF 포트를 여십시오.",
    ),
    Reason.REFUSED: (
        "The host is there and its ONVIF port is closed; switch ONVIF on in the camera.",
        "장비는 있으나 ONVIF 포트가 닫혀 있습니다. 카메라에서 ONVIF를 켜십시오.",
    ),
    Reason.TIMEOUT: (
        "The host takes connections and answers too late; try again, then restart the camera.",
        "연결은 되지만 응답이 너무 늦습니다. 다시 시도하고, 안 되면 카메라를 다시 시작하십시오.",
    ),
    Reason.NOT_ONVIF: (
        "Something else than an ONVIF device answers here; check the address and the port.",
        "ONVIF 장비가 아닌 것이 응답합니다. 주소와 포트를 확인하십시오.",
    ),
    Reason.BAD_ANSWER: (
        "The camera's answer cannot be read; update its firmware or report the model.",
        "카메라의 응답을 읽을 수 없습니다. 펌웨어를 갱신하거나 모델을 알려 주십시오.",
    ),
    Reason.NO_CREDENTIALS: (
        "The camera wants a login and none was given; put one into the vault and name it.",
        "카메라가 로그인을 요구합니다. 금고에 로그인 정보를 넣고 그 이름을 지정하십시오.",
    ),
    Reason.AUTH_FAILED: (
        "The camera refuses the login; it is not tried again until the login is changed.",
        "카메라가 로그인을 거부했습니다. 로그인 정보를 바꿀 때까지 다시 시도하지 않습니다.",
    ),
    Reason.CLOCK_SKEW: (
        "The login was refused and the camera's clock cannot be read; set its clock first.",
        "로그인이 거부되었고 카메라 시계를 읽을 수 없습니다. 먼저 카메라 시계를 맞추십시오.",
    ),
    Reason.UNSUPPORTED: (
        "The camera offers no H.264 stream that the gateway can use; add one in the camera.",
        "게이트웨이가 쓸 수 있는 H.264 스트림이 없습니다. 카메라에서 추가하십시오.",
    ),
}


def failure(reason: Reason) -> GatewayError:
    """The error for a reason; its `code` is the reason's name."""
    return GatewayError(_KINDS[reason], reason.value, *_SENTENCES[reason])


def sentence(reason: Reason) -> str:
    return _SENTENCES[reason][0]
