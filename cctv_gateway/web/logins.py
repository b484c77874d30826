"""Owner of login sessions: opens them for a right password, finds them by cookie, ends them.

HTTP belongs in `guard.py` and `routes/login.py`; what a login may do is decided elsewhere.
"""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta

from cctv_gateway.base.clock import Clock
from cctv_gateway.base.errors import ErrorKind
from cctv_gateway.model import AccountId, EndReason, RoleId
from cctv_gateway.web.errors import Refusal
from cctv_gateway.web.passwords import Passwords
from cctv_gateway.web.ports import (
    AuditTrail,
    LoginStore,
    PasswordStore,
    Person,
    Registry,
    RoleCard,
    StoredLogin,
    Views,
    WebSettings,
)
from cctv_gateway.web.throttle import ACCOUNT_PACE, SOURCE_PACE, Throttle

TOKEN_BYTES = 32
# `seen_at` is written this often at most; the idle limit is far longer.
SEEN_EVERY = timedelta(minutes=1)
MAX_CACHED = 4096


def token_hash(token: str) -> str:
    """What is kept of a token; it has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


class LoginBook:
    """All login sessions. The store is the truth, a bounded cache saves a query per request."""

    def __init__(
        self,
        *,
        store: LoginStore,
        password_store: PasswordStore,
        passwords: Passwords,
        registry: Registry,
        views: Views,
        audit: AuditTrail,
        clock: Clock,
        settings: WebSettings,
    ) -> None:
        self._store = store
        self._password_store = password_store
        self._passwords = passwords
        self._registry = registry
        self._views = views
        self._audit = audit
        self._clock = clock
        self._idle = timedelta(seconds=settings.login_idle_s)
        self._lifetime = timedelta(seconds=settings.login_lifetime_s)
        self._accounts = Throttle(ACCOUNT_PACE)
        self._sources = Throttle(SOURCE_PACE)
        self._cache: OrderedDict[str, StoredLogin] = OrderedDict()

    async def log_in(self, account: str, password: str, source: str) -> tuple[str, StoredLogin]:
        """A fresh token and its login. Raises LOGIN_FAILED or TOO_MANY_TRIES."""
        self._hold_back(account, source)
        person = self._registry.person(AccountId(account))
        allowed = person is not None and not person.disabled
        phc = await self._password_store.password_hash(AccountId(account)) if allowed else None
        if not await self._passwords.matches(phc, password) or person is None or phc is None:
            await self._audit.login_event("login.failed", account[:64], {"source": source})
            raise Refusal(ErrorKind.UNAUTHORIZED, "LOGIN_FAILED")
        self._accounts.forgive(account)
        self._sources.take_back(source)
        if self._passwords.is_outdated(phc):
            fresh = await self._passwords.hash(password)
            await self._password_store.set_password_hash(person.account, fresh)
        return await self._open(person, source)

    def _hold_back(self, account: str, source: str) -> None:
        now_s = self._clock.monotonic()
        wait_s = max(self._accounts.wait_s(account, now_s), self._sources.wait_s(source, now_s))
        if wait_s > 0:
            raise Refusal(
                ErrorKind.OVERLOADED,
                "TOO_MANY_TRIES",
                retry_at=self._clock.now() + timedelta(seconds=wait_s),
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        self._accounts.count(account, now_s)
        self._sources.count(source, now_s)

    async def _open(self, person: Person, source: str) -> tuple[str, StoredLogin]:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        only = person.roles[0] if len(person.roles) == 1 else None
        login = StoredLogin(
            login_id=secrets.token_hex(8),
            token_hash=token_hash(token),
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            account=person.account,
            role=only.role if only else None,
            agency=only.agency if only else None,
            opened_at=now,
            seen_at=now,
        )
        await self._audit.login_event(
            "login.opened", person.account, {"login": login.login_id, "source": source}
        )
        await self._store.add(login)
        self._keep(login)
        return token, login

    async def find(self, token: str) -> StoredLogin | None:
        """The living login of a cookie; what is expired or disabled is ended on the way."""
        key = token_hash(token)
        login = self._cache.get(key) or await self._store.find(key)
        if login is None:
            return None
        if (reason := self._ended(login)) is not None:
            await self.end(login, reason)
            return None
        return await self._seen(self._with_held_role(login))

    def _ended(self, login: StoredLogin) -> str | None:
        now = self._clock.now()
        if now - login.seen_at > self._idle or now - login.opened_at > self._lifetime:
            return "expired"
        person = self._registry.person(login.account)
        return "disabled" if person is None or person.disabled else None

    def _with_held_role(self, login: StoredLogin) -> StoredLogin:
        """Without the active role when the running revision has taken it away."""
        if login.role is None or self.role_card(login) is not None:
            return login
        return replace(login, role=None, agency=None)

    async def _seen(self, login: StoredLogin) -> StoredLogin:
        now = self._clock.now()
        if now - login.seen_at >= SEEN_EVERY:
            login = replace(login, seen_at=now)
            await self._store.seen(login.login_id, now)
        self._keep(login)
        return login

    def role_card(self, login: StoredLogin) -> RoleCard | None:
        person = self._registry.person(login.account)
        roles = person.roles if person else ()
        held = (one for one in roles if (one.role, one.agency) == (login.role, login.agency))
        return next(held, None)

    async def choose_role(self, login: StoredLogin, role: RoleId, agency: str) -> StoredLogin:
        """Work in another role from now on; the old role's views end. Raises ROLE."""
        chosen = replace(login, role=role, agency=agency)
        if self.role_card(chosen) is None:
            raise Refusal(ErrorKind.DENIED, "ROLE")
        if (login.role, login.agency) == (role, agency):
            return login
        await self._views.end_login(login.login_id, EndReason.LOGGED_OUT)
        await self._audit.login_event(
            "login.role", login.account, {"login": login.login_id, "role": role, "agency": agency}
        )
        await self._store.choose_role(login.login_id, role, agency)
        self._keep(chosen)
        return chosen

    async def end(self, login: StoredLogin, reason: str) -> None:
        """Forget the login and close its views; `reason` goes into the record."""
        self._cache.pop(login.token_hash, None)
        await self._store.remove(login.login_id)
        await self._views.end_login(login.login_id, EndReason.LOGGED_OUT)
        await self._audit.login_event(
            "login.closed", login.account, {"login": login.login_id, "reason": reason}
        )

    def _keep(self, login: StoredLogin) -> None:
        self._cache[login.token_hash] = login
        self._cache.move_to_end(login.token_hash)
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
