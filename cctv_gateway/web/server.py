"""Runs uvicorn inside the gateway's own loop: start, port, stop; signals stay with the gateway.

What is served is made in `app.py`.
"""

import asyncio
import logging
import secrets
import socket
import ssl
from dataclasses import dataclass

import h11
from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.web.errors import problem
from cctv_gateway.web.services import Services

log = logging.getLogger(__name__)

HEADER_TIMEOUT_S = 10.0
MAX_HEADER_BYTES = 32 * 1024
MAX_CONNECTIONS = 4096
KEEP_ALIVE_S = 75
STOP_S = 1
SWEEP_S = 15.0


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen. Port 0 takes a free one; `tls` makes it https.

    `trusted_proxies` are the addresses whose X-Forwarded-For is believed.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tls: ssl.SSLContext | None = None
    trusted_proxies: tuple[str, ...] = ()


class ImpatientProtocol(H11Protocol):
    """Closes a connection that does not finish sending a request's headers in time."""

    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._watch_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget_timer()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP at all gets a problem document like everything else."""
        answer = problem(400, "BAD_REQUEST", secrets.token_hex(6), headers={"Connection": "close"})
        events = (
            h11.Response(status_code=400, headers=answer.raw_headers, reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch_headers(self) -> None:
        if not self._waits_for_headers():
            self._forget_timer()
        elif self._header_timer is None:
            self._header_timer = self.loop.call_later(HEADER_TIMEOUT_S, self._give_up)

    def _waits_for_headers(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _give_up(self) -> None:
        self._header_timer = None
        if self._waits_for_headers():
            self.transport.close()

    def _forget_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None


class WebServer:
    """One listening socket; `start`, then `port`, then `stop`."""

    def __init__(self, app: FastAPI, services: Services, listen: Listen) -> None:
        self._services = services
        self._listen = listen
        self._tasks = TaskOwner("web")
        self._server = Server(_config(app, listen))
        self._port = 0

    @property
    def port(self) -> int:
        return self._port

    async def start(self) -> None:
        """Listen. Raises GatewayError(CONFLICT, PORT_TAKEN) when the port is not free."""
        bound = _bind(self._listen)
        self._port = bound.getsockname()[1]
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup([bound])
        self._tasks.start(self._server.main_loop(), "uvicorn")
        self._tasks.start(self._services.events.run(), "events")
        self._tasks.start(self._sweep(), "logins")

    async def stop(self) -> None:
        """Stop within 1.5 s: event streams end, running requests may finish, the rest is cut."""
        self._services.events.close()
        self._server.should_exit = True
        if self._server.started:
            await self._server.shutdown()
        await self._tasks.close()

    async def _sweep(self) -> None:
        while True:
            await self._services.clock.sleep(SWEEP_S)
            try:
                await self._services.logins.sweep()
            except GatewayError as error:
                log.warning("logins could not be swept: %s", error)


def _config(app: FastAPI, listen: Listen) -> Config:
    tls = listen.tls
    return Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(listen.trusted_proxies),
        forwarded_allow_ips=list(listen.trusted_proxies),
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ssl_context_factory=None if tls is None else (lambda config, default: tls),
    )


def _bind(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((listen.host, listen.port))
    except OSError as error:
        bound.close()
        raise GatewayError(
            ErrorKind.CONFLICT,
            "PORT_TAKEN",
            f"Port {listen.port} cannot be used here; stop what uses it or choose another port.",
            f"{listen.port} 포트를 사용할 수 없습니다. "
            "사용 중인 프로그램을 종료하거나 다른 포트를 선택해 주세요.",
        ) from error
    bound.setblocking(False)
    return bound
