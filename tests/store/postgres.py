"""A throw-away PostgreSQL server for the tests: own folder, Unix socket, stopped at the end."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

NOBODY = ("postgres", "nobody")


def binaries() -> Path | None:
    """Where initdb and pg_ctl live; None when PostgreSQL's server is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return None if on_path is None else Path(on_path).resolve().parent


@contextmanager
def server() -> Iterator[str]:
    """Yields the URL of a database of its own; needs `binaries()`."""
    programs = binaries()
    assert programs is not None, "ask binaries() first"
    # A Unix socket's path may have 107 bytes, so pytest's own folders are too deep.
    home = Path(mkdtemp(prefix="pg-"))
    try:
        data = home / "data"
        user = _hand_over(home)
        _run(user, programs / "initdb", "-D", data, "-U", "gateway", "-A", "trust", "-E", "UTF8")
        # The tests kill no server, so its own fsync may stay off.
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        log = home / "log"
        _run(user, programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield f"postgresql+asyncpg://gateway@/postgres?host={home}"
        finally:
            _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)


def _hand_over(home: Path) -> str | None:
    """PostgreSQL refuses to run as root; the user it runs as instead, None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    user = next(known[name] for name in NOBODY if name in known)
    os.chown(home, user.pw_uid, user.pw_gid)
    return user.pw_name


def _run(user: str | None, program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    if user is not None:
        command = ["runuser", "-u", user, "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0, f"{program.name}: {done.stdout}{done.stderr}"
