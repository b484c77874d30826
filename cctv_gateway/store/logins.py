"""Keeps login sessions, by the hash of their token.

Cookies, headers and throttling belong in `web`.
"""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import Login, hash_token
from cctv_gateway.model import AccountId, RoleId
from cctv_gateway.store.database import Database
from cctv_gateway.store.tables import logins


class LoginStore:
    """The `Logins` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, login: Login) -> None:
        values = asdict(login) | {"csrf": login.csrf.reveal()}
        async with self._database.write() as connection:
            await connection.execute(insert(logins).values(values))

    async def by_token(self, token: Redacted[str], now: datetime) -> Login | None:
        wanted = select(logins).where(logins.c.token_hash == hash_token(token.reveal()))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        return _login(row)

    async def choose_role(self, login: str, role: RoleId, agency: str) -> Login | None:
        mine = logins.c.login == login
        async with self._database.write() as connection:
            await connection.execute(update(logins).where(mine).values(role=role, agency=agency))
            row = (await connection.execute(select(logins).where(mine))).one_or_none()
        return None if row is None else _login(row)

    async def touch(self, login: str, at: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(logins).where(logins.c.login == login).values(last_seen_at=at)
            )

    async def end(self, login: str) -> bool:
        async with self._database.write() as connection:
            gone = await connection.execute(delete(logins).where(logins.c.login == login))
            return gone.rowcount > 0

    async def end_account(self, account: AccountId) -> tuple[str, ...]:
        mine = logins.c.account == account
        async with self._database.write() as connection:
            found = (await connection.execute(select(logins.c.login).where(mine))).scalars().all()
            await connection.execute(delete(logins).where(logins.c.login.in_(found)))
        return tuple(found)

    async def living(self, now: datetime) -> frozenset[str]:
        wanted = select(logins.c.login).where(logins.c.expires_at > now)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(wanted)).scalars())

    async def sweep(self, now: datetime) -> int:
        async with self._database.write() as connection:
            gone = await connection.execute(delete(logins).where(logins.c.expires_at <= now))
            return int(gone.rowcount)


def _login(row: Row[tuple[object, ...]]) -> Login:
    return Login(
        login=row.login,
        token_hash=row.token_hash,
        csrf=Redacted(row.csrf),
        account=AccountId(row.account),
        role=None if row.role is None else RoleId(row.role),
        agency=row.agency,
        terminal=row.terminal,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
