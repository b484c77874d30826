"""The worker process by itself: its limits, its end, and what it answers to nonsense."""

import asyncio
import os
import random
import resource
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from cctv_gateway.vision.seam import READY_LINE, connection_options
from cctv_gateway.vision.wire import (
    Failure,
    Feed,
    Jpeg,
    OpenVariant,
    Outcome,
    PosterRequest,
    Result,
    decode_message,
    encode_message,
)
from cctv_gateway.vision.worker import MEMORY_BYTES
from tests.vision.footage import film

MASK = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75))


@asynccontextmanager
async def started(path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cctv_gateway.vision.worker", "--socket", str(path),
        stdin=pipe, stdout=pipe,
    )  # fmt: skip
    assert process.stdout
    assert process.stdin
    assert (await process.stdout.readline()).decode().strip() == READY_LINE
    try:
        yield process
    finally:
        process.stdin.close()
        await process.wait()
        await process.stdout.read()


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Path]:
    async with started(tmp_path / "vision.sock"):
        yield tmp_path / "vision.sock"


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[ClientConnection]:
    async with unix_connect(str(path), **connection_options()) as connection:
        yield connection


async def ask(connection: ClientConnection, data: bytes | str) -> object:
    await connection.send(data)
    answer = await connection.recv()
    assert isinstance(answer, bytes)
    return decode_message(answer)


@pytest.mark.parametrize("how", ["terminate", "parent gone"])
async def test_it_ends_at_once(tmp_path: Path, how: str) -> None:
    async with started(tmp_path / "vision.sock") as process:
        began_s = time.monotonic()
        if how == "terminate":
            process.send_signal(signal.SIGTERM)
        else:
            assert process.stdin
            process.stdin.close()
        assert await process.wait() == 0
        assert time.monotonic() - began_s < 1.0


async def test_it_outlives_ctrl_c_and_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "vision.sock"
    async with started(path) as process:
        process.send_signal(signal.SIGINT)
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(process.pid, resource.RLIMIT_AS) == (MEMORY_BYTES, MEMORY_BYTES)
        assert os.stat(path).st_mode & 0o077 == 0
        async with connected(path) as connection:
            request = PosterRequest(film().units[:1], (), 100)
            assert isinstance(await ask(connection, encode_message(request)), Jpeg)


NONSENSE: list[bytes | str] = [
    b"",
    b"\x01",
    b"\x01\x63",
    b"\xff" * 100,
    "text",
    encode_message(Feed(film().units[0])),
    encode_message(Jpeg(b"")),
    encode_message(OpenVariant(())),
]


async def test_nonsense_is_answered_and_the_next_one_served(worker: Path) -> None:
    noise = random.Random(2)
    for data in [*NONSENSE, *(b"\x01" + noise.randbytes(60) for _ in range(20))]:
        async with connected(worker) as connection:
            assert isinstance(await ask(connection, data), Failure)
            with pytest.raises(ConnectionClosed):
                await connection.recv()
    async with connected(worker) as connection:
        await connection.send(encode_message(OpenVariant((MASK,))))
        result = await ask(connection, encode_message(Feed(film().units[0])))
        assert isinstance(result, Result)
        assert result.outcome is Outcome.DONE
        assert isinstance(await ask(connection, "text"), Failure)


async def test_bytes_that_are_no_websocket_harm_nobody(worker: Path) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(worker))
        raw.sendall(random.Random(3).randbytes(5000))
    async with connected(worker) as connection:
        request = PosterRequest(film().units[:1], (MASK,), 100)
        assert isinstance(await ask(connection, encode_message(request)), Jpeg)
