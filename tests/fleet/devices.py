"""Devices for fleet tests: one-answer HTTP servers, SOAP texts, logins, a small configuration."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.schema import Configuration
from cctv_gateway.fleet.enrol import Login
from cctv_gateway.model import Credentials
from cctv_gateway.simulator.spec import DEFAULT_PASSWORD, DEFAULT_USER

SOAP = "http://www.w3.org/2003/05/soap-envelope"
CONFIGURATION = """\
# 북구와 서구 · two districts
version: 1
city: {name: 광주광역시}
districts:
  buk: {name: 북구}  # the registrar's own
  seo: {name: 서구}
sites:
  buk-1: {district: buk, name: 북구청 앞, location: {lat: 35.17, lon: 126.91}}
  seo-1: {district: seo, name: 양동시장, location: {lat: 35.15, lon: 126.90}}
cameras: []
"""


def login(name: str = "demo", user: str = DEFAULT_USER, password: str = DEFAULT_PASSWORD) -> Login:
    return Login(name, Credentials(Redacted(user), Redacted(password)))


def configuration(cameras: tuple[dict[str, object], ...] = ()) -> Configuration:
    return Configuration.model_validate_json(
        json.dumps(
            {
                "version": 1,
                "city": {"name": "광주광역시"},
                "districts": {"buk": {"name": "북구"}, "seo": {"name": "서구"}},
                "sites": {
                    "buk-1": {"district": "buk", "name": "가", "location": {"lat": 35, "lon": 126}},
                    "seo-1": {"district": "seo", "name": "나", "location": {"lat": 35, "lon": 126}},
                },
                "cameras": list(cameras),
            }
        )
    )


def registered(host: str, onvif_port: int, credentials: str | None = None) -> dict[str, object]:
    return {
        "id": "known",
        "number": 1,
        "name": "아는 카메라",
        "site": "buk-1",
        "address": {"host": host, "onvif_port": onvif_port},
        "streams": {"main": "/main"},
        "credentials": credentials,
        "sharing_mode": "incident_only",
        "purposes": {},
    }


def envelope(body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:tds="d" xmlns:trt="m" xmlns:tt="t">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(subcode: str) -> bytes:
    return envelope(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>"
        f"ter:{subcode}</s:Value></s:Subcode></s:Code></s:Fault>"
    )


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


Reply = Callable[[bytes], bytes | None]


@asynccontextmanager
async def device(reply: Reply) -> AsyncIterator[int]:
    """A server on loopback that gives each request to `reply`; None leaves it unanswered."""
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                answer = reply(head + await reader.readexactly(length))
                if answer is not None:
                    writer.write(answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)
