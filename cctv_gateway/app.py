"""The composition root: builds every room, starts them in order, and stops them in reverse.

No decision, no route and no packet is handled here.
"""

import logging
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cctv_gateway.base.clock import Clock, SystemClock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.config.links import camera_links, missing_credentials
from cctv_gateway.config.schema import Discovery
from cctv_gateway.config.vault import Vault
from cctv_gateway.config.watch import ConfigChanged, ConfigEvent, start_from
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.control.rules import compile_rules
from cctv_gateway.control.sessions import SessionBook
from cctv_gateway.data_folder import DataFolder
from cctv_gateway.fleet.discovery import DiscoveryService
from cctv_gateway.fleet.enrol import Login
from cctv_gateway.fleet.multicast import local_interfaces
from cctv_gateway.fleet.scan import Plan
from cctv_gateway.model import EndReason
from cctv_gateway.relay.contract import CameraChanged, RelayEvent, ViewLost, ViewStarted
from cctv_gateway.relay.local import LocalRelay, RelaySettings
from cctv_gateway.store.accounts import AccountStore
from cctv_gateway.store.database import Database
from cctv_gateway.store.logins import LoginStore
from cctv_gateway.web.adapters import Parts, StoredAudit, assemble, tell_camera, tell_config
from cctv_gateway.web.app import create_web
from cctv_gateway.web.discovery_desk import DiscoveryDesk
from cctv_gateway.web.ports import WebSettings
from cctv_gateway.web.server import Listen, WebServer

log = logging.getLogger(__name__)

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What a start needs to know. `media_host` is where the UDP port is bound.

    `announce` are the addresses that browsers are told; without one, the bound address is told.
    """

    config_file: Path
    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    http_host: str = "127.0.0.1"
    http_port: int = 8443
    media_port: int = 8189
    announce: tuple[str, ...] = ()
    public_origin: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()

    def announced(self) -> tuple[str, ...]:
        """Raises BAD_REQUEST when browsers could not know where to send."""
        if self.announce:
            return tuple(map(_checked_address, self.announce))
        if self.http_host in ANY_ADDRESS:
            raise GatewayError(
                ErrorKind.BAD_REQUEST,
                "ANNOUNCE_MISSING",
                "Listening on every address, browsers cannot know which one to send to: "
                "name it with --announce.",
            )
        return ("127.0.0.1",) if self.http_host == "localhost" else (self.http_host,)


def _checked_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise GatewayError(
            ErrorKind.BAD_REQUEST,
            "ANNOUNCE_INVALID",
            "--announce takes an IP address that browsers can reach.",
        ) from error


def _plan(settings: Discovery) -> Plan:
    return Plan(
        networks=settings.networks,
        interfaces=local_interfaces() if settings.multicast else (),
        ports=settings.onvif_ports,
        ws_port=settings.ws_discovery_port,
    )


class App:
    """The running gateway: `async with App(settings) as app`."""

    def __init__(self, settings: AppSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.meter = Meter(self.clock)
        self.http_port = 0
        self._stack = AsyncExitStack()
        self._searching: DiscoveryService | None = None
        self._folder = DataFolder(settings.data_dir, settings.database_url)

    async def __aenter__(self) -> Self:
        async with self._stack:
            await self._start(self._stack)
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _start(self, stack: AsyncExitStack) -> None:
        settings = self.settings
        announced = settings.announced()
        self._folder.make()
        self.watcher = await start_from(settings.config_file, clock=self.clock, meter=self.meter)
        self.vault = Vault(self._folder.vault_file)
        self._warn_of_missing_logins()
        database = await self._open_database(stack)
        tasks = await stack.enter_async_context(TaskOwner("app"))
        self.audit = AuditLog(self._folder.audit(database), clock=self.clock, meter=self.meter)
        tasks.start(self.audit.run(), "audit")
        self.relay = await stack.enter_async_context(self._relay(announced))
        self.sessions = self._sessions(tasks)
        stack.push_async_callback(self._record_stop)
        stack.push_async_callback(self.sessions.close_all, EndReason.SHUTDOWN)
        if left := await self.sessions.recover():
            log.warning("%d views were open when the gateway died; their records are closed", left)
        await self._record(AuditKind.GATEWAY_STARTED)
        await self._configure_relay()
        desk = self._discovery_desk(tasks)
        self.services = assemble(self._parts(database, desk))
        if desk is not None:
            desk.on_change(self.services.events.discovery_changed)
        self.relay.on_event(self._on_relay_event)
        self.watcher.on_change(self._on_config)
        await self._serve(stack)
        tasks.start(self.watcher.run(), "watch")

    async def _open_database(self, stack: AsyncExitStack) -> Database:
        database = self._folder.database()
        stack.push_async_callback(database.close)
        await database.open()
        return database

    def _relay(self, announced: tuple[str, ...]) -> LocalRelay:
        running = self.watcher.running.configuration.settings
        return LocalRelay(
            RelaySettings(
                bind_host=self.settings.http_host,
                media_port=self.settings.media_port,
                announce=announced,
                idle_after_s=running.idle_after_s,
                connecting_at_once=running.simultaneous_connects,
                run_dir=self._folder.path,
            ),
            clock=self.clock,
            meter=self.meter,
        )

    def _sessions(self, tasks: TaskOwner) -> SessionBook:
        running = self.watcher.running
        return SessionBook(
            clock=self.clock,
            relay=self.relay,
            audit=self.audit,
            rules=compile_rules(running.configuration, running.revision),
            tasks=tasks,
            meter=self.meter,
        )

    def _parts(self, database: Database, discovery: DiscoveryDesk | None) -> Parts:
        return Parts(
            clock=self.clock,
            meter=self.meter,
            settings=self._web_settings(),
            relay=self.relay,
            sessions=self.sessions,
            audit=self.audit,
            accounts=AccountStore(database),
            logins=LoginStore(database),
            watcher=self.watcher,
            config_path=self.settings.config_file,
            ready=self._ready,
            discovery=discovery,
        )

    def _discovery_desk(self, tasks: TaskOwner) -> DiscoveryDesk | None:
        """None where the file named nothing to search when the gateway started."""
        settings = self.watcher.running.configuration.settings.discovery
        if not settings.networks and not settings.multicast:
            return None
        service = DiscoveryService(
            clock=self.clock,
            meter=self.meter,
            tasks=tasks,
            plan=_plan(settings),
            configuration=lambda: self.watcher.running.configuration,
            config_file=self.settings.config_file,
            logins=self._search_logins,
            key=self._folder.finding_key(),
            credentials_of=self.vault.find,
        )
        self._searching = service
        return DiscoveryDesk(service, StoredAudit(self.audit), self.watcher.reload)

    def _search_logins(self) -> Sequence[Login]:
        names = self.watcher.running.configuration.settings.discovery.credentials
        known = ((name, self.vault.find(name)) for name in names)
        return [Login(name, login) for name, login in known if login is not None]

    def _web_settings(self) -> WebSettings:
        origin = self.settings.public_origin
        hosts = {"127.0.0.1", "localhost", "::1", self.settings.http_host}
        if origin and (named := urlsplit(origin).hostname):
            hosts.add(named)
        secure = self.settings.tls_certificate is not None or (origin or "").startswith("https:")
        return WebSettings(
            origins=frozenset({origin.rstrip("/")} if origin else ()),
            hosts=frozenset(hosts),
            cookie_secure=secure,
            metrics_token=self.settings.metrics_token,
        )

    async def _serve(self, stack: AsyncExitStack) -> None:
        listen = Listen(
            self.settings.http_host,
            self.settings.http_port,
            tls=self._tls(),
            trusted_proxies=self.settings.trusted_proxies,
        )
        server = WebServer(create_web(self.services), self.services, listen)
        stack.push_async_callback(server.stop)
        await server.start()
        self.http_port = server.port

    def _tls(self) -> ssl.SSLContext | None:
        if self.settings.tls_certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.settings.tls_certificate, self.settings.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise GatewayError(
                ErrorKind.BAD_REQUEST,
                "TLS_FILES",
                "The TLS certificate or its key cannot be read; check both files.",
            ) from error
        return context

    def _ready(self) -> Mapping[str, bool]:
        return {
            "configuration": not self.watcher.refused,
            "audit": self.sessions.unrecorded == 0,
            "vision": self.relay.vision_ready,
        }

    def _on_relay_event(self, event: RelayEvent) -> None:
        if isinstance(event, ViewStarted):
            self.sessions.media_started(event.view)
        elif isinstance(event, ViewLost):
            self.sessions.media_lost(event.view, event.reason)
        elif isinstance(event, CameraChanged):
            tell_camera(self.services, event)

    async def _on_config(self, event: ConfigEvent) -> None:
        """Losers are cut first; then the media side and the screens learn of the new revision."""
        if isinstance(event, ConfigChanged):
            loaded = event.loaded
            await self.sessions.replace_rules(compile_rules(loaded.configuration, loaded.revision))
            await self._configure_relay()
            self._warn_of_missing_logins()
            if self._searching is not None:
                self._searching.replan(_plan(loaded.configuration.settings.discovery))
        await tell_config(self.services, self.sessions, event)
        changed = isinstance(event, ConfigChanged)
        await self._record(AuditKind.REVISION_RUNNING if changed else AuditKind.REVISION_REFUSED)

    async def _record(self, kind: AuditKind) -> None:
        """The gateway's own deeds are in the record, too, with the revision that runs."""
        await self.audit.append(AuditEvent(kind, revision=self.watcher.running.revision))

    async def _record_stop(self) -> None:
        try:
            await self._record(AuditKind.GATEWAY_STOPPED)
        except GatewayError as error:
            log.warning("the stop could not be recorded (%s)", error.code)

    async def _configure_relay(self) -> None:
        await self.relay.configure(camera_links(self.watcher.running.configuration, self.vault))

    def _warn_of_missing_logins(self) -> None:
        missing = missing_credentials(self.watcher.running.configuration, self.vault)
        if missing:
            log.warning("no login in the vault for: %s (cctv-gateway secret set)", missing)
