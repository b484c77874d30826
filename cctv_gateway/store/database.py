"""Opens the database, sets it to durable, and hands out transactions.

Queries belong in the repositories beside this module; foreign errors end here as GatewayError.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.store.migrations import migrate

BUSY_TIMEOUT_MS = 5000
POOL_SIZE = 5
CONNECT_LIMIT_S = 10
WRITES = "gateway_writes"


class Database:
    """One database: a SQLite file (WAL, every commit on disk) or PostgreSQL by its URL."""

    def __init__(self, url: Redacted[str]) -> None:
        self._engine = _engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        # SQLite has one writer; waiting here is fair, waiting inside it is not.
        self._writing = asyncio.Lock()

    @classmethod
    def at(cls, path: Path) -> Self:
        return cls(Redacted(f"sqlite+aiosqlite:///{path}"))

    async def open(self) -> int:
        """Bring the schema up to date; its version."""
        async with self.write() as connection:
            return await connection.run_sync(migrate)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        with _translated():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed, and durable, when the block ends without an error."""
        async with AsyncExitStack() as stack:
            if self._sqlite:
                await stack.enter_async_context(self._writing)
            stack.enter_context(_translated())
            connection = await stack.enter_async_context(self._engine.connect())
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                yield connection


def _engine(url: Redacted[str]) -> AsyncEngine:
    try:
        parsed = make_url(url.reveal())
        if parsed.drivername in ("sqlite", "postgresql", "postgres"):
            driver = "sqlite+aiosqlite" if parsed.drivername == "sqlite" else "postgresql+asyncpg"
            parsed = parsed.set(drivername=driver)
        if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
            raise ArgumentError("neither SQLite nor PostgreSQL")
    except (ArgumentError, ValueError) as error:
        # The cause may quote the URL with its password, so it is not chained.
        raise _bad_url() from (None if isinstance(error, ValueError) else error.__cause__)
    if parsed.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(parsed, hide_parameters=True, pool_size=POOL_SIZE)
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
        return engine
    return create_async_engine(
        parsed,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_LIMIT_S},
    )


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late and takes no write lock; ours is in _on_sqlite_begin.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise _conflict() from error
    except (SQLAlchemyError, OSError) as error:
        raise _unreachable() from error


def _bad_url() -> GatewayError:
    return GatewayError(
        ErrorKind.BAD_REQUEST,
        "DATABASE_URL",
        "The database URL must look like sqlite:///path/to/file.db or postgresql://user@host/name.",
        "데이터베이스 URL은 sqlite:///경로/파일.db 또는 "
        "postgresql://사용자@호스트/이름 형식이어야 합니다.",
    )


def _conflict() -> GatewayError:
    return GatewayError(
        ErrorKind.CONFLICT,
        "DATABASE_CONFLICT",
        "Somebody else changed the same thing at the same time; look again and repeat.",
        "다른 사용자가 동시에 같은 항목을 변경했습니다. 다시 확인한 뒤 시도하십시오.",
    )


def _unreachable() -> GatewayError:
    return GatewayError(
        ErrorKind.UNREACHABLE,
        "DATABASE_FAILED",
        "The database does not answer; check that it runs and that its disk is not full.",
        "데이터베이스가 응답하지 않습니다. 실행 여부와 디스크 여유 공간을 확인하십시오.",
    )
