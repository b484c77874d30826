"""The byte stream of a camera, in every cut and with every kind of rubbish in it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.ingest.rtsp_message import (
    MAX_BODY,
    MAX_HEADER,
    MAX_JUNK,
    MAX_WAITING,
    READ_BYTES,
    Message,
    MessageReader,
    Request,
    Response,
)
from tests.ingest.streams import interleaved, rtp

OK = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n"
FRAME = interleaved(rtp(b"payload", 7, 90_000))


class Collected:
    """A reader with all that came out of it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.frames: list[bytes] = []
        self.reader = MessageReader(self.messages.append)
        self.reader.routes = {0: self._frame, 1: self._frame}

    def _frame(self, buffer: bytearray, start: int, end: int) -> None:
        self.frames.append(bytes(buffer[start:end]))

    def feed(self, data: bytes, size: int = 1 << 20) -> None:
        at = 0
        while at < len(data):
            space = self.reader.space()
            count = min(size, len(space), len(data) - at)
            assert count, "there is always space for the next bytes"
            space[:count] = data[at : at + count]
            self.reader.filled(count)
            at += count


def fed(data: bytes, size: int = 1 << 20) -> Collected:
    collected = Collected()
    collected.feed(data, size)
    return collected


@given(st.integers(1, 60))
def test_every_cut_of_the_stream_reads_the_same(size: int) -> None:
    body = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nhello"
    ask = b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n"
    read = fed(OK + FRAME + body + FRAME + FRAME + b"\r\n\r\n" + ask + FRAME, size)
    assert read.frames == [FRAME[4:]] * 4
    first, second, third = read.messages
    assert isinstance(first, Response)
    assert first.status == 200
    assert isinstance(second, Response)
    assert second.body == b"hello"
    assert isinstance(third, Request)
    assert third.method == "OPTIONS"


@given(st.integers(1, 60))
def test_readers_take_turns_in_one_buffer(size: int) -> None:
    one, other = Collected(), Collected()
    first, second = (interleaved(rtp(text * 30, 1, 1)) * 3 for text in (b"one", b"other"))
    for at in range(0, len(second), size):
        one.feed(first[at : at + size])
        other.feed(second[at : at + size])
    assert one.frames == [first[4 : len(first) // 3]] * 3
    assert other.frames == [second[4 : len(second) // 3]] * 3


def test_the_largest_frame_and_the_largest_body_fit() -> None:
    frame = interleaved(rtp(b"x" * (0xFFFF - 12), 1, 1))
    body = b"a" * MAX_BODY
    long = b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    read = fed(FRAME + frame + long + FRAME, 1000)
    assert [len(one) for one in read.frames] == [len(FRAME) - 4, 0xFFFF, len(FRAME) - 4]
    assert read.reader.waiting == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "NOT_RTSP"),
        (b"RTSP/1.0 200 OK\r\nX: " + b"y" * MAX_HEADER, "HEADER_TOO_LONG"),
        (b"RTSP/1.0 200 OK\r\n" + b"a: b\r\n" * 101 + b"\r\n", "HEADER_TOO_LONG"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 70000\r\n\r\n", "BODY_TOO_LONG"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "BAD_REPLY"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 9999999999999\r\n\r\n", "BAD_REPLY"),
        (b"RTSP/1.0 twelve OK\r\n\r\n", "BAD_REPLY"),
        (b"OPTIONS everything\r\n\r\n", "BAD_REPLY"),
        (b"\0" * (MAX_JUNK + READ_BYTES), "OUT_OF_SYNC"),
    ],
)
def test_hopeless_input_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(GatewayError) as refused:
        fed(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "junk", [b"\0\1\2", b"noise$\x09abc", b"$\7\0\1x"[1:], b"RTSQ" * 40, b"\xff" * 5000]
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_junk_between_frames_is_skipped_and_counted(junk: bytes, size: int) -> None:
    read = fed(FRAME + junk + FRAME + junk + OK + FRAME, size)
    assert read.frames == [FRAME[4:]] * 3
    assert len(read.messages) == 1
    assert read.reader.junk_bytes == 2 * len(junk)


def test_a_frame_of_an_unknown_channel_is_counted_and_skipped() -> None:
    read = fed(interleaved(rtp(b"x", 1, 1), channel=9) + FRAME)
    assert len(read.frames) == 1
    assert read.reader.stray_frames == 1


def test_lenient_headers() -> None:
    read = fed(b"RTSP/1.0 401\nA: 1\n continued\nno colon\na : 2\nB:\xff\n\n" + FRAME)
    message = read.messages[0]
    assert isinstance(message, Response)
    assert message.headers.all("a") == ("1 continued", "2")
    assert message.headers.get("b") == "\ufffd"
    assert message.headers.get("c") is None
    assert len(read.frames) == 1


@given(
    st.lists(st.sampled_from([FRAME, OK, b"$", b"\0", b"RTSP/", b"\r\n\r\n", b"$\0\xff\xff"]))
    | st.lists(st.binary(max_size=200)),
    st.integers(1, 300),
)
def test_no_bytes_do_more_than_be_refused(parts: list[bytes], size: int) -> None:
    read = Collected()
    with contextlib.suppress(GatewayError):
        read.feed(b"".join(parts), size)
    assert read.reader.waiting < MAX_WAITING
    assert len(read.reader.space()) >= READ_BYTES
