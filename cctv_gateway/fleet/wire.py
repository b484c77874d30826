"""Carries SOAP requests to one camera over HTTP: bounded in size and time, never redirected.

It stands in for the ONVIF library's own transport; what answers mean is read in `answers.py`.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

import httpx
from lxml import etree

from cctv_gateway.fleet.http_digest import DigestLogin, best_challenge
from cctv_gateway.fleet.reasons import Reason, failure
from cctv_gateway.fleet.safe_xml import MAX_XML_BYTES, Element
from cctv_gateway.fleet.sweep import reason_of

CONNECT_TIMEOUT_S = 3.0
CALL_TIMEOUT_S = 6.0

# One for all, since making one takes longer than a whole request.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the library's bindings hand it on. `challenged`: it asks for a digest."""

    status_code: int
    content: bytes
    challenged: bool = False


class CameraWire:
    """The HTTP side of one camera. `login`, when set, answers digest challenges."""

    def __init__(self, call_timeout_s: float = CALL_TIMEOUT_S) -> None:
        self.login: DigestLogin | None = None
        self.requests = 0
        self._call_timeout_s = call_timeout_s
        self._client = httpx.AsyncClient(
            verify=_TLS,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "cctv-gateway"},
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
            timeout=httpx.Timeout(call_timeout_s, connect=CONNECT_TIMEOUT_S),
        )

    async def aclose(self) -> None:
        """Part of the library's interface: a service that closes must not close its siblings."""

    async def close(self) -> None:
        await self._client.aclose()

    async def post_xml(self, address: str, envelope: Element, headers: dict[str, Any]) -> Answer:
        """The library calls this for every operation; raises `GatewayError` only."""
        self.requests += 1
        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        try:
            async with asyncio.timeout(self._call_timeout_s):
                return await self._post(address, content, headers)
        except TimeoutError as error:
            raise failure(Reason.TIMEOUT) from error
        except httpx.HTTPError as error:
            raise failure(_reason(error)) from error

    async def _post(self, address: str, content: bytes, headers: dict[str, Any]) -> Answer:
        async with self._client.stream(
            "POST", address, content=content, headers=headers, auth=self.login
        ) as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise failure(Reason.BAD_ANSWER)
            offers = response.headers.get_list("www-authenticate")
            challenged = best_challenge(offers) is not None
            return Answer(response.status_code, await _bounded(response), challenged)


async def _bounded(response: httpx.Response) -> bytes:
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > MAX_XML_BYTES:
            raise failure(Reason.BAD_ANSWER)
    return bytes(data)


def _reason(error: httpx.HTTPError) -> Reason:
    if isinstance(error, httpx.ConnectTimeout):
        return Reason.FIREWALLED
    if isinstance(error, httpx.TimeoutException):
        return Reason.TIMEOUT
    if isinstance(error, httpx.ConnectError):
        return reason_of(_os_error(error))
    return Reason.BAD_ANSWER


def _os_error(error: BaseException) -> OSError:
    """The system's own error, which lies deepest below those of the libraries."""
    found = OSError()
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, BaseExceptionGroup):
            below = below.exceptions[0]  # One per address of a host name.
        if isinstance(below, OSError) and below.errno is not None:
            found = below
        below = below.__cause__ or below.__context__
    return found
