"""The outermost layer: request id, host check, security headers, access log, the last error net.

It is plain ASGI, so that event streams pass through unbuffered; routes and rights lie further in.
"""

import logging
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cctv_gateway.base.clock import Clock
from cctv_gateway.web.errors import STATUS_BY_CODE, problem
from cctv_gateway.web.metrics import WebMetrics
from cctv_gateway.web.ports import WebSettings

log = logging.getLogger(__name__)
access_log = logging.getLogger("cctv_gateway.web.access")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "script-src 'self'",
        # The console's component library sets its theme's variables in style elements.
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self' blob:",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT = "max-age=31536000"
# Probes and scrapers come by whatever name their network gives us, and learn nothing from it.
ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})


class Edge:
    """Wraps the application; one `_Exchange` per request."""

    def __init__(
        self, app: ASGIApp, *, settings: WebSettings, clock: Clock, metrics: WebMetrics
    ) -> None:
        self._app = app
        self._settings = settings
        self._clock = clock
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._settings.cookie_secure)
        scope.setdefault("state", {})["request_id"] = exchange.id
        started_s = self._clock.monotonic()
        try:
            await self._answer(exchange, receive)
        finally:
            self._note(exchange, self._clock.monotonic() - started_s)

    async def _answer(self, exchange: "_Exchange", receive: Receive) -> None:
        if not self._knows_host(exchange.scope):
            refusal = problem(STATUS_BY_CODE["WRONG_HOST"], "WRONG_HOST", exchange.id)
            await refusal(exchange.scope, receive, exchange.send)
            return
        try:
            await self._app(exchange.scope, receive, exchange.send)
        # The last net under our own bugs: the trace goes to the log, the caller gets its number.
        except Exception:
            log.exception("request %s failed", exchange.id)
            if exchange.status:
                raise
            await problem(500, "INTERNAL", exchange.id)(exchange.scope, receive, exchange.send)

    def _knows_host(self, scope: Scope) -> bool:
        if scope["path"] in ANY_HOST:
            return True
        return host_name(Headers(scope=scope).get("Host", "")) in self._settings.hosts

    def _note(self, exchange: "_Exchange", took_s: float) -> None:
        route = exchange.route
        access_log.info(
            "%s %s %d %.0f ms %s",
            _known_method(exchange.scope["method"]),
            route,
            exchange.status,
            took_s * 1000,
            exchange.id,
        )
        if route != "/api/events":
            labels = (_known_method(exchange.scope["method"]), route, str(exchange.status))
            self._metrics.requests.labels(*labels).observe(took_s)


class _Exchange:
    """One request and its answer, as far as the edge looks at them."""

    def __init__(self, scope: Scope, send: Send, secure: bool) -> None:
        self.id = secrets.token_hex(6)
        self.scope = scope
        self.status = 0
        self._send = send
        self._secure = secure

    @property
    def route(self) -> str:
        """The route's template: paths may hold secrets, templates never do."""
        return getattr(self.scope.get("route"), "path", "unmatched")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in self._own_headers():
            headers.setdefault(name, value)

    def _own_headers(self) -> Iterable[tuple[str, str]]:
        yield from SECURITY_HEADERS.items()
        yield "X-Request-Id", self.id
        yield "Cache-Control", "no-store"
        if self._secure:
            yield "Strict-Transport-Security", STRICT_TRANSPORT


def host_name(header: str) -> str:
    """The name in a Host header without its port; empty when it cannot be read."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _known_method(method: str) -> str:
    """A bounded label: clients may send any word as a method."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return method if method in known else "other"
