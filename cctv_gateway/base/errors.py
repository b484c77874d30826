"""The one error type of the gateway: a kind, a stable code, and a sentence a person can act on.

Mapping a kind to an HTTP status belongs in `web/errors.py`, retry policy in the supervisors.
"""

from enum import StrEnum


class ErrorKind(StrEnum):
    """What sort of failure it is; decides retry and HTTP status, never the wording."""

    UNREACHABLE = "unreachable"
    UNAUTHORIZED = "unauthorized"
    UNSUPPORTED = "unsupported"
    PROTOCOL = "protocol"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    BAD_REQUEST = "bad_request"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"


class GatewayError(Exception):
    """An expected failure: camera nonsense, a refused request, a bad file.

    `code` is stable and upper case (`OUT_OF_WINDOW`); `message` and `message_ko` say what to do
    next and hold no address, password or token. Raise it `from` its cause at the edge where the
    foreign error appeared. A broken assumption of ours is an `assert`, never a `GatewayError`.
    """

    def __init__(
        self, kind: ErrorKind, code: str, message: str, message_ko: str | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.message_ko = message_ko or message
