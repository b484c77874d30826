"""Where the data folder keeps what: the one place that knows its file names.

What is in the files belongs to `store` and to `config/vault.py`.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.store.audit import AuditTable
from cctv_gateway.store.database import Database

PRIVATE_MODE = 0o700
PRIVATE_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The gateway's folder. `database_url` replaces the SQLite file when it is given."""

    path: Path
    database_url: str | None = None

    def make(self) -> None:
        """Create it, for the gateway's user alone."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_MODE)
        except OSError as error:
            raise GatewayError(
                ErrorKind.BAD_REQUEST,
                "DATA_FOLDER",
                f"The data folder {self.path} cannot be made: {error.strerror}. "
                "Choose another with --data.",
            ) from error

    def finding_key(self) -> bytes:
        """The secret that makes ids of found cameras; kept, so that they survive a restart."""
        file = self.path / "finding-key"
        if not file.exists():
            file.touch(mode=PRIVATE_FILE_MODE)
            file.write_bytes(secrets.token_bytes(32))
        return file.read_bytes()

    @property
    def vault_file(self) -> Path:
        return self.path / "vault"

    @property
    def witness_file(self) -> Path:
        return self.path / "audit-head"

    def database(self) -> Database:
        if self.database_url:
            return Database(Redacted(self.database_url))
        return Database.at(self.path / "gateway.sqlite3")

    def audit(self, database: Database) -> AuditTable:
        return AuditTable(database, self.witness_file)


@asynccontextmanager
async def opened(folder: DataFolder) -> AsyncIterator[Database]:
    """The folder's database with its schema up to date, closed with the block."""
    folder.make()
    database = folder.database()
    try:
        await database.open()
        yield database
    finally:
        await database.close()
