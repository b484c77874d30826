"""The administrator's desk: state of `cameras.yaml`, its errors, and disabling accounts.

Loading and editing the file belong to `config`.
"""

from dataclasses import asdict
from typing import Annotated

from fastapi import Path

from cctv_gateway.model import AccountId
from cctv_gateway.web.errors import not_found
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import Caller, Person
from cctv_gateway.web.rights import ADMIN, CONFIG_READERS, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_admin import AccountItem, AccountList, ConfigBody, ConfigProblem
from cctv_gateway.web.services import InRole, Services, Use

router = GuardedRouter(tags=["administration"])

Account = Annotated[str, Path(max_length=64)]


@router.get("/api/config", operation_id="getConfig", responses=problems(401, 403))
@needs(CONFIG_READERS)
async def get_config(use: Use) -> ConfigBody:
    """The running revision, and the newest file's errors when it was refused."""
    status = use.config.status()
    return ConfigBody(
        state=status.state,
        revision=status.revision,
        loaded_at=status.loaded_at,
        cameras=status.cameras,
        problems=[ConfigProblem.model_validate(asdict(one)) for one in status.problems],
    )


@router.get("/api/accounts", operation_id="listAccounts", responses=problems(401, 403))
@needs(ADMIN)
async def list_accounts(use: Use) -> AccountList:
    """All accounts of the running revision."""
    return AccountList(items=[_account(one) for one in use.registry.people()])


@router.post(
    "/api/accounts/{account}/disable",
    status_code=204,
    operation_id="disableAccount",
    responses=problems(401, 403, 404, 409),
)
@needs(ADMIN)
async def disable(account: Account, use: Use, caller: InRole) -> None:
    """Take an account out of use: its login and its views end within a second."""
    await _set_disabled(use, caller, account, True)


@router.post(
    "/api/accounts/{account}/enable",
    status_code=204,
    operation_id="enableAccount",
    responses=problems(401, 403, 404, 409),
)
@needs(ADMIN)
async def enable(account: Account, use: Use, caller: InRole) -> None:
    """Let an account be used again."""
    await _set_disabled(use, caller, account, False)


async def _set_disabled(use: Services, caller: Caller, account: str, disabled: bool) -> None:
    person = use.registry.person(AccountId(account))
    if person is None:
        raise not_found()
    await use.config.set_disabled(person.account, disabled, caller.holder)


def _account(person: Person) -> AccountItem:
    return AccountItem(
        id=person.account,
        name=person.name,
        name_en=person.name_en,
        roles=[f"{one.role}@{one.agency}" for one in person.roles],
        disabled=person.disabled,
    )
