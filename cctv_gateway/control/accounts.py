"""What the gateway keeps about accounts and logins beside `cameras.yaml`: values and Protocols.

Names, roles and districts of an account belong in `cameras.yaml`; hashing belongs in `web`.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from cctv_gateway.base.redact import Redacted
from cctv_gateway.model import AccountId, RoleId

FREE_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(seconds=30)
LONGEST_LOCK: Final = timedelta(minutes=15)
LOGIN_LASTS: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """One account's password and its failed tries. No hash: the account cannot log in yet."""

    account: AccountId
    password_hash: Redacted[str] | None
    password_set_at: datetime | None = None
    failures: int = 0
    locked_until: datetime | None = None
    last_login_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """One login session. `login` may be logged; the token is kept as its SHA-256 only."""

    login: str
    token_hash: str
    csrf: Redacted[str]
    account: AccountId
    role: RoleId | None
    agency: str | None
    terminal: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def lock_out(failures: int) -> timedelta | None:
    """How long an account stays locked after its n-th wrong password in a row."""
    if failures < FREE_FAILURES:
        return None
    doubled = FIRST_LOCK * (1 << min(failures - FREE_FAILURES, 16))
    return min(doubled, LONGEST_LOCK)


def hash_token(token: str) -> str:
    """Tokens carry 256 random bits, so a plain hash keeps a stolen database harmless."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_login(
    account: AccountId, now: datetime, terminal: str | None, lasts: timedelta = LOGIN_LASTS
) -> tuple[Redacted[str], Login]:
    """A fresh login and the token that goes into its cookie."""
    token = secrets.token_urlsafe(32)
    login = Login(
        login=secrets.token_hex(8),
        token_hash=hash_token(token),
        csrf=Redacted(secrets.token_urlsafe(32)),
        account=account,
        role=None,
        agency=None,
        terminal=terminal,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lasts,
    )
    return Redacted(token), login


class Accounts(Protocol):
    """Where passwords and failed tries are kept. All calls raise GatewayError only."""

    async def get(self, account: AccountId) -> StoredAccount | None: ...

    async def list(self) -> tuple[StoredAccount, ...]: ...

    async def set_password(
        self, account: AccountId, password_hash: Redacted[str], at: datetime
    ) -> None:
        """Set or replace the hash; clears the failures."""

    async def record_failure(self, account: AccountId, at: datetime) -> StoredAccount | None:
        """Count one wrong password and lock by `lock_out`; None for an unknown account."""

    async def record_success(self, account: AccountId, at: datetime) -> None: ...

    async def remove(self, account: AccountId) -> bool: ...


class Logins(Protocol):
    """Where login sessions are kept. All calls raise GatewayError only."""

    async def add(self, login: Login) -> None: ...

    async def by_token(self, token: Redacted[str], now: datetime) -> Login | None:
        """The login of a cookie; None when unknown, ended or expired."""

    async def choose_role(self, login: str, role: RoleId, agency: str) -> Login | None: ...

    async def touch(self, login: str, at: datetime) -> None: ...

    async def end(self, login: str) -> bool: ...

    async def end_account(self, account: AccountId) -> tuple[str, ...]:
        """End every login of an account; the ended logins' ids."""

    async def living(self, now: datetime) -> frozenset[str]:
        """The ids of all logins that are neither ended nor expired."""

    async def sweep(self, now: datetime) -> int:
        """Forget expired logins."""
