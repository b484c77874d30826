"""Reading the record: reviewers read all of it, everybody else their own lines.

Writing and chaining records belong to `control` and `store`.
"""

from typing import Annotated

from fastapi import Query, Request

from cctv_gateway.control.audit import AuditEvent, AuditKind, AuditRecord
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.model import AccountId, CameraId
from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import Caller
from cctv_gateway.web.rights import LOGIN, REVIEWERS, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_admin import AuditItem, AuditPage, AuditVerdict
from cctv_gateway.web.services import InRole, LoggedIn, Use

router = GuardedRouter(tags=["audit"])

Filter = Annotated[str | None, Query(max_length=64)]


@router.get("/api/audit", operation_id="listAudit", responses=problems(401, 422))
@needs(LOGIN)
async def list_audit(
    request: Request,
    use: Use,
    login: LoggedIn,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    account: Filter = None,
    camera: Filter = None,
) -> AuditPage:
    """Newest first. Without a reviewer's role the account filter is always one's own."""
    caller: Caller | None = request.state.caller
    whose: AccountId | None = login.account
    if caller is not None and REVIEWERS.admits(caller.kind):
        whose = AccountId(account) if account else None
        await use.audit.append(_event(AuditKind.AUDIT_READ, caller))
    query = AuditQuery(
        account=whose,
        camera=CameraId(camera) if camera else None,
        before=cursor,
        limit=limit + 1,
    )
    found = await use.audit.page(query)
    more = str(found[limit - 1].number) if len(found) > limit else None
    return AuditPage(items=[_line(one) for one in found[:limit]], next_cursor=more)


@router.get("/api/audit/verify", operation_id="verifyAudit", responses=problems(401, 403))
@needs(REVIEWERS)
async def verify_audit(use: Use, caller: InRole) -> AuditVerdict:
    """Recompute the hash chain from its first record; takes a while, one at a time."""
    check = await use.audit.verify()
    await use.audit.append(_event(AuditKind.AUDIT_VERIFIED, caller))
    return AuditVerdict(
        ok=check.first_broken_seq is None,
        records=check.records,
        first_broken_seq=check.first_broken_seq,
        checked_at=use.clock.now(),
    )


def _event(kind: AuditKind, caller: Caller) -> AuditEvent:
    return AuditEvent(
        kind=kind,
        account=caller.holder.account,
        role=caller.holder.role,
        agency=caller.holder.agency,
        terminal=caller.holder.terminal,
    )


def _line(record: AuditRecord) -> AuditItem:
    event = record.event
    return AuditItem(
        seq=record.number,
        at=record.at,
        event=event.kind,
        account=event.account,
        role=event.role,
        agency=event.agency,
        camera=event.camera,
        purpose=event.purpose,
        view_id=event.view,
        code=event.code,
        details=_details(event),
        hash=record.hash,
    )


def _details(event: AuditEvent) -> dict[str, str | int | float | bool | None]:
    """What only some kinds of records hold."""
    known: dict[str, str | int | float | bool | None] = {
        "action": event.action,
        "decision": event.decision,
        "case": event.case,
        "reason": event.reason,
        "terminal": event.terminal,
        "rule": event.rule,
        "revision": event.revision,
        "held_ms": event.held_ms,
        "detail": event.detail,
        "obligations": " ".join(sorted(event.obligations)) or None,
    }
    return {name: value for name, value in known.items() if value is not None}
