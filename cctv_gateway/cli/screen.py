"""How the command line speaks: results on stdout, one-line errors with the fix on stderr.

What is said comes from the rooms; no command decides here.
"""

import logging
import sys
from enum import IntEnum

from rich.console import Console

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import RedactingFormatter

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """Exit codes that scripts may rely on (docs/operations.md)."""

    OK = 0
    FOUND_WRONG = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    FAILED = 5
    INTERRUPTED = 130


_EXIT_OF = {
    ErrorKind.BAD_REQUEST: Exit.USAGE,
    ErrorKind.NOT_FOUND: Exit.USAGE,
    ErrorKind.CONFLICT: Exit.USAGE,
    ErrorKind.UNREACHABLE: Exit.UNREACHABLE,
    ErrorKind.TIMEOUT: Exit.UNREACHABLE,
    ErrorKind.UNAUTHORIZED: Exit.REFUSED,
    ErrorKind.DENIED: Exit.REFUSED,
}


def fail(error: GatewayError) -> Exit:
    """Print an expected failure as one line and give its exit code."""
    err.print(f"[bold red]error[/] {error.message} [dim]({error.code})[/]", soft_wrap=True)
    return _EXIT_OF.get(error.kind, Exit.FAILED)


def log_to_stderr(level: str = "INFO") -> None:
    """Log redacted lines to stderr; libraries that chatter are kept to warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        RedactingFormatter("%(asctime)s %(levelname).1s %(name)s: %(message)s", "%H:%M:%S")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("aioice", "aiortc", "httpx", "httpcore", "watchfiles", "zeep", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
