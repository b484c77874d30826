"""Cuts a camera's byte stream into RTSP messages (RFC 2326) and interleaved frames, in place.

What the messages mean belongs in `session.py`; what the frames hold belongs in `rtp.py`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from cctv_gateway.ingest.failures import Failure, failed

MAX_HEADER = 16 * 1024
MAX_BODY = 64 * 1024
# What may be waiting for its end on one connection.
MAX_WAITING = 4 + MAX_HEADER + MAX_BODY
READ_BYTES = 64 * 1024
MAX_HEADER_LINES = 100
# Bytes of one connection that may be neither RTSP nor frames before it is given up.
MAX_JUNK = 1024 * 1024

_DOLLAR = 0x24
_LINE_ENDS = b"\r\n"
_STARTS = (
    b"RTSP/", b"OPTIONS ", b"ANNOUNCE ", b"GET_PARAMETER ", b"SET_PARAMETER ", b"REDIRECT ",
    b"TEARDOWN ", b"DESCRIBE ", b"SETUP ", b"PLAY ", b"PAUSE ", b"RECORD ",
)  # fmt: skip
_LONGEST_START = max(map(len, _STARTS))

# Called with the buffer and the first and last+1 index of a frame's content, which stay as they
# are until `on_reuse` is called.
FrameHandler = Callable[[bytearray, int, int], None]
# Takes frames from an index on, as many as it likes; returns the index after them.
BurstHandler = Callable[[bytearray, memoryview, int, int], int]

# All connections of the process read into this one buffer: it stays in the processor's cache,
# and what a read leaves unfinished, which is rare and short, is put away until the next one.
_buffer = bytearray(MAX_WAITING + READ_BYTES)
_view = memoryview(_buffer)


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order; names are lower case, a name may occur more than once."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the camera sends us."""

    method: str
    headers: Headers
    body: bytes = b""


Message = Response | Request


class MessageReader:
    """The parser of one connection's bytes.

    Write into `space()`, then tell `filled(count)` before any other reader is used. Frames go to
    `on_burst` and what it leaves to `routes[channel]`, messages to `on_message`, all before
    `filled` returns. Raises `GatewayError` when the stream is hopeless.
    """

    def __init__(self, on_message: Callable[[Message], None]) -> None:
        self.routes: dict[int, FrameHandler] = {}
        self.on_burst: BurstHandler = take_nothing
        self.on_reuse: Callable[[], None] = _nothing_kept
        self.junk_bytes = 0
        self.stray_frames = 0
        self._on_message = on_message
        self._rest = b""
        # After junk, the rest begins with a `$` too close to the end to tell what it is.
        self._doubtful = False

    @property
    def waiting(self) -> int:
        """Bytes of something that has not ended yet."""
        return len(self._rest)

    def space(self) -> memoryview:
        """Where the next bytes of the socket belong, at least READ_BYTES."""
        rest = self._rest
        if rest:
            _buffer[: len(rest)] = rest
            return _view[len(rest) :]
        return _view

    def filled(self, count: int) -> None:
        """Parse all that is whole; put the rest away."""
        buffer, routes, burst = _buffer, self.routes, self.on_burst
        end = len(self._rest) + count
        at = self._settle_doubt(end) if self._doubtful else 0
        while (at := burst(buffer, _view, at, end)) + 4 <= end:
            if buffer[at] != _DOLLAR:
                after = self._read_text(at, end)
                if after == at:
                    break
                at = after
                continue
            stop = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
            if stop > end:
                break
            handler = routes.get(buffer[at + 1])
            if handler is not None:
                handler(buffer, at + 4, stop)
            else:
                self.stray_frames += 1
            at = stop
        self.on_reuse()
        self._rest = _view[at:end].tobytes() if at < end else b""

    def _read_text(self, at: int, end: int) -> int:
        """Read the message at `at`; returns where the next thing starts, `at` for "not yet"."""
        buffer = _buffer
        while at < end and buffer[at] in _LINE_ENDS:
            at += 1
        if at == end or buffer[at] == _DOLLAR:
            return at
        head = bytes(buffer[at : min(end, at + _LONGEST_START)])
        if head.startswith(b"HTTP/"):
            raise failed(Failure.NOT_RTSP)
        if not _may_start_message(head):
            return self._skip_junk(at, end)
        return self._read_message(at, end)

    def _read_message(self, at: int, end: int) -> int:
        header_end, body_at = _find_blank_line(_buffer, at, min(end, at + MAX_HEADER))
        if body_at < 0:
            if end - at >= MAX_HEADER:
                raise failed(Failure.HEADER_TOO_LONG)
            return at
        message = _parse_head(bytes(_buffer[at:header_end]))
        body_size = _content_length(message.headers)
        stop = body_at + body_size
        if stop > end:
            return at
        body = bytes(_buffer[body_at:stop])
        self._on_message(_with_body(message, body))
        return stop

    def _skip_junk(self, at: int, end: int) -> int:
        found = self._next_start(at + 1, end)
        self.junk_bytes += found - at
        if self.junk_bytes > MAX_JUNK:
            raise failed(Failure.OUT_OF_SYNC)
        self._doubtful = found < end < found + 5
        return found

    def _settle_doubt(self, end: int) -> int:
        """Look again at a `$` found after junk, now that more of what follows it is here."""
        if _buffer[0] == _DOLLAR and end < 5:
            return 0
        self._doubtful = False
        if _buffer[0] != _DOLLAR or _may_start_frame(_buffer, 0, end, self.routes):
            return 0
        return self._skip_junk(0, end)

    def _next_start(self, at: int, end: int) -> int:
        """The next index that looks like a frame of a known channel or like a response."""
        text = _buffer.find(b"RTSP/1.0 ", at, end)
        limit = end if text < 0 else text
        dollar = _buffer.find(b"$", at, limit)
        while dollar >= 0:
            if _may_start_frame(_buffer, dollar, end, self.routes):
                return dollar
            dollar = _buffer.find(b"$", dollar + 1, limit)
        if text >= 0:
            return text
        # The last bytes may be the beginning of a response that is not here yet.
        return max(at, end - len(b"RTSP/1.0"))


def _nothing_kept() -> None:
    """For readers whose handlers copy at once."""


def take_nothing(buffer: bytearray, view: memoryview, at: int, end: int) -> int:
    """For readers whose frames all go by their routes."""
    return at


def _may_start_frame(buffer: bytearray, at: int, end: int, channels: Collection[int]) -> bool:
    """Whether `$` at `at` leads a frame: known channel, RTP version 2. Unseen bytes may be."""
    if at + 1 < end and buffer[at + 1] not in channels:
        return False
    return at + 4 >= end or buffer[at + 4] >> 6 == 2


def _may_start_message(head: bytes) -> bool:
    return any(head.startswith(start) or start.startswith(head) for start in _STARTS)


def _find_blank_line(buffer: bytearray, at: int, end: int) -> tuple[int, int]:
    """Where the header ends and the body starts; (-1, -1) when not here yet.

    Some firmware ends lines with LF alone.
    """
    strict = buffer.find(b"\r\n\r\n", at, end)
    loose = buffer.find(b"\n\n", at, end if strict < 0 else strict)
    if loose >= 0:
        return loose, loose + 2
    return (strict, strict + 4) if strict >= 0 else (-1, -1)


def _parse_head(head: bytes) -> Message:
    first, *lines = head.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_HEADER_LINES:
        raise failed(Failure.HEADER_TOO_LONG)
    headers = _parse_headers(lines)
    words = first.split(None, 2)
    if words and words[0].startswith("RTSP/"):
        return Response(_status(words), headers)
    if len(words) < 3 or not words[2].startswith("RTSP/"):
        raise failed(Failure.BAD_REPLY)
    return Request(words[0], headers)


def _status(words: list[str]) -> int:
    if len(words) < 2 or len(words[1]) != 3 or not (words[1].isascii() and words[1].isdigit()):
        raise failed(Failure.BAD_REPLY)
    return int(words[1])


def _parse_headers(lines: list[str]) -> Headers:
    """Lenient: a line without a colon is skipped, an indented line continues the one before."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip().lower(), value.strip()))
    return Headers(tuple(fields))


def _content_length(headers: Headers) -> int:
    text = headers.get("content-length")
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise failed(Failure.BAD_REPLY)
    size = int(text)
    if size > MAX_BODY:
        raise failed(Failure.BODY_TOO_LONG)
    return size


def _with_body(message: Message, body: bytes) -> Message:
    if not body:
        return message
    if isinstance(message, Response):
        return Response(message.status, message.headers, body)
    return Request(message.method, message.headers, body)


def write_request(method: str, uri: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    lines = [f"{method} {uri} RTSP/1.0", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def write_response(status: str, cseq: str) -> bytes:
    return f"RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n\r\n".encode()
