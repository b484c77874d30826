"""Runs DTLS for one viewer over aiortc's `RTCDtlsTransport` and yields its SRTP keys.

This module alone touches aiortc's private names (a contract test notices when they move);
checks of addresses belong to `ice.py`, so only authenticated peers ever reach this one.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc import rtcdtlstransport as aiortc_dtls

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.publish.offer import Fingerprint
from cctv_gateway.publish.srtp import SrtpKeys

# More datagrams than any handshake has in flight; beyond that the peer retransmits.
MAX_WAITING_DATAGRAMS = 32

# As server we choose: AES-128-GCM costs two thirds of AES-CM with SHA-1 per packet.
_PREFERENCE = (b"SRTP_AEAD_AES_128_GCM", b"SRTP_AEAD_AES_256_GCM", b"SRTP_AES128_CM_SHA1_80")
_TAG_BYTES = {
    b"SRTP_AEAD_AES_128_GCM": 16,
    b"SRTP_AEAD_AES_256_GCM": 16,
    b"SRTP_AES128_CM_SHA1_80": 10,
}


class Certificate(RTCCertificate):
    """The gateway's DTLS certificate, shared by all viewers together with its OpenSSL context."""

    _context: Any = None

    def _create_ssl_context(self, srtp_profiles: list[Any]) -> Any:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context

    @property
    def fingerprint(self) -> Fingerprint:
        found = next(one for one in self.getFingerprints() if one.algorithm == "sha-256")
        return Fingerprint(found.algorithm, found.value)


def new_certificate() -> Certificate:
    made: Certificate = Certificate.generateCertificate()
    return made


class _Peer:
    """What `RTCDtlsTransport` asks of an ICE transport: datagrams in and out."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()

    def feed(self, data: bytes) -> bool:
        if self._arrived.qsize() >= MAX_WAITING_DATAGRAMS:
            return False
        self._arrived.put_nowait(data)
        return True

    def close(self) -> None:
        self._arrived.put_nowait(None)

    async def _recv(self) -> bytes:
        data = await self._arrived.get()
        if data is None:
            raise ConnectionError("the viewer's transport is closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


class DtlsLink:
    """One viewer's DTLS association in the server role. `on_closed` hears the viewer's goodbye."""

    def __init__(
        self,
        certificate: Certificate,
        fingerprints: Sequence[Fingerprint],
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._fingerprints = fingerprints
        self._on_closed: Callable[[], None] | None = on_closed
        self._peer = _Peer(send)
        peer: Any = self._peer
        self._transport: Any = RTCDtlsTransport(peer, [certificate])
        self._transport._srtp_profiles = preferred_profiles()
        self._transport._set_role("server")
        self._transport.on("statechange", self._state_changed)

    async def connect(self) -> SrtpKeys:
        """Shake hands; raises GatewayError when the peer fails or shows another certificate."""
        parameters = RTCDtlsParameters(
            [RTCDtlsFingerprint(one.algorithm, one.value) for one in self._fingerprints]
        )
        await self._transport.start(parameters)
        if self._transport.state != "connected":
            raise GatewayError(
                ErrorKind.PROTOCOL,
                "DTLS_FAILED",
                "The player's encryption handshake failed; it must use the certificate it offered.",
                "재생기와의 암호화 연결에 실패했습니다. 페이지를 새로 고치십시오.",
            )
        return SrtpKeys(
            outbound=self._transport._tx_srtp,
            inbound=self._transport._rx_srtp,
            tag_bytes=_TAG_BYTES[self._transport._ssl.get_selected_srtp_profile()],
        )

    def feed(self, data: bytes) -> bool:
        """Hand over a datagram of the DTLS range; False when too many wait."""
        return self._peer.feed(data)

    async def close(self) -> None:
        """Send close_notify and end; safe to call twice and before `connect` ended."""
        self._on_closed = None
        pump: asyncio.Future[None] | None = self._transport._task
        await self._transport.stop()
        self._peer.close()
        if pump is not None and not pump.done():
            await asyncio.wait([pump])

    def _state_changed(self) -> None:
        if self._transport.state == "closed" and self._on_closed is not None:
            on_closed, self._on_closed = self._on_closed, None
            on_closed()


def preferred_profiles() -> list[Any]:
    """The SRTP profiles that this machine's libsrtp has, in our order."""
    known = {profile.openssl_profile: profile for profile in aiortc_dtls.SRTP_PROFILES}
    return [known[name] for name in _PREFERENCE if name in known]
