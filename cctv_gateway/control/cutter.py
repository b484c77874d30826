"""Ends the media of a view, whatever the media side does: bounded tries until one succeeds.

Why a view ends and what is recorded of it belong in `control/sessions.py`.
"""

import asyncio
import logging

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.control.views import MediaPort
from cctv_gateway.model import ViewId

log = logging.getLogger(__name__)

# A cut that hangs is given up for now and tried again, so that it delays no other cut.
CUT_LIMIT_S = 0.8
CUT_RETRY_S = 0.2


class Cutter:
    """Cuts views at the media side."""

    def __init__(self, relay: MediaPort, *, clock: Clock, meter: Meter, tasks: TaskOwner) -> None:
        self._relay = relay
        self._clock = clock
        self._meter = meter
        self._tasks = tasks

    async def stop(self, view: ViewId) -> None:
        """Cut now; when the media side fails, return and keep trying behind the caller's back."""
        if not await self._try_cut(view):
            self._tasks.start(self._keep_cutting(view), "cut")

    async def _keep_cutting(self, view: ViewId) -> None:
        while True:
            await self._clock.sleep(CUT_RETRY_S)
            if await self._try_cut(view):
                return

    async def _try_cut(self, view: ViewId) -> bool:
        try:
            async with asyncio.timeout(CUT_LIMIT_S):
                await self._relay.cut(view)
        except (GatewayError, TimeoutError):
            self._meter.note("cut_retried")
            return False
        except Exception:
            # The media side's bug must cost neither the cut nor the record of it.
            log.exception("a bug in the media side failed a cut; it is tried again")
            self._meter.count("cut_faulted")
            return False
        return True
