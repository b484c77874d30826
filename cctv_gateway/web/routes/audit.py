"""Reading the record: reviewers read all of it, everybody else their own lines.

Writing and chaining records belong to `control` and `store`.
"""

from typing import Annotated

from fastapi import Query

from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.ports import AuditLine
from cctv_gateway.web.rights import LOGIN, REVIEWERS, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_admin import AuditItem, AuditPage, AuditVerdict
from cctv_gateway.web.services import LoggedIn, Use

router = GuardedRouter(tags=["audit"])

Filter = Annotated[str | None, Query(max_length=64)]


@router.get("/api/audit", operation_id="listAudit", responses=problems(401, 422))
@needs(LOGIN)
async def list_audit(
    use: Use,
    login: LoggedIn,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    account: Filter = None,
    camera: Filter = None,
) -> AuditPage:
    """Newest first. Without a reviewer's role the account filter is always one's own."""
    reviewer = login.role is not None and REVIEWERS.admits(login.role)
    whose = account if reviewer else login.account
    lines = await use.audit.page(limit=limit + 1, before=cursor, account=whose, camera=camera)
    more = str(lines[limit - 1].seq) if len(lines) > limit else None
    return AuditPage(items=[_line(one) for one in lines[:limit]], next_cursor=more)


@router.get("/api/audit/verify", operation_id="verifyAudit", responses=problems(401, 403))
@needs(REVIEWERS)
async def verify_audit(use: Use) -> AuditVerdict:
    """Recompute the hash chain from its first record."""
    check = await use.audit.verify()
    return AuditVerdict(
        ok=check.first_broken_seq is None,
        records=check.records,
        first_broken_seq=check.first_broken_seq,
        checked_at=use.clock.now(),
    )


def _line(line: AuditLine) -> AuditItem:
    return AuditItem(
        seq=line.seq,
        at=line.at,
        event=line.event,
        account=line.account,
        role=line.role,
        agency=line.agency,
        camera=line.camera,
        purpose=line.purpose,
        view_id=line.view_id,
        code=line.code,
        details=dict(line.details),
        hash=line.hash,
    )
