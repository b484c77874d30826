"""Records who tried a door that their role does not open: once a minute for each login and route.

Refusing is done in `guard.py`; refused views are recorded by `control` itself.
"""

from collections import OrderedDict

from cctv_gateway.base.clock import Clock
from cctv_gateway.control.audit import AuditEvent, AuditKind, Decision
from cctv_gateway.control.request import Holder
from cctv_gateway.model import DenyCode
from cctv_gateway.web.ports import AuditTrail

RECORD_EVERY_S = 60.0
MAX_REMEMBERED = 4096


class DenialBook:
    """Keeps a curious login from filling the record."""

    def __init__(self, audit: AuditTrail, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._recorded: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def note(self, who: Holder, operation: str) -> None:
        """`operation` is a method and a route's template, never a path as it was sent."""
        key, now_s = (who.login, operation), self._clock.monotonic()
        if now_s - self._recorded.get(key, float("-inf")) < RECORD_EVERY_S:
            return
        self._recorded[key] = now_s
        self._recorded.move_to_end(key)
        while len(self._recorded) > MAX_REMEMBERED:
            self._recorded.popitem(last=False)
        await self._audit.append(
            AuditEvent(
                kind=AuditKind.ACCESS_DENIED,
                account=who.account,
                role=who.role,
                agency=who.agency,
                terminal=who.terminal,
                decision=Decision.DENY,
                code=DenyCode.ROLE,
                detail=operation,
            )
        )
