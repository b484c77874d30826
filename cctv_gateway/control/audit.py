"""The audit chain: what a record holds, how records are sealed to each other, how breaks are found.

Pure: queueing and group commit belong in `control/audit_log.py`, tables in `store/audit.py`.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.model import (
    AccountId,
    Action,
    CameraId,
    IncidentId,
    Obligation,
    Purpose,
    RevisionId,
    RoleId,
    ViewId,
)

GENESIS: Final = "0" * 64
# Enough for a written reason; longer text from outside is cut, not refused.
MAX_TEXT: Final = 500


class AuditKind(StrEnum):
    """What happened. Names are stored for years: they are added, never renamed."""

    VIEW_OPENED = "view.opened"
    VIEW_DENIED = "view.denied"
    VIEW_CLOSED = "view.closed"
    POSTER_SHOWN = "poster.shown"
    POSTER_DENIED = "poster.denied"
    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    ROLE_CHOSEN = "role.chosen"
    ACCESS_DENIED = "access.denied"
    AUDIT_READ = "audit.read"
    AUDIT_VERIFIED = "audit.verified"
    REVISION_RUNNING = "revision.running"
    REVISION_REFUSED = "revision.refused"
    CAMERA_REGISTERED = "camera.registered"
    DISCOVERY_STARTED = "discovery.started"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_DISABLED = "account.disabled"
    PASSWORD_SET = "password.set"  # noqa: S105 - the name of an event, no secret
    GATEWAY_STARTED = "gateway.started"
    GATEWAY_STOPPED = "gateway.stopped"


class Decision(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing to record: who, why, on what, from where, with what answer and by which rule.

    `code` is the deny code or end reason, `case` an incident or letter number, `terminal` the
    source as the web server saw it, `held_ms` how long a closed view was open. Unknown is None.
    """

    kind: AuditKind
    account: AccountId | None = None
    role: RoleId | None = None
    agency: str | None = None
    purpose: Purpose | None = None
    case: IncidentId | None = None
    action: Action | None = None
    camera: CameraId | None = None
    terminal: str | None = None
    decision: Decision | None = None
    code: str | None = None
    obligations: frozenset[Obligation] = field(default_factory=frozenset)
    rule: str | None = None
    revision: RevisionId | None = None
    view: ViewId | None = None
    reason: str | None = None
    held_ms: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event with its place in the chain. `hash` covers number, time, `previous` and event."""

    number: int
    at: datetime
    previous: str
    event: AuditEvent
    hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a chain: number and hash of its last record. Kept apart from the records."""

    number: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as a store returns it, not yet believed: body and the columns beside it."""

    number: int
    body: str
    hash: str
    columns: tuple[tuple[str, str | None], ...] = ()


def canonical(number: int, at: datetime, previous: str, event: AuditEvent) -> str:
    """The one JSON text of a record (sorted keys, no spaces, UTC with microseconds)."""
    values: dict[str, Any] = {
        one.name: value
        for one in fields(AuditEvent)
        if (value := getattr(event, one.name)) is not None
    }
    values["obligations"] = sorted(event.obligations)
    values |= {"number": number, "at": _time_text(at), "previous": previous}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def body_hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def bounded(event: AuditEvent) -> AuditEvent:
    """`event` with every text cut to MAX_TEXT and freed of what a database cannot hold."""
    texts = {
        one.name: _clean(value)
        for one in fields(AuditEvent)
        if isinstance(value := getattr(event, one.name), str) and not isinstance(value, StrEnum)
    }
    return replace(event, **texts)  # type: ignore[arg-type]


def _clean(text: str) -> str:
    # Lone surrogates and NUL stop a database; other control characters would forge lines.
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in ("Cc", "Cs") else sign
        for sign in text[:MAX_TEXT]
    )


def seal(head: ChainHead, at: datetime, event: AuditEvent) -> AuditRecord:
    """The record that follows `head`."""
    number = head.number + 1
    body = canonical(number, at, head.hash, event)
    return AuditRecord(number, at.astimezone(UTC), head.hash, event, body_hash(body))


def body_of(record: AuditRecord) -> str:
    return canonical(record.number, record.at, record.previous, record.event)


def parse_body(body: str, stored_hash: str) -> AuditRecord:
    """Read a stored body back.

    Raises GatewayError(PROTOCOL, AUDIT_UNREADABLE) when it is not a record's body.
    """
    try:
        values = json.loads(body)
        number, previous = values.pop("number"), values.pop("previous")
        at = datetime.fromisoformat(values.pop("at")).astimezone(UTC)
        event = _event(values)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise GatewayError(
            ErrorKind.PROTOCOL,
            "AUDIT_UNREADABLE",
            "An audit record cannot be read; run `cctv-gateway audit verify`.",
            "감사 기록을 읽을 수 없습니다. `cctv-gateway audit verify`를 실행하십시오.",
        ) from error
    return AuditRecord(number, at, previous, event, stored_hash)


_ENUMS: Final = {"kind": AuditKind, "purpose": Purpose, "action": Action, "decision": Decision}


def _event(values: dict[str, Any]) -> AuditEvent:
    obligations = frozenset(map(Obligation, values.pop("obligations")))
    known: dict[str, Any] = {
        name: _ENUMS[name](text) if name in _ENUMS else text for name, text in values.items()
    }
    return AuditEvent(obligations=obligations, **known)


class BreakKind(StrEnum):
    """How a chain is broken."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    HEAD_CHANGED = "head_changed"


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first place where a chain does not hold; `number` is the record looked for there."""

    kind: BreakKind
    number: int


class ChainVerifier:
    """Walks a chain record by record; after the first break it keeps to that answer."""

    def __init__(self, witness: ChainHead | None = None) -> None:
        """`witness` is an older head kept elsewhere, which the chain must still run through."""
        self._head = ChainHead()
        self._witness = witness
        self._broken: ChainBreak | None = None

    @property
    def count(self) -> int:
        return self._head.number

    def feed(self, stored: StoredRecord) -> ChainBreak | None:
        if self._broken is None:
            self._broken = self._check(stored)
            self._head = ChainHead(stored.number, stored.hash)
        return self._broken

    def finish(self, head: ChainHead) -> ChainBreak | None:
        """Compare the end with the head that was stored apart."""
        if self._broken is not None:
            return self._broken
        witness = self._witness or ChainHead()
        if max(head.number, witness.number) > self._head.number:
            return ChainBreak(BreakKind.TRUNCATED, self._head.number + 1)
        if head != self._head:
            return ChainBreak(BreakKind.HEAD_CHANGED, self._head.number)
        return None

    def _check(self, stored: StoredRecord) -> ChainBreak | None:
        expected = self._head.number + 1
        if stored.number != expected:
            gap = stored.number > expected
            return ChainBreak(BreakKind.REMOVED if gap else BreakKind.REORDERED, expected)
        if not self._holds(stored):
            return ChainBreak(BreakKind.CHANGED, expected)
        return None

    def _holds(self, stored: StoredRecord) -> bool:
        if body_hash(stored.body) != stored.hash:
            return False
        try:
            record = parse_body(stored.body, stored.hash)
        except GatewayError:
            return False
        linked = record.number == stored.number and record.previous == self._head.hash
        whole = body_of(record) == stored.body and _columns_hold(record, stored)
        return linked and whole and self._witnessed(stored)

    def _witnessed(self, stored: StoredRecord) -> bool:
        witness = self._witness
        return witness is None or witness.number != stored.number or witness.hash == stored.hash


def index_columns(record: AuditRecord) -> tuple[tuple[str, str | None], ...]:
    """The fields a store may repeat in columns of their own, to search by; the body rules."""
    event = record.event
    return (
        ("kind", event.kind.value),
        ("account", event.account),
        ("camera", event.camera),
        ("view", event.view),
    )


def _columns_hold(record: AuditRecord, stored: StoredRecord) -> bool:
    return not stored.columns or stored.columns == index_columns(record)


def verify(
    records: Iterable[StoredRecord], head: ChainHead, witness: ChainHead | None = None
) -> ChainBreak | None:
    """The first break of a whole chain, or None when it is sound."""
    verifier = ChainVerifier(witness)
    for stored in records:
        if (broken := verifier.feed(stored)) is not None:
            return broken
    return verifier.finish(head)
