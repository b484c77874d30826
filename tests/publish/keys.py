"""SRTP key pairs without a handshake."""

import os
from dataclasses import dataclass

from pylibsrtp import Policy, Session

from cctv_gateway.publish.srtp import SrtpKeys

PROFILES = ("gcm", "cm")
_PROFILES = {
    "gcm": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28, 16),
    "cm": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30, 10),
}


@dataclass(frozen=True)
class Near:
    """Our side; `twin` makes another sender with the same key."""

    keys: SrtpKeys
    secret: bytes
    profile: str

    def twin(self) -> Session:
        return _session(self.secret, self.profile, Policy.SSRC_ANY_OUTBOUND)


@dataclass(frozen=True)
class Far:
    """The viewer's side: opens what we sealed, and seals what we open."""

    session: Session
    outbound: Session


def _session(secret: bytes, profile: str, direction: int) -> Session:
    policy = Policy(key=secret, ssrc_type=direction, srtp_profile=_PROFILES[profile][0])
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)


def key_pair(profile: str = "gcm") -> tuple[Near, Far]:
    _, size, tag_bytes = _PROFILES[profile]
    down, up = os.urandom(size), os.urandom(size)
    keys = SrtpKeys(
        outbound=_session(down, profile, Policy.SSRC_ANY_OUTBOUND),
        inbound=_session(up, profile, Policy.SSRC_ANY_INBOUND),
        tag_bytes=tag_bytes,
    )
    far = Far(
        session=_session(down, profile, Policy.SSRC_ANY_INBOUND),
        outbound=_session(up, profile, Policy.SSRC_ANY_OUTBOUND),
    )
    return Near(keys, down, profile), far
