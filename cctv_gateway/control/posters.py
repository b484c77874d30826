"""Stills for lists: decided like a live view, recorded once a minute for each login and camera.

Making the picture belongs to the media side.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from cctv_gateway.base.clock import Clock
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.decide import decide
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.views import denied_event, granted_event, shows
from cctv_gateway.model import CameraId, Denial, EndReason, Grant, Purpose

RECORD_EVERY_S: Final = 60.0
MAX_REMEMBERED: Final = 20_000

# Login, camera, purpose, and the code of a refusal: what counts as the same thing happening again.
_Shown = tuple[str, CameraId, Purpose, str | None]


class PosterDesk:
    """Answers with a JPEG for whoever may watch the camera live just now."""

    def __init__(
        self,
        *,
        clock: Clock,
        audit: AuditLog,
        rules: Callable[[], Rules],
        picture: Callable[[Grant], Awaitable[bytes]],
    ) -> None:
        self._clock = clock
        self._audit = audit
        self._rules = rules
        self._picture = picture
        self._recorded: dict[_Shown, float] = {}

    async def poster(self, who: Holder, camera: CameraId, purpose: Purpose) -> bytes:
        """Raises DeniedError, GatewayError(OVERLOADED, AUDIT_*), or what the media side says."""
        grant = await self._decide(who, camera, purpose)
        event = granted_event(AuditKind.POSTER_SHOWN, who.request(camera, purpose), grant, None)
        await self._record((who.login, camera, purpose, None), event)
        jpeg = await self._picture(grant)
        # A camera that must be opened takes seconds, in which the right may end or change.
        if shows(await self._decide(who, camera, purpose)) != shows(grant):
            raise DeniedError(EndReason.RIGHTS_CHANGED)
        return jpeg

    async def _decide(self, who: Holder, camera: CameraId, purpose: Purpose) -> Grant:
        request, rules = who.request(camera, purpose), self._rules()
        answer = decide(request, rules, self._clock.now())
        if isinstance(answer, Denial):
            event = denied_event(AuditKind.POSTER_DENIED, request, answer, rules.revision)
            await self._record((who.login, camera, purpose, answer.code.value), event)
            raise DeniedError(answer.code, answer.retry_at)
        return answer

    async def _record(self, shown: _Shown, event: AuditEvent) -> None:
        now_s = self._clock.monotonic()
        if now_s - self._recorded.get(shown, float("-inf")) < RECORD_EVERY_S:
            return
        await self._audit.append(event)
        # Taken out first, so that the dict stays in the order of time.
        self._recorded.pop(shown, None)
        self._recorded[shown] = now_s
        while len(self._recorded) > MAX_REMEMBERED:
            del self._recorded[next(iter(self._recorded))]
