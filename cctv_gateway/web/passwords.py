"""Argon2id off the loop: hashing, checking, and equal work when there is no such account.

Who may try how often belongs in `throttle.py`, where hashes are kept in `store`.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cctv_gateway.base.errors import ErrorKind, GatewayError

# Each check takes 64 MiB for about 50 ms; more at once would only fill the memory.
MAX_AT_ONCE = 2
MIN_LENGTH = 10
MAX_LENGTH = 256


class Passwords:
    """Checks passwords. `hasher` is injected so that tests need not work as hard."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The PHC string to keep. Raises BAD_REQUEST when the password is too short or long."""
        _check_length(password)
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, phc: str | None, password: str) -> bool:
        """Whether the password fits; without a hash it works as long and says no."""
        async with self._slots:
            return await asyncio.to_thread(self._matches, phc, password)

    def is_outdated(self, phc: str) -> bool:
        """Whether it was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(phc)

    def _matches(self, phc: str | None, password: str) -> bool:
        known = phc is not None
        try:
            self._hasher.verify(phc or self._dummy(), password)
        except (VerificationError, InvalidHashError):
            return False
        return known

    def _dummy(self) -> str:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        return self._nobody


def _check_length(password: str) -> None:
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise GatewayError(
            ErrorKind.BAD_REQUEST,
            "PASSWORD_LENGTH",
            f"Choose a password of {MIN_LENGTH} to {MAX_LENGTH} characters.",
            f"비밀번호는 {MIN_LENGTH}자 이상 {MAX_LENGTH}자 이하로 정해 주세요.",
        )
