"""Finds what must never stand in the file: clear-text secrets and requests for sound.

Works on the raw text and tree, so that it also speaks about files which fail the schema.
"""

import re
from collections.abc import Iterator

from cctv_gateway.config.document import Document, Mapping, Mark, Scalar
from cctv_gateway.config.problems import Problem, describe

_URL_LOGIN = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s/@\"'<>]{1,256}@")
_QUERY_SECRET = re.compile(r"(?i)[?&](pass(word|wd)?|pwd|secret|token|auth)=[^&\s]")
# fmt: off
_SECRET_KEYS = frozenset({
    "password", "passwd", "passphrase", "pass", "pwd", "pw", "secret", "token",
    "api_key", "apikey", "private_key", "비밀번호", "암호",
})
_AUDIO_KEYS = frozenset({
    "audio", "sound", "microphone", "mic", "speaker", "backchannel", "two_way_audio",
    "음성", "오디오", "마이크",
})
# fmt: on


def secrets_in_text(file: str, text: str) -> Iterator[Problem]:
    """Addresses with a login in them, in values and comments alike."""
    if "@" not in text:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if "@" in line and (found := _URL_LOGIN.search(line)):
            yield describe(file, Mark(number, found.start() + 1), "PASSWORD_IN_URL")


def forbidden_keys(file: str, document: Document) -> Iterator[Problem]:
    """Keys that hold secrets or ask for sound, at any depth."""
    for path, node in document.walk():
        if isinstance(node, Mapping):
            for key in node.entries:
                if code := _forbidden(key):
                    yield describe(file, node.keys[key], code, {"field": key})
        elif isinstance(node, Scalar) and _holds_secret(node.value):
            field = str(path[-1]) if path else "file"
            yield describe(file, node.mark, "PASSWORD_IN_CLEAR", {"field": field})


def _holds_secret(value: object) -> bool:
    return isinstance(value, str) and "=" in value and bool(_QUERY_SECRET.search(value))


def _forbidden(key: str) -> str | None:
    name = key.lower().replace("-", "_")
    if name in _SECRET_KEYS or name.endswith(("_password", "_secret", "_token")):
        return "PASSWORD_IN_CLEAR"
    return "AUDIO_FORBIDDEN" if name in _AUDIO_KEYS or name.startswith("audio_") else None
