"""Keeps each account's password hash and its failed tries.

Who an account is and which roles it has belongs in `cameras.yaml`; hashing belongs in `web`.
"""

from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import StoredAccount, lock_out
from cctv_gateway.model import AccountId
from cctv_gateway.store.database import Database
from cctv_gateway.store.tables import accounts


class AccountStore:
    """The `Accounts` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, account: AccountId) -> StoredAccount | None:
        async with self._database.read() as connection:
            rows = await connection.execute(select(accounts).where(accounts.c.account == account))
            row = rows.one_or_none()
        return None if row is None else _account(row)

    async def list(self) -> tuple[StoredAccount, ...]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(accounts).order_by(accounts.c.account))
            return tuple(map(_account, rows))

    async def set_password(
        self, account: AccountId, password_hash: Redacted[str], at: datetime
    ) -> None:
        values = {
            "password_hash": password_hash.reveal(),
            "password_set_at": at,
            "failures": 0,
            "locked_until": None,
        }
        changed = update(accounts).where(accounts.c.account == account).values(values)
        async with self._database.write() as connection:
            if (await connection.execute(changed)).rowcount == 0:
                await connection.execute(insert(accounts).values(account=account, **values))

    async def record_failure(self, account: AccountId, at: datetime) -> StoredAccount | None:
        mine = accounts.c.account == account
        async with self._database.write() as connection:
            # Counted in the database, so that two tries at once count as two.
            counted = update(accounts).where(mine).values(failures=accounts.c.failures + 1)
            if (await connection.execute(counted)).rowcount == 0:
                return None
            failures = (
                await connection.execute(select(accounts.c.failures).where(mine))
            ).scalar_one()
            if (lock := lock_out(failures)) is not None:
                locked = update(accounts).where(mine).values(locked_until=at + lock)
                await connection.execute(locked)
            return _account((await connection.execute(select(accounts).where(mine))).one())

    async def record_success(self, account: AccountId, at: datetime) -> None:
        cleared = (
            update(accounts)
            .where(accounts.c.account == account)
            .values(failures=0, locked_until=None, last_login_at=at)
        )
        async with self._database.write() as connection:
            await connection.execute(cleared)

    async def remove(self, account: AccountId) -> bool:
        """Forget a password and, with it, the account's logins."""
        gone = delete(accounts).where(accounts.c.account == account)
        async with self._database.write() as connection:
            return (await connection.execute(gone)).rowcount > 0


def _account(row: Row[tuple[object, ...]]) -> StoredAccount:
    secret = None if row.password_hash is None else Redacted(str(row.password_hash))
    return StoredAccount(
        account=AccountId(row.account),
        password_hash=secret,
        password_set_at=row.password_set_at,
        failures=row.failures,
        locked_until=row.locked_until,
        last_login_at=row.last_login_at,
    )
