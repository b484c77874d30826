"""The only door to `create_task`: every task has an owner that waits for its end.

Retry, backoff and meaning of a failure belong to the owners, not here.
"""

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

log = logging.getLogger(__name__)

# A failure holds all that its frames held, so only the first ones are kept; all are logged.
MAX_FAILURES = 16


class TaskOwner:
    """A set of tasks that ends with its block: `async with TaskOwner("relay") as tasks`.

    Unlike `asyncio.TaskGroup`, one task's failure does not cancel its siblings (one camera's
    bug must not stop the city): it is logged with its traceback, and the first ones are kept in
    `failures`.
    Leaving the block cancels what still runs and waits for it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False
        self.failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run `work` until it ends or the owner closes."""
        if self._closing:
            work.close()
            raise RuntimeError(f"{self._name} is closing and starts no {name}")
        task = asyncio.create_task(work, name=f"{self._name}/{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel what runs and wait for its end; safe to call twice."""
        self._closing = True
        current = asyncio.current_task()
        pending = [task for task in self._tasks if task is not current]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    @property
    def closing(self) -> bool:
        return self._closing

    def __len__(self) -> int:
        return len(self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if len(self.failures) < MAX_FAILURES:
                self.failures.append(error)
            log.error("task %s failed", task.get_name(), exc_info=error)
