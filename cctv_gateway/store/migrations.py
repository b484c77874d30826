"""Numbered steps from an empty database to the tables of today, for SQLite and PostgreSQL.

A step is never edited after a release: what it builds is written out here, apart from
`store/tables.py`, and a test holds the sum of all steps equal to those tables.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, inspect, text

from cctv_gateway.base.errors import ErrorKind, GatewayError

GENESIS_HASH: Final = "0" * 64
# Any number will do, as long as every gateway locks by the same one.
MIGRATION_LOCK: Final = 716_200_001

_FIRST_TABLES = """
CREATE TABLE accounts (
  account VARCHAR(200) NOT NULL PRIMARY KEY,
  password_hash TEXT,
  password_set_at {time},
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until {time},
  last_login_at {time});
CREATE TABLE logins (
  login VARCHAR(64) NOT NULL PRIMARY KEY,
  token_hash VARCHAR(64) NOT NULL UNIQUE,
  csrf TEXT NOT NULL,
  account VARCHAR(200) NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
  role VARCHAR(200),
  agency VARCHAR(200),
  terminal TEXT,
  created_at {time} NOT NULL,
  last_seen_at {time} NOT NULL,
  expires_at {time} NOT NULL);
CREATE INDEX logins_by_account ON logins (account);
CREATE TABLE audit_records (
  number BIGINT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  kind VARCHAR(64) NOT NULL,
  account TEXT,
  camera TEXT,
  view TEXT);
CREATE INDEX audit_records_by_account ON audit_records (account, number);
CREATE INDEX audit_records_by_camera ON audit_records (camera, number);
CREATE INDEX audit_records_by_view ON audit_records (view);
CREATE TABLE audit_head (
  id INTEGER NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  hash VARCHAR(64) NOT NULL);
INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '{genesis}')
"""

_SQLITE_APPEND_ONLY = (
    "CREATE TRIGGER audit_records_no_update BEFORE UPDATE ON audit_records "
    "BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END",
    "CREATE TRIGGER audit_records_no_delete BEFORE DELETE ON audit_records "
    "BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
    "BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END",
)
_POSTGRES_APPEND_ONLY = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit records are append-only'; END $$",
    "CREATE TRIGGER audit_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
    "ON audit_records FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE OR TRUNCATE "
    "ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def _first(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    tables = _FIRST_TABLES.format(
        time="DATETIME" if sqlite else "TIMESTAMP WITH TIME ZONE", genesis=GENESIS_HASH
    )
    for statement in tables.split(";"):
        connection.execute(text(statement))
    for statement in _SQLITE_APPEND_ONLY if sqlite else _POSTGRES_APPEND_ONLY:
        connection.exec_driver_sql(statement)


STEPS: Final[tuple[Callable[[Connection], None], ...]] = (_first,)


def migrate(connection: Connection) -> int:
    """Run the missing steps inside the caller's transaction; the version reached.

    Raises GatewayError(CONFLICT, DATABASE_NEWER) for a database of a later release.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    version = _version(connection)
    if version > len(STEPS):
        raise GatewayError(
            ErrorKind.CONFLICT,
            "DATABASE_NEWER",
            "The database was made by a later release; start that release or restore a backup.",
            "데이터베이스가 더 새로운 버전에서 만들어졌습니다. "
            "해당 버전을 실행하거나 백업을 복원하십시오.",
        )
    for number in range(version + 1, len(STEPS) + 1):
        STEPS[number - 1](connection)
        connection.execute(
            text("INSERT INTO schema_versions (version) VALUES (:version)"), {"version": number}
        )
    return len(STEPS)


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("schema_versions"):
        connection.execute(
            text("CREATE TABLE schema_versions (version INTEGER NOT NULL PRIMARY KEY)")
        )
    found = connection.execute(text("SELECT max(version) FROM schema_versions")).scalar()
    return int(found or 0)
