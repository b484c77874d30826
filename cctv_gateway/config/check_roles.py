"""The separation of duties that no file may undo: what a kind of role can never have.

Which role has which right within these limits is written in the file's own rules.
"""

from collections.abc import Iterator

from cctv_gateway.config.check_references import Check
from cctv_gateway.config.problems import Finding
from cctv_gateway.config.schema import Account, Configuration, Effect, RoleKind, Rule
from cctv_gateway.model import AccountId, Action, RoleId

PTZ_ACTIONS = frozenset({Action.PTZ_PRESET, Action.PTZ_MOVE, Action.PTZ_EDIT_PRESET})
VIDEO_ACTIONS = frozenset(
    {
        Action.LIVE_VIEW,
        Action.SNAPSHOT,
        Action.REC_SEARCH,
        Action.REC_PLAY,
        Action.PLATE_SEARCH,
        Action.EXPORT_REQUEST,
        Action.EXPORT_APPROVE,
        Action.EXPORT_DOWNLOAD,
        Action.SHARE_CREATE,
        Action.BREAKGLASS_OPEN,
    }
)
FORBIDDEN_ACTIONS: dict[RoleKind, frozenset[Action]] = {
    RoleKind.SYSTEM_ADMIN: VIDEO_ACTIONS | PTZ_ACTIONS | {Action.POLICY_APPROVE},
    RoleKind.AUDITOR: VIDEO_ACTIONS | PTZ_ACTIONS | {Action.POLICY_EDIT, Action.POLICY_APPROVE},
    RoleKind.PRIVACY_OFFICER: PTZ_ACTIONS | {Action.LIVE_VIEW, Action.POLICY_EDIT},
}
# One person holds at most one of these.
EXCLUSIVE_KINDS = (RoleKind.SYSTEM_ADMIN, RoleKind.PRIVACY_OFFICER, RoleKind.AUDITOR)
CONTRACTOR_KINDS = frozenset({RoleKind.CONTROL_OPERATOR, RoleKind.MAINTENANCE})
_KINDS_BY_ID = {RoleId(kind.value): kind for kind in RoleKind}
CONTRACTOR_FORBIDDEN = frozenset(
    {
        Action.EXPORT_REQUEST,
        Action.EXPORT_APPROVE,
        Action.EXPORT_DOWNLOAD,
        Action.CAMERA_ACCEPT,
        Action.POLICY_EDIT,
        Action.POLICY_APPROVE,
        Action.USER_GRANT,
        Action.SHARE_CREATE,
    }
)


def kind_of(configuration: Configuration, role: RoleId) -> RoleKind | None:
    """The kind of a role that may be unknown or incomplete."""
    known = configuration.roles.get(role)
    if known is None:
        return None
    return known.kind or _KINDS_BY_ID.get(role)


def roles_have_kinds(configuration: Configuration) -> Iterator[Finding]:
    for id in configuration.roles:
        if kind_of(configuration, id) is None:
            values = {"id": id, "expected": ", ".join(RoleKind)}
            yield Finding("ROLE_KIND", ("roles", id), values)


def rules_keep_duties_apart(configuration: Configuration) -> Iterator[Finding]:
    for index, rule in enumerate(configuration.rules):
        if rule.effect is Effect.ALLOW:
            yield from _forbidden(configuration, index, rule)


def _forbidden(configuration: Configuration, index: int, rule: Rule) -> Iterator[Finding]:
    for role in sorted(rule.roles):
        kind = kind_of(configuration, role)
        if kind is None:
            continue
        for action in sorted(rule.actions & FORBIDDEN_ACTIONS.get(kind, frozenset())):
            values = {"rule": rule.id, "action": action.value, "role": role, "kind": kind.value}
            yield Finding("ROLE_FORBIDS_ACTION", ("rules", index, "actions"), values)


def accounts_keep_duties_apart(configuration: Configuration) -> Iterator[Finding]:
    for id, account in configuration.accounts.items():
        kinds = {kind_of(configuration, held.role) for held in account.roles}
        exclusive = [kind.value for kind in EXCLUSIVE_KINDS if kind in kinds]
        if len(exclusive) > 1:
            values = {"id": id, "kinds": ", ".join(exclusive)}
            yield Finding("INCOMPATIBLE_ROLES", ("accounts", id, "roles"), values)


def account_roles_are_unique(configuration: Configuration) -> Iterator[Finding]:
    for id, account in configuration.accounts.items():
        for index, held in enumerate(account.roles):
            if held in account.roles[:index]:
                yield Finding("DUPLICATE_ROLE", ("accounts", id, "roles", index), {"id": id})


def contractors_only_operate(configuration: Configuration) -> Iterator[Finding]:
    for id, account in configuration.accounts.items():
        if account.contractor:
            yield from _contractor_roles(configuration, id, account)
            yield from _contractor_rules(configuration, id, account)


def _contractor_roles(
    configuration: Configuration, id: AccountId, account: Account
) -> Iterator[Finding]:
    for index, held in enumerate(account.roles):
        kind = kind_of(configuration, held.role)
        if kind is not None and kind not in CONTRACTOR_KINDS:
            path = ("accounts", id, "roles", index)
            yield Finding("CONTRACTOR_ROLE", path, {"id": id, "role": held.role})


def _contractor_rules(
    configuration: Configuration, id: AccountId, account: Account
) -> Iterator[Finding]:
    held = {
        each.role for each in account.roles if kind_of(configuration, each.role) in CONTRACTOR_KINDS
    }
    for index, rule in enumerate(configuration.rules):
        if rule.effect is Effect.ALLOW and rule.roles & held:
            for action in sorted(rule.actions & CONTRACTOR_FORBIDDEN):
                values = {"rule": rule.id, "action": action.value, "id": id}
                yield Finding("CONTRACTOR_ACTION", ("rules", index, "actions"), values)


ROLE_CHECKS: tuple[Check, ...] = (
    roles_have_kinds,
    rules_keep_duties_apart,
    accounts_keep_duties_apart,
    account_roles_are_unique,
    contractors_only_operate,
)
