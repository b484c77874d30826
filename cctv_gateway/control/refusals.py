"""The errors that the session book answers with.

The sentence for each deny code belongs to whoever shows it; these say what to do next.
"""

from datetime import datetime

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.model import DenyCode, EndReason


class DeniedError(GatewayError):
    """A refusal as an error; it carries when to come back, where that may be told."""

    def __init__(self, code: DenyCode | EndReason, retry_at: datetime | None = None) -> None:
        super().__init__(
            ErrorKind.DENIED,
            code.value,
            "This view is not allowed now; the code says why.",
            "지금은 이 영상을 볼 수 없습니다. 사유는 코드를 확인하십시오.",
        )
        self.retry_at = retry_at


def too_many() -> GatewayError:
    return GatewayError(
        ErrorKind.OVERLOADED,
        "TOO_MANY_VIEWS",
        "Too many views are open or waiting. Close some and try again.",
        "열려 있거나 대기 중인 영상이 너무 많습니다. 일부를 닫고 다시 시도하십시오.",
    )


def unknown_secret() -> GatewayError:
    return GatewayError(
        ErrorKind.NOT_FOUND,
        "WHEP_UNKNOWN",
        "This address is unknown, used or too old. Open the view again.",
        "알 수 없거나 이미 사용했거나 만료된 주소입니다. 영상을 다시 여십시오.",
    )


def unknown_view() -> GatewayError:
    return GatewayError(
        ErrorKind.NOT_FOUND,
        "VIEW_UNKNOWN",
        "This view is not open any more.",
        "이미 종료된 영상입니다.",
    )


def relay_slow() -> GatewayError:
    return GatewayError(
        ErrorKind.TIMEOUT,
        "RELAY_SLOW",
        "The picture did not start in time. Open the view again.",
        "제한 시간 안에 영상이 시작되지 않았습니다. 영상을 다시 여십시오.",
    )
