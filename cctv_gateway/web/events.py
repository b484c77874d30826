"""Tells each open console what concerns it, and nothing else: the hub of server-sent events.

Queueing is in `mailbox.py`; the facts come from control, relay, config and fleet through here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind
from cctv_gateway.control.views import ViewCut
from cctv_gateway.model import CameraId
from cctv_gateway.web.errors import Refusal
from cctv_gateway.web.mailbox import Mailbox, Note
from cctv_gateway.web.messages import sentence
from cctv_gateway.web.ports import (
    Caller,
    ConfigStatus,
    ScanCard,
    StateOfCamera,
)
from cctv_gateway.web.registry import Registry
from cctv_gateway.web.rights import CONFIG_READERS, REGISTRAR, Right
from cctv_gateway.web.schemas import Told
from cctv_gateway.web.schemas_admin import ScanState
from cctv_gateway.web.schemas_events import (
    CameraStateEvent,
    ConfigStatusEvent,
    DiscoveryChangedEvent,
    PingEvent,
    RulesChangedEvent,
    ViewCutEvent,
)

STREAMS_PER_LOGIN = 4
MAX_STREAMS = 2000


class Listener:
    """One open stream: its mailbox, its login and what the role may hear."""

    def __init__(self, login_id: str, caller: Caller | None, registry: Registry) -> None:
        self.login_id = login_id
        self.mailbox = Mailbox()
        self._caller = caller
        self._registry = registry
        self._cameras: frozenset[CameraId] = frozenset()
        self.refresh()

    def refresh(self) -> None:
        """Look up again which cameras the role may ever see; one taken away hears no more."""
        if self._caller is None:
            return
        if not self._registry.holds(self._caller):
            self._caller, self._cameras = None, frozenset()
            self.mailbox.close()
            return
        self._cameras = frozenset(self._registry.visible(self._caller.holder))

    def hears(self, camera: CameraId) -> bool:
        return camera in self._cameras

    def has(self, right: Right) -> bool:
        return self._caller is not None and right.admits(self._caller.kind)


class EventHub:
    """Lives on the loop; publishing never waits."""

    def __init__(self, *, registry: Registry, clock: Clock, ping_s: float = 15.0) -> None:
        self._registry = registry
        self._clock = clock
        self._ping_s = ping_s
        self._listeners: set[Listener] = set()
        self._closed = False

    @contextmanager
    def listen(self, login_id: str, caller: Caller | None) -> Iterator[Mailbox]:
        """A mailbox for the length of the block. Raises TOO_MANY_STREAMS."""
        own = sum(one.login_id == login_id for one in self._listeners)
        if own >= STREAMS_PER_LOGIN or len(self._listeners) >= MAX_STREAMS or self._closed:
            raise Refusal(ErrorKind.OVERLOADED, "TOO_MANY_STREAMS")
        listener = Listener(login_id, caller, self._registry)
        self._listeners.add(listener)
        try:
            yield listener.mailbox
        finally:
            listener.mailbox.close()
            self._listeners.discard(listener)

    async def run(self) -> None:
        """Ping for ever; ends by cancellation."""
        while True:
            await self._clock.sleep(self._ping_s)
            self.ping()

    def ping(self) -> None:
        now = self._clock.now()
        for one in self._listeners:
            body = PingEvent(now=now, dropped=one.mailbox.dropped)
            one.mailbox.put(Note("ping", body.model_dump_json(), key="ping"))

    def camera_changed(self, camera: CameraId, state: StateOfCamera) -> None:
        if not self._listeners:
            return
        since = state.since or self._clock.now()
        body = CameraStateEvent(camera=camera, state=state.state, since=since)
        self._tell("camera.state", body, lambda one: one.hears(camera), key=f"camera {camera}")

    def view_cut(self, cut: ViewCut) -> None:
        words = sentence(cut.code)
        body = ViewCutEvent(
            view_id=cut.view_id,
            camera=cut.camera,
            code=cut.code,
            message=words.en,
            message_ko=words.ko,
            at=cut.at,
        )
        self._tell("view.cut", body, lambda one: one.login_id == cut.login_id, vital=True)

    def rules_changed(self, revision: str) -> None:
        """Every role's cameras may differ now, so the filters are made again."""
        for one in self._listeners:
            one.refresh()
        body = RulesChangedEvent(revision=revision)
        self._tell("rules.changed", body, lambda one: True, key="rules")

    def config_status(self, status: ConfigStatus) -> None:
        body = ConfigStatusEvent(
            state=status.state, revision=status.revision, problems=len(status.problems)
        )
        self._tell("config.status", body, lambda one: one.has(CONFIG_READERS), key="config")

    def discovery_changed(self, scan: ScanCard) -> None:
        body = DiscoveryChangedEvent(scan_id=scan.id, state=ScanState(scan.state), found=scan.found)
        self._tell("discovery.changed", body, lambda one: one.has(REGISTRAR), key="discovery")

    def end_login(self, login_id: str) -> None:
        """The login is over or its role changed: its streams end after what is waiting."""
        for one in self._listeners:
            if one.login_id == login_id:
                one.mailbox.close()

    def close(self) -> None:
        """The gateway stops: end every stream and open no other."""
        self._closed = True
        for one in self._listeners:
            one.mailbox.close()

    def __len__(self) -> int:
        return len(self._listeners)

    def _tell(
        self,
        name: str,
        body: Told,
        wanted: Callable[[Listener], bool],
        *,
        key: str | None = None,
        vital: bool = False,
    ) -> None:
        note = Note(name, body.model_dump_json(), key, vital)
        for one in self._listeners:
            if wanted(one):
                one.mailbox.put(note)
