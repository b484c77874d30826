"""Stores records that must not be lost but cannot wait: closings are retried until they are kept.

Records that come before an act (openings, denials) are awaited by the actor, not sent here.
"""

import asyncio
import random
from dataclasses import replace

from cctv_gateway.base.backoff import delay_s
from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control.audit import AuditEvent
from cctv_gateway.control.audit_log import AuditLog

RETRY_BASE_S = 0.5
RETRY_CAP_S = 30.0


class Recorder:
    """Keeps each event until the audit has it. Bounded, since views open only with an audit."""

    def __init__(self, audit: AuditLog, *, clock: Clock, meter: Meter, tasks: TaskOwner) -> None:
        self._audit = audit
        self._clock = clock
        self._meter = meter
        self._tasks = tasks
        self._pending: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        return len(self._pending)

    def submit(self, event: AuditEvent) -> None:
        task = self._tasks.start(self._record(event), "record")
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def settle(self, limit_s: float) -> bool:
        """Wait, for a limited real time, until all that was submitted is durable."""
        if self._pending:
            await asyncio.wait(set(self._pending), timeout=limit_s)
        return not self._pending

    async def _record(self, event: AuditEvent) -> None:
        happened_at = self._clock.now()
        failures = 0
        while True:
            try:
                await self._audit.append(event)
                return
            except GatewayError as error:
                failures += 1
                self._meter.note("audit_retried", error.code)
            if failures == 1:
                late = f"happened at {happened_at.isoformat(timespec='milliseconds')}"
                event = replace(event, detail=" ".join(filter(None, (event.detail, late))))
            await self._clock.sleep(delay_s(failures, random.random(), RETRY_BASE_S, RETRY_CAP_S))  # noqa: S311
