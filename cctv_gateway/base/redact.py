"""Keeps secrets, addresses and personal data out of logs, errors and responses.

Encryption at rest belongs in `config/vault.py`; this room only hides what is shown.
"""

import ipaddress
import logging
import re
from typing import Generic, TypeVar

T = TypeVar("T")

HIDDEN = "<hidden>"
_URL_USER = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@")
_URL_HOST = re.compile(r"(?i)\b(rtsps?|https?)://(?!<hidden>)[^\s/\"'>]+")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?!\.?\d)")
_MAYBE_IPV6 = re.compile(r"(?i)(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")
_SECRET = re.compile(r"(?i)\b(password|passwd|secret|token|authorization)(\s*[=:]\s*)\S+")


class Redacted(Generic[T]):
    """A value that prints as `<hidden>`; `reveal()` marks each place that really needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Redacted) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def redact(text: str) -> str:
    """`text` without user info in URLs, hosts of camera URLs, IP addresses and named secrets."""
    text = _URL_USER.sub(r"\1", text)
    text = _URL_HOST.sub(lambda found: f"{found[1]}://{HIDDEN}", text)
    text = _IPV4.sub(HIDDEN, text)
    text = _MAYBE_IPV6.sub(_hide_ipv6, text)
    return _SECRET.sub(rf"\1\2{HIDDEN}", text)


def _hide_ipv6(found: re.Match[str]) -> str:
    try:
        ipaddress.IPv6Address(found[0])
    except ValueError:
        return found[0]  # a time of day, for instance
    return HIDDEN


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, tracebacks included, whatever the caller logged."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
