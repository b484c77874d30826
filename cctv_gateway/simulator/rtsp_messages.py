"""Sans-IO reading of RTSP requests from a TCP stream, and writing of responses (RFC 2326).

What a request means is decided in `rtsp_session.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cctv_gateway.base.errors import ErrorKind, GatewayError

MAX_HEAD_BYTES = 8192
MAX_BODY_BYTES = 8192
MAX_HEADERS = 64
INTERLEAVED_HEAD_BYTES = 4

REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
    405: "Method Not Allowed", 453: "Not Enough Bandwidth", 454: "Session Not Found",
    455: "Method Not Valid in This State", 461: "Unsupported Transport",
    501: "Not Implemented", 505: "RTSP Version Not Supported",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request; header names are lower case."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A binary frame from the client, normally an RTCP receiver report."""

    channel: int
    size: int


@dataclass(frozen=True, slots=True)
class Response:
    """A response without CSeq, which `render` adds."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    def render(self, cseq: str | None) -> bytes:
        lines = [f"RTSP/1.0 {self.status} {REASONS[self.status]}"]
        if cseq is not None:
            lines.append(f"CSeq: {cseq}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def malformed(what: str) -> GatewayError:
    return GatewayError(
        ErrorKind.PROTOCOL, "RTSP_MALFORMED",
        f"the request is not RTSP: {what}", f"RTSP 요청이 아닙니다: {what}",
    )  # fmt: skip


class RequestReader:
    """Turns bytes into requests and interleaved frames; holds at most one unfinished message."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Request | Interleaved]:
        """Everything that is complete now. Raises GatewayError RTSP_MALFORMED on nonsense."""
        self._buffer += data
        found: list[Request | Interleaved] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def _next(self) -> Request | Interleaved | None:
        while self._buffer[:2] == b"\r\n":
            del self._buffer[:2]
        if not self._buffer:
            return None
        if self._buffer[0] == 0x24:
            return self._interleaved()
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
        if end < 0:
            if len(self._buffer) >= MAX_HEAD_BYTES:
                raise malformed("its head has no end")
            return None
        return self._request(end)

    def _interleaved(self) -> Interleaved | None:
        if len(self._buffer) < INTERLEAVED_HEAD_BYTES:
            return None
        size = int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < INTERLEAVED_HEAD_BYTES + size:
            return None
        channel = self._buffer[1]
        del self._buffer[: INTERLEAVED_HEAD_BYTES + size]
        return Interleaved(channel, size)

    def _request(self, end: int) -> Request | None:
        head = bytes(self._buffer[:end]).decode("utf-8", "replace")
        first, *lines = head.split("\r\n")
        method, uri = _request_line(first)
        headers = parse_headers(lines)
        size = _length(headers)
        if len(self._buffer) < end + 4 + size:
            return None
        body = bytes(self._buffer[end + 4 : end + 4 + size])
        del self._buffer[: end + 4 + size]
        return Request(method, uri, headers, body)


def _request_line(line: str) -> tuple[str, str]:
    parts = line.split(" ")
    named = parts[0].replace("_", "A")
    if len(parts) != 3 or not parts[2].startswith("RTSP/") or not named.isalpha():
        raise malformed("its first line")
    return parts[0], parts[1]


def parse_headers(lines: list[str]) -> dict[str, str]:
    """Header lines as a mapping with lower-case names; the last of equal names wins."""
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
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > MAX_BODY_BYTES:
        raise malformed("its Content-Length")
    return int(text)
