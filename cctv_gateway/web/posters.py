"""Stills for lists: each under a fresh decision, each on record at most once a minute and login.

The decision is `control`'s, the picture the relay's.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from cctv_gateway.base.clock import Clock
from cctv_gateway.control.audit import AuditKind
from cctv_gateway.control.decide import decide
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.request import Holder, Request
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.views import denied_event, granted_event
from cctv_gateway.model import CameraId, Denial, Grant, Purpose
from cctv_gateway.web.ports import AuditTrail

RECORD_EVERY_S = 60.0
MAX_REMEMBERED = 8192


class StillSource(Protocol):
    """What a poster needs of the relay; `relay.contract.Relay` fulfils it."""

    async def poster(self, grant: Grant) -> bytes: ...


class PosterDesk:
    """Shows stills to whoever may watch live for the same purpose."""

    def __init__(
        self,
        *,
        relay: StillSource,
        audit: AuditTrail,
        rules: Callable[[], Rules],
        clock: Clock,
    ) -> None:
        self._relay = relay
        self._audit = audit
        self._rules = rules
        self._clock = clock
        self._recorded: OrderedDict[tuple[str, CameraId, Purpose, bool], float] = OrderedDict()

    async def poster(self, holder: Holder, camera: CameraId, purpose: Purpose) -> bytes:
        """A JPEG. Raises DeniedError, or what the relay raises while it has no picture."""
        request = holder.request(camera, purpose)
        answer = self._decide(request)
        if isinstance(answer, Denial):
            await self._record_denial(holder, request, answer)
            raise DeniedError(answer.code, answer.retry_at)
        if self._is_due(holder, request, True):
            event = granted_event(AuditKind.POSTER_SHOWN, request, answer, None)
            await self._audit.append(event)
        return await self._relay.poster(answer)

    def _decide(self, request: Request) -> Grant | Denial:
        return decide(request, self._rules(), self._clock.now())

    async def _record_denial(self, holder: Holder, request: Request, denial: Denial) -> None:
        if self._is_due(holder, request, False):
            revision = self._rules().revision
            event = denied_event(AuditKind.POSTER_DENIED, request, denial, revision)
            await self._audit.append(event)

    def _is_due(self, holder: Holder, request: Request, shown: bool) -> bool:
        """Whether the last record of this is a minute old; if so, it counts as written now."""
        assert request.purpose is not None, "a poster is asked for with a purpose"
        key = (holder.login, request.camera, request.purpose, shown)
        now_s = self._clock.monotonic()
        last_s = self._recorded.get(key)
        if last_s is not None and now_s - last_s < RECORD_EVERY_S:
            return False
        self._recorded[key] = now_s
        self._recorded.move_to_end(key)
        while len(self._recorded) > MAX_REMEMBERED:
            self._recorded.popitem(last=False)
        return True
