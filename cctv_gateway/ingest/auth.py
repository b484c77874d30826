"""Answers a camera's WWW-Authenticate challenges: basic (RFC 7617) and digest (RFC 7616).

Whether to try again after a refusal is told by `Authenticator.challenge`; doing it belongs to
`session.py`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.model import Credentials

# Best first. A camera that offers digest never gets the password in clear.
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "sha-256": hashlib.sha256,
    "sha-256-sess": hashlib.sha256,
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "md5-sess": lambda data: hashlib.md5(data, usedforsecurity=False),
}
_PREFERENCE = (*_HASHES, "basic")
# A camera whose nonces always are stale would make us ask for ever.
MAX_STALE = 3

# Possessive, so that no header can make it backtrack.
_TOKENS = re.compile(
    r'(?P<key>[\w-]++)\s*+=\s*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"?|(?P<bare>[^\s,"]*+))'
    r"|(?P<scheme>[\w-]++)"
)
_ESCAPED = re.compile(r"\\(.)")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One offer of the camera. `method` is the algorithm, or `basic`."""

    method: str
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str | None = None
    qop: bool = False
    stale: bool = False
    userhash: bool = False


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges that we can answer, of one or more headers, in the camera's order."""
    found: list[Challenge] = []
    for header in headers:
        for scheme, values in _split(header):
            challenge = _challenge(scheme, values)
            if challenge is not None:
                found.append(challenge)
    return tuple(found)


def _split(header: str) -> list[tuple[str, dict[str, str]]]:
    """One header may hold several challenges, parted by the same comma as their parameters."""
    challenges: list[tuple[str, dict[str, str]]] = []
    for token in _TOKENS.finditer(header):
        if token["scheme"] is not None:
            challenges.append((token["scheme"].lower(), {}))
        elif challenges:
            quoted = token["quoted"]
            value = token["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            challenges[-1][1].setdefault(token["key"].lower(), _UNSAFE.sub("", value or ""))
    return challenges


def _challenge(scheme: str, values: dict[str, str]) -> Challenge | None:
    realm = values.get("realm", "")
    if scheme == "basic":
        return Challenge("basic", realm)
    algorithm = values.get("algorithm")
    method = (algorithm or "MD5").lower()
    offers = {offer.strip().lower() for offer in values.get("qop", "").split(",")} - {""}
    if scheme != "digest" or method not in _HASHES or not values.get("nonce"):
        return None
    if offers and "auth" not in offers:
        return None
    return Challenge(
        method, realm, values["nonce"], values.get("opaque"), algorithm, bool(offers),
        values.get("stale", "").lower() == "true", values.get("userhash", "").lower() == "true",
    )  # fmt: skip


class Authenticator:
    """Holds the answer to the latest challenge. A wrong password is tried once, never twice."""

    def __init__(
        self,
        credentials: Credentials | None,
        make_cnonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._credentials = credentials
        self._make_cnonce = make_cnonce
        self._challenge: Challenge | None = None
        self._answered = False
        self._accepted = False
        self._stale = 0
        self._count = 0

    @property
    def method(self) -> str | None:
        """What the camera asked for (`sha-256`, `md5`, `basic`, ...); None when it did not."""
        return self._challenge.method if self._challenge else None

    def challenge(self, headers: Iterable[str]) -> None:
        """Take the challenges of a 401; raises when another try is useless or dangerous."""
        offers = parse_challenges(headers)
        if self._credentials is None:
            raise failed(Failure.NO_CREDENTIALS)
        if not offers:
            raise failed(Failure.AUTH_FAILED if self._answered else Failure.AUTH_UNSUPPORTED)
        best = min(offers, key=lambda offer: _PREFERENCE.index(offer.method))
        if self._answered and not self._may_retry(best):
            raise failed(Failure.AUTH_FAILED)
        self._challenge = best
        self._answered = self._accepted = False
        self._count = 0

    def _may_retry(self, offer: Challenge) -> bool:
        """A fresh nonce is answered if the camera says stale, or took this password just now."""
        assert self._challenge is not None, "an answer was given to some challenge"
        fresh = offer.nonce != self._challenge.nonce
        if not fresh or not (offer.stale or self._accepted):
            return False
        self._stale = 0 if self._accepted else self._stale + 1
        return self._stale <= MAX_STALE

    def accepted(self) -> None:
        """The camera took the last request."""
        self._accepted = self._answered
        self._stale = 0

    def authorization(self, method: str, uri: str) -> str | None:
        """The value of the Authorization header for a request; None before a challenge."""
        challenge, credentials = self._challenge, self._credentials
        if challenge is None or credentials is None:
            return None
        self._answered = True
        user, password = credentials.user.reveal(), credentials.password.reveal()
        if challenge.method == "basic":
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._count += 1
        return digest(challenge, user, password, method, uri, self._make_cnonce(), self._count)


def digest(
    challenge: Challenge,
    user: str,
    password: str,
    method: str,
    uri: str,
    cnonce: str,
    count: int,
) -> str:
    """A digest answer (RFC 7616, section 3.4); without qop the older form of RFC 2069."""

    def hashed(*parts: str) -> str:
        return _HASHES[challenge.method](":".join(parts).encode()).hexdigest()

    secret = hashed(user, challenge.realm, password)
    if challenge.method.endswith("-sess"):
        secret = hashed(secret, challenge.nonce, cnonce)
    target = hashed(method, uri)
    nonce_count = f"{count:08x}"
    middle = (nonce_count, cnonce, "auth") if challenge.qop else ()
    answer = hashed(secret, challenge.nonce, *middle, target)
    name = hashed(user, challenge.realm) if challenge.userhash else user
    fields = [
        f"username={_quoted(name)}", f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}", f"uri={_quoted(uri)}", f'response="{answer}"',
    ]  # fmt: skip
    # Old firmware chokes on fields that it did not name itself.
    if challenge.algorithm is not None:
        fields.append(f"algorithm={_algorithm_name(challenge.method)}")
    if challenge.opaque is not None:
        fields.append(f"opaque={_quoted(challenge.opaque)}")
    if challenge.qop:
        fields.append(f"qop=auth, nc={nonce_count}")
    if challenge.qop or challenge.method.endswith("-sess"):
        fields.append(f'cnonce="{cnonce}"')
    if challenge.userhash:
        fields.append("userhash=true")
    return "Digest " + ", ".join(fields)


def _algorithm_name(method: str) -> str:
    return method.upper().replace("-SESS", "-sess")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
