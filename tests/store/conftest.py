"""Every test of the store runs on SQLite, and on PostgreSQL where its server is installed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cctv_gateway.base.redact import Redacted
from cctv_gateway.store.database import Database
from tests.store import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = Database(Redacted(database_url))
    if database_url.startswith("postgresql"):
        async with opened.write() as connection:
            await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            await connection.exec_driver_sql("CREATE SCHEMA public")
    await opened.open()
    yield opened
    await opened.close()
