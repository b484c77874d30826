"""A small RTSP reader for tests: it plays a camera without login and counts what arrives."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

from cctv_gateway.simulator.city import RunningCamera


@dataclass(slots=True)
class Packet:
    """One interleaved frame."""

    channel: int
    data: bytes

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4], "big")

    @property
    def timestamp(self) -> int:
        return int.from_bytes(self.data[4:8], "big")

    @property
    def marker(self) -> bool:
        return bool(self.data[1] & 0x80)

    @property
    def nal_kind(self) -> int:
        """The NAL unit's type, looking into FU-A and STAP-A."""
        kind = self.data[12] & 31
        if kind == 28:
            return self.data[13] & 31
        return self.data[15] & 31 if kind == 24 else kind


@dataclass(slots=True)
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    camera: RunningCamera
    path: str = "/sub"
    session: str = ""
    cseq: int = 0
    early: list[Packet] = field(default_factory=list)

    @classmethod
    async def connect(cls, camera: RunningCamera, path: str = "/sub") -> Self:
        reader, writer = await asyncio.open_connection(camera.host, camera.rtsp_port)
        return cls(reader, writer, camera, path)

    async def play(self, track: str = "track1") -> Self:
        transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = await self.ask("SETUP", f"/{track}", transport)
        self.session = answer.split("Session: ")[1].split(";")[0]
        assert " 200 " in await self.ask("PLAY")
        return self

    async def ask(self, method: str, track: str = "", header: str = "X-None: 1") -> str:
        self.cseq += 1
        url = f"rtsp://{self.camera.host}:{self.camera.rtsp_port}{self.path}{track}"
        session = f"Session: {self.session}\r\n" if self.session else ""
        request = f"{method} {url} RTSP/1.0\r\nCSeq: {self.cseq}\r\n{session}{header}\r\n\r\n"
        self.writer.write(request.encode())
        async with asyncio.timeout(5):
            while await self._at_frame():
                self.early.append(await self._packet())
            # The first byte was taken to tell a response from a frame.
            head = "R" + (await self.reader.readuntil(b"\r\n\r\n")).decode()
            if "Content-Length: " in head:
                await self.reader.readexactly(int(head.split("Content-Length: ")[1].split()[0]))
        return head

    async def packet(self) -> Packet:
        if self.early:
            return self.early.pop(0)
        async with asyncio.timeout(5):
            assert await self._at_frame()
            return await self._packet()

    async def frames(self, count: int) -> list[list[Packet]]:
        """That many whole pictures, as their RTP packets."""
        found: list[list[Packet]] = [[]]
        while len(found) <= count:
            packet = await self.packet()
            if packet.channel == 0:
                found[-1].append(packet)
                if packet.marker:
                    found.append([])
        return found[:count]

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def _at_frame(self) -> bool:
        return await self.reader.readexactly(1) == b"$"

    async def _packet(self) -> Packet:
        head = await self.reader.readexactly(3)
        return Packet(head[0], await self.reader.readexactly(int.from_bytes(head[1:], "big")))
