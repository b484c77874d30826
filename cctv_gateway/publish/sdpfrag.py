"""Reads the body of a WHEP PATCH (RFC 8840): trickled candidates or an ICE restart.

Candidates are only counted, since an ICE-lite agent learns addresses from checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.publish.answer import Address, candidate_lines
from cctv_gateway.publish.offer import IceCredentials, ice_credentials, sdp_lines

MAX_FRAGMENT_CHARS = 16_000
MAX_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class Fragment:
    """A parsed fragment; `ice` is None when it only brings candidates without credentials."""

    ice: IceCredentials | None
    mid: str | None
    candidates: int
    ended: bool


def parse_fragment(text: str) -> Fragment:
    """Read a fragment; raises `GatewayError` (BAD_REQUEST) and nothing else."""
    try:
        lines = sdp_lines(text, MAX_FRAGMENT_CHARS)
    except GatewayError as error:
        raise _bad_fragment() from error
    if any(line[1:2] != "=" for line in lines):
        raise _bad_fragment()
    candidates = sum(line.startswith("a=candidate:") for line in lines)
    named = any(line.startswith(("a=ice-ufrag:", "a=ice-pwd:")) for line in lines)
    ice = ice_credentials(lines)
    if candidates > MAX_CANDIDATES or (named and ice is None):
        raise _bad_fragment()
    return Fragment(ice, _mid(lines), candidates, "a=end-of-candidates" in lines)


def write_fragment(ice: IceCredentials, mid: str | None, addresses: Sequence[Address]) -> str:
    """The answer to a restart: our new credentials and the same candidates."""
    lines = ["a=ice-lite", f"a=ice-ufrag:{ice.ufrag}", f"a=ice-pwd:{ice.password}"]
    lines.append("m=video 9 UDP/TLS/RTP/SAVPF 0")
    if mid is not None:
        lines.append(f"a=mid:{mid}")
    lines += candidate_lines(addresses)
    return "\r\n".join(lines) + "\r\n"


def _mid(lines: Sequence[str]) -> str | None:
    return next((line[6:] for line in lines if line.startswith("a=mid:")), None)


def _bad_fragment() -> GatewayError:
    return GatewayError(
        ErrorKind.BAD_REQUEST,
        "BAD_FRAGMENT",
        "The body is no trickle-ICE fragment (RFC 8840). Send candidates or new ICE credentials.",
        "요청 본문이 trickle ICE 형식(RFC 8840)이 아닙니다. 후보 또는 새 ICE 자격을 보내십시오.",
    )
