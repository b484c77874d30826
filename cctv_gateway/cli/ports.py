"""Finds a port on loopback that nobody uses.

Who listens there afterwards binds it himself and may still lose the race.
"""

import socket


def free_port(wanted: int, *, or_any: bool = False) -> int:
    """`wanted` if it is free, else the next free one above it, or 0 (any) when `or_any`."""
    for port in range(wanted, min(wanted + 50, 65536)):
        if _is_free(port):
            return port
        if or_any:
            return 0
    return 0


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
