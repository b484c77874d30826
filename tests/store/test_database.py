"""The database: durable settings, migrations that meet the tables, errors without secrets."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.store.database import Database
from cctv_gateway.store.migrations import STEPS
from cctv_gateway.store.tables import metadata


def _shape(connection: Connection) -> dict[str, list[tuple[str, str, bool]]]:
    found = inspect(connection)
    return {
        table: [
            (one["name"], str(one["type"]), bool(one["nullable"]))
            for one in found.get_columns(table)
        ]
        for table in sorted(found.get_table_names())
    }


def _indexes(connection: Connection) -> set[tuple[str, tuple[str | None, ...]]]:
    found = inspect(connection)
    return {
        (table, tuple(index["column_names"]))
        for table in found.get_table_names()
        for index in found.get_indexes(table)
        if not index["unique"]
    }


async def test_the_steps_end_at_the_tables(database: Database) -> None:
    async with database.read() as connection:
        migrated = await connection.run_sync(_shape)
        indexes = await connection.run_sync(_indexes)
    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.exec_driver_sql(f"DROP TABLE {table.name}")
        await connection.run_sync(metadata.create_all)
    async with database.read() as connection:
        assert await connection.run_sync(_shape) == migrated
        assert await connection.run_sync(_indexes) == indexes


async def test_opening_again_changes_nothing(database: Database) -> None:
    assert await database.open() == len(STEPS)
    assert await database.open() == len(STEPS)


async def test_a_newer_database_is_refused(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO schema_versions VALUES (999)"))
    with pytest.raises(GatewayError) as raised:
        await database.open()
    assert raised.value.code == "DATABASE_NEWER"


async def _write(database: Database, *statements: str) -> None:
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


INSERT = "INSERT INTO accounts (account) VALUES ('kim')"


async def test_a_failed_block_leaves_nothing(database: Database) -> None:
    with pytest.raises(GatewayError) as raised:
        await _write(database, INSERT, "INSERT INTO nowhere VALUES (1)")
    assert raised.value.code == "DATABASE_FAILED"
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM accounts"))).scalar() == 0


async def test_conflicts_are_told_apart(database: Database) -> None:
    with pytest.raises(GatewayError) as raised:
        await _write(database, INSERT, INSERT)
    assert (raised.value.kind, raised.value.code) == (ErrorKind.CONFLICT, "DATABASE_CONFLICT")


async def test_sqlite_is_set_to_durable(tmp_path: Path) -> None:
    database = Database.at(tmp_path / "gateway.db")
    await database.open()
    found = []
    async with database.read() as connection:
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            found.append((await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar())
    await database.close()
    assert found == ["wal", 2, 1, 5000]


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:hunter2@h/db", "sqlite+pysqlite:///x", "postgresql://u:p@h:x/d"],
)
def test_urls_that_fit_nothing(url: str) -> None:
    with pytest.raises(GatewayError) as raised:
        Database(Redacted(url))
    assert raised.value.code == "DATABASE_URL"
    assert "hunter2" not in str(raised.value)


async def test_a_database_that_does_not_answer() -> None:
    database = Database(Redacted("postgresql://gateway:hunter2@127.0.0.1:1/none"))
    with pytest.raises(GatewayError) as raised:
        await database.open()
    assert raised.value.code == "DATABASE_FAILED"
    assert "hunter2" not in str(raised.value)
    await database.close()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database" * 100)
    database = Database.at(path)
    with pytest.raises(GatewayError) as raised:
        await database.open()
    assert raised.value.code == "DATABASE_FAILED"
    await database.close()
