"""The vision worker process: serves variants and posters over WebSockets on a Unix socket.

Every connection is one piece of work; who asks for it and starts it again is `client.py`.
"""

import argparse
import asyncio
import faulthandler
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import cv2
from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.poster import make_jpeg
from cctv_gateway.vision.seam import READY_LINE, connection_options
from cctv_gateway.vision.variant import VariantPipeline
from cctv_gateway.vision.wire import (
    Failure,
    Feed,
    Jpeg,
    Message,
    OpenVariant,
    PosterRequest,
    decode_message,
    encode_message,
)

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 128
MAX_THREADS = 8
MEMORY_BYTES = 4 << 30
MAX_OPEN_FILES = 512
NICENESS = 5

T = TypeVar("T")


class Worker:
    """Answers connections; decoding and encoding run in its pool, in order for each of them."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._connections = 0

    async def serve(self, connection: ServerConnection) -> None:
        """One connection from its first message to its end."""
        self._connections += 1
        try:
            await self._answer(connection)
        except GatewayError as error:
            await _send(connection, Failure(FailureCode(error.code)))
        except ConnectionClosed:
            log.debug("a connection ended in the middle of its work")
        finally:
            self._connections -= 1

    async def _answer(self, connection: ServerConnection) -> None:
        if self._connections > MAX_CONNECTIONS:
            raise failure(FailureCode.VISION_BUSY)
        match await _receive(connection):
            case OpenVariant(polygons):
                await self._serve_variant(connection, VariantPipeline(polygons))
            case PosterRequest() as request:
                data = await self._in_pool(lambda: make_jpeg(request))
                await _send(connection, Jpeg(data))
            case _:
                raise failure(FailureCode.VISION_MESSAGE)

    async def _serve_variant(self, connection: ServerConnection, pipeline: VariantPipeline) -> None:
        while True:
            feed = await _receive(connection)
            if not isinstance(feed, Feed):
                raise failure(FailureCode.VISION_MESSAGE)
            await _send(connection, await self._feed(pipeline, feed))

    async def _feed(self, pipeline: VariantPipeline, feed: Feed) -> Message:
        return await self._in_pool(lambda: pipeline.feed(feed))

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def _receive(connection: ServerConnection) -> Message:
    data = await connection.recv()
    if isinstance(data, str):
        raise failure(FailureCode.VISION_MESSAGE)
    return decode_message(data)


async def _send(connection: ServerConnection, message: Message) -> None:
    await connection.send(encode_message(message))


async def run(socket_path: Path) -> None:
    """Serve until SIGTERM or until whoever started this process is gone (end of stdin)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), _read_stdin, stop)
    threads = min(MAX_THREADS, os.cpu_count() or 1)
    worker = Worker(ThreadPoolExecutor(threads, thread_name_prefix="vision"))
    async with unix_serve(worker.serve, str(socket_path), **connection_options()):
        print(READY_LINE, flush=True)  # noqa: T201 - the starter waits for this line
        await stop.wait()
        _leave()


def _read_stdin(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


def _leave() -> None:
    """End at once: a thread inside a decoder can't be interrupted, and nothing here is kept."""
    logging.shutdown()
    os._exit(0)


def limit_process() -> None:
    """What a hostile stream may cost at most. No core file: it would hold pictures."""
    os.umask(0o077)
    os.nice(NICENESS)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    # The starter tells when to end; Ctrl-C in its terminal is not meant for this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def _lower(limit: int, most: int) -> None:
    _, hard = resource.getrlimit(limit)
    new = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (new, new))


def main() -> None:
    parser = argparse.ArgumentParser(description="Decodes, masks and encodes for the gateway.")
    parser.add_argument("--socket", type=Path, required=True, help="path of the Unix socket")
    arguments = parser.parse_args()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    # One line per connection says nothing here; a poster is a connection.
    logging.getLogger("websockets").setLevel(logging.ERROR)
    limit_process()
    arguments.socket.unlink(missing_ok=True)
    asyncio.run(run(arguments.socket))


if __name__ == "__main__":
    main()
