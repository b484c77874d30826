"""The named logins of cameras, in one file that is encrypted at rest with AES-256-GCM.

Which camera uses which name is written in `cameras.yaml`; people's passwords are in the database.
"""

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.files import directory_lock, replace_file
from cctv_gateway.config.schema_values import ID_PATTERN
from cctv_gateway.model import Credentials

KEY_VARIABLE = "CCTV_GATEWAY_VAULT_KEY"
KEY_BYTES = 32
NONCE_BYTES = 12
# Format and version; also authenticated, so that a file of another version is never misread.
MAGIC = b"cctv-gateway vault 1\n"
MAX_BYTES = 4 * 1024 * 1024
SECRET_MODE = 0o600
MAX_LOGIN_LENGTH = 256

_NAME = re.compile(ID_PATTERN.strip("^$"))

Entries = dict[str, Credentials]


class Vault:
    """Camera logins by name. Another process may change the file; it is read again then.

    The key is `CCTV_GATEWAY_VAULT_KEY` (32 bytes as base64) or else a key file beside the vault,
    which is made on first use. All methods raise `GatewayError` for a bad key, file or mode.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str] = os.environ,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._path = path
        self._random_bytes = random_bytes
        self._key: Redacted[bytes] = Redacted(_key(path, environ, random_bytes))
        self._entries: Entries = {}
        self._seen: tuple[int, int, int] | None = None

    def __repr__(self) -> str:
        return f"Vault({self._path.name})"

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._current()))

    def find(self, name: str) -> Credentials | None:
        return self._current().get(name)

    def get(self, name: str) -> Credentials:
        """The login called `name`; raises NOT_FOUND."""
        found = self.find(name)
        if found is None:
            raise _error(
                ErrorKind.NOT_FOUND,
                "CREDENTIALS_UNKNOWN",
                f"The vault has no login called {name[:63]!r}; add it first.",
                f"금고에 {name[:63]!r} 로그인 정보가 없습니다. 먼저 등록하십시오.",
            )
        return found

    def set(self, name: str, user: str, password: str) -> None:
        """Add or replace a login, durably."""
        if not _NAME.fullmatch(name) or not _sound(user) or not _sound(password, empty=True):
            raise _error(
                ErrorKind.BAD_REQUEST,
                "CREDENTIALS_INVALID",
                "A login's name has lower-case letters, digits, - and _; user and password have "
                f"at most {MAX_LOGIN_LENGTH} characters, none of them a control character.",
                "이름은 영문 소문자, 숫자, -, _ 로 적고, 사용자와 비밀번호는 제어 문자 없이 "
                f"{MAX_LOGIN_LENGTH}자 이내로 적으십시오.",
            )
        self._change({name: Credentials(Redacted(user), Redacted(password))}, ())

    def remove(self, name: str) -> None:
        """Forget a login; raises NOT_FOUND."""
        self.get(name)
        self._change({}, (name,))

    def _change(self, added: Entries, removed: tuple[str, ...]) -> None:
        with directory_lock(self._path.parent):
            entries = {**self._current(), **added}
            for name in removed:
                entries.pop(name, None)
            sealed = _seal(entries, self._key.reveal(), self._random_bytes(NONCE_BYTES))
            replace_file(self._path, sealed, SECRET_MODE)
            self._entries, self._seen = entries, _signature(self._path)

    def _current(self) -> Entries:
        signature = _signature(self._path)
        if signature != self._seen:
            self._entries = _read(self._path, self._key.reveal()) if signature else {}
            self._seen = signature
        return self._entries


def _error(kind: ErrorKind, code: str, message: str, message_ko: str) -> GatewayError:
    return GatewayError(kind, code, message, message_ko)


def _sound(text: str, empty: bool = False) -> bool:
    return (empty or bool(text)) and len(text) <= MAX_LOGIN_LENGTH and text.isprintable()


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _key(path: Path, environ: Mapping[str, str], random_bytes: Callable[[int], bytes]) -> bytes:
    if (text := environ.get(KEY_VARIABLE)) is not None:
        return _decoded_key(text, KEY_VARIABLE)
    key_path = path.with_name(path.name + ".key")
    if not key_path.exists() and not path.exists():
        with directory_lock(path.parent):
            if not key_path.exists():
                fresh = base64.b64encode(random_bytes(KEY_BYTES)) + b"\n"
                replace_file(key_path, fresh, SECRET_MODE)
    return _decoded_key(_private_bytes(key_path).decode("ascii", "replace"), key_path.name)


def _decoded_key(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise _error(
            ErrorKind.BAD_REQUEST,
            "VAULT_KEY",
            f"{source} must hold {KEY_BYTES} bytes as base64.",
            f"{source} 값은 {KEY_BYTES}바이트를 base64로 적은 것이어야 합니다.",
        )
    return key


def _private_bytes(path: Path) -> bytes:
    """The bytes of a file that nobody else may read."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise _error(
                    ErrorKind.BAD_REQUEST,
                    "VAULT_MODE",
                    f"Others may read {path.name}; run chmod 600 on it and change its secrets.",
                    f"다른 사용자가 {path.name} 파일을 읽을 수 있습니다. chmod 600을 실행하고 "
                    "비밀 정보를 바꾸십시오.",
                )
            return file.read(MAX_BYTES)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise _error(
            ErrorKind.BAD_REQUEST,
            "VAULT_UNREADABLE",
            f"{path.name} cannot be read ({reason}); restore it or give {KEY_VARIABLE}.",
            f"{path.name} 파일을 읽을 수 없습니다({reason}). 복구하거나 {KEY_VARIABLE}을 "
            "지정하십시오.",
        ) from error


def _seal(entries: Entries, key: bytes, nonce: bytes) -> bytes:
    plain = {
        name: [login.user.reveal(), login.password.reveal()] for name, login in entries.items()
    }
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, json.dumps(plain).encode(), MAGIC)


def _read(path: Path, key: bytes) -> Entries:
    data = _private_bytes(path)
    nonce = data[len(MAGIC) : len(MAGIC) + NONCE_BYTES]
    sealed = data[len(MAGIC) + NONCE_BYTES :]
    try:
        if not data.startswith(MAGIC) or len(nonce) < NONCE_BYTES:
            raise InvalidTag
        plain = json.loads(AESGCM(key).decrypt(nonce, sealed, MAGIC))
    except InvalidTag as error:
        raise _error(
            ErrorKind.BAD_REQUEST,
            "VAULT_SEALED",
            f"{path.name} does not open with this key; it is damaged or the key is another's.",
            f"이 키로 {path.name} 파일을 열 수 없습니다. 파일이 손상되었거나 키가 다릅니다.",
        ) from error
    return {
        name: Credentials(Redacted(user), Redacted(password))
        for name, (user, password) in plain.items()
    }
