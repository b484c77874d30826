"""The tables as the newest migration leaves them; queries are built on these.

How a database gets there belongs in `store/migrations.py`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "a naive time has no place in the store"
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert isinstance(value, datetime), "the driver returns times"
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("password_hash", Text, nullable=True),
    Column("password_set_at", UtcTime, nullable=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcTime, nullable=True),
    Column("last_login_at", UtcTime, nullable=True),
)

logins = Table(
    "logins",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("csrf", Text, nullable=False),
    Column(
        "account",
        String(200),
        ForeignKey("accounts.account", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("role", String(200), nullable=True),
    Column("agency", String(200), nullable=True),
    Column("terminal", Text, nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index("logins_by_account", "account"),
)  # fmt: skip

audit_records = Table(
    "audit_records",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("account", Text, nullable=True),
    Column("camera", Text, nullable=True),
    Column("view", Text, nullable=True),
    Index("audit_records_by_account", "account", "number"),
    Index("audit_records_by_camera", "camera", "number"),
    Index("audit_records_by_view", "view"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
