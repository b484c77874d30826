"""Keeps one stream of one camera running: state, retry with backoff, holds, and its counters.

The RTSP conversation itself belongs in `conversation.py` and below; demand belongs to the relay.
"""

import asyncio
import logging
import random as randomness
from collections.abc import Callable
from datetime import datetime

from cctv_gateway.base.backoff import delay_s
from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import Redacted
from cctv_gateway.ingest.auth import Authenticator
from cctv_gateway.ingest.connection import CameraConnection, CameraMemory, Ending
from cctv_gateway.ingest.conversation import Dial, dial_tcp, follow
from cctv_gateway.ingest.failures import CREDENTIAL_FAILURES
from cctv_gateway.ingest.rtsp_url import RtspUrl, parse_url
from cctv_gateway.model import (
    AccessUnit,
    CameraId,
    CameraState,
    Credentials,
    Profile,
    StreamStatus,
)

log = logging.getLogger(__name__)

# A camera that was live for so long failed anew, not again.
STABLE_S = 30.0
B_PICTURES = "B_PICTURES"


class CameraSource:
    """One supervised pull. Keep it from demand to demand: it remembers a refused password.

    AUTH_FAILED holds without another try (cameras lock accounts) until a new source is made for
    the changed link; FAULTED, a bug of ours, holds until the next `run`.
    """

    def __init__(
        self,
        *,
        camera: CameraId,
        profile: Profile,
        url: Redacted[str],
        credentials: Credentials | None,
        push: Callable[[AccessUnit], None],
        interrupted: Callable[[], None],
        on_status: Callable[[StreamStatus], None],
        clock: Clock,
        meter: Meter,
        random: Callable[[], float] = randomness.random,
        gate: asyncio.Semaphore | None = None,
        dial: Dial = dial_tcp,
    ) -> None:
        self._name = f"{camera}/{profile}"
        self._url = url
        self._credentials = credentials
        self._push = push
        self._interrupted = interrupted
        self._on_status = on_status
        self._clock = clock
        self._meter = meter
        self._random = random
        self._gate = gate
        self._dial = dial
        self._memory = CameraMemory.blank()
        self._connection: CameraConnection | None = None
        self._state = CameraState.IDLE
        self._since: datetime = clock.now()
        self._detail = ""
        self._live_since_s: float | None = None
        self._failures = 0
        self._tries = 0
        self._frames = self._bytes = self._lost = 0

    @property
    def status(self) -> StreamStatus:
        frames, octets, lost = _counters(self._connection)
        return StreamStatus(
            state=self._state,
            since=self._since,
            detail_code=self._detail,
            frames=self._frames + frames,
            bytes=self._bytes + octets,
            lost_packets=self._lost + lost,
            reconnects=max(self._tries - 1, 0),
        )

    async def run(self) -> None:
        """Connect, read, retry for ever; ends only by cancellation, with a bounded TEARDOWN."""
        try:
            if self._state is not CameraState.AUTH_FAILED:
                await self._keep_reading()
            await asyncio.Event().wait()
        finally:
            if self._state is not CameraState.AUTH_FAILED:
                self._become(CameraState.IDLE)

    async def _keep_reading(self) -> None:
        """Returns when another try is useless."""
        while True:
            self._become(CameraState.CONNECTING)
            self._live_since_s = None
            try:
                await self._run_once()
            except GatewayError as error:
                self._meter.note(f"ingest_{error.code.lower()}", self._name)
                if error.code in CREDENTIAL_FAILURES:
                    self._become(CameraState.AUTH_FAILED, error.code)
                    return
                self._failed(error)
            except Exception:
                log.exception("%s: a bug here stopped this camera; the others go on", self._name)
                self._meter.count("ingest_faulted")
                self._become(CameraState.FAULTED, "BUG")
                return
            await self._clock.sleep(delay_s(self._failures, self._random()))

    def _failed(self, error: GatewayError) -> None:
        lived_s = 0.0
        if self._live_since_s is not None:
            lived_s = self._clock.monotonic() - self._live_since_s
        self._failures = 1 if lived_s >= STABLE_S else self._failures + 1
        self._become(CameraState.BACKOFF, error.code)

    async def _run_once(self) -> None:
        """One conversation; always ends by raising why."""
        url = parse_url(self._url.reveal())
        authenticator = Authenticator(self._credentials)
        self._tries += 1
        place = _Place(self._gate)

        def make(target: RtspUrl) -> CameraConnection:
            self._close_books()
            self._connection = CameraConnection(
                url=target,
                authenticator=authenticator,
                memory=self._memory,
                deliver=self._on_unit,
                on_playing=place.leave,
                clock=self._clock,
                meter=self._meter,
            )
            return self._connection

        try:
            await place.enter()
            ending = await follow(url, make, self._clock, self._dial)
        finally:
            place.leave()
            self._end_connection()
        _raise(ending)

    def _on_unit(self, unit: AccessUnit) -> None:
        if self._live_since_s is None:
            self._live_since_s = unit.received_s
            self._become(CameraState.LIVE)
        self._push(unit)

    def _end_connection(self) -> None:
        if self._live_since_s is not None:
            self._interrupted()
        if self._connection is not None and self._connection.b_pictures:
            self._meter.note("ingest_b_pictures", self._name)
        self._close_books()

    def _close_books(self) -> None:
        frames, octets, lost = _counters(self._connection)
        self._frames += frames
        self._bytes += octets
        self._lost += lost
        self._connection = None

    def _become(self, state: CameraState, detail: str = "") -> None:
        if (state, detail) == (self._state, self._detail):
            return
        self._state, self._detail = state, detail
        self._since = self._clock.now()
        self._on_status(self.status)


class _Place:
    """A place among the connects that one link carries at a time; left as soon as it plays."""

    def __init__(self, gate: asyncio.Semaphore | None) -> None:
        self._gate = gate
        self._inside = False

    async def enter(self) -> None:
        if self._gate is not None:
            await self._gate.acquire()
            self._inside = True

    def leave(self) -> None:
        if self._inside and self._gate is not None:
            self._inside = False
            self._gate.release()


def _counters(connection: CameraConnection | None) -> tuple[int, int, int]:
    """Frames, bytes and lost packets of the running connection."""
    if connection is None or connection.unit is None:
        return 0, 0, 0
    unit = connection.unit
    return unit.delivered, unit.slice_bytes, connection.lost_packets


def _raise(ending: Ending) -> None:
    assert isinstance(ending, Exception), "a supervised connection ends by a failure only"
    raise ending
