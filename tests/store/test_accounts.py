"""Passwords, failed tries and login sessions, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import (
    FREE_FAILURES,
    LONGEST_LOCK,
    Accounts,
    Logins,
    lock_out,
    new_login,
)
from cctv_gateway.model import AccountId, RoleId
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.store.database import Database
from cctv_gateway.store.logins import LoginStore

KIM = AccountId("kim.bukgu")
NOW = datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)
HASH = Redacted("$argon2id$v=19$first")


async def test_a_password_is_kept_and_replaced(database: Database) -> None:
    accounts: Accounts = AccountStore(database)
    assert await accounts.get(KIM) is None
    await accounts.set_password(KIM, HASH, NOW)
    found = await accounts.get(KIM)
    assert found is not None
    assert (found.password_hash, found.password_set_at, found.failures) == (HASH, NOW, 0)
    assert "argon2" not in repr(found)
    later = Redacted("$argon2id$v=19$second")
    await accounts.set_password(KIM, later, NOW + timedelta(days=1))
    found = await accounts.get(KIM)
    assert found is not None
    assert found.password_hash == later
    assert [one.account for one in await accounts.list()] == [KIM]


async def test_failures_lock_and_success_unlocks(database: Database) -> None:
    accounts = AccountStore(database)
    assert await accounts.record_failure(KIM, NOW) is None
    await accounts.set_password(KIM, HASH, NOW)
    for count in range(1, FREE_FAILURES):
        found = await accounts.record_failure(KIM, NOW)
        assert found is not None
        assert (found.failures, found.locked_until) == (count, None)
    found = await accounts.record_failure(KIM, NOW)
    assert found is not None
    assert found.locked_until == NOW + timedelta(seconds=30)
    await accounts.record_success(KIM, NOW)
    found = await accounts.get(KIM)
    assert found is not None
    assert (found.failures, found.locked_until, found.last_login_at) == (0, None, NOW)


async def test_failures_at_once_are_all_counted(database: Database) -> None:
    accounts = AccountStore(database)
    await accounts.set_password(KIM, HASH, NOW)
    await asyncio.gather(*(accounts.record_failure(KIM, NOW) for _ in range(12)))
    found = await accounts.get(KIM)
    assert found is not None
    assert found.failures == 12


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, None), (4, None), (5, 30), (6, 60), (9, 480), (10, 900)]
)
def test_the_lock_grows(failures: int, seconds: int | None) -> None:
    assert lock_out(failures) == (None if seconds is None else timedelta(seconds=seconds))
    assert lock_out(10**9) == LONGEST_LOCK


async def test_a_login_is_found_by_its_token_alone(database: Database) -> None:
    await AccountStore(database).set_password(KIM, HASH, NOW)
    logins: Logins = LoginStore(database)
    token, login = new_login(KIM, NOW, "10.0.0.9")
    await logins.add(login)
    assert await logins.by_token(token, NOW) == login
    assert await logins.by_token(Redacted("x" + token.reveal()), NOW) is None
    assert await logins.by_token(Redacted(login.token_hash), NOW) is None
    assert await logins.by_token(token, login.expires_at) is None
    chosen = await logins.choose_role(login.login, RoleId("parking_officer"), "buk")
    assert chosen == replace(login, role=RoleId("parking_officer"), agency="buk")
    assert await logins.choose_role("unknown", RoleId("x"), "y") is None
    seen_at = NOW + timedelta(minutes=5)
    await logins.touch(login.login, seen_at)
    assert await logins.by_token(token, seen_at) == replace(chosen, last_seen_at=seen_at)
    assert await logins.end(login.login)
    assert not await logins.end(login.login)
    assert await logins.by_token(token, NOW) is None


async def test_logins_end_with_their_account(database: Database) -> None:
    accounts, logins = AccountStore(database), LoginStore(database)
    await accounts.set_password(KIM, HASH, NOW)
    made = [new_login(KIM, NOW, None) for _ in range(3)]
    for _, login in made:
        await logins.add(login)
    assert set(await logins.end_account(KIM)) == {login.login for _, login in made}
    token, login = new_login(KIM, NOW, None)
    await logins.add(login)
    assert await accounts.remove(KIM)
    assert not await accounts.remove(KIM)
    assert await logins.by_token(token, NOW) is None


async def test_old_logins_are_swept(database: Database) -> None:
    await AccountStore(database).set_password(KIM, HASH, NOW)
    logins = LoginStore(database)
    old, new = new_login(KIM, NOW, None), new_login(KIM, NOW + timedelta(hours=1), None)
    for _, login in (old, new):
        await logins.add(login)
    assert await logins.sweep(old[1].expires_at) == 1
    assert await logins.by_token(new[0], NOW) == new[1]


async def test_a_login_needs_an_account(database: Database) -> None:
    with pytest.raises(GatewayError) as raised:
        await LoginStore(database).add(new_login(KIM, NOW, None)[1])
    assert raised.value.code == "DATABASE_CONFLICT"
