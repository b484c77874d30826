"""The failures of vision as `GatewayError`s with their sentences, for both sides of the seam.

When to retry belongs to `client.py`; what a picture may cost belongs to the modules that pay it.
"""

from enum import StrEnum

from cctv_gateway.base.errors import ErrorKind, GatewayError


class FailureCode(StrEnum):
    """Why the worker, or the way to it, gave no picture."""

    MASK_INVALID = "MASK_INVALID"
    MASK_FAILED = "MASK_FAILED"
    PICTURE_UNREADABLE = "PICTURE_UNREADABLE"
    PICTURE_UNSUPPORTED = "PICTURE_UNSUPPORTED"
    ENCODING_FAILED = "ENCODING_FAILED"
    VISION_BUSY = "VISION_BUSY"
    VISION_DOWN = "VISION_DOWN"
    VISION_MESSAGE = "VISION_MESSAGE"
    VISION_TIMEOUT = "VISION_TIMEOUT"


_SENTENCES: dict[FailureCode, tuple[ErrorKind, str, str]] = {
    FailureCode.MASK_INVALID: (
        ErrorKind.BAD_REQUEST,
        "A mask needs polygons of at least three corners within the picture; correct the mask.",
        "마스크는 화면 안에 꼭짓점이 3개 이상인 다각형이어야 합니다. 마스크를 고쳐 주세요.",
    ),
    FailureCode.MASK_FAILED: (
        ErrorKind.UNSUPPORTED,
        "The picture could not be masked, so it is not shown; check the camera's mask.",
        "영상을 마스킹할 수 없어 표시하지 않습니다. 카메라의 마스크를 확인해 주세요.",
    ),
    FailureCode.PICTURE_UNREADABLE: (
        ErrorKind.PROTOCOL,
        "The camera's picture could not be decoded; try again after its next keyframe.",
        "카메라 영상을 해독할 수 없습니다. 다음 키프레임 후에 다시 시도해 주세요.",
    ),
    FailureCode.PICTURE_UNSUPPORTED: (
        ErrorKind.UNSUPPORTED,
        "The camera's picture has a size the gateway does not process; use up to 4096 × 2304.",
        "처리할 수 없는 영상 크기입니다. 최대 4096 × 2304로 설정해 주세요.",
    ),
    FailureCode.ENCODING_FAILED: (
        ErrorKind.UNSUPPORTED,
        "The picture could not be encoded, so it is not shown.",
        "영상을 부호화할 수 없어 표시하지 않습니다.",
    ),
    FailureCode.VISION_BUSY: (
        ErrorKind.OVERLOADED,
        "Too many pictures are being processed; try again in a moment.",
        "처리 중인 영상이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
    ),
    FailureCode.VISION_DOWN: (
        ErrorKind.UNREACHABLE,
        "Picture processing is restarting; try again in a moment.",
        "영상 처리 프로세스를 다시 시작하는 중입니다. 잠시 후 다시 시도해 주세요.",
    ),
    FailureCode.VISION_MESSAGE: (
        ErrorKind.PROTOCOL,
        "A message between gateway and vision worker is malformed or too large.",
        "게이트웨이와 영상 처리 프로세스 사이의 메시지가 잘못되었거나 너무 큽니다.",
    ),
    FailureCode.VISION_TIMEOUT: (
        ErrorKind.TIMEOUT,
        "The picture was not ready in time; try again in a moment.",
        "영상이 제시간에 준비되지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ),
}


def failure(code: FailureCode) -> GatewayError:
    """The error for a code; raise it `from` its cause."""
    kind, message, message_ko = _SENTENCES[code]
    return GatewayError(kind, code.value, message, message_ko)
