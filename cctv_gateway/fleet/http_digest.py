"""Answers HTTP digest challenges of cameras (RFC 7616) with the best algorithm they offer.

Which of a camera's logins to try, and when to stop, is decided in `onvif_client.py`.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import httpx

from cctv_gateway.model import Credentials

MAX_CHALLENGE = 4096
# Best first. Old cameras leave the algorithm out, which means MD5.
_HASHES: Mapping[str, Callable[[bytes], Any]] = {
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
}
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_NEXT_SCHEME = re.compile(r"(?i)(?:^|,\s*)digest\s+")


class DigestLogin(httpx.Auth):
    """One camera's login over HTTP digest. `answered` and `refused` tell what became of it.

    A challenge that follows an answer refuses it, unless it only says that the nonce is stale.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._challenge: Mapping[str, str] | None = None
        self._count = 0
        self.answered = False
        self.refused = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """First with the challenge that is known, then once more with a fresh one."""
        if self._challenge is not None:
            self._authorize(request, self._challenge)
        known = self._challenge
        response = yield request
        fresh = _best(response) if response.status_code == httpx.codes.UNAUTHORIZED else None
        if fresh is None:
            return
        if known is not None and fresh["nonce"] == known["nonce"]:
            self.refused = True
            return
        self._challenge, self._count = fresh, 0
        self._authorize(request, fresh)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._challenge, self.refused = None, True

    def _authorize(self, request: httpx.Request, challenge: Mapping[str, str]) -> None:
        self._count += 1
        self.answered = True
        request.headers["Authorization"] = authorization(
            challenge,
            request.method,
            request.url.raw_path.decode("ascii"),
            self._credentials,
            self._count,
            secrets.token_hex(8),
        )


def _best(response: httpx.Response) -> Mapping[str, str] | None:
    return best_challenge(response.headers.get_list("www-authenticate"))


def best_challenge(headers: Sequence[str]) -> Mapping[str, str] | None:
    """The strongest digest challenge that we can answer, its keys in lower case."""
    offered = [
        {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(part)}
        for header in headers
        for part in _NEXT_SCHEME.split(header[:MAX_CHALLENGE])[1:]
    ]
    for algorithm in _HASHES:
        for each in offered:
            if _algorithm(each) == algorithm and _answerable(each):
                return each
    return None


def _algorithm(challenge: Mapping[str, str]) -> str:
    return challenge.get("algorithm", "MD5").upper().removesuffix("-SESS")


def _answerable(challenge: Mapping[str, str]) -> bool:
    return bool(challenge.get("nonce")) and "realm" in challenge and _qop(challenge) is not None


def _qop(challenge: Mapping[str, str]) -> str | None:
    """`auth`, or nothing at all for RFC 2069; None when only `auth-int` is offered."""
    if not (offered := challenge.get("qop")):
        return ""
    return "auth" if "auth" in re.split(r"[\s,]+", offered.lower()) else None


def authorization(
    challenge: Mapping[str, str], method: str, uri: str, login: Credentials, count: int, own: str
) -> str:
    """The Authorization header; `own` is our nonce, `count` how often theirs was used."""
    make = _HASHES[_algorithm(challenge)]

    def digest(*parts: str) -> str:
        return str(make(":".join(parts).encode()).hexdigest())

    user, realm, nonce = login.user.reveal(), challenge["realm"], challenge["nonce"]
    secret = digest(user, realm, login.password.reveal())
    if challenge.get("algorithm", "").upper().endswith("-SESS"):
        secret = digest(secret, nonce, own)
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    plain = {"algorithm": challenge["algorithm"]} if "algorithm" in challenge else {}
    if qop := _qop(challenge):
        plain |= {"qop": qop, "nc": f"{count:08x}"}
        fields["cnonce"] = own
        middle = [nonce, plain["nc"], own, qop]
    else:
        middle = [nonce]
    fields["response"] = digest(secret, *middle, digest(method, uri))
    if "opaque" in challenge:
        fields["opaque"] = challenge["opaque"]
    quoted = [f'{name}="{value}"' for name, value in fields.items()]
    return "Digest " + ", ".join(quoted + [f"{name}={value}" for name, value in plain.items()])
