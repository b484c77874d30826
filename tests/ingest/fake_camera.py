"""A scripted RTSP camera on a free loopback port; its answers are plain functions.

It is small on purpose: the simulated city has the faithful camera.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from cctv_gateway.base.redact import Redacted
from tests.ingest.streams import PPS, SPS

SPROP = f"{base64.b64encode(SPS).decode()},{base64.b64encode(PPS).decode()}"
VIDEO = (
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={SPROP}\r\na=control:trackID=0\r\n"
)
AUDIO = "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:trackID=1\r\n"
HEAD = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=control:*\r\n"
SDP = HEAD + VIDEO


@dataclass(frozen=True)
class Asked:
    """A request that the camera got."""

    method: str
    uri: str
    headers: dict[str, str]


Answer = Callable[[Asked], bytes | None]


def reply(asked: Asked, status: str = "200 OK", body: str = "", **fields: str) -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.headers.get('cseq', '0')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def usual(asked: Asked, sdp: str = SDP) -> bytes:
    """What a well-behaved camera without a password says."""
    match asked.method:
        case "OPTIONS":
            return reply(asked, Public="OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN")
        case "DESCRIBE":
            return reply(asked, body=sdp, Content_Base=f"{asked.uri}/")
        case "SETUP":
            transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
            return reply(asked, Session="77;timeout=20", Transport=transport)
    return reply(asked, Session="77")


@dataclass
class FakeCamera:
    """`async with FakeCamera(answer) as camera`; `send` writes to all who are connected."""

    answer: Answer = usual
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    reports: int = 0
    replies: int = 0

    def __post_init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []
        self._changed = asyncio.Event()

    async def __aenter__(self) -> "FakeCamera":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        await self.until(lambda: not self._writers)

    @property
    def url(self) -> Redacted[str]:
        return Redacted(f"rtsp://127.0.0.1:{self.port}/sub")

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def send(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for the sockets, not for time."""
        async with asyncio.timeout(5):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def until_replied(self) -> None:
        """Ask the client something; its answer tells that it has read all that was sent."""
        before = self.replies
        self.send(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        await self.until(lambda: self.replies > before)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        self._changed.set()
        try:
            while (asked := await self._read(reader)) is not None:
                self.asked.append(asked)
                answer = self.answer(asked)
                if answer is None:
                    break
                writer.write(answer)
                self._changed.set()
        except ConnectionError:
            pass
        finally:
            writer.close()
            self._writers.remove(writer)
            self._changed.set()

    async def _read(self, reader: asyncio.StreamReader) -> Asked | None:
        """The next request; interleaved reports of the client are skipped."""
        try:
            while (first := await reader.readexactly(1)) == b"$":
                size = int.from_bytes((await reader.readexactly(3))[1:], "big")
                await reader.readexactly(size)
                self.reports += 1
                self._changed.set()
            head = first + await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        if head.startswith(b"RTSP/"):
            self.replies += 1
            self._changed.set()
            return await self._read(reader)
        line, *rest = head.decode().split("\r\n")
        method, uri, _ = line.split(" ")
        pairs = (field.partition(":") for field in rest if field)
        return Asked(method, uri, {name.lower(): value.strip() for name, _, value in pairs})
