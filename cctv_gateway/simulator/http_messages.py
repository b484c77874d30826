"""Sans-IO reading of small HTTP/1.1 requests and writing of responses, as a camera needs them.

What a request means is decided in `onvif_device.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cctv_gateway.base.errors import ErrorKind, GatewayError

MAX_HEAD_BYTES = 16_384
MAX_BODY_BYTES = 65_536
MAX_HEADERS = 64

REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
    405: "Method Not Allowed", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A parsed request; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/soap+xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    def render(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {REASONS[self.status]}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def malformed(what: str) -> GatewayError:
    return GatewayError(
        ErrorKind.PROTOCOL, "HTTP_MALFORMED",
        f"the request is not HTTP: {what}", f"HTTP 요청이 아닙니다: {what}",
    )  # fmt: skip


class HttpReader:
    """Turns bytes into requests; holds at most one unfinished request."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[HttpRequest]:
        """Every request that is complete now. Raises GatewayError HTTP_MALFORMED on nonsense."""
        self._buffer += data
        found = []
        while (request := self._next()) is not None:
            found.append(request)
        return found

    def _next(self) -> HttpRequest | None:
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
        if end < 0:
            if len(self._buffer) >= MAX_HEAD_BYTES:
                raise malformed("its head has no end")
            return None
        head = bytes(self._buffer[:end]).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target = _request_line(first)
        headers = _headers(lines)
        size = _length(headers)
        if len(self._buffer) < end + 4 + size:
            return None
        body = bytes(self._buffer[end + 4 : end + 4 + size])
        del self._buffer[: end + 4 + size]
        return HttpRequest(method, target, headers, body)


def _request_line(line: str) -> tuple[str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[0].isalpha():
        raise malformed("its first line")
    return parts[0], parts[1]


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > MAX_HEADERS:
        raise malformed("it has too many headers")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise malformed("a header without a colon")
        headers[name.strip().lower()] = value.strip()
    return headers


def _length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise malformed("chunked bodies are not taken")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > MAX_BODY_BYTES:
        raise malformed("its Content-Length")
    return int(text)
