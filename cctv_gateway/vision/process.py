"""The worker's process as the gateway holds it: start, readiness, its log lines, its end.

When to start it again, and what it is for, belongs in `client.py`.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import cctv_gateway
from cctv_gateway.base.redact import redact
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.vision.failure import FailureCode, failure
from cctv_gateway.vision.seam import READY_LINE

log = logging.getLogger(__name__)

START_S = 15.0
TERMINATE_S = 0.8
_LINE_CHARS = 500
_READ_BYTES = 4096
# The worker parses what strangers send: it inherits no secret that the gateway was started with.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "TZ")
_THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class WorkerProcess:
    """A running worker that answers on `socket_path`."""

    def __init__(self, process: asyncio.subprocess.Process, socket_path: Path) -> None:
        self._process = process
        self.socket_path = socket_path

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> int:
        """Its exit status; negative is the signal that ended it."""
        return await self._process.wait()

    def kill(self) -> None:
        """End it now; for a worker that does not answer."""
        if self._process.returncode is None:
            self._process.kill()


@asynccontextmanager
async def running_worker(socket_path: Path) -> AsyncIterator[WorkerProcess]:
    """A worker for the length of the block; it is gone, pipes and socket too, when it ends.

    Raises VISION_DOWN when it does not become ready.
    """
    process = await _spawn(socket_path)
    assert process.stdin, "spawned with pipes"
    try:
        async with TaskOwner("vision-worker") as tasks:
            lines = tasks.start(_forward_log(process), "log")
            try:
                await _until_ready(process)
                yield WorkerProcess(process, socket_path)
            finally:
                process.stdin.close()
                await _end(process)
            await lines
    finally:
        _remove(socket_path)


async def _spawn(socket_path: Path) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "cctv_gateway.vision.worker", "--socket", str(socket_path))
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment(),
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise failure(FailureCode.VISION_DOWN) from error


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    package_root = Path(cctv_gateway.__file__).parents[1]
    return {**inherited, **_THREADS, "PYTHONPATH": str(package_root), "PYTHONUNBUFFERED": "1"}


async def _until_ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout, "spawned with pipes"
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.read(_READ_BYTES)
    except TimeoutError as error:
        raise failure(FailureCode.VISION_DOWN) from error
    if line.decode(errors="replace").strip() != READY_LINE:
        raise failure(FailureCode.VISION_DOWN)


def _remove(socket_path: Path) -> None:
    socket_path.unlink(missing_ok=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, then end it; a cancelled caller still leaves no process behind."""
    try:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(TERMINATE_S):
            await process.wait()
    except TimeoutError:
        log.warning("the vision worker did not end in time and is killed")
    finally:
        if process.returncode is None:
            process.kill()
    await process.wait()


async def _forward_log(process: asyncio.subprocess.Process) -> None:
    """Its stderr, line by line and bounded, as log lines of ours."""
    assert process.stderr, "spawned with pipes"
    rest = ""
    while data := await process.stderr.read(_READ_BYTES):
        *lines, rest = (rest + data.decode(errors="replace")).split("\n")
        rest = rest[-_LINE_CHARS:]
        for line in lines:
            log.info("worker: %s", redact(line[:_LINE_CHARS]))
