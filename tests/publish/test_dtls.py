"""DTLS in the server role: a contract with aiortc's private names, and peers that misbehave."""

import asyncio

import pytest
from aiortc import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.publish.dtls import (
    MAX_WAITING_DATAGRAMS,
    Certificate,
    DtlsLink,
    new_certificate,
    preferred_profiles,
)
from cctv_gateway.publish.offer import Fingerprint


class ClientIce:
    """The client's end of a lossless pipe."""

    role = "controlling"

    def __init__(self) -> None:
        self.link: DtlsLink | None = None
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        return await self.arrived.get()

    async def _send(self, data: bytes) -> None:
        if self.link is not None:
            self.link.feed(data)


class Pair:
    """Our link and aiortc's transport as its client."""

    def __init__(self, claims: Certificate | None = None) -> None:
        ours, theirs = new_certificate(), new_certificate()
        self.ice = ClientIce()
        self.closed = 0
        claimed = (claims or theirs).fingerprint
        self.link = DtlsLink(ours, [claimed], self.ice.arrived.put_nowait, self._closed)
        self.ice.link = self.link
        self.client = RTCDtlsTransport(self.ice, [theirs])  # type: ignore[arg-type]
        self.client._set_role("client")
        shown = ours.fingerprint
        self.expected = RTCDtlsParameters([RTCDtlsFingerprint(shown.algorithm, shown.value)])

    def _closed(self) -> None:
        self.closed += 1


async def test_aiortc_still_has_the_private_names_we_use() -> None:
    pair = Pair()
    async with TaskOwner("client") as tasks:
        tasks.start(pair.client.start(pair.expected), "start")
        keys = await pair.link.connect()
    sealed = keys.outbound.protect(b"\x80\x60" + bytes(30))
    assert pair.client._rx_srtp.unprotect(sealed)[12:] == bytes(20)
    assert keys.tag_bytes == len(sealed) - 32 == 16, "as server we choose AES-GCM"
    await pair.client.stop()
    await asyncio.wait_for(_until_closed(pair), 2)
    await pair.link.close()
    await pair.link.close()


async def _until_closed(pair: Pair) -> None:
    while not pair.closed:  # noqa: ASYNC110  # the handshake's own tasks give no event
        await asyncio.sleep(0.001)


async def test_a_client_without_gcm_falls_back() -> None:
    pair = Pair()
    pair.client._srtp_profiles = preferred_profiles()[-1:]
    async with TaskOwner("client") as tasks:
        tasks.start(pair.client.start(pair.expected), "start")
        keys = await pair.link.connect()
    assert keys.tag_bytes == 10
    await pair.client.stop()
    await pair.link.close()
    assert pair.closed == 0, "our own end is no news"


async def test_another_certificate_than_offered_is_refused() -> None:
    pair = Pair(claims=new_certificate())
    async with TaskOwner("client") as tasks:
        tasks.start(pair.client.start(pair.expected), "start")
        with pytest.raises(GatewayError) as caught:
            await pair.link.connect()
    assert caught.value.code == "DTLS_FAILED"
    await pair.client.stop()
    await pair.link.close()


async def test_what_waits_is_bounded_and_garbage_ends_in_a_clear_error() -> None:
    link = DtlsLink(new_certificate(), [Fingerprint("sha-256", "AB")], print, lambda: None)
    taken = [link.feed(b"\x16" + bytes(number)) for number in range(40)]
    assert taken.count(True) == MAX_WAITING_DATAGRAMS
    async with TaskOwner("link") as tasks:
        tasks.start(_expect_failure(link), "connect")
        await asyncio.sleep(0.01)
        await link.close()
        await asyncio.sleep(0)
    assert tasks.failures == []


async def _expect_failure(link: DtlsLink) -> None:
    with pytest.raises(GatewayError):
        await link.connect()
