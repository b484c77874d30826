"""Runs connections to their end on the injected clock: dial, wake, follow redirects, TEARDOWN.

What a failure means for the next try belongs in `supervisor.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import GatewayError
from cctv_gateway.ingest.connection import CameraConnection, Ending
from cctv_gateway.ingest.failures import Failure, failed
from cctv_gateway.ingest.rtsp_url import RtspUrl
from cctv_gateway.ingest.session import Reopen

TEARDOWN_WITHIN_S = 1.0
MAX_HOPS = 4
# Until the stream plays, deadlines may come closer while we sleep.
_HANDSHAKE_SLICE_S = 1.0

Dial = Callable[[RtspUrl, CameraConnection], Awaitable[None]]


async def dial_tcp(url: RtspUrl, connection: CameraConnection) -> None:
    """Connect the protocol; raises OSError."""
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: connection, url.host, url.port)


async def follow(
    url: RtspUrl,
    make: Callable[[RtspUrl], CameraConnection],
    clock: Clock,
    dial: Dial = dial_tcp,
    until_s: float = float("inf"),
) -> Ending:
    """One conversation with a camera, over as many connections as it asks for (bounded)."""
    for _ in range(MAX_HOPS):
        ending = await _converse(url, make(url), clock, dial, until_s)
        if not isinstance(ending, Reopen):
            return ending
        url = ending.url
    return failed(Failure.TOO_MANY_REDIRECTS)


async def _converse(
    url: RtspUrl, connection: CameraConnection, clock: Clock, dial: Dial, until_s: float
) -> Ending:
    try:
        async with asyncio.TaskGroup() as tasks:
            helpers = (
                tasks.create_task(_watch(connection, clock, until_s)),
                tasks.create_task(_dial(url, connection, dial)),
            )
            try:
                ending = await connection.ended
            finally:
                for helper in helpers:
                    helper.cancel()
        return ending
    finally:
        await _leave(connection, clock)


async def _dial(url: RtspUrl, connection: CameraConnection, dial: Dial) -> None:
    try:
        await dial(url, connection)
    except OSError as error:
        unreachable: GatewayError = failed(Failure.CAMERA_UNREACHABLE)
        unreachable.__cause__ = error
        connection.end(unreachable)


async def _watch(connection: CameraConnection, clock: Clock, until_s: float) -> None:
    while (now := clock.monotonic()) < until_s:
        connection.wake(now)
        connection.count_faults()
        wait_s = min(connection.deadline, until_s) - now
        await clock.sleep(wait_s if connection.playing else min(wait_s, _HANDSHAKE_SLICE_S))
    connection.end(None)


async def _leave(connection: CameraConnection, clock: Clock) -> None:
    """TEARDOWN, so that the camera's few sessions are free again; never longer than a second."""
    connection.leave()
    connection.count_faults()
    try:
        async with asyncio.TaskGroup() as tasks:
            alarm = tasks.create_task(_abort_later(connection, clock))
            await connection.closed
            alarm.cancel()
    finally:
        connection.abort()


async def _abort_later(connection: CameraConnection, clock: Clock) -> None:
    await clock.sleep(TEARDOWN_WITHIN_S)
    connection.abort()
