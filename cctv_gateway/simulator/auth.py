"""HTTP-style login as cameras check it: Basic and Digest (RFC 7617, RFC 7616) for RTSP and HTTP.

WS-UsernameToken is in `soap_auth.py`; which camera asks for what is in `spec.py`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

from cctv_gateway.model import Credentials

NONCE_AGE_S = 300.0
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
MAX_HEADER_BYTES = 2048

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def _hash(algorithm: str, text: str) -> str:
    return HASHES[algorithm](text.encode()).hexdigest()


class Doorman:
    """Challenges and checks for one realm. Nonces are signed with `secret` and hold their age."""

    def __init__(self, realm: str, secret: bytes) -> None:
        self._realm, self._secret = realm, secret

    def challenge(self, algorithm: str, now_s: float) -> str:
        """A WWW-Authenticate value for Digest with MD5 or SHA-256."""
        return (
            f'Digest realm="{self._realm}", qop="auth", algorithm={algorithm}, '
            f'nonce="{self._nonce(now_s)}"'
        )

    def basic_challenge(self) -> str:
        return f'Basic realm="{self._realm}"'

    def basic_ok(self, header: str, credentials: Credentials) -> bool:
        """Whether an Authorization header is Basic with the right pair."""
        scheme, _, coded = header.partition(" ")
        if scheme.lower() != "basic" or len(coded) > MAX_HEADER_BYTES:
            return False
        try:
            pair = base64.b64decode(coded.strip(), validate=True)
        except binascii.Error:
            return False
        wanted = f"{credentials.user.reveal()}:{credentials.password.reveal()}"
        return hmac.compare_digest(pair, wanted.encode())

    def digest_ok(
        self, header: str, method: str, credentials: Credentials,
        algorithms: tuple[str, ...], now_s: float,
    ) -> bool:  # fmt: skip
        """Whether an Authorization header is Digest, fresh, and made with the right password."""
        fields = _fields(header)
        algorithm = fields.get("algorithm", "MD5").upper()
        if fields.get("realm") != self._realm or algorithm not in algorithms:
            return False
        if not self._fresh(fields.get("nonce", ""), now_s):
            return False
        wanted = self._response(fields, method, credentials, algorithm)
        given = fields.get("response", "").lower()
        right_user = fields.get("username") == credentials.user.reveal()
        return right_user and hmac.compare_digest(given.encode(), wanted.encode())

    def _response(
        self, fields: Mapping[str, str], method: str, credentials: Credentials, algorithm: str
    ) -> str:
        user, password = credentials.user.reveal(), credentials.password.reveal()
        secret = _hash(algorithm, f"{user}:{self._realm}:{password}")
        request = _hash(algorithm, f"{method}:{fields.get('uri', '')}")
        nonce = fields.get("nonce", "")
        if "qop" not in fields:
            return _hash(algorithm, f"{secret}:{nonce}:{request}")
        middle = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:{fields['qop']}"
        return _hash(algorithm, f"{secret}:{middle}:{request}")

    def _nonce(self, now_s: float) -> str:
        stamp = f"{int(now_s):012x}"
        return stamp + self._sign(stamp)

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._secret, stamp.encode(), hashlib.sha256).hexdigest()[:20]

    def _fresh(self, nonce: str, now_s: float) -> bool:
        stamp, signature = nonce[:12], nonce[12:]
        if not hmac.compare_digest(signature.encode(), self._sign(stamp).encode()):
            return False
        return now_s - int(stamp, 16) <= NONCE_AGE_S


def _fields(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest" or len(rest) > MAX_HEADER_BYTES:
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
