"""Binds the same port on many loopback addresses, picking one that is free on all of them.

What answers on the sockets belongs to the servers.
"""

import errno
import socket
from collections.abc import Sequence

from cctv_gateway.base.errors import ErrorKind, GatewayError

TRIES = 40
BACKLOG = 32


def bind_all(hosts: Sequence[str], port: int, kind: socket.SocketKind) -> list[socket.socket]:
    """One bound socket per host, all on one port; 0 picks it. May raise PORT_IN_USE."""
    if not hosts:
        return []
    for _ in range(1 if port else TRIES):
        sockets = _bind(hosts, port, kind)
        if sockets is not None:
            return sockets
    raise GatewayError(
        ErrorKind.CONFLICT, "PORT_IN_USE",
        f"port {port or 'picked at random'} is taken on a simulated camera's address; "
        "stop the other simulation or choose another port",
        "포트가 이미 사용 중입니다. 다른 시뮬레이션을 멈추거나 포트를 바꾸십시오",
    )  # fmt: skip


def _bind(hosts: Sequence[str], port: int, kind: socket.SocketKind) -> list[socket.socket] | None:
    bound: list[socket.socket] = []
    try:
        for host in hosts:
            made = socket.socket(socket.AF_INET, kind)
            bound.append(made)
            made.setblocking(False)
            if kind is socket.SOCK_STREAM:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, port))
            port = made.getsockname()[1]
            if kind is socket.SOCK_STREAM:
                made.listen(BACKLOG)
    except OSError as error:
        for each in bound:
            each.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return bound
