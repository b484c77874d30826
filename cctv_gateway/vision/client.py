"""The gateway's side of vision: keeps the worker running and hands it variants and posters.

No picture is decoded in this process; it imports neither FFmpeg nor OpenCV nor NumPy.
"""

import asyncio
import dataclasses
import logging
import random as random_module
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from cctv_gateway.base.backoff import delay_s
from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.hub.hub import Hub
from cctv_gateway.model import AccessUnit, Polygon
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.inbox import Entry, Inbox
from cctv_gateway.vision.polygons import check_mask
from cctv_gateway.vision.process import WorkerProcess, running_worker
from cctv_gateway.vision.seam import connection_options
from cctv_gateway.vision.wire import (
    Failure,
    Feed,
    Jpeg,
    Message,
    OpenVariant,
    Outcome,
    PosterRequest,
    Result,
    decode_message,
    encode_message,
)

log = logging.getLogger(__name__)

SOCKET_NAME = "vision.sock"
# Decoding one unit takes milliseconds; a worker that needs this long hangs and is killed.
ANSWER_S = 5.0
POSTER_S = 8.0
POSTERS_AT_ONCE = 4
POSTERS_WAITING = 256
STABLE_S = 30.0
_RESTART_BASE_S, _RESTART_CAP_S = 0.2, 30.0
# Long enough not to spin while a dying worker's socket still stands.
RESUME_S = 0.05
_RESUME_BASE_S, _RESUME_CAP_S = 1.0, 60.0


class VisionClient:
    """One worker, shared by all variants and posters of this gateway."""

    def __init__(
        self,
        *,
        clock: Clock,
        meter: Meter,
        socket_dir: Path,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self._clock = clock
        self._meter = meter
        self._socket_dir = socket_dir
        self._random = random
        self._worker: WorkerProcess | None = None
        self._changed = asyncio.Event()
        self._poster_slots = asyncio.Semaphore(POSTERS_AT_ONCE)
        self._posters = 0

    @property
    def ready(self) -> bool:
        """Whether a worker answers now."""
        return self._worker is not None

    async def run(self) -> None:
        """Keep a worker running; ends by cancellation only, and then leaves no process behind."""
        self._socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        failures = 0
        while True:
            started_s = self._clock.monotonic()
            try:
                await self._run_once()
            except GatewayError as error:
                self._meter.note("vision.worker_not_started", error.code)
            stable = self._clock.monotonic() - started_s > STABLE_S
            failures = 0 if stable else failures + 1
            # The first restart is at once: views hang on it.
            if failures > 1:
                wait_s = delay_s(failures - 1, self._random(), _RESTART_BASE_S, _RESTART_CAP_S)
                await self._clock.sleep(wait_s)

    async def variant(self, source: Hub, target: Hub, polygons: tuple[Polygon, ...]) -> None:
        """Mask `source` into `target` until cancelled; one decode and encode for each call.

        Resumes by itself after a crash of the worker. Raises `GatewayError` when the pictures
        can't be masked, MASK_INVALID also for no polygons at all: then nothing would be hidden.
        """
        check_mask(polygons)
        inbox = Inbox(lambda units: self._meter.count("vision.late_units", units), target.interrupt)
        subscription = source.subscribe(inbox)
        try:
            await self._keep_serving(_Variant(source, target, polygons, inbox))
        finally:
            subscription.close()
            target.interrupt()

    async def jpeg(
        self, units: Sequence[AccessUnit], polygons: tuple[Polygon, ...], max_width: int
    ) -> bytes:
        """The last picture of `units` (keyframe first) with the polygons painted over, as JPEG.

        No polygons means the raw picture. Raises `GatewayError` only, within `POSTER_S`.
        """
        request = encode_message(PosterRequest(tuple(units), polygons, max_width))
        if self._posters >= POSTERS_WAITING:
            raise failure(FailureCode.VISION_BUSY)
        self._posters += 1
        try:
            async with asyncio.timeout(POSTER_S), self._poster_slots:
                return await self._poster(await self._running(), request)
        except TimeoutError as error:
            raise failure(FailureCode.VISION_TIMEOUT) from error
        finally:
            self._posters -= 1

    async def _run_once(self) -> None:
        async with running_worker(self._socket_dir / SOCKET_NAME) as worker:
            self._meter.count("vision.worker_starts")
            self._replace_worker(worker)
            try:
                status = await worker.wait()
            finally:
                self._replace_worker(None)
        self._meter.note("vision.worker_ended", f"with status {status}")

    def _replace_worker(self, worker: WorkerProcess | None) -> None:
        self._worker = worker
        if worker:
            self._changed.set()
        else:
            self._changed.clear()

    async def _running(self) -> WorkerProcess:
        while self._worker is None:
            await self._changed.wait()
        return self._worker

    async def _keep_serving(self, variant: "_Variant") -> None:
        failures = 0
        while True:
            worker = await self._running()
            started_s = self._clock.monotonic()
            suspect = await self._serve(worker, variant)
            variant.target.interrupt()
            self._meter.note("vision.variants_lost")
            stable = self._clock.monotonic() - started_s > STABLE_S
            failures = 0 if stable or not suspect else failures + 1
            await self._clock.sleep(self._resume_after_s(failures))

    def _resume_after_s(self, failures: int) -> float:
        """A variant whose own unit was under way each time may be what kills the workers."""
        if failures <= 1:
            return RESUME_S
        return delay_s(failures - 1, self._random(), _RESUME_BASE_S, _RESUME_CAP_S)

    async def _serve(self, worker: WorkerProcess, variant: "_Variant") -> bool:
        """Feed a variant until the worker is lost; whether it was lost over a unit of ours."""
        busy = False
        inbox = variant.inbox
        try:
            async with _connected(worker) as connection:
                await connection.send(encode_message(OpenVariant(variant.polygons)))
                inbox.begin(variant.source.replay(), variant.target.last_rtp_90k)
                while True:
                    entry = await inbox.take()
                    epoch, busy = inbox.epoch, True
                    result = await self._feed(worker, connection, entry)
                    busy = False
                    if inbox.epoch == epoch:
                        variant.push(result, entry.unit)
        except _ConnectionLost:
            return busy
        finally:
            inbox.end()

    async def _feed(
        self, worker: WorkerProcess, connection: ClientConnection, entry: Entry
    ) -> Result:
        request = encode_message(Feed(entry.unit, entry.silent, entry.fresh))
        answer = await _exchange(worker, connection, request)
        if not isinstance(answer, Result):
            raise _unexpected(answer)
        if answer.outcome is Outcome.UNREADABLE:
            self._meter.note("vision.unreadable_units")
        return answer

    async def _poster(self, worker: WorkerProcess, request: bytes) -> bytes:
        try:
            async with _connected(worker) as connection:
                answer = await _exchange(worker, connection, request)
        except _ConnectionLost as error:
            raise failure(FailureCode.VISION_DOWN) from error
        if not isinstance(answer, Jpeg):
            raise _unexpected(answer)
        self._meter.count("vision.posters")
        return answer.data


@dataclasses.dataclass(frozen=True, slots=True)
class _Variant:
    """One call of `VisionClient.variant`."""

    source: Hub
    target: Hub
    polygons: tuple[Polygon, ...]
    inbox: Inbox

    def push(self, result: Result, unit: AccessUnit) -> None:
        for masked in result.units:
            self.target.push(masked._replace(received_s=unit.received_s))


class _ConnectionLost(Exception):
    """The worker, or the connection to it, is gone; the caller decides what that means."""


@asynccontextmanager
async def _connected(worker: WorkerProcess) -> AsyncIterator[ClientConnection]:
    path = str(worker.socket_path)
    try:
        async with unix_connect(path, open_timeout=ANSWER_S, **connection_options()) as connection:
            yield connection
    except TimeoutError as error:
        worker.kill()
        raise _ConnectionLost from error
    except (OSError, InvalidHandshake, ConnectionClosed) as error:
        raise _ConnectionLost from error


async def _exchange(worker: WorkerProcess, connection: ClientConnection, request: bytes) -> Message:
    """The worker's answer; a worker that owes it too long is killed, as it may never give it."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await connection.send(request)
            data = await connection.recv()
    except TimeoutError as error:
        worker.kill()
        raise _ConnectionLost from error
    if isinstance(data, str):
        raise failure(FailureCode.VISION_MESSAGE)
    return decode_message(data)


def _unexpected(answer: Message) -> GatewayError:
    return failure(answer.code if isinstance(answer, Failure) else FailureCode.VISION_MESSAGE)
