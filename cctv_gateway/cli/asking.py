"""Asks for a secret on the terminal, or reads it as one line from a pipe.

Secrets never come as command-line arguments, where every user of the machine could read them.
"""

import getpass
import sys

from cctv_gateway.base.errors import ErrorKind, GatewayError


def ask_secret(what: str) -> str:
    """Asked twice on a terminal; raises BAD_REQUEST when both differ or nothing comes."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise GatewayError(
                ErrorKind.BAD_REQUEST, "NO_INPUT", f"Write {what} as one line to standard input."
            )
        return line
    first = getpass.getpass(f"{what}: ")
    if first != getpass.getpass(f"{what}, once more: "):
        raise GatewayError(ErrorKind.BAD_REQUEST, "NOT_THE_SAME", "The two entries differ.")
    return first
