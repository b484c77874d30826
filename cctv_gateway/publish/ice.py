"""One viewer's ICE-lite agent without I/O: authenticates checks, follows the nominated pair.

Sockets and the table of viewers belong to `demux.py`; the STUN codec is aioice's.
"""

import base64
import secrets
import struct
from dataclasses import dataclass
from enum import Enum

from aioice import stun

from cctv_gateway.publish.offer import IceCredentials

# A peer is (host, port) for IPv4 and (host, port, flow, scope) for IPv6, as the socket gives it.
Peer = tuple[str, int] | tuple[str, int, int, int]

# RFC 7675 section 5.1: consent expires 30 s after the last authenticated check.
CONSENT_S = 30.0
MAX_STUN_BYTES = 1_024
_ROLE_CONFLICT = (487, "Role Conflict")


class Refusal(Enum):
    """Why a check was dropped without an answer, which keeps us useless for amplification."""

    MALFORMED = "stun_malformed"
    NOT_A_CHECK = "stun_not_a_check"
    UNKNOWN_USER = "stun_unknown_user"
    BAD_INTEGRITY = "stun_bad_integrity"


@dataclass(frozen=True, slots=True)
class Check:
    """A parsed connectivity check that nobody has authenticated yet."""

    message: stun.Message
    local_ufrag: str
    remote_ufrag: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an authenticated check; `nominated` when the media moves to its pair."""

    data: bytes
    nominated: bool


def new_credentials() -> IceCredentials:
    """Fresh credentials; 48 bits of ufrag find the viewer, 144 bits of password prove it."""
    return IceCredentials(_random_text(6), _random_text(18))


def _random_text(size_bytes: int) -> str:
    """Base64 in ICE's own alphabet (RFC 8839 section 5.4)."""
    return base64.b64encode(secrets.token_bytes(size_bytes)).decode().rstrip("=")


def parse_check(data: bytes) -> Check | Refusal:
    """Read a binding request with USERNAME, MESSAGE-INTEGRITY and FINGERPRINT (RFC 8445 7.2.2)."""
    if len(data) > MAX_STUN_BYTES:
        return Refusal.MALFORMED
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error):
        return Refusal.MALFORMED
    attributes = message.attributes
    if (
        message.message_method is not stun.Method.BINDING
        or message.message_class is not stun.Class.REQUEST
        or "MESSAGE-INTEGRITY" not in attributes
        or "FINGERPRINT" not in attributes
    ):
        return Refusal.NOT_A_CHECK
    local, colon, remote = attributes.get("USERNAME", "").partition(":")
    return Check(message, local, remote) if colon else Refusal.NOT_A_CHECK


class IceAgent:
    """Knows both sides' credentials, the pair in use, and when the viewer last gave consent."""

    def __init__(self, local: IceCredentials, remote: IceCredentials, now_s: float) -> None:
        self.local = local
        self.remote = remote
        self.peer: Peer | None = None
        self._previous: tuple[IceCredentials, IceCredentials] | None = None
        self._consent_s = now_s

    def answer(self, check: Check, peer: Peer, now_s: float) -> Reply | Refusal:
        """Authenticate a check and answer it; USE-CANDIDATE moves the media to its pair."""
        pair = self._pair(check)
        if pair is None:
            return Refusal.UNKNOWN_USER
        key = pair[0].password.encode()
        if not check.message.check_message_integrity(key):
            return Refusal.BAD_INTEGRITY
        if "ICE-CONTROLLED" in check.message.attributes:
            return Reply(_response(check.message, key, peer, conflict=True), nominated=False)
        self._consent_s = now_s
        if pair[0] is self.local:
            self._previous = None
        # Until one is nominated the first valid pair serves, so that DTLS need not wait.
        chosen = "USE-CANDIDATE" in check.message.attributes or self.peer is None
        nominated = chosen and self.peer != peer
        if nominated:
            self.peer = peer
        return Reply(_response(check.message, key, peer, conflict=False), nominated)

    def restart(self, remote: IceCredentials) -> IceCredentials:
        """Take the viewer's new credentials; the old pair works until a check uses the new one."""
        self._previous = (self.local, self.remote)
        self.local, self.remote = new_credentials(), remote
        return self.local

    def ufrags(self) -> tuple[str, ...]:
        """The local user fragments that checks may carry now."""
        if self._previous is None:
            return (self.local.ufrag,)
        return (self.local.ufrag, self._previous[0].ufrag)

    def consent_lost(self, now_s: float) -> bool:
        return now_s - self._consent_s > CONSENT_S

    def _pair(self, check: Check) -> tuple[IceCredentials, IceCredentials] | None:
        for pair in ((self.local, self.remote), self._previous):
            if pair and (pair[0].ufrag, pair[1].ufrag) == (check.local_ufrag, check.remote_ufrag):
                return pair
        return None


def _response(request: stun.Message, key: bytes, peer: Peer, conflict: bool) -> bytes:
    kind = stun.Class.ERROR if conflict else stun.Class.RESPONSE
    reply = stun.Message(stun.Method.BINDING, kind, request.transaction_id)
    if conflict:
        reply.attributes["ERROR-CODE"] = _ROLE_CONFLICT
    else:
        reply.attributes["XOR-MAPPED-ADDRESS"] = (unmapped(peer[0]), peer[1])
    reply.add_message_integrity(key)
    return bytes(reply)


def unmapped(host: str) -> str:
    """An IPv4 host as such when a dual-stack socket shows it as `::ffff:…`; no zone index."""
    if host.startswith("::ffff:") and "." in host:
        return host[7:]
    return host.partition("%")[0]
