"""Hand-written stand-ins for the rooms behind the web: they keep state and keep the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import Redacted
from cctv_gateway.control.accounts import Login, StoredAccount, hash_token, lock_out
from cctv_gateway.control.audit import AuditEvent, AuditRecord, ChainHead, seal
from cctv_gateway.control.audit_log import AuditQuery
from cctv_gateway.control.decide import decide
from cctv_gateway.control.refusals import DeniedError
from cctv_gateway.control.request import Holder
from cctv_gateway.control.rules import Rules
from cctv_gateway.control.views import (
    Attached,
    EndCode,
    OpenedView,
    ViewSnapshot,
    ViewState,
)
from cctv_gateway.model import (
    AccountId,
    CameraId,
    Denial,
    EndReason,
    Grant,
    IncidentId,
    Purpose,
    Quality,
    RevisionId,
    RoleId,
    ViewId,
)
from cctv_gateway.web.errors import not_found
from cctv_gateway.web.ports import (
    NEVER_PULLED,
    AuditCheck,
    ConfigStatus,
    FindingCard,
    NewCamera,
    ScanCard,
    StateOfCamera,
    StreamProfileCard,
)

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ANSWER = "v=0\r\na=ice-lite\r\na=ice-ufrag:Gate\r\n"
JPEG = b"\xff\xd8\xff\xe0still\xff\xd9"


class FakeAccounts:
    """`Accounts` in memory, locking as the real one does."""

    def __init__(self) -> None:
        self.stored: dict[AccountId, StoredAccount] = {}

    async def get(self, account: AccountId) -> StoredAccount | None:
        return self.stored.get(account)

    async def list(self) -> tuple[StoredAccount, ...]:
        return tuple(self.stored.values())

    async def set_password(
        self, account: AccountId, password_hash: Redacted[str], at: datetime
    ) -> None:
        self.stored[account] = StoredAccount(account, password_hash, at)

    async def record_failure(self, account: AccountId, at: datetime) -> StoredAccount | None:
        found = self.stored.get(account)
        if found is None:
            return None
        failures = found.failures + 1
        lock = lock_out(failures)
        changed = replace(found, failures=failures, locked_until=at + lock if lock else None)
        self.stored[account] = changed
        return changed

    async def record_success(self, account: AccountId, at: datetime) -> None:
        found = self.stored[account]
        self.stored[account] = replace(found, failures=0, locked_until=None, last_login_at=at)

    async def remove(self, account: AccountId) -> bool:
        return self.stored.pop(account, None) is not None


class FakeLogins:
    """`Logins` in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, Login] = {}

    async def add(self, login: Login) -> None:
        self.stored[login.login] = login

    async def by_token(self, token: Redacted[str], now: datetime) -> Login | None:
        wanted = hash_token(token.reveal())
        found = (one for one in self.stored.values() if one.token_hash == wanted)
        return next((one for one in found if one.expires_at > now), None)

    async def choose_role(self, login: str, role: RoleId, agency: str) -> Login | None:
        self.stored[login] = replace(self.stored[login], role=role, agency=agency)
        return self.stored[login]

    async def touch(self, login: str, at: datetime) -> None:
        self.stored[login] = replace(self.stored[login], last_seen_at=at)

    async def end(self, login: str) -> bool:
        return self.stored.pop(login, None) is not None

    async def end_account(self, account: AccountId) -> tuple[str, ...]:
        ended = tuple(key for key, one in self.stored.items() if one.account == account)
        for key in ended:
            del self.stored[key]
        return ended

    async def living(self, now: datetime) -> frozenset[str]:
        return frozenset(key for key, one in self.stored.items() if one.expires_at > now)

    async def sweep(self, now: datetime) -> int:
        over = [key for key, one in self.stored.items() if one.expires_at <= now]
        for key in over:
            del self.stored[key]
        return len(over)


class FakeAudit:
    """A chain in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.records: list[AuditRecord] = []

    async def append(self, event: AuditEvent) -> AuditRecord:
        last = self.records[-1] if self.records else None
        head = ChainHead(last.number, last.hash) if last else ChainHead()
        self.records.append(seal(head, self._clock.now(), event))
        return self.records[-1]

    async def page(self, query: AuditQuery) -> Sequence[AuditRecord]:
        found = [
            one
            for one in reversed(self.records)
            if (query.account is None or one.event.account == query.account)
            and (query.camera is None or one.event.camera == query.camera)
            and (query.before is None or one.number < query.before)
        ]
        return found[: query.limit]

    async def verify(self) -> AuditCheck:
        return AuditCheck(len(self.records), None)

    def kinds(self) -> list[str]:
        return [one.event.kind.value for one in self.records]


class FakeViews:
    """A book of views that decides by the real rules and remembers secrets as `secret-N`."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self.rules = rules
        self._clock = clock
        self._cards: dict[ViewId, ViewSnapshot] = {}
        self._offers: dict[str, ViewId] = {}
        self._resources: dict[str, ViewId] = {}
        self._count = 0
        self.restart_answer: str | None = None
        self.ended_logins: list[tuple[str, EndCode]] = []

    async def open(
        self,
        who: Holder,
        camera: CameraId,
        purpose: Purpose | None,
        reason: str | None = None,
        incident: IncidentId | None = None,
        quality: Quality = Quality.AUTO,
    ) -> OpenedView:
        now = self._clock.now()
        answer = decide(who.request(camera, purpose, reason=reason), self.rules, now)
        if isinstance(answer, Denial):
            raise DeniedError(answer.code, answer.retry_at)
        self._count += 1
        view, secret = ViewId(f"view-{self._count}"), f"secret-{self._count}"
        self._cards[view] = ViewSnapshot(
            view_id=view,
            login_id=who.login,
            account=who.account,
            role=who.role,
            agency=who.agency,
            camera=camera,
            purpose=answer.purpose,
            variant=answer.variant,
            quality=quality,
            opened_at=now,
            valid_until=answer.valid_until,
            state=ViewState.PENDING,
            playing=False,
        )
        self._offers[secret] = view
        return OpenedView(view, secret, answer, answer.valid_until, now + timedelta(seconds=30))

    async def attach(self, whep_secret: str, offer_sdp: str) -> Attached:
        view = self._offers.pop(whep_secret, None)
        if view is None:
            raise not_found()
        if not offer_sdp.startswith("v=0"):
            raise GatewayError(ErrorKind.PROTOCOL, "BAD_SDP", "The offer is not SDP.")
        resource = f"resource-{view}"
        self._resources[resource] = view
        self._cards[view] = replace(self._cards[view], state=ViewState.ATTACHED, playing=True)
        return Attached(ANSWER, resource)

    async def trickle(self, resource_secret: str, fragment: str) -> str | None:
        if resource_secret not in self._resources:
            raise not_found()
        return self.restart_answer

    async def hang_up(self, resource_secret: str) -> None:
        view = self._resources.pop(resource_secret, None)
        if view is None:
            raise not_found()
        self._cards.pop(view, None)

    async def close(self, view_id: ViewId, by: AccountId | None = None) -> None:
        self._cards.pop(view_id, None)

    async def select(self, view_id: ViewId, quality: Quality) -> None:
        self._cards[view_id] = replace(self._cards[view_id], quality=quality)

    async def end_login(self, login_id: str, reason: EndCode = EndReason.LOGGED_OUT) -> None:
        self.ended_logins.append((login_id, reason))
        for view, card in list(self._cards.items()):
            if card.login_id == login_id:
                del self._cards[view]

    def views(self) -> tuple[ViewSnapshot, ...]:
        return tuple(self._cards.values())


class FakeStills:
    """The relay's part of a poster."""

    def __init__(self) -> None:
        self.grants: list[Grant] = []

    async def poster(self, grant: Grant) -> bytes:
        self.grants.append(grant)
        return JPEG


class FakeStates:
    def __init__(self) -> None:
        self.states: dict[CameraId, StateOfCamera] = {}

    def all(self) -> Mapping[CameraId, StateOfCamera]:
        return self.states

    def state(self, camera: CameraId) -> StateOfCamera:
        return self.states.get(camera, NEVER_PULLED)


@dataclass
class FakeConfigDesk:
    current: ConfigStatus = field(
        default_factory=lambda: ConfigStatus(RevisionId("r1"), START, cameras=3)
    )
    disabled: dict[AccountId, bool] = field(default_factory=dict)

    def status(self) -> ConfigStatus:
        return self.current

    async def set_disabled(self, account: AccountId, disabled: bool, by: Holder) -> None:
        self.disabled[account] = disabled


class FakeDiscovery:
    def __init__(self) -> None:
        self._scan: ScanCard | None = None
        self.registered: list[NewCamera] = []

    def scan(self) -> ScanCard | None:
        return self._scan

    def findings(self) -> Sequence[FindingCard]:
        return [
            FindingCard(
                id="f1",
                state="new",
                reason_code=None,
                vendor="Simulated",
                model="Street",
                firmware="1.0",
                serial="S-1",
                hardware="H-1",
                scopes_name="street",
                profiles=(StreamProfileCard("main", "H264", 1920, 1080, 15.0),),
                clock_offset_s=0.5,
                auth="digest",
                ptz=True,
                seen_at=START,
            )
        ]

    async def start(self, by: Holder) -> ScanCard:
        self._scan = ScanCard("s1", "running", START + timedelta(seconds=1), 0.0)
        return self._scan

    async def register(self, by: Holder, finding: str, camera: NewCamera) -> CameraId:
        if finding != "f1":
            raise not_found()
        self.registered.append(camera)
        return camera.camera
