"""`cctv-gateway user …`: accounts in cameras.yaml, their passwords in the database.

A running gateway sees the file change by itself and decides its open views again.
"""

import asyncio
from pathlib import Path

from pydantic import ValidationError
from rich.table import Table

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.cli.asking import ask_secret
from cctv_gateway.cli.screen import Exit, out
from cctv_gateway.config.edit import edit_file, set_account, set_account_disabled
from cctv_gateway.config.load import load_file
from cctv_gateway.config.schema import Account, AccountRole
from cctv_gateway.control.accounts import StoredAccount
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId, RoleId
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.store.logins import LoginStore
from cctv_gateway.web.passwords import Passwords


def add(
    account: str, role: str, agency: str, name: str, config: Path, data: Path, database: str | None
) -> Exit:
    if account in load_file(config).configuration.accounts:
        raise GatewayError(
            ErrorKind.CONFLICT,
            "ACCOUNT_EXISTS",
            f"{account} is in {config.name} already. To change it, edit the file; "
            f"to set its password: cctv-gateway user passwd {account}",
        )
    entry = _entry(role, agency, name)
    password = ask_secret("password")
    hashed = asyncio.run(Passwords().hash(password))
    edit_file(config, set_account(AccountId(account), entry))
    asyncio.run(_keep(AccountId(account), hashed, DataFolder(data, database)))
    out.print(f"{account} may log in as {role} of {agency}.")
    return Exit.OK


def _entry(role: str, agency: str, name: str) -> Account:
    try:
        # Whether role and agency exist is checked with the whole file, before it is written.
        return Account(name=name, roles=(AccountRole(role=RoleId(role), agency=agency),))
    except ValidationError as error:
        where = ", ".join(str(one["loc"][-1]) for one in error.errors())
        raise GatewayError(
            ErrorKind.BAD_REQUEST, "ACCOUNT_INVALID", f"This cannot stand in the file: {where}."
        ) from error


def passwd(account: str, config: Path, data: Path, database: str | None) -> Exit:
    _known(account, config)
    hashed = asyncio.run(Passwords().hash(ask_secret("password")))
    asyncio.run(_keep(AccountId(account), hashed, DataFolder(data, database)))
    out.print(f"The password of {account} is set; earlier logins are ended.")
    return Exit.OK


def set_disabled(account: str, disabled: bool, config: Path) -> Exit:
    edit_file(config, set_account_disabled(AccountId(account), disabled))
    out.print(f"{account} is {'disabled' if disabled else 'enabled'}.")
    return Exit.OK


def show(config: Path, data: Path, database: str | None) -> Exit:
    stored = asyncio.run(_stored(DataFolder(data, database)))
    table = Table("account", "name", "roles", "state", "last login")
    for name, account in load_file(config).configuration.accounts.items():
        roles = ", ".join(f"{held.role} ({held.agency})" for held in account.roles)
        kept = stored.get(AccountId(name))
        state = _state(account, kept)
        last = kept.last_login_at.isoformat(" ", "minutes") if kept and kept.last_login_at else ""
        table.add_row(name, account.name, roles, state, last)
    out.print(table)
    return Exit.OK


def _state(account: Account, kept: StoredAccount | None) -> str:
    if account.disabled:
        return "disabled"
    return "ready" if kept and kept.password_hash else "no password yet"


def _known(account: str, config: Path) -> None:
    if account not in load_file(config).configuration.accounts:
        raise GatewayError(
            ErrorKind.NOT_FOUND,
            "ACCOUNT_UNKNOWN",
            f"{config.name} has no account {account}. Add it: cctv-gateway user add {account} …",
        )


async def _keep(account: AccountId, hashed: str, folder: DataFolder) -> None:
    async with opened(folder) as database:
        clock = SystemClock()
        log = AuditLog(folder.audit(database), clock=clock, meter=Meter(clock))
        async with TaskOwner("record") as tasks:
            tasks.start(log.run(), "audit")
            await log.append(AuditEvent(AuditKind.PASSWORD_SET, detail=f"account {account}"))
        await AccountStore(database).set_password(account, Redacted(hashed), clock.now())
        await LoginStore(database).end_account(account)


async def _stored(folder: DataFolder) -> dict[AccountId, StoredAccount]:
    async with opened(folder) as database:
        return {kept.account: kept for kept in await AccountStore(database).list()}
